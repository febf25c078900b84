//! Rows of accounts.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use types::{AccountId, accounts::Role};
use uuid::Uuid;

use crate::{Conn, Result};

/// The unique index on e-mail addresses without regard to case.
pub const EMAIL_KEY: &str = "accounts_email_key";
/// The unique index on handles without regard to case.
pub const HANDLE_KEY: &str = "accounts_handle_key";

/// A new account. Everything else starts with the column's default.
#[derive(Clone)]
pub struct NewAccount {
    /// Primary key.
    pub id: AccountId,
    /// As typed or made.
    pub handle: String,
    /// As typed.
    pub name: String,
    /// As typed.
    pub email: String,
    /// PHC string.
    pub password_hash: String,
    /// What it may do.
    pub role: Role,
    /// When it is made.
    pub created_at: Timestamp,
}

/// An account without its password hash.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// Primary key.
    pub id: AccountId,
    /// Unique without regard to case.
    pub handle: String,
    /// Shown to others.
    pub name: String,
    /// Unique without regard to case.
    pub email: String,
    /// Has a mail to it been answered?
    pub email_verified: bool,
    /// What it may do.
    pub role: Role,
    /// Plain text.
    pub bio: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47.
    pub locale: String,
    /// Rises with every edit.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

struct Raw {
    id: Uuid,
    handle: String,
    name: String,
    email: String,
    email_verified: bool,
    role: String,
    bio: Option<String>,
    avatar_url: Option<String>,
    time_zone: String,
    locale: String,
    version: i64,
    created_at: jiff_sqlx::Timestamp,
}

impl From<Raw> for AccountRow {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id.into(),
            handle: raw.handle,
            name: raw.name,
            email: raw.email,
            email_verified: raw.email_verified,
            role: role(&raw.role),
            bio: raw.bio,
            avatar_url: raw.avatar_url,
            time_zone: raw.time_zone,
            locale: raw.locale,
            version: raw.version,
            created_at: raw.created_at.to_jiff(),
        }
    }
}

/// A role that this release does not know may do the least.
pub(crate) fn role(text: &str) -> Role {
    Role::from_text(text).unwrap_or(Role::Attendee)
}

/// Inserts an account.
pub async fn insert(conn: &mut Conn, account: &NewAccount) -> Result<()> {
    sqlx::query!(
        "INSERT INTO accounts (id, handle, name, email, password_hash, role, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        account.id.0,
        account.handle,
        account.name,
        account.email,
        account.password_hash,
        account.role.as_str(),
        account.created_at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One account.
pub async fn find(conn: &mut Conn, id: AccountId) -> Result<Option<AccountRow>> {
    let raw = sqlx::query_as!(
        Raw,
        "SELECT id, handle, name, email, email_verified, role, bio, avatar_url, time_zone, locale, version, created_at
         FROM accounts WHERE id = $1",
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(raw.map(Into::into))
}

/// One account, locked until the end of the transaction.
pub async fn lock(conn: &mut Conn, id: AccountId) -> Result<Option<AccountRow>> {
    let raw = sqlx::query_as!(
        Raw,
        "SELECT id, handle, name, email, email_verified, role, bio, avatar_url, time_zone, locale, version, created_at
         FROM accounts WHERE id = $1 FOR NO KEY UPDATE",
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(raw.map(Into::into))
}

/// The account with this handle, in any case.
pub async fn find_by_handle(conn: &mut Conn, handle: &str) -> Result<Option<AccountRow>> {
    let raw = sqlx::query_as!(
        Raw,
        "SELECT id, handle, name, email, email_verified, role, bio, avatar_url, time_zone, locale, version, created_at
         FROM accounts WHERE lower(handle) = lower($1)",
        handle,
    )
    .fetch_optional(conn)
    .await?;
    Ok(raw.map(Into::into))
}

/// The account with this e-mail in any case, and its password hash.
pub async fn find_credentials(conn: &mut Conn, email: &str) -> Result<Option<(AccountId, String)>> {
    let row = sqlx::query!(
        "SELECT id, password_hash FROM accounts WHERE lower(email) = lower($1)",
        email
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id.into(), row.password_hash)))
}

/// Writes what people edit and raises the version; returns the new one.
pub async fn update(conn: &mut Conn, account: &AccountRow, now: Timestamp) -> Result<i64> {
    let row = sqlx::query!(
        "UPDATE accounts
         SET handle = $2, name = $3, bio = $4, avatar_url = $5, time_zone = $6, locale = $7,
             version = version + 1, updated_at = $8
         WHERE id = $1
         RETURNING version",
        account.id.0,
        account.handle,
        account.name,
        account.bio,
        account.avatar_url,
        account.time_zone,
        account.locale,
        now.to_sqlx(),
    )
    .fetch_one(conn)
    .await?;
    Ok(row.version)
}

/// Makes an account what the command line says.
pub async fn set_role(conn: &mut Conn, id: AccountId, role: Role, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE accounts SET role = $2, version = version + 1, updated_at = $3 WHERE id = $1",
        id.0,
        role.as_str(),
        now.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
