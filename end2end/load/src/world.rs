//! What the scenarios need: an organizer, events, buyers. Made through the API.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::{Ask, Target};

/// A signed-in account's access token.
pub type Token = String;

/// Registers somebody new; the answer as it came.
pub async fn sign_up(target: &Target, role: &str) -> Result<Value> {
    let name = format!("load{}", fresh());
    let body = json!({"email": format!("{name}@example.org"), "password": "a long enough secret", "name": "Load", "handle": &name[..28], "role": role});
    let mut connection = target.connect().await?;
    connection
        .made(&Ask::post("/api/v1/auth/register", &body), 201)
        .await
}

/// Registers somebody new.
pub async fn register(target: &Target, role: &str) -> Result<Token> {
    text(&sign_up(target, role).await?, "/access_token")
}

/// Something nobody used before: 32 letters and digits.
#[expect(
    clippy::disallowed_methods,
    reason = "the load generator stands outside; nothing injects ids here"
)]
pub fn fresh() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// A published event with one free ticket type: its id and the type's.
pub async fn free_event(target: &Target, quantity: u32) -> Result<(String, String)> {
    let token = register(target, "organizer").await?;
    let body = json!({
        "title": "Load test", "starts_at": "2099-06-01T18:00:00Z", "ends_at": "2099-06-01T22:00:00Z", "time_zone": "Europe/Berlin",
        "description": "Words about an evening.\n\n- one\n- two", "category": "music", "venue": {"name": "A hall", "address": "A street"},
        "ticket_types": [{"name": "Entry", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": quantity, "max_per_person": 100}],
    });
    let draft = publish(target, &token, &body).await?;
    Ok((text(&draft, "/id")?, text(&draft, "/ticket_types/0/id")?))
}

/// Makes an event and puts it on sale; the event as it was made.
pub async fn publish(target: &Target, token: &str, body: &Value) -> Result<Value> {
    let mut connection = target.connect().await?;
    let draft = Ask::post("/api/v1/events", body).bearer(token);
    let draft = connection.made(&draft, 201).await?;
    let path = format!("/api/v1/events/{}/publish", text(&draft, "/id")?);
    let published = Ask::post(path, &json!({})).bearer(token);
    connection.made(&published, 200).await?;
    Ok(draft)
}

/// The text at a JSON pointer.
pub fn text(value: &Value, pointer: &str) -> Result<String> {
    Ok(value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("{pointer} in {value}"))?
        .to_owned())
}

/// The number at a JSON pointer.
pub fn number(value: &Value, pointer: &str) -> Result<u64> {
    value
        .pointer(pointer)
        .and_then(Value::as_u64)
        .with_context(|| format!("{pointer} in {value}"))
}
