//! Mails to be sent. The lease says who may send one: nobody else does before it ends.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, MailId, OrderId};
use uuid::Uuid;

use crate::{Conn, Result};

/// The receipt of an order, to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// Receivers tell a repetition by it.
    pub id: MailId,
    /// Of which order.
    pub order_id: OrderId,
    /// To whom.
    pub account_id: AccountId,
    /// How often it was taken up.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
}

struct Raw {
    id: Uuid,
    order_id: Uuid,
    account_id: Uuid,
    attempts: i32,
    created_at: jiff_sqlx::Timestamp,
}

impl From<Raw> for MailRow {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id.into(),
            order_id: raw.order_id.into(),
            account_id: raw.account_id.into(),
            attempts: raw.attempts.unsigned_abs(),
            created_at: raw.created_at.to_jiff(),
        }
    }
}

/// Receipts that are due at once. Where one is on its way already there is no second one: it is
/// due at once too, unless somebody is sending it.
pub async fn insert(conn: &mut Conn, mails: &[MailRow]) -> Result<()> {
    let ids: Vec<_> = mails.iter().map(|mail| mail.id.0).collect();
    let orders: Vec<_> = mails.iter().map(|mail| mail.order_id.0).collect();
    let accounts: Vec<_> = mails.iter().map(|mail| mail.account_id.0).collect();
    let created: Vec<_> = mails.iter().map(|mail| mail.created_at.to_sqlx()).collect();
    sqlx::query!(
        r#"
        INSERT INTO mails (id, kind, order_id, account_id, state, due_at, attempts, created_at)
        SELECT mail.id, 'receipt', mail.order_id, mail.account_id, 'queued', mail.created_at, 0, mail.created_at
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
            AS mail (id, order_id, account_id, created_at)
        ON CONFLICT (order_id, kind) WHERE state IN ('queued', 'sending')
        DO UPDATE SET due_at = LEAST(mails.due_at, excluded.due_at) WHERE mails.state = 'queued'
        "#,
        &ids,
        &orders,
        &accounts,
        &created as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes mails that are due, the oldest first, also those whose sender was not heard of again;
/// several processes get different ones.
pub async fn lease_due(
    conn: &mut Conn,
    now: Timestamp,
    leased_until: Timestamp,
    limit: i64,
) -> Result<Vec<MailRow>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"
        WITH due AS (
            SELECT id FROM mails
            WHERE state IN ('queued', 'sending') AND due_at <= $1
            ORDER BY due_at LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE mails mail SET state = 'sending', due_at = $2, attempts = mail.attempts + 1
        FROM due WHERE mail.id = due.id
        RETURNING mail.id, mail.order_id, mail.account_id, mail.attempts, mail.created_at
        "#,
        now.to_sqlx() as _,
        leased_until.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Notes that a mail left. That is true whoever has the lease by now.
pub async fn set_sent(conn: &mut Conn, id: MailId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE mails SET state = 'sent', sent_at = $2, last_error = NULL WHERE id = $1 AND state <> 'sent'",
        id.0,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a mail did not leave and when it is tried again, unless somebody else took it up.
pub async fn try_again(
    conn: &mut Conn,
    mail: &MailRow,
    reason: &str,
    due_at: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "UPDATE mails SET state = 'queued', due_at = $3, last_error = $4
         WHERE id = $1 AND state = 'sending' AND attempts = $2",
        mail.id.0,
        mail.attempts.cast_signed(),
        due_at.to_sqlx() as _,
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a mail is not sent any more, unless somebody else took it up.
pub async fn set_failed(conn: &mut Conn, mail: &MailRow, reason: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE mails SET state = 'failed', last_error = $3
         WHERE id = $1 AND state = 'sending' AND attempts = $2",
        mail.id.0,
        mail.attempts.cast_signed(),
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}
