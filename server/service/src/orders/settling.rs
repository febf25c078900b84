//! From a provider's answer to an order that is paid, open or cancelled. Safe to do
//! twice: whoever comes second finds the order settled.

use jiff::Timestamp;
use store::{Tx, orders::OrderRow, payments::PaymentRow, sales::SaleEvent, tickets::TicketRow};
use types::{
    TicketId,
    events::{EventStatus, Visibility},
    feed::{DomainEvent, EventFact},
    orders::{HoldStatus, Line, OrderStatus, PaymentState},
    tickets::TicketStatus,
};

use super::{
    holding::{lines_of, places},
    transaction::lock_pools,
};
use crate::{Ctx, Error, Result, outbox, ports::ChargeOutcome, tickets};

/// Settles a payment with the outcome; one that is not known is asked about again at
/// `ask_again_at`. Returns the order as it is then.
pub(super) async fn settle(
    ctx: &Ctx,
    tx: &mut Tx,
    payment: &PaymentRow,
    outcome: ChargeOutcome,
    ask_again_at: Timestamp,
) -> Result<OrderRow> {
    lock_pools(ctx, tx, payment.event_id).await?;
    let order = store::orders::find(tx, payment.order_id).await?;
    let order = order.ok_or_else(|| Error::internal("a payment has no order"))?;
    if order.status != OrderStatus::Pending {
        warn_of_contradiction(&order, outcome);
        return Ok(order);
    }
    let state = match outcome {
        ChargeOutcome::Succeeded => PaymentState::Succeeded,
        ChargeOutcome::Declined => PaymentState::Declined,
        ChargeOutcome::Unknown => PaymentState::Unknown,
    };
    store::payments::set_state(tx, payment.id, state, ask_again_at, ctx.now()).await?;
    let order = OrderRow {
        payment_state: state,
        ..order
    };
    match outcome {
        ChargeOutcome::Succeeded => {
            let lines = lines_of(tx, order.hold_id).await?;
            complete(ctx, tx, order, &lines).await
        }
        ChargeOutcome::Declined => give_up(ctx, tx, order).await,
        ChargeOutcome::Unknown => step(ctx, tx, order, OrderStatus::Pending).await,
    }
}

/// A provider that changes its mind breaks its contract; money may have to go back.
fn warn_of_contradiction(order: &OrderRow, outcome: ChargeOutcome) {
    let contradicts = match outcome {
        ChargeOutcome::Succeeded => order.status == OrderStatus::Cancelled,
        ChargeOutcome::Declined => order.status == OrderStatus::Paid,
        ChargeOutcome::Unknown => false,
    };
    if contradicts {
        tracing::error!(order.id = %order.id, order.status = order.status.as_str(), "payment provider contradicts itself");
    }
}

/// The order's next status, together with its payment state.
async fn step(ctx: &Ctx, tx: &mut Tx, order: OrderRow, status: OrderStatus) -> Result<OrderRow> {
    store::orders::set_status(tx, order.id, (status, order.payment_state), ctx.now()).await?;
    Ok(OrderRow { status, ..order })
}

/// The order is paid, or free: its held places become tickets. When the event was
/// cancelled meanwhile, the order is honoured as paid with cancelled tickets, and
/// takes no places.
pub(super) async fn complete(
    ctx: &Ctx,
    tx: &mut Tx,
    order: OrderRow,
    lines: &[Line],
) -> Result<OrderRow> {
    let event = store::sales::find_event(tx, order.event_id).await?;
    let event = event.ok_or_else(|| Error::internal("an order has no event"))?;
    let takes_place = event.status != EventStatus::Cancelled;
    if takes_place {
        store::pools::held_to_sold(tx, &places(lines)).await?;
    } else {
        store::pools::release_held(tx, &places(lines)).await?;
    }
    let status = if takes_place {
        TicketStatus::Valid
    } else {
        TicketStatus::Cancelled
    };
    let rows = new_tickets(ctx, &order, lines, status);
    store::tickets::insert(tx, &rows).await?;
    store::holds::set_status(tx, order.hold_id, HoldStatus::Paid).await?;
    let order = step(ctx, tx, order, OrderStatus::Paid).await?;
    if takes_place {
        outbox::add(ctx, tx, &paid(&order, event, rows.len())).await?;
    }
    Ok(order)
}

fn new_tickets(
    ctx: &Ctx,
    order: &OrderRow,
    lines: &[Line],
    status: TicketStatus,
) -> Vec<TicketRow> {
    let ticket = |line: &Line| TicketRow {
        id: TicketId(ctx.new_id()),
        order_id: order.id,
        event_id: order.event_id,
        ticket_type_id: line.ticket_type_id,
        ticket_type_name: line.name.clone(),
        account_id: order.account_id,
        code: tickets::new_code(ctx),
        status,
        holder_name: String::new(),
        created_at: ctx.now(),
    };
    let places = lines
        .iter()
        .flat_map(|line| (0..line.quantity).map(move |_| line));
    places.map(ticket).collect()
}

fn paid(order: &OrderRow, event: SaleEvent, tickets: usize) -> DomainEvent {
    DomainEvent::TicketPaid {
        event: EventFact {
            event_id: event.id,
            slug: event.slug,
            title: event.title,
            is_public: event.status == EventStatus::Published
                && event.visibility == Visibility::Public,
        },
        order_id: order.id,
        buyer_id: order.account_id,
        quantity: u32::try_from(tickets).unwrap_or(u32::MAX),
    }
}

/// The provider said no: the order is cancelled, the hold goes on with the time it had
/// left, or is over when there is none.
async fn give_up(ctx: &Ctx, tx: &mut Tx, order: OrderRow) -> Result<OrderRow> {
    let hold = store::holds::find(tx, order.hold_id).await?;
    let hold = hold.ok_or_else(|| Error::internal("an order has no hold"))?;
    if hold.expires_at > ctx.now() {
        store::holds::set_status(tx, hold.id, HoldStatus::Held).await?;
    } else {
        store::holds::set_status(tx, hold.id, HoldStatus::Expired).await?;
        let lines = lines_of(tx, hold.id).await?;
        store::pools::release_held(tx, &places(&lines)).await?;
    }
    step(ctx, tx, order, OrderStatus::Cancelled).await
}
