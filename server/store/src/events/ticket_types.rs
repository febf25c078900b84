//! Kinds of tickets.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{EventId, TicketTypeId, events::Pricing};

use crate::{Conn, Result, decode::known};

/// A ticket type with its counts.
#[derive(Clone, Debug)]
pub struct TicketTypeRow {
    /// The type.
    pub id: TicketTypeId,
    /// Its name.
    pub name: String,
    /// What it includes.
    pub description: Option<String>,
    /// Of one ticket.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// How many there are in all.
    pub quantity: i32,
    /// How many one person may have.
    pub max_per_person: i32,
    /// When sales begin.
    pub sales_from: Option<Timestamp>,
    /// When sales end.
    pub sales_until: Option<Timestamp>,
    /// Not offered to everybody.
    pub is_hidden: bool,
    /// Who says what a ticket costs.
    pub pricing: Pricing,
    /// What buyers who choose are proposed.
    pub suggested_minor: Option<i64>,
    /// Capacity − sold − live holds, the least over its pools.
    pub available: i32,
    /// Paid for, of its own pool.
    pub sold: i32,
    /// In live holds, of its own pool.
    pub held: i32,
}

/// What the organizer can edit of a ticket type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketTypeFields {
    /// Its name.
    pub name: String,
    /// What it includes.
    pub description: Option<String>,
    /// Of one ticket.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// How many there are in all.
    pub quantity: u32,
    /// How many one person may have.
    pub max_per_person: u32,
    /// When sales begin.
    pub sales_from: Option<Timestamp>,
    /// When sales end.
    pub sales_until: Option<Timestamp>,
    /// Not offered to everybody.
    pub is_hidden: bool,
    /// Who says what a ticket costs.
    pub pricing: Pricing,
    /// What buyers who choose are proposed.
    pub suggested_minor: Option<i64>,
}

/// The ticket types of an event in their order. Places of holds that are due at
/// `now` count as free, swept or not.
pub async fn of_event(
    conn: &mut Conn,
    event: EventId,
    now: Timestamp,
) -> Result<Vec<TicketTypeRow>> {
    let rows = sqlx::query!(
        r#"
        WITH due AS (
            SELECT draws.pool_id, sum(item.quantity) AS places
            FROM holds hold
            JOIN hold_items item ON item.hold_id = hold.id
            JOIN ticket_type_pools draws ON draws.ticket_type_id = item.ticket_type_id
            WHERE hold.event_id = $1 AND hold.status = 'held' AND hold.expires_at <= $2
            GROUP BY draws.pool_id
        )
        SELECT kind.id, kind.name, kind.description, kind.price_minor, kind.currency, kind.quantity,
               kind.max_per_person, kind.sales_from, kind.sales_until, kind.is_hidden, kind.pricing, kind.suggested_minor,
               pools.available AS "available!", pools.sold AS "sold!", pools.held AS "held!"
        FROM ticket_types kind
        JOIN events event ON event.id = kind.event_id
        CROSS JOIN LATERAL (
            SELECT greatest(0, coalesce(min(pool.capacity - pool.sold - pool.held + coalesce(due.places, 0)), 0))::integer AS available,
                   coalesce(max(pool.sold) FILTER (WHERE pool.id IS DISTINCT FROM event.capacity_pool_id), 0) AS sold,
                   coalesce(max(pool.held - coalesce(due.places, 0)) FILTER (WHERE pool.id IS DISTINCT FROM event.capacity_pool_id), 0)::integer AS held
            FROM ticket_type_pools draws
            JOIN capacity_pools pool ON pool.id = draws.pool_id
            LEFT JOIN due ON due.pool_id = pool.id
            WHERE draws.ticket_type_id = kind.id
        ) pools
        WHERE kind.event_id = $1
        ORDER BY kind.position, kind.id
        "#,
        event.0,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    let types = rows.into_iter().map(|row| {
        Ok(TicketTypeRow {
            pricing: known(Pricing::from_text(&row.pricing), &row.pricing)?,
            suggested_minor: row.suggested_minor,
            id: row.id.into(),
            name: row.name,
            description: row.description,
            price_minor: row.price_minor,
            currency: row.currency,
            quantity: row.quantity,
            max_per_person: row.max_per_person,
            sales_from: row.sales_from.map(jiff_sqlx::Timestamp::to_jiff),
            sales_until: row.sales_until.map(jiff_sqlx::Timestamp::to_jiff),
            is_hidden: row.is_hidden,
            available: row.available,
            sold: row.sold,
            held: row.held,
        })
    });
    types.collect()
}

/// Adds a ticket type behind the others.
pub async fn insert(
    conn: &mut Conn,
    id: TicketTypeId,
    event: EventId,
    f: &TicketTypeFields,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO ticket_types (id, event_id, position, name, description, price_minor, currency, quantity,
                                  max_per_person, sales_from, sales_until, created_at, is_hidden,
                                  pricing, suggested_minor)
        VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM ticket_types WHERE event_id = $2),
                $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        "#,
        id.0,
        event.0,
        f.name,
        f.description,
        f.price_minor,
        f.currency,
        f.quantity.cast_signed(),
        f.max_per_person.cast_signed(),
        f.sales_from.map(ToSqlx::to_sqlx) as _,
        f.sales_until.map(ToSqlx::to_sqlx) as _,
        now.to_sqlx() as _,
        f.is_hidden,
        f.pricing.as_str(),
        f.suggested_minor
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Replaces what the organizer can edit.
pub async fn edit(conn: &mut Conn, id: TicketTypeId, f: &TicketTypeFields) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE ticket_types
        SET name = $2, description = $3, price_minor = $4, currency = $5, quantity = $6, max_per_person = $7,
            sales_from = $8, sales_until = $9, is_hidden = $10, pricing = $11, suggested_minor = $12
        WHERE id = $1
        "#,
        id.0,
        f.name,
        f.description,
        f.price_minor,
        f.currency,
        f.quantity.cast_signed(),
        f.max_per_person.cast_signed(),
        f.sales_from.map(ToSqlx::to_sqlx) as _,
        f.sales_until.map(ToSqlx::to_sqlx) as _,
        f.is_hidden,
        f.pricing.as_str(),
        f.suggested_minor
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has anybody ever held or bought it?
pub async fn is_used(conn: &mut Conn, id: TicketTypeId) -> Result<bool> {
    let used = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM hold_items WHERE ticket_type_id = $1)
               OR EXISTS (SELECT 1 FROM tickets WHERE ticket_type_id = $1) AS "used!""#,
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(used)
}

/// Removes a ticket type that nobody ever held; its own pool goes with `pools::delete`.
pub async fn delete(conn: &mut Conn, id: TicketTypeId) -> Result<()> {
    sqlx::query!("DELETE FROM ticket_types WHERE id = $1", id.0)
        .execute(conn)
        .await?;
    Ok(())
}
