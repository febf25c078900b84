//! What a sale must know of an event, its ticket types and the buyer. Read after the
//! locks of the event's pools: then nobody changes any of it before the commit.

use jiff::Timestamp;
use types::{
    AccountId, EventId, Money, PoolId, TicketTypeId,
    events::{EventStatus, Pricing, Visibility},
};
use uuid::Uuid;

use crate::{
    Conn, Result,
    decode::{known, money},
};

/// An event as a sale sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleEvent {
    /// The event.
    pub id: EventId,
    /// In links.
    pub slug: String,
    /// One line.
    pub title: String,
    /// What the organizer decided.
    pub status: EventStatus,
    /// Who finds it.
    pub visibility: Visibility,
    /// Sales end with it at the latest.
    pub ends_at: Timestamp,
    /// It begins.
    pub starts_at: Timestamp,
    /// Until how many hours before that buyers may give tickets back, if at all.
    pub refund_hours: Option<i32>,
}

/// A ticket type as a sale sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleType {
    /// The type.
    pub id: TicketTypeId,
    /// Its name now; the line keeps it.
    pub name: String,
    /// Of one ticket now; the line keeps it. The least, where buyers choose.
    pub price: Money,
    /// Who says what a ticket costs.
    pub pricing: Pricing,
    /// How many one person may have.
    pub max_per_person: u32,
    /// When sales begin.
    pub sales_from: Option<Timestamp>,
    /// When sales end.
    pub sales_until: Option<Timestamp>,
    /// Not offered to everybody.
    pub is_hidden: bool,
    /// Its tickets are the places of those who answer that they are going.
    pub is_rsvp: bool,
    /// The smallest party in line for it; none when nobody is.
    pub smallest_party: Option<u32>,
    /// A place is taken from each of these.
    pub pools: Vec<PoolId>,
}

/// The ticket types of an event.
pub async fn types(conn: &mut Conn, event: EventId) -> Result<Vec<SaleType>> {
    let rows = sqlx::query!(
        r#"
        SELECT kind.id, kind.name, kind.price_minor, kind.currency, kind.max_per_person,
            kind.sales_from, kind.sales_until, kind.is_hidden, kind.pricing,
            EXISTS (SELECT FROM rsvp_settings setting WHERE setting.ticket_type_id = kind.id) AS "is_rsvp!",
            (SELECT min(entry.quantity) FROM waiting_list_entries entry
                WHERE entry.ticket_type_id = kind.id AND entry.status = 'waiting') AS smallest_party,
            ARRAY(SELECT draws.pool_id FROM ticket_type_pools draws WHERE draws.ticket_type_id = kind.id) AS "pools!: Vec<Uuid>"
        FROM ticket_types kind
        WHERE kind.event_id = $1
        "#,
        event.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SaleType {
                id: row.id.into(),
                name: row.name,
                price: money(row.price_minor, &row.currency)?,
                pricing: known(Pricing::from_text(&row.pricing), &row.pricing)?,
                max_per_person: row.max_per_person.unsigned_abs(),
                sales_from: row.sales_from.map(jiff_sqlx::Timestamp::to_jiff),
                sales_until: row.sales_until.map(jiff_sqlx::Timestamp::to_jiff),
                is_hidden: row.is_hidden,
                is_rsvp: row.is_rsvp,
                smallest_party: row.smallest_party.map(i32::unsigned_abs),
                pools: row.pools.into_iter().map(PoolId).collect(),
            })
        })
        .collect()
}

/// How many of which ticket type of the event each of `buyers` has: tickets that open
/// the door, and live holds. Call after `pools::expire_due`.
pub async fn owned(
    conn: &mut Conn,
    event: EventId,
    buyers: &[AccountId],
) -> Result<Vec<(AccountId, TicketTypeId, u32)>> {
    let buyers: Vec<_> = buyers.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT account_id AS "account_id!", ticket_type_id AS "ticket_type_id!", sum(places)::bigint AS "places!"
        FROM (
            SELECT ticket.account_id, ticket.ticket_type_id, count(*) AS places
            FROM tickets ticket
            JOIN ticket_types kind ON kind.id = ticket.ticket_type_id AND kind.event_id = $1
            WHERE ticket.account_id = ANY($2) AND ticket.status IN ('valid', 'used')
            GROUP BY ticket.account_id, ticket.ticket_type_id
            UNION ALL
            SELECT hold.account_id, item.ticket_type_id, item.quantity
            FROM holds hold JOIN hold_items item ON item.hold_id = hold.id
            WHERE hold.event_id = $1 AND hold.account_id = ANY($2) AND hold.status IN ('held', 'paying', 'awaiting')
        ) has
        GROUP BY account_id, ticket_type_id
        "#,
        event.0,
        &buyers
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let places = u32::try_from(row.places).unwrap_or(u32::MAX);
            (row.account_id.into(), row.ticket_type_id.into(), places)
        })
        .collect())
}
