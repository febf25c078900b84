//! Promo codes through the front door: made by organizers, used by buyers, never more often than
//! they may.

mod chosen;
mod codes;
mod hidden;
mod limits;
mod money;
mod pages;

use serde_json::{Value, json};
use testkit::{Answer, OnSale, Person, TestApp};

/// Every counter is what holds and tickets say, every order costs what its lines cost, and what
/// went back is what was paid.
async fn audit(app: &TestApp) {
    let mut conn = app.services.db.conn().await.unwrap();
    assert_eq!(store::pools::audit::drifts(&mut conn).await.unwrap(), []);
    assert_eq!(store::pools::audit::misfits(&mut conn).await.unwrap(), []);
}

/// Makes a promo code, whatever comes of it.
async fn make(app: &TestApp, who: &Person, event: &OnSale, body: Value) -> Answer {
    app.post(&format!("/api/v1/events/{}/promo-codes", event.event))
        .bearer(&who.token)
        .json(body)
        .send()
        .await
}

/// A promo code with this much off each ticket and these limits.
async fn percent(app: &TestApp, who: &Person, event: &OnSale, code: &str, more: Value) -> Value {
    let mut body = json!({"code": code, "kind": "percent", "percent": 25});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    make(app, who, event, body).await.expect(201).json()
}

async fn change(app: &TestApp, who: &Person, event: &OnSale, code: &Value, body: Value) -> Answer {
    app.patch(&path(event, code))
        .bearer(&who.token)
        .json(body)
        .send()
        .await
}

fn path(event: &OnSale, code: &Value) -> String {
    let id = text(code, "id");
    format!("/api/v1/events/{}/promo-codes/{id}", event.event)
}

/// Puts places aside with a code, whatever comes of it.
async fn hold(app: &TestApp, buyer: &Person, event: &OnSale, quantity: u32, code: &str) -> Answer {
    let mut body = event.items(quantity);
    body["promo_code"] = json!(code);
    app.post(&format!("/api/v1/events/{}/holds", event.event))
        .bearer(&buyer.token)
        .json(body)
        .send()
        .await
}

/// Buys with a code and a token of the simulator, whatever comes of it.
async fn buy(app: &TestApp, buyer: &Person, event: &OnSale, quantity: u32, code: &str) -> Answer {
    let mut body = event.purchase(quantity);
    body["promo_code"] = json!(code);
    app.post(&format!("/api/v1/events/{}/purchase", event.event))
        .bearer(&buyer.token)
        .json(body)
        .send()
        .await
}

/// How often the event's only code is used.
async fn uses(app: &TestApp, organizer: &Person, event: &OnSale) -> u64 {
    let codes = app
        .get(&format!("/api/v1/events/{}/promo-codes", event.event))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json();
    codes["items"][0]["uses"].as_u64().unwrap()
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}

/// Longer than a hold lives.
const HOLD_TIME: std::time::Duration = std::time::Duration::from_mins(15);

/// Tokens live as long as holds: after the clock moved, log in again.
async fn again(app: &TestApp, person: &Person) -> Person {
    let body = json!({"email": person.email, "password": person.password});
    let signed_in = app
        .post("/api/v1/auth/login")
        .json(body)
        .send()
        .await
        .expect(200)
        .json();
    Person {
        token: text(&signed_in, "access_token"),
        ..person.clone()
    }
}
