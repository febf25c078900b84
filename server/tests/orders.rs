//! Selling through the front door: holding, paying, repeating, rushing, dying.

mod free;
mod holding;
mod kill;
mod late;
mod lines;
mod offline;
mod offline_races;
mod offline_ways;
mod paying;
mod provider;
mod receipts;
mod repeating;
mod returning;
mod rush;
mod sequences;
mod settling;
mod sold_out;
mod stripe;
mod tickets;
mod transferring;
mod waiting_list;

use serde_json::{Value, json};
use testkit::{Answer, OnSale, Person, TestApp};

/// Longer than a hold lives.
const HOLD_TIME: std::time::Duration = std::time::Duration::from_mins(15);

/// Every counter is what holds and tickets say, every order fits its hold, every answer its tickets.
pub async fn audit(app: &TestApp) {
    let mut conn = app.services.db.conn().await.unwrap();
    assert_eq!(store::pools::audit::drifts(&mut conn).await.unwrap(), []);
    assert_eq!(store::pools::audit::misfits(&mut conn).await.unwrap(), []);
    assert_eq!(store::rsvps::misfits(&mut conn).await.unwrap(), []);
}

/// Tokens live as long as holds: after the clock moved, log in again.
pub async fn again(app: &TestApp, person: &Person) -> Person {
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

/// Puts places aside, whatever comes of it.
pub async fn hold(app: &TestApp, buyer: &Person, event: &OnSale, quantity: u32) -> Answer {
    let path = format!("/api/v1/events/{}/holds", event.event);
    app.post(&path)
        .bearer(&buyer.token)
        .json(event.items(quantity))
        .send()
        .await
}

/// Puts places aside; the hold's id.
pub async fn held(app: &TestApp, buyer: &Person, event: &OnSale, quantity: u32) -> String {
    text(
        &hold(app, buyer, event, quantity).await.expect(201).json(),
        "id",
    )
}

/// Pays a hold with a token of the simulator.
pub async fn pay(app: &TestApp, buyer: &Person, hold: &str, token: &str) -> Answer {
    let path = format!("/api/v1/holds/{hold}/pay");
    app.post(&path)
        .bearer(&buyer.token)
        .json(payment(token))
        .send()
        .await
}

fn payment(token: &str) -> Value {
    json!({"payment": {"method": "simulated", "token": token}})
}

async fn get(app: &TestApp, person: &Person, path: &str) -> Value {
    app.get(path)
        .bearer(&person.token)
        .send()
        .await
        .expect(200)
        .json()
}

/// How many places of its first ticket type an event offers.
async fn available(app: &TestApp, event: &OnSale) -> u64 {
    let path = format!("/api/v1/events/{}", event.event);
    let event = app.get(&path).send().await.expect(200).json();
    event["ticket_types"][0]["available"].as_u64().unwrap()
}

pub fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}
