//! Events: rows with what a card or a page shows of them.

pub mod ticket_types;
mod writes;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, EventId, PoolId};
use uuid::Uuid;

use crate::{Conn, Result, media::MediaRow};

pub use writes::{
    EventFields, NewEvent, delete, edit, insert, refresh_prices, set_capacity_pool,
    set_metadata_version, set_status, set_visibility, touch,
};

/// An event with its organizer, cover and counts.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// The event.
    pub id: EventId,
    /// In links.
    pub slug: String,
    /// Who runs it.
    pub organizer_id: AccountId,
    /// In links.
    pub organizer_handle: String,
    /// As they call themselves.
    pub organizer_name: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: String,
    /// A key of the categories.
    pub category: String,
    /// Lower case.
    pub tags: Vec<String>,
    /// See `types::events::EventStatus`.
    pub status: String,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// See `types::events::Visibility`.
    pub visibility: String,
    /// First instant.
    pub starts_at: Timestamp,
    /// First instant after.
    pub ends_at: Timestamp,
    /// IANA name.
    pub time_zone: String,
    /// Where.
    pub venue_name: Option<String>,
    /// Street, city.
    pub venue_address: Option<String>,
    /// WGS 84 degrees.
    pub latitude: Option<f64>,
    /// WGS 84 degrees.
    pub longitude: Option<f64>,
    /// Where online.
    pub online_url: Option<String>,
    /// Places over all ticket types.
    pub capacity: Option<i32>,
    /// The pool behind `capacity`.
    pub capacity_pool_id: Option<PoolId>,
    /// Hours before the start until which buyers may give tickets back.
    pub refund_hours: Option<i32>,
    /// Of all its ticket types.
    pub currency: Option<String>,
    /// The lowest price in minor units.
    pub price_from_minor: Option<i64>,
    /// Its `ETag`.
    pub version: i64,
    /// The version of its document; 0 without one.
    pub metadata_version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// The image for cards.
    pub cover: Option<MediaRow>,
    /// Tickets sold.
    pub sold: i64,
    /// It has ticket types that everybody sees, and none of them has a place left.
    pub is_sold_out: bool,
}

/// The id of the event with this slug.
pub async fn id_of_slug(conn: &mut Conn, slug: &str) -> Result<Option<EventId>> {
    let id = sqlx::query_scalar!("SELECT id FROM events WHERE slug = $1", slug)
        .fetch_optional(conn)
        .await?;
    Ok(id.map(EventId))
}

/// The events with these ids, in their order; those that are gone are left out.
/// Places of holds that are due at `now` count as free.
pub async fn rows(conn: &mut Conn, ids: &[EventId], now: Timestamp) -> Result<Vec<EventRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT event.id, event.slug, event.organizer_id, account.handle, account.name, event.title, event.description,
               event.category, event.tags, event.status, event.cancel_reason, event.visibility, event.starts_at,
               event.ends_at, event.time_zone, event.venue_name, event.venue_address, event.latitude, event.longitude,
               event.online_url, event.capacity, event.capacity_pool_id, event.refund_hours, event.currency, event.price_from_minor,
               event.version, event.metadata_version, event.created_at, event.updated_at,
               media.id AS "media_id?", media.key AS "media_key?", media.width AS "media_width?",
               media.height AS "media_height?", media.variants AS "media_variants?",
               media.thumbhash AS "media_thumbhash?", media.caption AS "media_caption?",
               places.sold AS "sold!", places.is_sold_out AS "is_sold_out!"
        FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, position)
        JOIN events event ON event.id = asked.id
        JOIN accounts account ON account.id = event.organizer_id
        LEFT JOIN media ON media.event_id = event.id AND media.kind = 'cover'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(pool.sold) FILTER (WHERE pool.is_own), 0)::bigint AS sold,
                   coalesce(bool_and(pool.free <= 0) FILTER (WHERE pool.is_own AND NOT pool.is_hidden), false)
                   OR (count(*) FILTER (WHERE pool.is_own AND NOT pool.is_hidden) > 0
                       AND coalesce(bool_or(pool.free <= 0) FILTER (WHERE NOT pool.is_own), false)) AS is_sold_out
            FROM (
                SELECT sold, id IS DISTINCT FROM event.capacity_pool_id AS is_own,
                       EXISTS (
                           SELECT 1 FROM ticket_type_pools draws JOIN ticket_types kind ON kind.id = draws.ticket_type_id
                           WHERE draws.pool_id = capacity_pools.id AND kind.is_hidden
                       ) AS is_hidden,
                       capacity - sold - held + CASE WHEN held = 0 THEN 0 ELSE (
                           SELECT coalesce(sum(item.quantity), 0)
                           FROM holds hold
                           JOIN hold_items item ON item.hold_id = hold.id
                           JOIN ticket_type_pools draws ON draws.ticket_type_id = item.ticket_type_id
                           WHERE hold.event_id = event.id AND hold.status = 'held' AND hold.expires_at <= $2
                             AND draws.pool_id = capacity_pools.id
                       ) END AS free
                FROM capacity_pools WHERE event_id = event.id
            ) pool
        ) places
        ORDER BY asked.position
        "#,
        &ids,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    let events = rows.into_iter().map(|row| EventRow {
        cover: MediaRow::joined(
            row.media_id.zip(row.media_key),
            "cover",
            row.media_width.zip(row.media_height),
            row.media_variants.zip(row.media_thumbhash),
            row.media_caption,
        ),
        id: row.id.into(),
        slug: row.slug,
        organizer_id: row.organizer_id.into(),
        organizer_handle: row.handle,
        organizer_name: row.name,
        title: row.title,
        description: row.description,
        category: row.category,
        tags: row.tags,
        status: row.status,
        cancel_reason: row.cancel_reason,
        visibility: row.visibility,
        starts_at: row.starts_at.to_jiff(),
        ends_at: row.ends_at.to_jiff(),
        time_zone: row.time_zone,
        venue_name: row.venue_name,
        venue_address: row.venue_address,
        latitude: row.latitude,
        longitude: row.longitude,
        online_url: row.online_url,
        capacity: row.capacity,
        capacity_pool_id: row.capacity_pool_id.map(PoolId),
        refund_hours: row.refund_hours,
        currency: row.currency,
        price_from_minor: row.price_from_minor,
        version: row.version,
        metadata_version: row.metadata_version,
        created_at: row.created_at.to_jiff(),
        updated_at: row.updated_at.to_jiff(),
        sold: row.sold,
        is_sold_out: row.is_sold_out,
    });
    Ok(events.collect())
}

/// The ids of an organizer's events in every state, newest first, after the one with
/// the id `after`.
pub async fn ids_of_organizer(
    conn: &mut Conn,
    organizer: AccountId,
    after: Option<Uuid>,
    rows: i64,
) -> Result<Vec<EventId>> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT id FROM events WHERE organizer_id = $1 AND ($2::uuid IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3
        "#,
        organizer.0,
        after,
        rows
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(EventId).collect())
}

/// What a list of addresses says of an event.
#[derive(Clone, Debug)]
pub struct AddressRow {
    /// In links.
    pub slug: String,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

/// The public published events, latest first.
pub async fn public_addresses(conn: &mut Conn, most: i64) -> Result<Vec<AddressRow>> {
    let rows = sqlx::query!(
        r#"
        SELECT slug, updated_at FROM events WHERE status = 'published' AND visibility = 'public'
        ORDER BY starts_at DESC, id DESC LIMIT $1
        "#,
        most
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| AddressRow {
        slug: row.slug,
        updated_at: row.updated_at.to_jiff(),
    });
    Ok(rows.collect())
}

/// Locks an event against other editors; sellers are not disturbed. False when it is gone.
pub async fn lock(conn: &mut Conn, id: EventId) -> Result<bool> {
    let row = sqlx::query_scalar!(
        "SELECT id FROM events WHERE id = $1 FOR NO KEY UPDATE",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Does the account have a ticket of the event, or had one until the event was cancelled?
pub async fn has_ticket(conn: &mut Conn, event: EventId, account: AccountId) -> Result<bool> {
    let has = sqlx::query_scalar!(
        r#"SELECT EXISTS (
            SELECT 1 FROM tickets ticket JOIN events event ON event.id = ticket.event_id
            WHERE ticket.account_id = $2 AND ticket.event_id = $1
              AND (ticket.status IN ('valid', 'used', 'cancelled')
                   OR (ticket.status = 'refunded' AND event.status = 'cancelled'))
        ) AS "has!""#,
        event.0,
        account.0
    )
    .fetch_one(conn)
    .await?;
    Ok(has)
}

/// Has anybody ever held or bought places of the event?
pub async fn has_sales(conn: &mut Conn, event: EventId) -> Result<bool> {
    let has = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM holds WHERE event_id = $1)
               OR EXISTS (SELECT 1 FROM orders WHERE event_id = $1) AS "has!""#,
        event.0
    )
    .fetch_one(conn)
    .await?;
    Ok(has)
}

/// The pool behind the event's capacity, as it is now.
pub async fn capacity_pool(conn: &mut Conn, id: EventId) -> Result<Option<PoolId>> {
    let pool = sqlx::query_scalar!("SELECT capacity_pool_id FROM events WHERE id = $1", id.0)
        .fetch_one(conn)
        .await?;
    Ok(pool.map(PoolId))
}
