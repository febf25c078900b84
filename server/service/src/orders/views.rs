//! Holds, orders and tickets as their owners see them. Works on the connection it is
//! given, so that an answer can be made inside its transaction.

use std::collections::HashMap;

use jiff::Timestamp;
use store::{
    Conn,
    holds::HoldRow,
    orders::OrderRow,
    payments::{AccountRow, OfflineRow},
    refunds::RefundRow,
    tickets::TicketRow,
};
use types::{
    AccountId, EventId, HoldId, OrderId,
    orders::{EventBrief, Hold, HoldStatus, Line, Order, PaymentState, Refund, discount_of},
    payments::OfflinePayment,
    tickets::{Holder, Ticket, TicketTypeBrief},
};

use super::rules;
use crate::{Ctx, Error, Result, events, text};

type Briefs = HashMap<EventId, EventBrief>;

/// One hold.
pub(super) async fn hold(ctx: &Ctx, conn: &mut Conn, row: HoldRow) -> Result<Hold> {
    first(holds(ctx, conn, vec![row]).await?)
}

/// Holds in the order of the rows.
pub(super) async fn holds(ctx: &Ctx, conn: &mut Conn, rows: Vec<HoldRow>) -> Result<Vec<Hold>> {
    let ids: Vec<_> = rows.iter().map(|hold| hold.id).collect();
    let events: Vec<_> = rows.iter().map(|hold| hold.event_id).collect();
    let briefs = events::brief(ctx, conn, &events).await?;
    let mut lines = lines_by_hold(conn, &ids).await?;
    let orders: HashMap<_, _> = store::holds::live_orders(conn, &ids)
        .await?
        .into_iter()
        .collect();
    let now = ctx.now();
    rows.into_iter()
        .map(|row| {
            let brief = brief_of(&briefs, row.event_id)?;
            let lines = lines.remove(&row.id).unwrap_or_default();
            Ok(hold_of(
                brief,
                &row,
                lines,
                orders.get(&row.id).copied(),
                now,
            ))
        })
        .collect()
}

/// A hold from what is known of it.
pub(super) fn hold_of(
    event: &EventBrief,
    row: &HoldRow,
    items: Vec<Line>,
    order_id: Option<OrderId>,
    now: Timestamp,
) -> Hold {
    let status = match rules::shown_status(row.status, row.expires_at, now) {
        // To clients it is a payment under way; its order tells more.
        HoldStatus::Awaiting => HoldStatus::Paying,
        status => status,
    };
    Hold {
        id: row.id,
        event_id: row.event_id,
        event: event.clone(),
        promo_code: row.promo.as_ref().map(|promo| promo.code.clone()),
        discount: discount_of(&items, row.total.currency),
        items,
        total: row.total,
        status,
        expires_at: row.expires_at,
        expires_in: row.expires_at.duration_since(now).as_secs().max(0),
        order_id,
        waiting_list_entry_id: row.waiting_list_entry_id,
    }
}

/// Who reads an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Whoever bought: sees the tickets they have or had, not those of whom they gave some to.
    Buyer,
    /// Whoever runs the event: sees all tickets, without the codes that open the door.
    Crew,
}

/// The tickets of an order that its reader sees.
pub(super) fn shown_to(
    reader: Reader,
    buyer: AccountId,
    mut tickets: Vec<TicketRow>,
) -> Vec<TicketRow> {
    match reader {
        Reader::Buyer => tickets.retain(|ticket| ticket.account_id == buyer),
        Reader::Crew => tickets.iter_mut().for_each(|ticket| ticket.code.clear()),
    }
    tickets
}

/// One order, for its buyer.
pub(super) async fn order(ctx: &Ctx, conn: &mut Conn, row: OrderRow) -> Result<Order> {
    first(orders(ctx, conn, vec![row], Reader::Buyer).await?)
}

/// Orders in the order of the rows.
pub(super) async fn orders(
    ctx: &Ctx,
    conn: &mut Conn,
    rows: Vec<OrderRow>,
    reader: Reader,
) -> Result<Vec<Order>> {
    let ids: Vec<_> = rows.iter().map(|order| order.id).collect();
    let hold_ids: Vec<_> = rows.iter().map(|order| order.hold_id).collect();
    let event_ids: Vec<_> = rows.iter().map(|order| order.event_id).collect();
    let briefs = events::brief(ctx, conn, &event_ids).await?;
    let lines = lines_by_hold(conn, &hold_ids).await?;
    let promos: HashMap<_, _> = store::promos::of_holds(conn, &hold_ids)
        .await?
        .into_iter()
        .collect();
    let mut tickets: HashMap<_, Vec<_>> = HashMap::new();
    for row in store::tickets::list_of_orders(conn, &ids).await? {
        tickets.entry(row.order_id).or_default().push(row);
    }
    let mut refunds: HashMap<_, Vec<_>> = HashMap::new();
    for row in store::refunds::list_of_orders(conn, &ids).await? {
        refunds.entry(row.order_id).or_default().push(row);
    }
    let mut offline: HashMap<_, _> = store::payments::offline_of_orders(conn, &ids)
        .await?
        .into_iter()
        .map(|row| (row.order_id, row))
        .collect();
    let mut shown: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let brief = brief_of(&briefs, row.event_id)?;
            // Declined tries share the hold, and so its lines.
            let bought = Bought {
                items: lines.get(&row.hold_id).cloned().unwrap_or_default(),
                promo_code: promos.get(&row.hold_id).map(|promo| promo.code.clone()),
                offline: offline.remove(&row.id),
            };
            let tickets = tickets.remove(&row.id).unwrap_or_default();
            let tickets = shown_to(reader, row.account_id, tickets);
            let refunds = refunds.remove(&row.id).unwrap_or_default();
            Ok(order_of(brief, row, bought, tickets, refunds, ctx.now()))
        })
        .collect::<Result<_>>()?;
    tell_accounts(conn, &mut shown).await?;
    Ok(shown)
}

/// Adds where transfers go, as long as they are awaited: nobody is to send money in vain.
async fn tell_accounts(conn: &mut Conn, orders: &mut [Order]) -> Result<()> {
    let awaited = |order: &&Order| order.payment_state == PaymentState::Awaited;
    let ids: Vec<_> = orders
        .iter()
        .filter(awaited)
        .map(|order| order.id)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let accounts = store::payments::accounts_of_orders(conn, &ids).await?;
    let mut accounts: HashMap<_, _> = accounts
        .into_iter()
        .map(|account| (account.order_id, account))
        .collect();
    for order in orders {
        if let Some(offline) = &mut order.offline
            && let Some(account) = accounts.remove(&order.id)
        {
            let AccountRow {
                account_holder,
                details,
                ..
            } = account;
            offline.account_holder = Some(account_holder);
            offline.details = Some(details);
        }
    }
    Ok(())
}

/// What an order is made of.
pub(super) struct Bought {
    /// Its lines.
    pub items: Vec<Line>,
    /// The promo code it was bought with.
    pub promo_code: Option<String>,
    /// How it is paid without a provider.
    pub offline: Option<OfflineRow>,
}

/// An order from what is known of it.
pub(super) fn order_of(
    event: &EventBrief,
    row: OrderRow,
    bought: Bought,
    tickets: Vec<TicketRow>,
    refunds: Vec<RefundRow>,
    now: Timestamp,
) -> Order {
    let event = &events::on_terms(event.clone(), row.refund_hours, now);
    Order {
        id: row.id,
        event_id: row.event_id,
        status: row.status,
        payment_state: row.payment_state,
        promo_code: bought.promo_code,
        discount: discount_of(&bought.items, row.total.currency),
        items: bought.items,
        total: row.total,
        tickets: tickets.into_iter().map(|row| ticket(event, row)).collect(),
        refunds: refunds.into_iter().map(refund).collect(),
        offline: bought
            .offline
            .map(|row| offline_payment(row, &event.time_zone)),
        created_at: row.created_at,
        created_text: text::moment(row.created_at, &event.time_zone),
        event: event.clone(),
    }
}

/// Without the account, which [`tell_accounts`] adds and no answer stores.
fn offline_payment(row: OfflineRow, time_zone: &str) -> OfflinePayment {
    OfflinePayment {
        method: row.method,
        reference: row.reference,
        due_at: row.due_at,
        due_text: text::moment(row.due_at, time_zone),
        account_holder: None,
        details: None,
    }
}

fn refund(row: RefundRow) -> Refund {
    Refund {
        id: row.id,
        amount: row.amount,
        reason: row.reason,
        state: row.state,
        created_at: row.created_at,
    }
}

/// Tickets in the order of the rows.
pub(crate) async fn tickets_of(
    ctx: &Ctx,
    conn: &mut Conn,
    rows: Vec<TicketRow>,
) -> Result<Vec<Ticket>> {
    let events: Vec<_> = rows.iter().map(|ticket| ticket.event_id).collect();
    let briefs = events::brief(ctx, conn, &events).await?;
    rows.into_iter()
        .map(|row| Ok(ticket(brief_of(&briefs, row.event_id)?, row)))
        .collect()
}

/// A ticket of an event.
pub(super) fn ticket(event: &EventBrief, row: TicketRow) -> Ticket {
    Ticket {
        id: row.id,
        code: row.code,
        status: row.status,
        event: event.clone(),
        ticket_type: TicketTypeBrief {
            id: row.ticket_type_id,
            name: row.ticket_type_name,
        },
        holder: Holder {
            name: row.holder_name,
        },
        order_id: row.order_id,
        qr_url: format!("/api/v1/tickets/{}/qr.svg", row.id),
        created_at: row.created_at,
    }
}

fn brief_of(briefs: &Briefs, event: EventId) -> Result<&EventBrief> {
    briefs
        .get(&event)
        .ok_or_else(|| Error::internal("an event is missing"))
}

async fn lines_by_hold(conn: &mut Conn, holds: &[HoldId]) -> Result<HashMap<HoldId, Vec<Line>>> {
    let mut by_hold: HashMap<_, Vec<_>> = HashMap::new();
    for (hold, line) in store::holds::lines(conn, holds).await? {
        by_hold.entry(hold).or_default().push(line);
    }
    Ok(by_hold)
}

fn first<T>(views: Vec<T>) -> Result<T> {
    views
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal("a view is missing"))
}
