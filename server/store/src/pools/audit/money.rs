//! Whether every order's money is where its tickets say.

use types::OrderId;

use crate::{Conn, Result};

/// Orders whose money does not add up; empty when everything is right. Of a paid or refunded
/// order exactly its total was taken, of others nothing; what was taken and does not go
/// back is the price of the tickets that were not given back.
pub async fn misfits(conn: &mut Conn) -> Result<Vec<OrderId>> {
    let rows = sqlx::query_scalar!(
        r#"
        WITH kept AS (
            SELECT ticket.order_id, sum(item.unit_price_minor - item.unit_discount_minor) AS amount
            FROM tickets ticket
            JOIN orders ordered ON ordered.id = ticket.order_id
            JOIN hold_items item ON item.hold_id = ordered.hold_id AND item.ticket_type_id = ticket.ticket_type_id
            WHERE ticket.status NOT IN ('refunded', 'transferred')
            GROUP BY ticket.order_id
        ), taken AS (
            SELECT order_id, sum(amount_minor) AS amount FROM payments WHERE state = 'succeeded' GROUP BY order_id
        ), returned AS (
            SELECT order_id, sum(amount_minor) AS amount FROM refunds GROUP BY order_id
        )
        SELECT ordered.id
        FROM orders ordered
        LEFT JOIN kept ON kept.order_id = ordered.id
        LEFT JOIN taken ON taken.order_id = ordered.id
        LEFT JOIN returned ON returned.order_id = ordered.id
        WHERE coalesce(taken.amount, 0) <> CASE WHEN ordered.status IN ('paid', 'refunded') THEN ordered.total_minor ELSE 0 END
            OR coalesce(taken.amount, 0) - coalesce(returned.amount, 0) <> coalesce(kept.amount, 0)
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(OrderId).collect())
}

/// Sums over all orders, in minor units of whatever currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Totals of orders that are paid or refunded.
    pub ordered: i64,
    /// What providers took.
    pub taken: i64,
    /// What goes back, or went.
    pub returned: i64,
}

/// What all orders come to.
pub async fn sums(conn: &mut Conn) -> Result<Sums> {
    let row = sqlx::query!(
        r#"
        SELECT
            (SELECT coalesce(sum(total_minor), 0)::bigint FROM orders WHERE status IN ('paid', 'refunded')) AS "ordered!",
            (SELECT coalesce(sum(amount_minor), 0)::bigint FROM payments WHERE state = 'succeeded') AS "taken!",
            (SELECT coalesce(sum(amount_minor), 0)::bigint FROM refunds) AS "returned!"
        "#
    )
    .fetch_one(conn)
    .await?;
    Ok(Sums {
        ordered: row.ordered,
        taken: row.taken,
        returned: row.returned,
    })
}
