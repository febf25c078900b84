//! Logins of devices, and how each proves itself: rows of web sessions and of
//! refresh tokens.

mod refresh;
mod web;

pub use refresh::{RefreshRow, delete_expired_refresh, find_refresh, insert_refresh, use_refresh};
pub use web::{
    SessionRow, delete_expired_sessions, delete_session, find_session, insert_session,
    update_session,
};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use types::{
    AccountId, LoginId,
    accounts::{LoginKind, Role},
};

use crate::{Conn, Result};

/// A login that was not revoked.
#[derive(Clone, Debug)]
pub struct LoginRow {
    /// Primary key.
    pub id: LoginId,
    /// Web or app.
    pub kind: LoginKind,
    /// What the device called itself.
    pub user_agent: String,
    /// When it logged in.
    pub created_at: Timestamp,
    /// Give or take a minute.
    pub last_seen_at: Timestamp,
}

/// Whom a live login belongs to.
#[derive(Clone, Copy, Debug)]
pub struct LoginOwner {
    /// The account.
    pub account: AccountId,
    /// What it may do now.
    pub role: Role,
    /// Give or take a minute.
    pub last_seen_at: Timestamp,
}

fn kind_text(kind: LoginKind) -> &'static str {
    match kind {
        LoginKind::Web => "web",
        LoginKind::App => "app",
    }
}

fn kind(text: &str) -> LoginKind {
    if text == "web" {
        LoginKind::Web
    } else {
        LoginKind::App
    }
}

/// Inserts a login of an account.
pub async fn insert_login(conn: &mut Conn, account: AccountId, login: &LoginRow) -> Result<()> {
    sqlx::query!(
        "INSERT INTO logins (id, account_id, kind, user_agent, created_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        login.id.0,
        account.0,
        kind_text(login.kind),
        login.user_agent,
        login.created_at.to_sqlx(),
        login.last_seen_at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whom a login belongs to, unless it is revoked.
pub async fn find_login_owner(conn: &mut Conn, login: LoginId) -> Result<Option<LoginOwner>> {
    let row = sqlx::query!(
        "SELECT a.id, a.role, l.last_seen_at
         FROM logins l JOIN accounts a ON a.id = l.account_id
         WHERE l.id = $1 AND l.revoked_at IS NULL",
        login.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| LoginOwner {
        account: row.id.into(),
        role: crate::accounts::role(&row.role),
        last_seen_at: row.last_seen_at.to_jiff(),
    }))
}

/// Remembers that a login was used; at most one write a minute.
pub async fn touch_login(
    conn: &mut Conn,
    login: LoginId,
    now: Timestamp,
    unless_after: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "UPDATE logins SET last_seen_at = $2 WHERE id = $1 AND revoked_at IS NULL AND last_seen_at <= $3",
        login.0,
        now.to_sqlx(),
        unless_after.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Which logins of an account are live.
#[derive(Clone, Copy, Debug)]
pub struct LoginFilter {
    /// Web logins not used since then have lapsed.
    pub web_since: Timestamp,
    /// App logins not used since then have lapsed.
    pub app_since: Timestamp,
    /// At most so many.
    pub rows: i64,
}

/// Live logins of an account, latest first.
pub async fn list_logins(
    conn: &mut Conn,
    account: AccountId,
    filter: LoginFilter,
) -> Result<Vec<LoginRow>> {
    let rows = sqlx::query!(
        "SELECT id, kind, user_agent, created_at, last_seen_at FROM logins
         WHERE account_id = $1 AND revoked_at IS NULL
           AND last_seen_at > CASE kind WHEN 'web' THEN $2::timestamptz ELSE $3::timestamptz END
         ORDER BY id DESC LIMIT $4",
        account.0,
        filter.web_since.to_sqlx(),
        filter.app_since.to_sqlx(),
        filter.rows,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LoginRow {
            id: row.id.into(),
            kind: kind(&row.kind),
            user_agent: row.user_agent,
            created_at: row.created_at.to_jiff(),
            last_seen_at: row.last_seen_at.to_jiff(),
        })
        .collect())
}

/// Revokes a login of an account; false when it is not there or revoked already.
pub async fn revoke_login(
    conn: &mut Conn,
    account: AccountId,
    login: LoginId,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE logins SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL",
        login.0,
        account.0,
        now.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Logins revoked after an instant.
pub async fn list_revoked(conn: &mut Conn, since: Timestamp) -> Result<Vec<(LoginId, Timestamp)>> {
    let rows = sqlx::query!(
        r#"SELECT id, revoked_at AS "revoked_at!" FROM logins WHERE revoked_at > $1"#,
        since.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.into(), row.revoked_at.to_jiff()))
        .collect())
}

/// Removes logins that ended before an instant, whether revoked or not used since,
/// with everything that hangs on them.
pub async fn delete_ended_logins(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM logins WHERE revoked_at < $1 OR (revoked_at IS NULL AND last_seen_at < $1)",
        before.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
