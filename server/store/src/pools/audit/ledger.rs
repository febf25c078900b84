//! What an event's rows say was sold, line by line: what a client's own journal is compared with.

use types::{
    AccountId, EventId, HoldId, OrderId, TicketId, WaitingListEntryId,
    orders::{HoldStatus, OrderStatus},
    tickets::TicketStatus,
    waiting_list::WaitingStatus,
};

use crate::{Conn, Result, decode::known};

/// A hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldLine {
    /// The hold.
    pub id: HoldId,
    /// Where it stands.
    pub status: HoldStatus,
    /// The place in line it was offered to, if it is an offer.
    pub entry: Option<WaitingListEntryId>,
    /// Its orders that were not paid in the end.
    pub cancelled_orders: i64,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// The order.
    pub id: OrderId,
    /// The hold it came from.
    pub hold: HoldId,
    /// Whose.
    pub account: AccountId,
    /// Where it stands.
    pub status: OrderStatus,
    /// What it cost.
    pub total_minor: i64,
    /// Places of its hold.
    pub places: i64,
}

/// A ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketLine {
    /// The ticket.
    pub id: TicketId,
    /// The purchase it came from.
    pub order: OrderId,
    /// Whose; of one that was passed on: whoever gave it.
    pub account: AccountId,
    /// Does it open the door?
    pub status: TicketStatus,
}

/// A place in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryLine {
    /// The entry.
    pub id: WaitingListEntryId,
    /// Whose.
    pub account: AccountId,
    /// `waiting`, `offered`, `left` or `closed`; what became of an offer is told by its hold.
    pub status: WaitingStatus,
}

/// All holds of an event.
pub async fn holds(conn: &mut Conn, event: EventId) -> Result<Vec<HoldLine>> {
    let rows = sqlx::query!(
        r#"
        SELECT hold.id, hold.status, hold.waiting_list_entry_id, count(ordered.id) AS "cancelled_orders!"
        FROM holds hold LEFT JOIN orders ordered ON ordered.hold_id = hold.id AND ordered.status = 'cancelled'
        WHERE hold.event_id = $1
        GROUP BY hold.id
        ORDER BY hold.id
        "#,
        event.0
    )
    .fetch_all(conn)
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(HoldLine {
            id: row.id.into(),
            status: known(HoldStatus::from_text(&row.status), &row.status)?,
            entry: row.waiting_list_entry_id.map(WaitingListEntryId),
            cancelled_orders: row.cancelled_orders,
        });
    }
    Ok(lines)
}

/// All orders of an event.
pub async fn orders(conn: &mut Conn, event: EventId) -> Result<Vec<OrderLine>> {
    let rows = sqlx::query!(
        r#"
        SELECT ordered.id, ordered.hold_id, ordered.account_id, ordered.status, ordered.total_minor,
            sum(item.quantity) AS "places!"
        FROM orders ordered JOIN hold_items item ON item.hold_id = ordered.hold_id
        WHERE ordered.event_id = $1
        GROUP BY ordered.id
        ORDER BY ordered.id
        "#,
        event.0
    )
    .fetch_all(conn)
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(OrderLine {
            id: row.id.into(),
            hold: row.hold_id.into(),
            account: row.account_id.into(),
            status: known(OrderStatus::from_text(&row.status), &row.status)?,
            total_minor: row.total_minor,
            places: row.places,
        });
    }
    Ok(lines)
}

/// All tickets of an event.
pub async fn tickets(conn: &mut Conn, event: EventId) -> Result<Vec<TicketLine>> {
    let rows = sqlx::query!(
        "SELECT id, order_id, account_id, status FROM tickets WHERE event_id = $1 ORDER BY id",
        event.0
    )
    .fetch_all(conn)
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(TicketLine {
            id: row.id.into(),
            order: row.order_id.into(),
            account: row.account_id.into(),
            status: known(TicketStatus::from_text(&row.status), &row.status)?,
        });
    }
    Ok(lines)
}

/// All places in line of an event, in the order in which people joined.
pub async fn entries(conn: &mut Conn, event: EventId) -> Result<Vec<EntryLine>> {
    let rows = sqlx::query!(
        "SELECT id, account_id, status FROM waiting_list_entries WHERE event_id = $1 ORDER BY place",
        event.0
    )
    .fetch_all(conn)
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(EntryLine {
            id: row.id.into(),
            account: row.account_id.into(),
            status: known(WaitingStatus::from_text(&row.status), &row.status)?,
        });
    }
    Ok(lines)
}

/// What is not settled yet, of all events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Holds that keep places.
    pub holds: i64,
    /// Payments whose outcome is not known.
    pub payments: i64,
    /// Refunds that the provider has not answered.
    pub refunds: i64,
    /// Places in line of people who wait.
    pub waiting: i64,
}

impl Unsettled {
    /// How much is that?
    pub fn count(self) -> i64 {
        self.holds + self.payments + self.refunds + self.waiting
    }
}

/// What time, the worker and those who wait have to do still.
pub async fn unsettled(conn: &mut Conn) -> Result<Unsettled> {
    let row = sqlx::query!(
        r#"
        SELECT
            (SELECT count(*) FROM holds WHERE status IN ('held', 'paying')) AS "holds!",
            (SELECT count(*) FROM payments WHERE state IN ('asked', 'unknown')) AS "payments!",
            (SELECT count(*) FROM refunds WHERE state IN ('asked', 'unknown')) AS "refunds!",
            (SELECT count(*) FROM waiting_list_entries WHERE status = 'waiting') AS "waiting!"
        "#
    )
    .fetch_one(conn)
    .await?;
    Ok(Unsettled {
        holds: row.holds,
        payments: row.payments,
        refunds: row.refunds,
        waiting: row.waiting,
    })
}
