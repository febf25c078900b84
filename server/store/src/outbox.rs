//! Messages that leave with their transaction.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use uuid::Uuid;

use crate::{Conn, Result};

/// The session lock of the one relay (any number will do that nothing else uses).
const RELAY_LOCK: i64 = 0x6576_656e_7473_7031;

/// A message to send.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Consumers dedupe on it.
    pub message_id: Uuid,
    /// Without the installation's prefix.
    pub topic: &'static str,
    /// Messages with one key keep their order.
    pub key: String,
    /// The fact's name.
    pub kind: &'static str,
    /// The message's body.
    pub payload: Value,
    /// When it happened.
    pub created_at: Timestamp,
}

/// A message that waits to be published.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// The order of publishing.
    pub id: i64,
    /// Consumers dedupe on it.
    pub message_id: Uuid,
    /// Without the installation's prefix.
    pub topic: String,
    /// Messages with one key keep their order.
    pub key: String,
    /// The fact's name.
    pub kind: String,
    /// The message's body.
    pub payload: Value,
    /// When it happened.
    pub created_at: Timestamp,
}

/// Where the broker put a row.
#[derive(Clone, Copy, Debug)]
pub struct PublishedRow {
    /// The row.
    pub id: i64,
    /// The partition of its topic.
    pub partition: i32,
    /// The offset in the partition; below zero when the broker did not say.
    pub offset: i64,
}

/// The highest offset that was published to a partition.
#[derive(Clone, Debug)]
pub struct HighestRow {
    /// The topic.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// The offset of the last row we know of.
    pub offset: i64,
}

/// Adds messages; they are published in this order.
pub async fn insert(conn: &mut Conn, messages: &[NewMessage]) -> Result<()> {
    let ids: Vec<_> = messages.iter().map(|message| message.message_id).collect();
    let topics: Vec<_> = messages.iter().map(|message| message.topic).collect();
    let keys: Vec<_> = messages
        .iter()
        .map(|message| message.key.as_str())
        .collect();
    let kinds: Vec<_> = messages.iter().map(|message| message.kind).collect();
    let payloads: Vec<_> = messages.iter().map(|message| &message.payload).collect();
    let created: Vec<_> = messages
        .iter()
        .map(|message| message.created_at.to_sqlx())
        .collect();
    sqlx::query!(
        "INSERT INTO outbox (message_id, topic, key, kind, payload, created_at)
         SELECT message_id, topic, key, kind, payload, created_at
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[])
             WITH ORDINALITY AS message (message_id, topic, key, kind, payload, created_at, position)
         ORDER BY position",
        &ids,
        &topics as _,
        &keys as _,
        &kinds as _,
        &payloads as _,
        &created as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the relay's lock until the connection ends; false when somebody has it.
pub async fn try_lock_relay(conn: &mut Conn) -> Result<bool> {
    let row = sqlx::query!(
        r#"SELECT pg_try_advisory_lock($1) AS "locked!""#,
        RELAY_LOCK
    )
    .fetch_one(conn)
    .await?;
    Ok(row.locked)
}

/// Gives the relay's lock back.
pub async fn unlock_relay(conn: &mut Conn) -> Result<()> {
    sqlx::query!(
        r#"SELECT pg_advisory_unlock($1) AS "unlocked!""#,
        RELAY_LOCK
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// The next rows to publish, in order. Never "above the last id": a lower id may be
/// committed later than a higher one.
pub async fn unpublished(conn: &mut Conn, limit: i64) -> Result<Vec<OutboxRow>> {
    let rows = sqlx::query!(
        "SELECT id, message_id, topic, key, kind, payload, created_at
         FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT $1",
        limit,
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| OutboxRow {
        id: row.id,
        message_id: row.message_id,
        topic: row.topic,
        key: row.key,
        kind: row.kind,
        payload: row.payload,
        created_at: row.created_at.to_jiff(),
    });
    Ok(rows.collect())
}

/// Notes that the broker acknowledged these rows.
pub async fn mark_published(conn: &mut Conn, now: Timestamp, rows: &[PublishedRow]) -> Result<()> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let partitions: Vec<_> = rows.iter().map(|row| row.partition).collect();
    let offsets: Vec<_> = rows.iter().map(|row| row.offset).collect();
    sqlx::query!(
        "UPDATE outbox SET published_at = $1, published_partition = acked.partition,
             published_offset = CASE WHEN acked.position >= 0 THEN acked.position END
         FROM unnest($2::bigint[], $3::integer[], $4::bigint[]) AS acked (id, partition, position)
         WHERE outbox.id = acked.id",
        now.to_sqlx() as _,
        &ids,
        &partitions,
        &offsets,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// For every partition the highest offset among the rows we still keep.
pub async fn highest_published(conn: &mut Conn) -> Result<Vec<HighestRow>> {
    let rows = sqlx::query_as!(
        HighestRow,
        r#"SELECT topic, published_partition AS "partition!", max(published_offset) AS "offset!"
           FROM outbox WHERE published_at IS NOT NULL AND published_offset IS NOT NULL
           GROUP BY topic, published_partition"#,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Marks the rows of a partition whose log was lost as unpublished; returns how many.
pub async fn unpublish_partition(conn: &mut Conn, topic: &str, partition: i32) -> Result<u64> {
    let done = sqlx::query!(
        "UPDATE outbox SET published_at = NULL, published_partition = NULL, published_offset = NULL
         WHERE published_at IS NOT NULL AND topic = $1 AND published_partition = $2",
        topic,
        partition,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Removes up to `limit` rows that were published before `before`; returns how many.
pub async fn delete_published(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE published_at < $1 ORDER BY published_at LIMIT $2)",
        before.to_sqlx() as _,
        limit,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
