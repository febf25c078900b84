//! Mails to be sent. The lease says who may send one: nobody else does before it ends.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, EventId, MailId, OrderId};
use uuid::Uuid;

use crate::{Conn, Result, decode::known};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The receipt of an order.
    Receipt(OrderId),
    /// Whoever is going to the event is asked whether they still are.
    RsvpConfirm(EventId),
    /// They did not say so in time, and lost their places.
    RsvpLapsed(EventId),
}

impl About {
    /// As the table calls it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Receipt(_) => "receipt",
            Self::RsvpConfirm(_) => "rsvp_confirm",
            Self::RsvpLapsed(_) => "rsvp_lapsed",
        }
    }

    /// The id of the order or event.
    pub fn id(self) -> Uuid {
        match self {
            Self::Receipt(order) => order.0,
            Self::RsvpConfirm(event) | Self::RsvpLapsed(event) => event.0,
        }
    }

    fn read(kind: &str, order: Option<Uuid>, event: Option<Uuid>) -> Option<Self> {
        match (kind, order, event) {
            ("receipt", Some(order), _) => Some(Self::Receipt(order.into())),
            ("rsvp_confirm", _, Some(event)) => Some(Self::RsvpConfirm(event.into())),
            ("rsvp_lapsed", _, Some(event)) => Some(Self::RsvpLapsed(event.into())),
            _ => None,
        }
    }
}

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// Receivers tell a repetition by it.
    pub id: MailId,
    /// What it is about.
    pub about: About,
    /// To whom.
    pub account_id: AccountId,
    /// How often it was taken up.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
}

struct Raw {
    id: Uuid,
    kind: String,
    order_id: Option<Uuid>,
    event_id: Option<Uuid>,
    account_id: Uuid,
    attempts: i32,
    created_at: jiff_sqlx::Timestamp,
}

impl Raw {
    fn row(self) -> Result<MailRow> {
        let about = About::read(&self.kind, self.order_id, self.event_id);
        Ok(MailRow {
            id: self.id.into(),
            about: known(about, &self.kind)?,
            account_id: self.account_id.into(),
            attempts: self.attempts.unsigned_abs(),
            created_at: self.created_at.to_jiff(),
        })
    }
}

/// Mails that are due at once. Where one of a kind is on its way to somebody already there is no
/// second one: a receipt is due at once too, unless somebody is sending it.
pub async fn insert(conn: &mut Conn, mails: &[MailRow]) -> Result<()> {
    let (mut receipts, mut of_events) = (Vec::new(), Vec::new());
    for mail in mails {
        match mail.about {
            About::Receipt(order) => receipts.push((mail, order)),
            About::RsvpConfirm(event) | About::RsvpLapsed(event) => of_events.push((mail, event)),
        }
    }
    if !receipts.is_empty() {
        insert_receipts(conn, &receipts).await?;
    }
    if !of_events.is_empty() {
        insert_of_events(conn, &of_events).await?;
    }
    Ok(())
}

async fn insert_receipts(conn: &mut Conn, mails: &[(&MailRow, OrderId)]) -> Result<()> {
    let ids: Vec<_> = mails.iter().map(|(mail, _)| mail.id.0).collect();
    let orders: Vec<_> = mails.iter().map(|(_, order)| order.0).collect();
    let accounts: Vec<_> = mails.iter().map(|(mail, _)| mail.account_id.0).collect();
    let created: Vec<_> = mails
        .iter()
        .map(|(mail, _)| mail.created_at.to_sqlx())
        .collect();
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

async fn insert_of_events(conn: &mut Conn, mails: &[(&MailRow, EventId)]) -> Result<()> {
    let ids: Vec<_> = mails.iter().map(|(mail, _)| mail.id.0).collect();
    let kinds: Vec<_> = mails.iter().map(|(mail, _)| mail.about.kind()).collect();
    let events: Vec<_> = mails.iter().map(|(_, event)| event.0).collect();
    let accounts: Vec<_> = mails.iter().map(|(mail, _)| mail.account_id.0).collect();
    let created: Vec<_> = mails
        .iter()
        .map(|(mail, _)| mail.created_at.to_sqlx())
        .collect();
    sqlx::query!(
        r#"
        INSERT INTO mails (id, kind, event_id, account_id, state, due_at, attempts, created_at)
        SELECT mail.id, mail.kind, mail.event_id, mail.account_id, 'queued', mail.created_at, 0, mail.created_at
        FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[])
            AS mail (id, kind, event_id, account_id, created_at)
        ON CONFLICT (event_id, account_id, kind) WHERE state IN ('queued', 'sending') DO NOTHING
        "#,
        &ids,
        &kinds as _,
        &events,
        &accounts,
        &created as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a mail back that has nothing to say any more.
pub async fn remove(conn: &mut Conn, id: MailId) -> Result<()> {
    sqlx::query!("DELETE FROM mails WHERE id = $1", id.0)
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
        RETURNING mail.id, mail.kind, mail.order_id, mail.event_id, mail.account_id, mail.attempts, mail.created_at
        "#,
        now.to_sqlx() as _,
        leased_until.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Raw::row).collect()
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
