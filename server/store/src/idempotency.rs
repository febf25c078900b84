//! Answers to calls with an idempotency key.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, OrderId};

use crate::{Conn, Result};

/// What a key is scoped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Whose call.
    pub account: AccountId,
    /// Method and path.
    pub operation: &'a str,
    /// As the client sent it.
    pub key: &'a str,
}

/// What is known of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// SHA-256 of the request.
    pub request_hash: Vec<u8>,
    /// While it is running: nobody else takes it over before this.
    pub leased_until: Timestamp,
    /// What the running call pays.
    pub order_id: Option<OrderId>,
    /// Status and body, once there is an answer.
    pub answer: Option<(u16, Vec<u8>)>,
    /// When the call came.
    pub created_at: Timestamp,
}

/// Begins a call. `false`: the key was used before. Waits for a transaction that is
/// just using it.
pub async fn insert(
    conn: &mut Conn,
    scope: Scope<'_>,
    request_hash: &[u8],
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        r#"
        INSERT INTO idempotency_keys (account_id, operation, key, request_hash, state, leased_until, created_at)
        VALUES ($1, $2, $3, $4, 'running', $5, $6)
        ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
        "#,
        scope.account.0,
        scope.operation,
        scope.key,
        request_hash,
        leased_until.to_sqlx() as _,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Locks a call. Always before the locks of pools.
pub async fn lock(conn: &mut Conn, scope: Scope<'_>) -> Result<Option<KeyRow>> {
    let row = sqlx::query!(
        r#"
        SELECT request_hash, leased_until, order_id, status, body, created_at
        FROM idempotency_keys WHERE account_id = $1 AND operation = $2 AND key = $3
        FOR UPDATE
        "#,
        scope.account.0,
        scope.operation,
        scope.key
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| KeyRow {
        request_hash: row.request_hash,
        leased_until: row.leased_until.to_jiff(),
        order_id: row.order_id.map(OrderId),
        answer: row
            .status
            .and_then(|status| u16::try_from(status).ok())
            .zip(row.body),
        created_at: row.created_at.to_jiff(),
    }))
}

/// Prolongs the lease of a running call, for whoever takes it over.
pub async fn lease(conn: &mut Conn, scope: Scope<'_>, leased_until: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE idempotency_keys SET leased_until = $4 WHERE account_id = $1 AND operation = $2 AND key = $3",
        scope.account.0,
        scope.operation,
        scope.key,
        leased_until.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes what a running call pays.
pub async fn set_order(conn: &mut Conn, scope: Scope<'_>, order: OrderId) -> Result<()> {
    sqlx::query!(
        "UPDATE idempotency_keys SET order_id = $4 WHERE account_id = $1 AND operation = $2 AND key = $3",
        scope.account.0,
        scope.operation,
        scope.key,
        order.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores the answer of a call.
pub async fn finish(conn: &mut Conn, scope: Scope<'_>, status: u16, body: &[u8]) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE idempotency_keys SET state = 'done', status = $4, body = $5
        WHERE account_id = $1 AND operation = $2 AND key = $3
        "#,
        scope.account.0,
        scope.operation,
        scope.key,
        i32::from(status),
        body
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets one call.
pub async fn delete(conn: &mut Conn, scope: Scope<'_>) -> Result<()> {
    sqlx::query!(
        "DELETE FROM idempotency_keys WHERE account_id = $1 AND operation = $2 AND key = $3",
        scope.account.0,
        scope.operation,
        scope.key
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets calls older than `before`, at most `limit`. Returns how many.
pub async fn delete_older(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        r#"
        DELETE FROM idempotency_keys
        WHERE (account_id, operation, key) IN (
            SELECT account_id, operation, key FROM idempotency_keys
            WHERE created_at < $1 ORDER BY created_at LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
        "#,
        before.to_sqlx() as _,
        limit
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
