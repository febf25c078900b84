//! Capacity pools: the counters that every sale locks.
//!
//! A ticket type draws from its own pool and, when its event has a capacity, from
//! the event's pool too. Whoever sells, gives back or changes places locks **all**
//! pools of the event first ([`lock_event`]), then turns due holds to expired
//! ([`expire_due`]), then decides. One order of locks for everybody: pools in id
//! order, then holds, orders, tickets.

pub mod audit;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{EventId, HoldId, PoolId, TicketTypeId};

use crate::{Conn, Result};

/// The constraint that refuses the last place twice.
pub const NEVER_OVERSOLD: &str = "capacity_pools_never_oversold";

/// The counters of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The pool.
    pub id: PoolId,
    /// All places.
    pub capacity: i32,
    /// Paid for.
    pub sold: i32,
    /// In holds that were not settled yet.
    pub held: i32,
}

impl Pool {
    /// Places that nobody has or holds.
    pub fn free(self) -> i32 {
        self.capacity - self.sold - self.held
    }
}

/// Locks all pools of an event in id order until the transaction ends.
pub async fn lock_event(conn: &mut Conn, event: EventId) -> Result<Vec<Pool>> {
    let (pools, _) = lock_for_sale(conn, event).await?;
    Ok(pools)
}

/// The same, and when the event's next hold falls due.
///
/// Two statements: the first waits for the locks; the second has a snapshot taken
/// after them, and so sees pools that were added while the first one waited. Nobody
/// adds or removes a pool of an event without holding these locks.
pub async fn lock_for_sale(
    conn: &mut Conn,
    event: EventId,
) -> Result<(Vec<Pool>, Option<Timestamp>)> {
    sqlx::query!(
        "SELECT id FROM capacity_pools WHERE event_id = $1 ORDER BY id FOR UPDATE",
        event.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"
        SELECT id, capacity, sold, held, (
            SELECT min(expires_at) FROM holds WHERE event_id = $1 AND status IN ('held', 'awaiting')
        ) AS "next_due: jiff_sqlx::Timestamp"
        FROM capacity_pools WHERE event_id = $1 ORDER BY id FOR UPDATE
        "#,
        event.0
    )
    .fetch_all(conn)
    .await?;
    let next_due = rows.first().and_then(|row| row.next_due);
    let pools = rows.into_iter().map(|row| Pool {
        id: row.id.into(),
        capacity: row.capacity,
        sold: row.sold,
        held: row.held,
    });
    Ok((pools.collect(), next_due.map(jiff_sqlx::Timestamp::to_jiff)))
}

/// Turns the event's due holds to expired and gives their places back to all pools
/// of their types; orders whose money was awaited in vain are cancelled with them. Call
/// after [`lock_event`]; a hold in `paying` is never due.
pub async fn expire_due(conn: &mut Conn, event: EventId, now: Timestamp) -> Result<Vec<HoldId>> {
    let rows = sqlx::query!(
        r#"
        WITH due AS (
            UPDATE holds SET status = 'expired'
            WHERE event_id = $1 AND status IN ('held', 'awaiting') AND expires_at <= $2
            RETURNING id
        ), lapsed AS (
            UPDATE orders ordered SET status = 'cancelled', payment_state = 'lapsed', updated_at = $2
            FROM due WHERE ordered.hold_id = due.id AND ordered.status = 'pending'
            RETURNING ordered.id
        ), missing AS (
            UPDATE payments payment SET state = 'lapsed', updated_at = $2
            FROM lapsed WHERE payment.order_id = lapsed.id
        ), freed AS (
            SELECT draws.pool_id, sum(items.quantity)::integer AS places
            FROM due
            JOIN hold_items items ON items.hold_id = due.id
            JOIN ticket_type_pools draws ON draws.ticket_type_id = items.ticket_type_id
            GROUP BY draws.pool_id
        ), given_back AS (
            UPDATE capacity_pools pool SET held = pool.held - freed.places
            FROM freed WHERE pool.id = freed.pool_id
        )
        SELECT id FROM due
        "#,
        event.0,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Calls off the event's orders that wait for their money, and gives their places back: nobody
/// is to pay for what does not take place. Call after [`lock_event`].
pub async fn call_off_awaiting(conn: &mut Conn, event: EventId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE holds SET expires_at = $2 WHERE event_id = $1 AND status = 'awaiting' AND expires_at > $2",
        event.0,
        now.to_sqlx() as _
    )
    .execute(&mut *conn)
    .await?;
    expire_due(conn, event, now).await?;
    Ok(())
}

/// By how much the counters of a pool change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The pool.
    pub id: PoolId,
    /// Added to `sold`.
    pub sold: i32,
    /// Added to `held`.
    pub held: i32,
}

/// Changes the counters of pools, each at most once.
pub async fn shift(conn: &mut Conn, shifts: &[Shift]) -> Result<()> {
    let ids: Vec<_> = shifts.iter().map(|shift| shift.id.0).collect();
    let sold: Vec<_> = shifts.iter().map(|shift| shift.sold).collect();
    let held: Vec<_> = shifts.iter().map(|shift| shift.held).collect();
    sqlx::query!(
        r#"
        UPDATE capacity_pools pool SET sold = pool.sold + shift.sold, held = pool.held + shift.held
        FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS shift (id, sold, held)
        WHERE pool.id = shift.id
        "#,
        &ids,
        &sold,
        &held
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A new pool.
pub async fn insert(conn: &mut Conn, id: PoolId, event: EventId, capacity: u32) -> Result<()> {
    sqlx::query!(
        "INSERT INTO capacity_pools (id, event_id, capacity) VALUES ($1, $2, $3)",
        id.0,
        event.0,
        capacity.cast_signed()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets a ticket type draw from a pool.
pub async fn connect(conn: &mut Conn, ticket_type: TicketTypeId, pool: PoolId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ticket_type_pools (ticket_type_id, pool_id) VALUES ($1, $2)",
        ticket_type.0,
        pool.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets every ticket type of an event draw from a new pool of the whole event.
pub async fn connect_all(conn: &mut Conn, event: EventId, pool: PoolId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ticket_type_pools (ticket_type_id, pool_id) SELECT id, $2 FROM ticket_types WHERE event_id = $1",
        event.0,
        pool.0
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// Another capacity; the constraint refuses one below what is sold and held.
pub async fn resize(conn: &mut Conn, id: PoolId, capacity: u32) -> Result<()> {
    sqlx::query!(
        "UPDATE capacity_pools SET capacity = $2 WHERE id = $1",
        id.0,
        capacity.cast_signed()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the counters of a pool, recomputed by the caller under the locks.
pub async fn set_counters(conn: &mut Conn, id: PoolId, sold: i32, held: i32) -> Result<()> {
    sqlx::query!(
        "UPDATE capacity_pools SET sold = $2, held = $3 WHERE id = $1",
        id.0,
        sold,
        held
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a pool; its ticket types stop drawing from it.
pub async fn delete(conn: &mut Conn, id: PoolId) -> Result<()> {
    sqlx::query!("DELETE FROM capacity_pools WHERE id = $1", id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The pool that a ticket type alone draws from.
pub async fn own_of(conn: &mut Conn, ticket_type: TicketTypeId) -> Result<PoolId> {
    let id = sqlx::query_scalar!(
        r#"
        SELECT draws.pool_id FROM ticket_type_pools draws
        JOIN ticket_types kind ON kind.id = draws.ticket_type_id
        JOIN events event ON event.id = kind.event_id
        WHERE draws.ticket_type_id = $1 AND draws.pool_id IS DISTINCT FROM event.capacity_pool_id
        "#,
        ticket_type.0
    )
    .fetch_one(conn)
    .await?;
    Ok(id.into())
}
