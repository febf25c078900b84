//! Where every place is, recomputed from holds and tickets, against the counters.

pub mod ledger;
pub mod money;

use types::{EventId, HoldId, PoolId};

use crate::{Conn, Result};

/// A pool: what its counters say, and what its holds and tickets say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recount {
    /// The pool.
    pub pool: PoolId,
    /// Its event.
    pub event: EventId,
    /// Do all ticket types of the event draw from it?
    pub is_of_whole_event: bool,
    /// All places.
    pub capacity: i32,
    /// The counters: sold, held.
    pub counted: (i32, i32),
    /// The truth: tickets that are valid or used, places in holds that are held or being paid.
    pub recomputed: (i64, i64),
}

impl Recount {
    /// Are the counters wrong?
    pub fn has_drifted(&self) -> bool {
        (i64::from(self.counted.0), i64::from(self.counted.1)) != self.recomputed
    }

    /// Places that nobody has or holds; below zero when more were given away than there are.
    pub fn free(&self) -> i64 {
        i64::from(self.capacity) - self.recomputed.0 - self.recomputed.1
    }
}

/// All pools. One statement, so it sees one instant and needs no locks.
pub async fn recount(conn: &mut Conn) -> Result<Vec<Recount>> {
    let rows = sqlx::query!(
        r#"
        WITH sold AS (
            SELECT draws.pool_id, count(*) AS places
            FROM tickets ticket JOIN ticket_type_pools draws ON draws.ticket_type_id = ticket.ticket_type_id
            WHERE ticket.status IN ('valid', 'used')
            GROUP BY draws.pool_id
        ), held AS (
            SELECT draws.pool_id, sum(item.quantity) AS places
            FROM holds hold
            JOIN hold_items item ON item.hold_id = hold.id
            JOIN ticket_type_pools draws ON draws.ticket_type_id = item.ticket_type_id
            WHERE hold.status IN ('held', 'paying')
            GROUP BY draws.pool_id
        )
        SELECT pool.id, pool.event_id, pool.capacity, pool.sold, pool.held,
            coalesce(event.capacity_pool_id = pool.id, false) AS "is_of_whole_event!",
            coalesce(sold.places, 0) AS "true_sold!", coalesce(held.places, 0) AS "true_held!"
        FROM capacity_pools pool
        JOIN events event ON event.id = pool.event_id
        LEFT JOIN sold ON sold.pool_id = pool.id
        LEFT JOIN held ON held.pool_id = pool.id
        ORDER BY pool.id
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Recount {
            pool: row.id.into(),
            event: row.event_id.into(),
            is_of_whole_event: row.is_of_whole_event,
            capacity: row.capacity,
            counted: (row.sold, row.held),
            recomputed: (row.true_sold, row.true_held),
        })
        .collect())
}

/// All pools that drifted; empty when everything is right.
pub async fn drifts(conn: &mut Conn) -> Result<Vec<Recount>> {
    let pools = recount(conn).await?;
    Ok(pools.into_iter().filter(Recount::has_drifted).collect())
}

/// Orders that do not fit their hold or their tickets; empty when everything is right.
/// A paid order belongs to a paid hold and has a ticket per place, a pending one
/// belongs to a hold that is being paid and has none, a cancelled one has none; all of a
/// refunded one's tickets were given back, and what goes back is the price of such tickets;
/// a ticket that was passed on takes no place, and one of its order and type replaced it;
/// no hold is paid or being paid without its order; holds and orders cost what their lines cost.
pub async fn misfits(conn: &mut Conn) -> Result<Vec<HoldId>> {
    let rows = sqlx::query_scalar!(
        r#"
        SELECT hold.id AS "id!"
        FROM holds hold
        LEFT JOIN orders ordered ON ordered.hold_id = hold.id
        CROSS JOIN LATERAL (
            SELECT (SELECT count(*) FROM tickets ticket
                    WHERE ticket.order_id = ordered.id AND ticket.status <> 'transferred') AS tickets,
                (SELECT count(*) FROM tickets ticket
                    WHERE ticket.order_id = ordered.id AND ticket.status = 'transferred') AS passed_on,
                (SELECT count(*) FROM transfers transfer
                    JOIN tickets ticket ON ticket.id = transfer.ticket_id AND ticket.status = 'transferred'
                    JOIN tickets next ON next.id = transfer.new_ticket_id AND next.order_id = ticket.order_id
                        AND next.ticket_type_id = ticket.ticket_type_id AND next.account_id = transfer.recipient_id
                    WHERE ticket.order_id = ordered.id AND transfer.status = 'accepted') AS replaced,
                (SELECT sum(item.quantity) FROM hold_items item WHERE item.hold_id = hold.id) AS places,
                (SELECT count(*) FROM orders live WHERE live.hold_id = hold.id AND live.status IN ('pending', 'paid', 'refunded')) AS live,
                (SELECT count(*) FROM tickets ticket WHERE ticket.order_id = ordered.id
                    AND ticket.status NOT IN ('refunded', 'transferred')) AS kept,
                (SELECT sum(item.quantity * (item.unit_price_minor - item.unit_discount_minor)) FROM hold_items item
                    WHERE item.hold_id = hold.id) AS cost,
                (SELECT coalesce(sum(item.unit_price_minor - item.unit_discount_minor), 0) FROM tickets ticket
                    JOIN hold_items item ON item.hold_id = hold.id AND item.ticket_type_id = ticket.ticket_type_id
                    WHERE ticket.order_id = ordered.id AND ticket.status = 'refunded') AS owed,
                (SELECT coalesce(sum(refund.amount_minor), 0) FROM refunds refund WHERE refund.order_id = ordered.id) AS refunded
        ) counted
        WHERE coalesce(CASE ordered.status
                WHEN 'paid' THEN hold.status <> 'paid' OR counted.tickets <> counted.places
                WHEN 'refunded' THEN hold.status <> 'paid' OR counted.tickets <> counted.places OR counted.kept > 0
                WHEN 'pending' THEN hold.status <> 'paying' OR counted.tickets > 0
                ELSE counted.tickets > 0 END, false)
            OR (hold.status IN ('paying', 'paid')) <> (counted.live = 1)
            OR counted.owed <> counted.refunded
            OR hold.total_minor <> counted.cost OR coalesce(ordered.total_minor <> counted.cost, false)
            OR counted.passed_on <> counted.replaced
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(HoldId).collect())
}

/// The counters of a pool beside what tickets and holds say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRow {
    /// The pool.
    pub id: PoolId,
    /// The name of the ticket type that draws from it alone; none for the pool of the whole event.
    pub ticket_type: Option<String>,
    /// All places.
    pub capacity: i64,
    /// The counter.
    pub counted_sold: i64,
    /// The counter.
    pub counted_held: i64,
    /// Tickets that are valid or used.
    pub sold: i64,
    /// In holds of buyers.
    pub held: i64,
    /// In holds of people who were in line.
    pub offered: i64,
    /// In holds that are being paid.
    pub paying: i64,
}

/// The pools of an event, the one of the whole event last. One statement: one instant, no locks.
pub async fn of_event(conn: &mut Conn, event: EventId) -> Result<Vec<PoolRow>> {
    let rows = sqlx::query!(
        r#"
        WITH sold AS (
            SELECT draws.pool_id, count(*) AS places
            FROM tickets ticket JOIN ticket_type_pools draws ON draws.ticket_type_id = ticket.ticket_type_id
            WHERE ticket.event_id = $1 AND ticket.status IN ('valid', 'used')
            GROUP BY draws.pool_id
        ), kept AS (
            SELECT draws.pool_id,
                sum(item.quantity) FILTER (WHERE hold.status = 'held' AND hold.waiting_list_entry_id IS NULL) AS held,
                sum(item.quantity) FILTER (WHERE hold.status = 'held' AND hold.waiting_list_entry_id IS NOT NULL) AS offered,
                sum(item.quantity) FILTER (WHERE hold.status = 'paying') AS paying
            FROM holds hold
            JOIN hold_items item ON item.hold_id = hold.id
            JOIN ticket_type_pools draws ON draws.ticket_type_id = item.ticket_type_id
            WHERE hold.event_id = $1 AND hold.status IN ('held', 'paying')
            GROUP BY draws.pool_id
        )
        SELECT pool.id, pool.capacity, pool.sold AS counted_sold, pool.held AS counted_held,
            kind.name AS "ticket_type?",
            coalesce(sold.places, 0) AS "sold!", coalesce(kept.held, 0)::bigint AS "held!",
            coalesce(kept.offered, 0)::bigint AS "offered!", coalesce(kept.paying, 0)::bigint AS "paying!"
        FROM capacity_pools pool
        JOIN events event ON event.id = pool.event_id
        LEFT JOIN LATERAL (
            SELECT type.name, type.position FROM ticket_type_pools draws JOIN ticket_types type ON type.id = draws.ticket_type_id
            WHERE draws.pool_id = pool.id AND pool.id IS DISTINCT FROM event.capacity_pool_id
            LIMIT 1
        ) kind ON true
        LEFT JOIN sold ON sold.pool_id = pool.id
        LEFT JOIN kept ON kept.pool_id = pool.id
        WHERE pool.event_id = $1
        ORDER BY kind.position NULLS LAST, pool.id
        "#,
        event.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PoolRow {
            id: row.id.into(),
            ticket_type: row.ticket_type,
            capacity: row.capacity.into(),
            counted_sold: row.counted_sold.into(),
            counted_held: row.counted_held.into(),
            sold: row.sold,
            held: row.held,
            offered: row.offered,
            paying: row.paying,
        })
        .collect())
}
