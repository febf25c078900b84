//! Events through the front door.

mod crew;
mod days;
mod editing;
mod life;
mod listing;
mod metadata;
mod reading;
mod ticket_types;

use serde_json::{Value, json};
use testkit::{Person, TestApp};

/// The path of an event.
fn path(event: &Value) -> String {
    format!("/api/v1/events/{}", event["id"].as_str().unwrap())
}

/// Creates and publishes an event made of the usual body and `fields`.
async fn published(app: &TestApp, organizer: &Person, title: &str, fields: Value) -> Value {
    let event = draft(app, organizer, title, fields).await;
    app.post(&format!("{}/publish", path(&event)))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json()
}

/// Creates an event made of the usual body and `fields`.
async fn draft(app: &TestApp, organizer: &Person, title: &str, fields: Value) -> Value {
    let mut body = app.event_body(title);
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.draft(organizer, body).await
}

/// A ticket type for a body.
fn tickets(name: &str, price: i64, quantity: u32) -> Value {
    json!({"name": name, "price": {"amount_minor": price, "currency": "EUR"}, "quantity": quantity})
}

/// Another access token, after the clock has moved past the first one's life.
async fn log_in_again(app: &TestApp, person: &Person) -> String {
    let body = json!({"email": person.email, "password": person.password});
    let signed_in = app
        .post("/api/v1/auth/login")
        .json(body)
        .send()
        .await
        .expect(200)
        .json();
    signed_in["access_token"].as_str().unwrap().to_owned()
}
