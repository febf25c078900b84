//! Where every place is, recomputed from holds and tickets, against the counters.

use types::{EventId, HoldId, PoolId};

use crate::{Conn, Result};

/// A pool whose counters are not what its holds and tickets say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The pool.
    pub pool: PoolId,
    /// Its event.
    pub event: EventId,
    /// The counters: sold, held.
    pub counted: (i32, i32),
    /// The truth: tickets that are valid or used, places in holds that are held or being paid.
    pub recomputed: (i64, i64),
}

/// All pools that drifted; empty when everything is right. One statement, so it sees
/// one instant and needs no locks.
pub async fn drifts(conn: &mut Conn) -> Result<Vec<Drift>> {
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
        SELECT pool.id, pool.event_id, pool.sold, pool.held,
            coalesce(sold.places, 0) AS "true_sold!", coalesce(held.places, 0) AS "true_held!"
        FROM capacity_pools pool
        LEFT JOIN sold ON sold.pool_id = pool.id
        LEFT JOIN held ON held.pool_id = pool.id
        WHERE (pool.sold, pool.held) IS DISTINCT FROM (coalesce(sold.places, 0), coalesce(held.places, 0))
        ORDER BY pool.id
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Drift {
            pool: row.id.into(),
            event: row.event_id.into(),
            counted: (row.sold, row.held),
            recomputed: (row.true_sold, row.true_held),
        })
        .collect())
}

/// Orders that do not fit their hold or their tickets; empty when everything is right.
/// A paid order belongs to a paid hold and has a ticket per place, a pending one
/// belongs to a hold that is being paid and has none, a cancelled one has none; all of a
/// refunded one's tickets were given back, and what goes back is the price of such tickets;
/// a ticket that was passed on takes no place, and one of its order and type replaced it;
/// no hold is paid or being paid without its order.
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
                (SELECT coalesce(sum(item.unit_price_minor), 0) FROM tickets ticket
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
            OR counted.passed_on <> counted.replaced
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(HoldId).collect())
}
