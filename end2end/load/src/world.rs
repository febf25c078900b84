//! What the scenarios need: an organizer, events, buyers. Made through the API.

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use crate::client::{Ask, Connection, Target};

/// A signed-in account's access token.
pub type Token = String;

/// Registers somebody new.
pub async fn register(connection: &mut Connection, role: &str) -> Result<Token> {
    let name = format!("load{}", fresh());
    let body = json!({"email": format!("{name}@example.org"), "password": "a long enough secret", "name": "Load", "handle": &name[..28], "role": role});
    let answer = connection
        .ask(&Ask::post("/api/v1/auth/register", &body))
        .await?;
    ensure!(
        answer.status == 201,
        "register answered {}: {:?}",
        answer.status,
        answer.body
    );
    text(&answer.json()?, "/access_token")
}

/// Something nobody used before: 32 letters and digits.
#[expect(
    clippy::disallowed_methods,
    reason = "the load generator stands outside; nothing injects ids here"
)]
pub fn fresh() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// So many buyers, eight at a time.
pub async fn buyers(target: &Target, count: usize) -> Result<Vec<Token>> {
    let each =
        (0..count).map(|_| async { register(&mut target.connect().await?, "attendee").await });
    stream::iter(each).buffer_unordered(8).try_collect().await
}

/// A published event with one free ticket type: its id and the type's.
pub async fn free_event(target: &Target, quantity: u32) -> Result<(String, String)> {
    let mut connection = target.connect().await?;
    let token = register(&mut connection, "organizer").await?;
    let body = json!({
        "title": "Load test", "starts_at": "2099-06-01T18:00:00Z", "ends_at": "2099-06-01T22:00:00Z", "time_zone": "Europe/Berlin",
        "description": "Words about an evening.\n\n- one\n- two", "category": "music", "venue": {"name": "A hall", "address": "A street"},
        "ticket_types": [{"name": "Entry", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": quantity, "max_per_person": 100}],
    });
    let created = connection
        .ask(&Ask::post("/api/v1/events", &body).bearer(&token))
        .await?;
    ensure!(
        created.status == 201,
        "create answered {}: {:?}",
        created.status,
        created.body
    );
    let event = text(&created.json()?, "/id")?;
    let published = connection
        .ask(&Ask::post(format!("/api/v1/events/{event}/publish"), &json!({})).bearer(&token))
        .await?;
    ensure!(
        published.status == 200,
        "publish answered {}",
        published.status
    );
    Ok((event, text(&created.json()?, "/ticket_types/0/id")?))
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
