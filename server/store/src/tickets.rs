//! Tickets: one row per place that was paid.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, EventId, OrderId, TicketId, TicketTypeId, tickets::TicketStatus};
use uuid::Uuid;

use crate::{Conn, Result, decode::known};

/// The constraint that refuses a code twice.
pub const CODE_UNIQUE: &str = "tickets_code_key";

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRow {
    /// The ticket.
    pub id: TicketId,
    /// The purchase it came from.
    pub order_id: OrderId,
    /// Of which event.
    pub event_id: EventId,
    /// Of which type.
    pub ticket_type_id: TicketTypeId,
    /// The type's name now; not written.
    pub ticket_type_name: String,
    /// Whose.
    pub account_id: AccountId,
    /// For typing at the door.
    pub code: String,
    /// Does it open the door?
    pub status: TicketStatus,
    /// As the holder is called.
    pub holder_name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

struct Raw {
    id: Uuid,
    order_id: Uuid,
    event_id: Uuid,
    ticket_type_id: Uuid,
    ticket_type_name: String,
    account_id: Uuid,
    code: String,
    status: String,
    holder_name: String,
    created_at: jiff_sqlx::Timestamp,
}

impl Raw {
    fn row(self) -> Result<TicketRow> {
        Ok(TicketRow {
            id: self.id.into(),
            order_id: self.order_id.into(),
            event_id: self.event_id.into(),
            ticket_type_id: self.ticket_type_id.into(),
            ticket_type_name: self.ticket_type_name,
            account_id: self.account_id.into(),
            code: self.code,
            status: known(TicketStatus::from_text(&self.status), &self.status)?,
            holder_name: self.holder_name,
            created_at: self.created_at.to_jiff(),
        })
    }
}

/// New tickets; their holder is called as the account is now. Writes that name into the rows.
pub async fn insert(conn: &mut Conn, tickets: &mut [TicketRow]) -> Result<()> {
    let column = |f: fn(&TicketRow) -> Uuid| tickets.iter().map(f).collect::<Vec<_>>();
    let text = |f: fn(&TicketRow) -> String| tickets.iter().map(f).collect::<Vec<_>>();
    let created: Vec<_> = tickets
        .iter()
        .map(|ticket| ticket.created_at.to_sqlx())
        .collect();
    let rows = sqlx::query!(
        r#"
        INSERT INTO tickets (id, order_id, event_id, ticket_type_id, account_id, code, status, holder_name, created_at)
        SELECT ticket.id, ticket.order_id, ticket.event_id, ticket.ticket_type_id, ticket.account_id,
            ticket.code, ticket.status, account.name, ticket.created_at
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[])
            AS ticket (id, order_id, event_id, ticket_type_id, account_id, code, status, created_at)
        JOIN accounts account ON account.id = ticket.account_id
        RETURNING id, holder_name
        "#,
        &column(|ticket| ticket.id.0),
        &column(|ticket| ticket.order_id.0),
        &column(|ticket| ticket.event_id.0),
        &column(|ticket| ticket.ticket_type_id.0),
        &column(|ticket| ticket.account_id.0),
        &text(|ticket| ticket.code.clone()),
        &text(|ticket| ticket.status.as_str().to_owned()),
        &created as _
    )
    .fetch_all(conn)
    .await?;
    let mut names: HashMap<_, _> = rows
        .into_iter()
        .map(|row| (row.id, row.holder_name))
        .collect();
    for ticket in tickets {
        ticket.holder_name = names.remove(&ticket.id.0).unwrap_or_default();
    }
    Ok(())
}

/// One ticket, whoever's it is.
pub async fn find(conn: &mut Conn, id: TicketId) -> Result<Option<TicketRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT ticket.id, ticket.order_id, ticket.event_id, ticket.ticket_type_id, kind.name AS ticket_type_name,
            ticket.account_id, ticket.code, ticket.status, ticket.holder_name, ticket.created_at
        FROM tickets ticket JOIN ticket_types kind ON kind.id = ticket.ticket_type_id
        WHERE ticket.id = $1
        "#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .map(Raw::row)
    .transpose()
}

/// An account's tickets, latest first, those before `before`.
pub async fn list_of_account(
    conn: &mut Conn,
    account: AccountId,
    before: Option<TicketId>,
    limit: i64,
) -> Result<Vec<TicketRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT ticket.id, ticket.order_id, ticket.event_id, ticket.ticket_type_id, kind.name AS ticket_type_name,
            ticket.account_id, ticket.code, ticket.status, ticket.holder_name, ticket.created_at
        FROM tickets ticket JOIN ticket_types kind ON kind.id = ticket.ticket_type_id
        WHERE ticket.account_id = $1 AND ($2::uuid IS NULL OR ticket.id < $2)
        ORDER BY ticket.id DESC LIMIT $3
        "#,
        account.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// The tickets of some orders, in the order they were made.
pub async fn list_of_orders(conn: &mut Conn, orders: &[OrderId]) -> Result<Vec<TicketRow>> {
    let ids: Vec<_> = orders.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Raw,
        r#"
        SELECT ticket.id, ticket.order_id, ticket.event_id, ticket.ticket_type_id, kind.name AS ticket_type_name,
            ticket.account_id, ticket.code, ticket.status, ticket.holder_name, ticket.created_at
        FROM tickets ticket JOIN ticket_types kind ON kind.id = ticket.ticket_type_id
        WHERE ticket.order_id = ANY($1)
        ORDER BY ticket.id
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// Tickets, whoever's they are.
pub async fn list(conn: &mut Conn, tickets: &[TicketId]) -> Result<Vec<TicketRow>> {
    let ids: Vec<_> = tickets.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Raw,
        r#"
        SELECT ticket.id, ticket.order_id, ticket.event_id, ticket.ticket_type_id, kind.name AS ticket_type_name,
            ticket.account_id, ticket.code, ticket.status, ticket.holder_name, ticket.created_at
        FROM tickets ticket JOIN ticket_types kind ON kind.id = ticket.ticket_type_id
        WHERE ticket.id = ANY($1)
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// Writes down whether tickets still open the door.
pub async fn set_statuses(conn: &mut Conn, tickets: &[&TicketRow]) -> Result<()> {
    let ids: Vec<_> = tickets.iter().map(|ticket| ticket.id.0).collect();
    let statuses: Vec<_> = tickets
        .iter()
        .map(|ticket| ticket.status.as_str())
        .collect();
    sqlx::query!(
        r#"
        UPDATE tickets SET status = step.status
        FROM unnest($1::uuid[], $2::text[]) AS step (id, status)
        WHERE tickets.id = step.id
        "#,
        &ids,
        &statuses as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Cancels every valid ticket of an event and gives the places back to their pools.
/// Call after `pools::lock_event`. Returns how many.
pub async fn cancel_of_event(conn: &mut Conn, event: EventId) -> Result<u64> {
    let row = sqlx::query!(
        r#"
        WITH cancelled AS (
            UPDATE tickets SET status = 'cancelled' WHERE event_id = $1 AND status = 'valid'
            RETURNING ticket_type_id
        ), freed AS (
            SELECT draws.pool_id, count(*)::integer AS places
            FROM cancelled JOIN ticket_type_pools draws USING (ticket_type_id)
            GROUP BY draws.pool_id
        ), given_back AS (
            UPDATE capacity_pools pool SET sold = pool.sold - freed.places
            FROM freed WHERE pool.id = freed.pool_id
        )
        SELECT count(*) AS "tickets!" FROM cancelled
        "#,
        event.0
    )
    .fetch_one(conn)
    .await?;
    Ok(row.tickets.unsigned_abs())
}
