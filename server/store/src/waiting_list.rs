//! People in line for places. Who joins, leaves or is offered places is decided under the locks
//! of the event's pools, see [`crate::pools`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{
    AccountId, EventId, HoldId, OrderId, TicketTypeId, WaitingListEntryId, orders::HoldStatus,
    waiting_list::WaitingStatus,
};
use uuid::Uuid;

use crate::{Conn, Result, decode::known};

/// How many parties of one size [`next`] reads of each line; the rest comes with the next turn.
pub const PARTIES: usize = 256;

/// Somebody in line, as the till sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// The entry.
    pub id: WaitingListEntryId,
    /// For which tickets.
    pub ticket_type_id: TicketTypeId,
    /// Who.
    pub account_id: AccountId,
    /// How many places.
    pub quantity: u32,
    /// `waiting`, `offered`, `left` or `closed`.
    pub status: WaitingStatus,
    /// When they joined.
    pub created_at: Timestamp,
    /// Is it before everybody who joined: their money came when the places were gone?
    pub is_first: bool,
}

/// An entry with all that can be told of it, except its position: see [`positions`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRow {
    /// The entry.
    pub entry: EntryRow,
    /// Of which event.
    pub event_id: EventId,
    /// The ticket type's name.
    pub ticket_type_name: String,
    /// What was offered.
    pub offer: Option<OfferRow>,
}

/// The hold of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferRow {
    /// The hold.
    pub hold_id: HoldId,
    /// Where it stands.
    pub status: HoldStatus,
    /// Until when it keeps its places while it is `held`.
    pub expires_at: Timestamp,
    /// The order that pays it, or paid it.
    pub order_id: Option<OrderId>,
}

/// New entries of one event, in the order in which they came. Those that are first get a place below
/// zero, before everybody who joined and behind those that came before them in the same way: their
/// places rise like all others.
pub async fn insert(conn: &mut Conn, event: EventId, entries: &[&EntryRow]) -> Result<()> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.0).collect();
    let types: Vec<_> = entries.iter().map(|entry| entry.ticket_type_id.0).collect();
    let accounts: Vec<_> = entries.iter().map(|entry| entry.account_id.0).collect();
    let quantities: Vec<_> = entries
        .iter()
        .map(|entry| entry.quantity.cast_signed())
        .collect();
    let statuses: Vec<_> = entries.iter().map(|entry| entry.status.as_str()).collect();
    let created: Vec<_> = entries
        .iter()
        .map(|entry| entry.created_at.to_sqlx())
        .collect();
    let firsts: Vec<_> = entries.iter().map(|entry| entry.is_first).collect();
    sqlx::query!(
        r#"
        INSERT INTO waiting_list_entries (id, place, event_id, ticket_type_id, account_id, quantity, status, created_at)
        OVERRIDING SYSTEM VALUE
        SELECT entry.id, nextval(pg_get_serial_sequence('waiting_list_entries', 'place'))
                - CASE WHEN entry.is_first THEN 4611686018427387904 ELSE 0 END,
            $1, entry.ticket_type_id, entry.account_id, entry.quantity, entry.status, entry.created_at
        FROM (
            SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[], $7::timestamptz[], $8::boolean[])
                WITH ORDINALITY AS turn (id, ticket_type_id, account_id, quantity, status, created_at, is_first, number)
            ORDER BY turn.number
        ) entry
        "#,
        event.0,
        &ids,
        &types,
        &accounts,
        &quantities,
        &statuses as _,
        &created as _,
        &firsts
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down where entries stand now, and for how many places.
pub async fn update(conn: &mut Conn, entries: &[&EntryRow]) -> Result<()> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.0).collect();
    let statuses: Vec<_> = entries.iter().map(|entry| entry.status.as_str()).collect();
    let quantities: Vec<_> = entries
        .iter()
        .map(|entry| entry.quantity.cast_signed())
        .collect();
    sqlx::query!(
        r#"
        UPDATE waiting_list_entries entry SET status = step.status, quantity = step.quantity
        FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS step (id, status, quantity)
        WHERE entry.id = step.id
        "#,
        &ids,
        &statuses as _,
        &quantities
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct RawEntry {
    id: Uuid,
    ticket_type_id: Uuid,
    account_id: Uuid,
    quantity: i32,
    status: String,
    created_at: jiff_sqlx::Timestamp,
    is_first: bool,
}

impl RawEntry {
    fn row(self) -> Result<EntryRow> {
        Ok(EntryRow {
            id: self.id.into(),
            ticket_type_id: self.ticket_type_id.into(),
            account_id: self.account_id.into(),
            quantity: self.quantity.unsigned_abs(),
            status: known(WaitingStatus::from_text(&self.status), &self.status)?,
            created_at: self.created_at.to_jiff(),
            is_first: self.is_first,
        })
    }
}

/// Who of an event may be next, in the order in which they joined. Of each ticket type and size
/// of party only the first [`PARTIES`].
pub async fn next(conn: &mut Conn, event: EventId) -> Result<Vec<EntryRow>> {
    sqlx::query_as!(
        RawEntry,
        r#"
        SELECT entry.id, entry.ticket_type_id, entry.account_id, entry.quantity, entry.status, entry.created_at,
            entry.place < 0 AS "is_first!"
        FROM ticket_types kind
        CROSS JOIN generate_series(1, 100) AS party (size)
        CROSS JOIN LATERAL (
            SELECT waiting.* FROM waiting_list_entries waiting
            WHERE waiting.ticket_type_id = kind.id AND waiting.status = 'waiting' AND waiting.quantity = party.size
            ORDER BY waiting.place LIMIT $2
        ) entry
        WHERE kind.event_id = $1
        ORDER BY entry.place
        "#,
        event.0,
        i64::try_from(PARTIES).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(RawEntry::row)
    .collect()
}

/// For which ticket types of an event each of `people` is in line.
pub async fn waiting_of(
    conn: &mut Conn,
    event: EventId,
    people: &[AccountId],
) -> Result<Vec<EntryRow>> {
    let people: Vec<_> = people.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        RawEntry,
        r#"
        SELECT id, ticket_type_id, account_id, quantity, status, created_at, place < 0 AS "is_first!"
        FROM waiting_list_entries
        WHERE event_id = $1 AND account_id = ANY($2) AND status = 'waiting'
        "#,
        event.0,
        &people
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(RawEntry::row)
    .collect()
}

/// Events in which somebody waits and fits into what is free, holds that are due not counted.
/// The first in line of each size decides, so it looks at a few rows of each line.
pub async fn events_with_places(
    conn: &mut Conn,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<EventId>> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT event.id
        FROM events event
        JOIN ticket_types kind ON kind.event_id = event.id
        CROSS JOIN LATERAL (
            SELECT min(pool.capacity - pool.sold - pool.held) AS places
            FROM ticket_type_pools draws JOIN capacity_pools pool ON pool.id = draws.pool_id
            WHERE draws.ticket_type_id = kind.id
        ) free
        WHERE event.id IN (SELECT event_id FROM waiting_list_entries WHERE status = 'waiting')
            AND event.status = 'published' AND event.visibility <> 'archived' AND event.ends_at > $1
            AND NOT kind.is_hidden AND (kind.sales_from IS NULL OR kind.sales_from <= $1)
            AND (kind.sales_until IS NULL OR kind.sales_until > $1)
            AND EXISTS (
                SELECT FROM waiting_list_entries entry
                WHERE entry.ticket_type_id = kind.id AND entry.status = 'waiting' AND entry.quantity <= free.places)
        LIMIT $2
        "#,
        now.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(EventId).collect())
}

/// Some entries, whoever's they are, in the order in which they joined.
pub async fn list(conn: &mut Conn, ids: &[WaitingListEntryId]) -> Result<Vec<ShownRow>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT entry.id, entry.event_id, entry.ticket_type_id, entry.account_id, entry.quantity, entry.status,
            entry.created_at, entry.place < 0 AS "is_first!", kind.name,
            hold.id AS "hold_id?", hold.status AS "hold_status?", hold.expires_at AS "expires_at?: jiff_sqlx::Timestamp",
            ordered.id AS "order_id?"
        FROM waiting_list_entries entry
        JOIN ticket_types kind ON kind.id = entry.ticket_type_id
        LEFT JOIN holds hold ON hold.waiting_list_entry_id = entry.id
        LEFT JOIN orders ordered ON ordered.hold_id = hold.id AND ordered.status IN ('pending', 'paid')
        WHERE entry.id = ANY($1)
        ORDER BY entry.place
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let offer = match (row.hold_id, row.hold_status, row.expires_at) {
                (Some(hold), Some(status), Some(expires_at)) => Some(OfferRow {
                    hold_id: hold.into(),
                    status: known(HoldStatus::from_text(&status), &status)?,
                    expires_at: expires_at.to_jiff(),
                    order_id: row.order_id.map(OrderId),
                }),
                _ => None,
            };
            let entry = RawEntry {
                id: row.id,
                ticket_type_id: row.ticket_type_id,
                account_id: row.account_id,
                quantity: row.quantity,
                status: row.status,
                created_at: row.created_at,
                is_first: row.is_first,
            };
            Ok(ShownRow {
                entry: entry.row()?,
                event_id: row.event_id.into(),
                ticket_type_name: row.name,
                offer,
            })
        })
        .collect()
}

/// One entry, whoever's it is.
pub async fn find(conn: &mut Conn, id: WaitingListEntryId) -> Result<Option<ShownRow>> {
    Ok(list(conn, &[id]).await?.pop())
}

/// Where entries stand in their lines, 1 is next; those that do not wait are left out. Reads each
/// line up to the last of them once, in its index alone: not under locks that others wait for.
pub async fn positions(
    conn: &mut Conn,
    ids: &[WaitingListEntryId],
) -> Result<Vec<(WaitingListEntryId, u64)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT step.id AS "id!",
            (sum(step.people) OVER (PARTITION BY step.ticket_type_id ORDER BY step.place))::bigint AS "position!"
        FROM (
            SELECT entry.id, entry.ticket_type_id, entry.place, (
                SELECT count(*) FROM waiting_list_entries ahead
                WHERE ahead.ticket_type_id = entry.ticket_type_id AND ahead.status = 'waiting'
                    AND ahead.place > entry.previous AND ahead.place <= entry.place
            ) AS people
            FROM (
                SELECT id, ticket_type_id, place,
                    coalesce(lag(place) OVER (PARTITION BY ticket_type_id ORDER BY place), -9223372036854775807) AS previous
                FROM waiting_list_entries
                WHERE id = ANY($1) AND status = 'waiting'
            ) entry
        ) step
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (row.id.into(), row.position.unsigned_abs()))
        .collect())
}

/// The ids of an account's entries, latest first, those before `before`.
pub async fn ids_of_account(
    conn: &mut Conn,
    account: AccountId,
    before: Option<WaitingListEntryId>,
    limit: i64,
) -> Result<Vec<WaitingListEntryId>> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT id FROM waiting_list_entries
        WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3
        "#,
        account.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(WaitingListEntryId).collect())
}

/// Somebody's entry, and how they are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The entry.
    pub id: WaitingListEntryId,
    /// Their name.
    pub name: String,
    /// Their handle.
    pub handle: String,
}

/// Who of an event waits or has an offer that stands, in the order in which they joined,
/// those after `after`.
pub async fn people_of_event(
    conn: &mut Conn,
    event: EventId,
    after: Option<WaitingListEntryId>,
    limit: i64,
) -> Result<Vec<PersonRow>> {
    let rows = sqlx::query!(
        r#"
        SELECT entry.id, account.name, account.handle
        FROM waiting_list_entries entry
        JOIN accounts account ON account.id = entry.account_id
        LEFT JOIN holds hold ON hold.waiting_list_entry_id = entry.id
        WHERE entry.event_id = $1
            AND (entry.status = 'waiting' OR entry.status = 'offered' AND hold.status IN ('held', 'paying', 'awaiting'))
            AND ($2::uuid IS NULL OR entry.place > (SELECT place FROM waiting_list_entries WHERE id = $2))
        ORDER BY entry.place LIMIT $3
        "#,
        event.0,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PersonRow {
            id: row.id.into(),
            name: row.name,
            handle: row.handle,
        })
        .collect())
}

/// How many places the people in line of an event wish for.
pub async fn awaited_places(conn: &mut Conn, event: EventId) -> Result<u64> {
    let places = sqlx::query_scalar!(
        r#"
        SELECT coalesce(sum(quantity), 0)::bigint AS "places!" FROM waiting_list_entries
        WHERE event_id = $1 AND status = 'waiting'
        "#,
        event.0
    )
    .fetch_one(conn)
    .await?;
    Ok(places.unsigned_abs())
}
