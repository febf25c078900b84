//! Refresh tokens. The login is their family.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use types::{AccountId, LoginId};

use crate::{Conn, Result};

/// A refresh token, whom it belongs to, and whether it was used.
#[derive(Clone, Debug)]
pub struct RefreshRow {
    /// The family.
    pub login: LoginId,
    /// Whose login it is.
    pub account: AccountId,
    /// When the token ends unused.
    pub expires_at: Timestamp,
    /// When it was exchanged for the next one.
    pub used_at: Option<Timestamp>,
    /// With which idempotency key.
    pub used_key: Option<String>,
    /// Was the family revoked?
    pub is_revoked: bool,
}

/// Inserts a token of a login.
pub async fn insert_refresh(
    conn: &mut Conn,
    token_hash: &[u8],
    login: LoginId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO refresh_tokens (token_hash, login_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        token_hash,
        login.0,
        now.to_sqlx(),
        expires_at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses a token that was not used before; false when it was, also by a transaction
/// that commits while this one waits.
pub async fn use_refresh(
    conn: &mut Conn,
    token_hash: &[u8],
    now: Timestamp,
    key: Option<&str>,
) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE refresh_tokens SET used_at = $2, used_key = $3 WHERE token_hash = $1 AND used_at IS NULL",
        token_hash,
        now.to_sqlx(),
        key,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A token with its login.
pub async fn find_refresh(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<RefreshRow>> {
    let row = sqlx::query!(
        r#"SELECT t.login_id, l.account_id, t.expires_at, t.used_at, t.used_key, l.revoked_at IS NOT NULL AS "is_revoked!"
           FROM refresh_tokens t JOIN logins l ON l.id = t.login_id
           WHERE t.token_hash = $1"#,
        token_hash,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| RefreshRow {
        login: row.login_id.into(),
        account: row.account_id.into(),
        expires_at: row.expires_at.to_jiff(),
        used_at: row.used_at.map(jiff_sqlx::Timestamp::to_jiff),
        used_key: row.used_key,
        is_revoked: row.is_revoked,
    }))
}

/// Removes tokens that have expired, used or not.
pub async fn delete_expired_refresh(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM refresh_tokens WHERE expires_at <= $1",
        now.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
