//! Waiting rooms of rush sales, their places and rates. The row of a room is locked before
//! its places are touched, and never together with pools.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, EventId};
use uuid::Uuid;

use crate::{Conn, Result};

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRow {
    /// The room.
    pub id: Uuid,
    /// What for.
    pub event_id: EventId,
    /// When the line begins to move.
    pub opens_at: Timestamp,
    /// What the organizer set last.
    pub admits_per_minute: u32,
    /// When the places of those who came early were drawn.
    pub drawn_at: Option<Timestamp>,
    /// People who ever joined.
    pub joined: i64,
    /// The next place at the end of the line.
    pub next_slot: i64,
}

/// A room with what a page says of its event.
#[derive(Clone, Debug)]
pub struct LiveRoom {
    /// The room.
    pub room: RoomRow,
    /// In links.
    pub slug: String,
    /// One line.
    pub title: String,
    /// IANA name.
    pub time_zone: String,
    /// May everybody know of it?
    pub is_public: bool,
}

/// From an instant on so many are admitted a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The instant.
    pub since: Timestamp,
    /// How many were admitted until then.
    pub slots: i64,
    /// How many a minute.
    pub per_minute: u32,
}

/// Somebody's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceRow {
    /// Whose.
    pub account: AccountId,
    /// Since when.
    pub joined_at: Timestamp,
    /// Their turn; none before the draw.
    pub slot: Option<i64>,
}

/// The rooms of events that are not over at `now`.
pub async fn live(conn: &mut Conn, now: Timestamp) -> Result<Vec<LiveRoom>> {
    let rows = sqlx::query!(
        r#"
        SELECT room.id, room.event_id, room.opens_at, room.admits_per_minute, room.drawn_at, room.joined, room.next_slot,
            event.slug, event.title, event.time_zone,
            (event.status = 'published' AND event.visibility IN ('public', 'unlisted')) AS "is_public!"
        FROM waiting_rooms room JOIN events event ON event.id = room.event_id
        WHERE event.ends_at > $1 AND event.status IN ('draft', 'published')
        "#,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    let rooms = rows.into_iter().map(|row| LiveRoom {
        room: RoomRow {
            id: row.id,
            event_id: row.event_id.into(),
            opens_at: row.opens_at.to_jiff(),
            admits_per_minute: row.admits_per_minute.unsigned_abs(),
            drawn_at: row.drawn_at.map(jiff_sqlx::Timestamp::to_jiff),
            joined: row.joined,
            next_slot: row.next_slot,
        },
        slug: row.slug,
        title: row.title,
        time_zone: row.time_zone,
        is_public: row.is_public,
    });
    Ok(rooms.collect())
}

/// The rates of some rooms, each room's in the order of time.
pub async fn rates(conn: &mut Conn, rooms: &[Uuid]) -> Result<Vec<(Uuid, Rate)>> {
    let rows = sqlx::query!(
        "SELECT room_id, since, slots, per_minute FROM waiting_room_rates WHERE room_id = ANY($1) ORDER BY room_id, since",
        rooms
    )
    .fetch_all(conn)
    .await?;
    let rates = rows.into_iter().map(|row| {
        let rate = Rate {
            since: row.since.to_jiff(),
            slots: row.slots,
            per_minute: row.per_minute.unsigned_abs(),
        };
        (row.room_id, rate)
    });
    Ok(rates.collect())
}

/// Locks a room. None: it is gone.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<Option<RoomRow>> {
    let row = sqlx::query!(
        r#"
        SELECT id, event_id, opens_at, admits_per_minute, drawn_at, joined, next_slot
        FROM waiting_rooms WHERE id = $1
        FOR UPDATE
        "#,
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| RoomRow {
        id: row.id,
        event_id: row.event_id.into(),
        opens_at: row.opens_at.to_jiff(),
        admits_per_minute: row.admits_per_minute.unsigned_abs(),
        drawn_at: row.drawn_at.map(jiff_sqlx::Timestamp::to_jiff),
        joined: row.joined,
        next_slot: row.next_slot,
    }))
}

/// The room of an event.
pub async fn id_of_event(conn: &mut Conn, event: EventId) -> Result<Option<Uuid>> {
    let id = sqlx::query_scalar!("SELECT id FROM waiting_rooms WHERE event_id = $1", event.0)
        .fetch_optional(conn)
        .await?;
    Ok(id)
}

/// A new room. False: the event has one.
pub async fn insert(conn: &mut Conn, room: &RoomRow, created_at: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        r#"
        INSERT INTO waiting_rooms (id, event_id, opens_at, admits_per_minute, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT waiting_rooms_event_key DO NOTHING
        "#,
        room.id,
        room.event_id.0,
        room.opens_at.to_sqlx() as _,
        room.admits_per_minute.cast_signed(),
        created_at.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes when a locked room opens and how fast it is.
pub async fn set(conn: &mut Conn, room: &RoomRow) -> Result<()> {
    sqlx::query!(
        "UPDATE waiting_rooms SET opens_at = $2, admits_per_minute = $3 WHERE id = $1",
        room.id,
        room.opens_at.to_sqlx() as _,
        room.admits_per_minute.cast_signed()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes how many ever joined a locked room, and where its line ends.
pub async fn set_line(conn: &mut Conn, id: Uuid, joined: i64, next_slot: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE waiting_rooms SET joined = $2, next_slot = $3 WHERE id = $1",
        id,
        joined,
        next_slot
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds a rate; one that begins at the same instant gives way.
pub async fn add_rate(conn: &mut Conn, room: Uuid, rate: Rate) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO waiting_room_rates (room_id, since, slots, per_minute)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT waiting_room_rates_pkey DO UPDATE SET per_minute = excluded.per_minute
        "#,
        room,
        rate.since.to_sqlx() as _,
        rate.slots,
        rate.per_minute.cast_signed()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes an event's room with all places. False: there was none.
pub async fn delete_of_event(conn: &mut Conn, event: EventId) -> Result<bool> {
    let done = sqlx::query!("DELETE FROM waiting_rooms WHERE event_id = $1", event.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes rooms of events that ended before an instant or will not take place. Returns how many.
pub async fn delete_ended(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        r#"
        DELETE FROM waiting_rooms room USING events event
        WHERE event.id = room.event_id AND (event.ends_at < $1 OR event.status IN ('cancelled', 'completed'))
        "#,
        before.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// The places that some accounts have in a room.
pub async fn places(conn: &mut Conn, room: Uuid, accounts: &[AccountId]) -> Result<Vec<PlaceRow>> {
    let accounts: Vec<_> = accounts.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT account_id, joined_at, slot FROM waiting_room_places WHERE room_id = $1 AND account_id = ANY($2)",
        room,
        &accounts
    )
    .fetch_all(conn)
    .await?;
    let places = rows.into_iter().map(|row| PlaceRow {
        account: row.account_id.into(),
        joined_at: row.joined_at.to_jiff(),
        slot: row.slot,
    });
    Ok(places.collect())
}

/// Writes places of a locked room; who had one has this one from now on.
pub async fn put_places(conn: &mut Conn, room: Uuid, places: &[PlaceRow]) -> Result<()> {
    let accounts: Vec<_> = places.iter().map(|place| place.account.0).collect();
    let joined: Vec<_> = places
        .iter()
        .map(|place| place.joined_at.to_sqlx())
        .collect();
    let slots: Vec<_> = places.iter().map(|place| place.slot).collect();
    sqlx::query!(
        r#"
        INSERT INTO waiting_room_places (room_id, account_id, joined_at, slot)
        SELECT $1, place.account_id, place.joined_at, place.slot
        FROM unnest($2::uuid[], $3::timestamptz[], $4::bigint[]) AS place (account_id, joined_at, slot)
        ON CONFLICT ON CONSTRAINT waiting_room_places_pkey
            DO UPDATE SET joined_at = excluded.joined_at, slot = excluded.slot
        "#,
        room,
        &accounts,
        &joined as _,
        &slots as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Everybody who waits for the draw.
pub async fn undrawn(conn: &mut Conn, room: Uuid) -> Result<Vec<AccountId>> {
    let ids = sqlx::query_scalar!(
        "SELECT account_id FROM waiting_room_places WHERE room_id = $1 AND slot IS NULL",
        room
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Writes the outcome of the draw of a locked room: the first account has the first slot.
pub async fn set_drawn(
    conn: &mut Conn,
    room: Uuid,
    order: &[AccountId],
    drawn_at: Timestamp,
    seed: &[u8],
) -> Result<()> {
    let accounts: Vec<_> = order.iter().map(|id| id.0).collect();
    sqlx::query!(
        r#"
        UPDATE waiting_room_places place SET slot = drawn.slot
        FROM unnest($2::uuid[]) WITH ORDINALITY AS drawn (account_id, slot)
        WHERE place.room_id = $1 AND place.account_id = drawn.account_id
        "#,
        room,
        &accounts
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        r#"
        UPDATE waiting_rooms SET drawn_at = $2, seed = $3, next_slot = cardinality($4::uuid[]) + 1
        WHERE id = $1
        "#,
        room,
        drawn_at.to_sqlx() as _,
        seed,
        &accounts
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The turns in a room after `slot`, in their order. Slots are given under the room's lock, so
/// a lower one never appears later.
pub async fn turns_after(
    conn: &mut Conn,
    room: Uuid,
    slot: i64,
    limit: i64,
) -> Result<Vec<(AccountId, i64)>> {
    let rows = sqlx::query!(
        r#"
        SELECT account_id, slot AS "slot!" FROM waiting_room_places
        WHERE room_id = $1 AND slot > $2 ORDER BY slot LIMIT $3
        "#,
        room,
        slot,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.account_id.into(), row.slot))
        .collect())
}
