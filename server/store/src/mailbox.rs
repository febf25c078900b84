//! The mailbox of development: mails that are kept instead of sent.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::MailId;
use uuid::Uuid;

use crate::{Conn, Result};

/// A mail that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRow {
    /// The mail.
    pub id: MailId,
    /// To whom.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// What mail programs show that show no HTML.
    pub text: String,
    /// What the others show.
    pub html: String,
    /// The names of what came with it.
    pub attachments: Vec<String>,
    /// When it came.
    pub received_at: Timestamp,
}

struct Raw {
    id: Uuid,
    recipient: String,
    subject: String,
    text_body: String,
    html_body: String,
    attachments: Vec<String>,
    received_at: jiff_sqlx::Timestamp,
}

impl From<Raw> for KeptRow {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id.into(),
            recipient: raw.recipient,
            subject: raw.subject,
            text: raw.text_body,
            html: raw.html_body,
            attachments: raw.attachments,
            received_at: raw.received_at.to_jiff(),
        }
    }
}

/// Keeps a mail; one that is there already stays as it is.
pub async fn insert(conn: &mut Conn, mail: &KeptRow) -> Result<()> {
    sqlx::query!(
        "INSERT INTO mailbox (id, recipient, subject, text_body, html_body, attachments, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        mail.id.0,
        mail.recipient,
        mail.subject,
        mail.text,
        mail.html,
        &mail.attachments,
        mail.received_at.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The latest mails, newest first.
pub async fn latest(conn: &mut Conn, limit: i64) -> Result<Vec<KeptRow>> {
    let rows = sqlx::query_as!(
        Raw,
        "SELECT id, recipient, subject, text_body, html_body, attachments, received_at
         FROM mailbox ORDER BY received_at DESC, id DESC LIMIT $1",
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One mail.
pub async fn find(conn: &mut Conn, id: MailId) -> Result<Option<KeptRow>> {
    let row = sqlx::query_as!(
        Raw,
        "SELECT id, recipient, subject, text_body, html_body, attachments, received_at
         FROM mailbox WHERE id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}

/// Empties the mailbox of what came before an instant; how many mails that were.
pub async fn delete_before(conn: &mut Conn, instant: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM mailbox WHERE received_at < $1",
        instant.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
