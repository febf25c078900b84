//! A purchase as one would write it first: lock the row, insert, commit, one transaction per
//! request. The same rows as the product's, in the product's tables, without till,
//! authentication and rules. What the till is compared with; nothing of the product uses it.

use std::time::Duration;

use anyhow::Result;
use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{PgConnection, PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::{
    client::Ask,
    scenarios::{Buyer, OnSale},
    world,
};

/// Where it is.
pub const PATH: &str = "/plain";

/// How many connections it has: half of what a process of the product has is for sales.
const CONNECTIONS: u32 = 16;

/// What an answer says beside the ids: with them about as many bytes as an order of the product.
const WORDS: &str = concat!(
    r#""status":"paid","payment_state":"none","promo_code":null,"discount":{"amount_minor":0,"currency":"EUR"},"#,
    r#""total":{"amount_minor":0,"currency":"EUR"},"refunds":[],"offline":null,"created_text":"5 Dec 2026, 20:00 CET","#,
    r#""event":{"title":"Load test","slug":"load-test","starts_at":"2099-06-01T18:00:00Z","ends_at":"2099-06-01T22:00:00Z","#,
    r#""time_zone":"Europe/Berlin","when_text":"Mon 1 Jun 2099, 20:00 – 24:00 CEST","category":"music","status":"published","#,
    r#""venue":{"name":"A hall","address":"A street","latitude":null,"longitude":null},"cover":null,"online_url":null},"#,
    r#""items":[{"name":"Entry","quantity":1,"unit_price":{"amount_minor":0,"currency":"EUR"},"#,
    r#""unit_discount":{"amount_minor":0,"currency":"EUR"},"total":{"amount_minor":0,"currency":"EUR"},"pricing":"fixed"}],"#,
    r#""holder":{"name":"Load","handle":"load","avatar":null,"may_transfer":true,"may_return":true},"#,
    r#""ticket":{"status":"valid","ticket_type":{"name":"Entry","description":null,"max_per_person":100,"position":0},"#,
    r#""qr_url":"/api/v1/tickets/00000000-0000-7000-8000-000000000000/qr.svg","used_at":null,"checked_in_by":null,"#,
    r#""event":{"title":"Load test","slug":"load-test","starts_at":"2099-06-01T18:00:00Z","ends_at":"2099-06-01T22:00:00Z","#,
    r#""time_zone":"Europe/Berlin","when_text":"Mon 1 Jun 2099, 20:00 – 24:00 CEST","category":"music","status":"published","#,
    r#""venue":{"name":"A hall","address":"A street","latitude":null,"longitude":null},"cover":null,"online_url":null}},"#,
    r#""policy":{"refund_hours":24,"text":"Until a day before the beginning everything comes back, later nothing does."},"#,
    r#""organizer":{"name":"Load","handle":"loadaf51f63a1e5b4c1f8c1d93b2","avatar":null,"followers":0,"is_verified":false,"#,
    r#""url":"/organizers/loadaf51f63a1e5b4c1f8c1d93b2","text":"Evenings with words, one after the other, all year."},"#,
    r#""links":{"self":"/api/v1/orders/00000000-0000-7000-8000-000000000000","receipt":"/api/v1/orders/00000000/receipt.pdf"}"#
);

/// What is answered: status, one header, JSON.
type Made = (StatusCode, [(HeaderName, &'static str); 1], String);

/// Who wants a place of what.
#[derive(Deserialize, Serialize)]
pub struct Wish {
    account: Uuid,
    event: Uuid,
    ticket_type: Uuid,
    key: String,
}

/// A call of it.
pub fn ask(sale: &OnSale, buyer: &Buyer) -> Ask {
    let body = json!({
        "account": buyer.account, "event": sale.event, "ticket_type": sale.ticket_type, "key": world::fresh(),
    });
    Ask::post(PATH, &body)
}

/// Connections, made when they are needed.
pub fn pool(url: &str) -> Result<PgPool> {
    let options = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(30));
    Ok(options.connect_lazy(url)?)
}

/// One place, free.
pub async fn purchase(
    State(pool): State<PgPool>,
    Json(wish): Json<Wish>,
) -> Result<Made, (StatusCode, String)> {
    let json = [(header::CONTENT_TYPE, "application/json")];
    let bought = buy(&pool, &wish).await;
    bought
        .map(|answer| (StatusCode::CREATED, json, answer))
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

async fn buy(pool: &PgPool, wish: &Wish) -> sqlx::Result<String> {
    let mut tx = pool.begin().await?;
    note_key(&mut tx, wish).await?;
    sqlx::query("SELECT id FROM capacity_pools WHERE event_id = $1 ORDER BY id FOR UPDATE")
        .bind(wish.event)
        .fetch_all(&mut *tx)
        .await?;
    sqlx::query(
        "UPDATE capacity_pools SET sold = sold + 1 WHERE event_id = $1 AND sold + held < capacity",
    )
    .bind(wish.event)
    .execute(&mut *tx)
    .await?;
    let ticket = place(&mut tx, wish).await?;
    let answer = format!(r#"{{"tickets":[{{"id":"{ticket}"}}],{WORDS}}}"#);
    sqlx::query("UPDATE idempotency_keys SET state = 'done', status = 201, body = $3 WHERE account_id = $1 AND operation = 'plain' AND key = $2")
        .bind(wish.account)
        .bind(&wish.key)
        .bind(answer.as_bytes())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(answer)
}

async fn note_key(tx: &mut PgConnection, wish: &Wish) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO idempotency_keys (account_id, operation, key, request_hash, state, leased_until, created_at)
         VALUES ($1, 'plain', $2, $3, 'running', now(), now())",
    )
    .bind(wish.account)
    .bind(&wish.key)
    .bind(vec![0_u8; 32])
    .execute(tx)
    .await?;
    Ok(())
}

/// Hold, order, ticket, mail, message.
async fn place(tx: &mut PgConnection, wish: &Wish) -> sqlx::Result<Uuid> {
    let (hold, order, ticket) = (id(), id(), id());
    sqlx::query(
        "INSERT INTO holds (id, event_id, account_id, status, total_minor, currency, expires_at, created_at)
         VALUES ($1, $2, $3, 'paid', 0, 'EUR', now(), now())",
    )
    .bind(hold)
    .bind(wish.event)
    .bind(wish.account)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO hold_items (hold_id, position, ticket_type_id, quantity, unit_price_minor, name)
         VALUES ($1, 0, $2, 1, 0, 'Entry')",
    )
    .bind(hold)
    .bind(wish.ticket_type)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO orders (id, hold_id, event_id, account_id, status, payment_state, total_minor, currency, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'paid', 'none', 0, 'EUR', now(), now())",
    )
    .bind(order)
    .bind(hold)
    .bind(wish.event)
    .bind(wish.account)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO tickets (id, order_id, event_id, ticket_type_id, account_id, code, status, holder_name, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'valid', 'Load', now())",
    )
    .bind(ticket)
    .bind(order)
    .bind(wish.event)
    .bind(wish.ticket_type)
    .bind(wish.account)
    // Not of the id: ids of one millisecond begin alike.
    .bind(&world::fresh()[..20])
    .execute(&mut *tx)
    .await?;
    // As sent, so that nobody writes it.
    sqlx::query(
        "INSERT INTO mails (id, kind, order_id, account_id, state, due_at, sent_at, created_at)
         VALUES ($1, 'receipt', $2, $3, 'sent', now(), now(), now())",
    )
    .bind(id())
    .bind(order)
    .bind(wish.account)
    .execute(&mut *tx)
    .await?;
    // Nobody is to read about this one.
    sqlx::query(
        "INSERT INTO outbox (message_id, topic, key, kind, payload, created_at, published_at)
         VALUES ($1, 'plain', $2, 'plain', $3, now(), now())",
    )
    .bind(id())
    .bind(wish.event.to_string())
    .bind(json!({"order": order, "tickets": 1}))
    .execute(&mut *tx)
    .await?;
    Ok(ticket)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the load generator stands outside; nothing injects ids here"
)]
fn id() -> Uuid {
    Uuid::now_v7()
}
