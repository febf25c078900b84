//! Server-side sessions of the web site.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;

use crate::{Conn, Result};

/// What a session holds.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// JSON.
    pub data: Vec<u8>,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// Inserts a session; false when the id is taken.
pub async fn insert_session(conn: &mut Conn, id_hash: &[u8], session: &SessionRow) -> Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO sessions (id_hash, data, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT sessions_pkey DO NOTHING",
        id_hash,
        session.data,
        session.expires_at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a session that is still there; one that was ended meanwhile stays ended.
pub async fn update_session(conn: &mut Conn, id_hash: &[u8], session: &SessionRow) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE sessions SET data = $2, expires_at = $3 WHERE id_hash = $1",
        id_hash,
        session.data,
        session.expires_at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A session that has not expired.
pub async fn find_session(
    conn: &mut Conn,
    id_hash: &[u8],
    now: Timestamp,
) -> Result<Option<SessionRow>> {
    let row = sqlx::query!(
        "SELECT data, expires_at FROM sessions WHERE id_hash = $1 AND expires_at > $2",
        id_hash,
        now.to_sqlx(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| SessionRow {
        data: row.data,
        expires_at: row.expires_at.to_jiff(),
    }))
}

/// Removes a session.
pub async fn delete_session(conn: &mut Conn, id_hash: &[u8]) -> Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE id_hash = $1", id_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes sessions that have expired.
pub async fn delete_expired_sessions(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!("DELETE FROM sessions WHERE expires_at <= $1", now.to_sqlx())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
