//! Answers to calls with an idempotency key.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, OrderId};
use uuid::Uuid;

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
    /// Something was heard about that order's payment since it was asked for.
    pub is_settled: bool,
    /// Status and body, once there is an answer.
    pub answer: Option<(u16, Vec<u8>)>,
    /// When the call came.
    pub created_at: Timestamp,
}

/// A call about to begin.
#[derive(Clone, Debug)]
pub struct NewCall<'a> {
    /// Its key.
    pub scope: Scope<'a>,
    /// SHA-256 of the request.
    pub request_hash: &'a [u8],
}

/// Begins calls, each scope once. Returns which are new, as places in `calls`; the
/// keys of the others were used before. Waits for transactions that are just using one.
pub async fn insert(
    conn: &mut Conn,
    calls: &[NewCall<'_>],
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Vec<usize>> {
    let (accounts, operations, keys) = columns(calls.iter().map(|call| call.scope));
    let hashes: Vec<_> = calls.iter().map(|call| call.request_hash).collect();
    // In the order of the index: two transactions with the same keys meet at the first one.
    let rows = sqlx::query!(
        r#"
        INSERT INTO idempotency_keys (account_id, operation, key, request_hash, state, leased_until, created_at)
        SELECT account_id, operation, key, request_hash, 'running', $5, $6
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
            AS call (account_id, operation, key, request_hash)
        ORDER BY account_id, operation, key
        ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
        RETURNING account_id, operation, key
        "#,
        &accounts,
        &operations as _,
        &keys as _,
        &hashes as _,
        leased_until.to_sqlx() as _,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    let new = rows
        .iter()
        .map(|row| (row.account_id, row.operation.as_str(), row.key.as_str()));
    Ok(places(calls.iter().map(|call| call.scope), &new.collect()))
}

/// Which of `scopes` are among `new`, as places.
fn places<'a>(
    scopes: impl Iterator<Item = Scope<'a>>,
    new: &HashSet<(Uuid, &str, &str)>,
) -> Vec<usize> {
    let is_new = |scope: &Scope<'_>| new.contains(&(scope.account.0, scope.operation, scope.key));
    let numbered = scopes.enumerate().filter(|(_, scope)| is_new(scope));
    numbered.map(|(place, _)| place).collect()
}

/// Begins and finishes calls in one statement, each scope once. Returns which are new, as places
/// in `calls`; of the others nothing is written. Waits for transactions that are just using one.
pub async fn insert_finished(
    conn: &mut Conn,
    calls: &[(NewCall<'_>, Finished<'_>)],
    now: Timestamp,
) -> Result<Vec<usize>> {
    let (accounts, operations, keys) = columns(calls.iter().map(|(call, _)| call.scope));
    let hashes: Vec<_> = calls.iter().map(|(call, _)| call.request_hash).collect();
    let statuses: Vec<_> = calls
        .iter()
        .map(|(_, finished)| i32::from(finished.status))
        .collect();
    let bodies: Vec<_> = calls.iter().map(|(_, finished)| finished.body).collect();
    let rows = sqlx::query!(
        r#"
        INSERT INTO idempotency_keys
            (account_id, operation, key, request_hash, state, status, body, leased_until, created_at)
        SELECT account_id, operation, key, request_hash, 'done', status, body, $7, $7
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::integer[], $6::bytea[])
            AS call (account_id, operation, key, request_hash, status, body)
        ORDER BY account_id, operation, key
        ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
        RETURNING account_id, operation, key
        "#,
        &accounts,
        &operations as _,
        &keys as _,
        &hashes as _,
        &statuses,
        &bodies as _,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    let new = rows
        .iter()
        .map(|row| (row.account_id, row.operation.as_str(), row.key.as_str()));
    let scopes = calls.iter().map(|(call, _)| call.scope);
    Ok(places(scopes, &new.collect()))
}

fn columns<'a>(
    scopes: impl Iterator<Item = Scope<'a>> + Clone,
) -> (Vec<Uuid>, Vec<&'a str>, Vec<&'a str>) {
    (
        scopes.clone().map(|scope| scope.account.0).collect(),
        scopes.clone().map(|scope| scope.operation).collect(),
        scopes.map(|scope| scope.key).collect(),
    )
}

/// Locks calls in the order of the index, always before the locks of pools. Returns a row, or
/// none, for each of `scopes`, which differ.
pub async fn lock(conn: &mut Conn, scopes: &[Scope<'_>]) -> Result<Vec<Option<KeyRow>>> {
    let (accounts, operations, keys) = columns(scopes.iter().copied());
    let rows = sqlx::query!(
        r#"
        SELECT wanted.place AS "place!", call.request_hash, call.leased_until, call.order_id, call.status, call.body,
            call.created_at, coalesce(ordered.payment_state <> 'asked', false) AS "is_settled!"
        FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (account_id, operation, key, place)
        JOIN idempotency_keys call
            ON call.account_id = wanted.account_id AND call.operation = wanted.operation AND call.key = wanted.key
        LEFT JOIN orders ordered ON ordered.id = call.order_id
        ORDER BY call.account_id, call.operation, call.key
        FOR UPDATE OF call
        "#,
        &accounts,
        &operations as _,
        &keys as _
    )
    .fetch_all(conn)
    .await?;
    let mut found: Vec<Option<KeyRow>> = scopes.iter().map(|_| None).collect();
    for row in rows {
        let place = usize::try_from(row.place - 1).ok();
        let Some(slot) = place.and_then(|place| found.get_mut(place)) else {
            continue;
        };
        *slot = Some(KeyRow {
            request_hash: row.request_hash,
            leased_until: row.leased_until.to_jiff(),
            order_id: row.order_id.map(OrderId),
            is_settled: row.is_settled,
            answer: row
                .status
                .and_then(|status| u16::try_from(status).ok())
                .zip(row.body),
            created_at: row.created_at.to_jiff(),
        });
    }
    Ok(found)
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

/// Notes what running calls pay.
pub async fn set_orders(conn: &mut Conn, calls: &[(Scope<'_>, OrderId)]) -> Result<()> {
    let (accounts, operations, keys) = columns(calls.iter().map(|(scope, _)| *scope));
    let orders: Vec<_> = calls.iter().map(|(_, order)| order.0).collect();
    sqlx::query!(
        r#"
        UPDATE idempotency_keys stored SET order_id = call.order_id
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS call (account_id, operation, key, order_id)
        WHERE stored.account_id = call.account_id AND stored.operation = call.operation AND stored.key = call.key
        "#,
        &accounts,
        &operations as _,
        &keys as _,
        &orders
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The answer of a call.
#[derive(Clone, Debug)]
pub struct Finished<'a> {
    /// Its key.
    pub scope: Scope<'a>,
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: &'a [u8],
}

/// Stores the answers of calls.
pub async fn finish(conn: &mut Conn, calls: &[Finished<'_>]) -> Result<()> {
    let (accounts, operations, keys) = columns(calls.iter().map(|call| call.scope));
    let statuses: Vec<_> = calls.iter().map(|call| i32::from(call.status)).collect();
    let bodies: Vec<_> = calls.iter().map(|call| call.body).collect();
    sqlx::query!(
        r#"
        UPDATE idempotency_keys stored SET state = 'done', status = call.status, body = call.body
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::bytea[])
            AS call (account_id, operation, key, status, body)
        WHERE stored.account_id = call.account_id AND stored.operation = call.operation AND stored.key = call.key
        "#,
        &accounts,
        &operations as _,
        &keys as _,
        &statuses,
        &bodies as _
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
