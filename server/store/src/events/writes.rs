//! Changes of events.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, EventId, PoolId};

use crate::{Conn, Result};

/// What the organizer can edit of an event.
#[derive(Clone, Debug)]
pub struct EventFields {
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: String,
    /// A key of the categories.
    pub category: String,
    /// Lower case.
    pub tags: Vec<String>,
    /// See `types::events::Visibility`.
    pub visibility: &'static str,
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
    pub capacity: Option<u32>,
    /// Hours before the start until which buyers may give tickets back.
    pub refund_hours: Option<u32>,
}

/// A new draft.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event.
    pub id: EventId,
    /// Unique.
    pub slug: String,
    /// Who runs it.
    pub organizer: AccountId,
    /// What it is.
    pub fields: EventFields,
}

/// Inserts a draft unless its slug is taken; then false.
pub async fn insert(conn: &mut Conn, event: &NewEvent, now: Timestamp) -> Result<bool> {
    let f = &event.fields;
    let done = sqlx::query!(
        r#"
        INSERT INTO events (id, slug, organizer_id, title, description, category, tags, visibility, starts_at, ends_at,
                            time_zone, venue_name, venue_address, latitude, longitude, online_url, capacity,
                            refund_hours, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)
        ON CONFLICT ON CONSTRAINT events_slug_key DO NOTHING
        "#,
        event.id.0,
        event.slug,
        event.organizer.0,
        f.title,
        f.description,
        f.category,
        &f.tags,
        f.visibility,
        f.starts_at.to_sqlx() as _,
        f.ends_at.to_sqlx() as _,
        f.time_zone,
        f.venue_name,
        f.venue_address,
        f.latitude,
        f.longitude,
        f.online_url,
        f.capacity.map(u32::cast_signed),
        f.refund_hours.map(u32::cast_signed),
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces what the organizer can edit.
pub async fn edit(conn: &mut Conn, id: EventId, f: &EventFields) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE events
        SET title = $2, description = $3, category = $4, tags = $5, visibility = $6, starts_at = $7, ends_at = $8,
            time_zone = $9, venue_name = $10, venue_address = $11, latitude = $12, longitude = $13, online_url = $14,
            capacity = $15, refund_hours = $16
        WHERE id = $1
        "#,
        id.0,
        f.title,
        f.description,
        f.category,
        &f.tags,
        f.visibility,
        f.starts_at.to_sqlx() as _,
        f.ends_at.to_sqlx() as _,
        f.time_zone,
        f.venue_name,
        f.venue_address,
        f.latitude,
        f.longitude,
        f.online_url,
        f.capacity.map(u32::cast_signed),
        f.refund_hours.map(u32::cast_signed)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks an event as edited and returns its new version.
pub async fn touch(conn: &mut Conn, id: EventId, now: Timestamp) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "UPDATE events SET version = version + 1, updated_at = $2 WHERE id = $1 RETURNING version",
        id.0,
        now.to_sqlx() as _
    )
    .fetch_one(conn)
    .await?;
    Ok(version)
}

/// Another state; `published_at` is set the first time it is published.
pub async fn set_status(
    conn: &mut Conn,
    id: EventId,
    status: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE events
        SET status = $2, cancel_reason = $3,
            published_at = CASE WHEN $2 = 'published' THEN coalesce(published_at, $4) ELSE published_at END
        WHERE id = $1
        "#,
        id.0,
        status,
        reason,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who finds it.
pub async fn set_visibility(conn: &mut Conn, id: EventId, visibility: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE events SET visibility = $2 WHERE id = $1",
        id.0,
        visibility
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Recomputes the currency and lowest price from the ticket types that everybody sees.
pub async fn refresh_prices(conn: &mut Conn, id: EventId) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE events
        SET currency = (SELECT min(currency) FROM ticket_types WHERE event_id = $1),
            price_from_minor = (SELECT min(price_minor) FROM ticket_types WHERE event_id = $1 AND NOT is_hidden)
        WHERE id = $1
        "#,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The pool every ticket type of the event also draws from.
pub async fn set_capacity_pool(conn: &mut Conn, id: EventId, pool: Option<PoolId>) -> Result<()> {
    sqlx::query!(
        "UPDATE events SET capacity_pool_id = $2 WHERE id = $1",
        id.0,
        pool.map(|pool| pool.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The version of the metadata document; does not touch the event's own.
pub async fn set_metadata_version(conn: &mut Conn, id: EventId, version: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE events SET metadata_version = $2 WHERE id = $1",
        id.0,
        version
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes an event with everything that belongs to it alone.
pub async fn delete(conn: &mut Conn, id: EventId) -> Result<()> {
    sqlx::query!("DELETE FROM events WHERE id = $1", id.0)
        .execute(conn)
        .await?;
    Ok(())
}
