//! From a provider's answer to an order that is paid, open or cancelled. Safe to do
//! twice: whoever comes second finds the order settled.

use jiff::SignedDuration;
use store::{
    orders::OrderRow,
    payments::{PaymentRow, Said},
    sales::SaleEvent,
    tickets::TicketRow,
};
use types::{
    OrderId, TicketId,
    events::{EventStatus, Visibility},
    feed::{DomainEvent, EventFact},
    orders::{HoldStatus, Line, OrderStatus, PaymentState},
    tickets::TicketStatus,
};

use super::{batch::Decision, books::Books, receipts};
use crate::{Ctx, Result, ports::ChargeOutcome, tickets};

/// After so long a payment of unknown outcome is asked about again; doubled every time.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(2);
/// How far the time between two questions is doubled: about a minute.
const DOUBLINGS: u32 = 5;

/// Settles a payment with the outcome.
pub(super) fn decide_outcome(
    ctx: &Ctx,
    books: &mut Books,
    payment: &PaymentRow,
    outcome: ChargeOutcome,
) -> Result<Decision> {
    let id = payment.order_id;
    let order = books.order(id)?;
    if order.status != OrderStatus::Pending {
        warn_of_contradiction(order, outcome);
        return Ok(Decision::Ordered(id));
    }
    let state = match outcome {
        ChargeOutcome::Succeeded => PaymentState::Succeeded,
        ChargeOutcome::Declined => PaymentState::Declined,
        ChargeOutcome::Unknown => PaymentState::Unknown,
    };
    let wait = ASK_AGAIN * 2_i32.pow(payment.attempts.min(DOUBLINGS));
    books.note(Said {
        id: payment.id,
        state,
        ask_again_at: books.now + wait,
    });
    books.change_order(id, |order| order.payment_state = state)?;
    match outcome {
        ChargeOutcome::Succeeded => complete(ctx, books, id)?,
        ChargeOutcome::Declined => give_up(books, id)?,
        ChargeOutcome::Unknown => {}
    }
    Ok(Decision::Ordered(id))
}

/// A provider that changes its mind breaks its contract. A yes that comes after a no is settled
/// as a late payment ([`late`](super::late)); a no that comes after a yes is for people to look at.
fn warn_of_contradiction(order: &OrderRow, outcome: ChargeOutcome) {
    if outcome == ChargeOutcome::Declined && order.status == OrderStatus::Paid {
        tracing::error!(order.id = %order.id, order.status = order.status.as_str(), "payment provider contradicts itself");
    }
}

/// The order is paid, or free: its held places become tickets. When the event was
/// cancelled meanwhile, the order is honoured as paid with cancelled tickets, and
/// takes no places; then nobody gets a receipt for tickets that open no door.
pub(super) fn complete(ctx: &Ctx, books: &mut Books, id: OrderId) -> Result<()> {
    let order = books.order(id)?.clone();
    let lines = books.basket(order.hold_id)?.lines.clone();
    let takes_place = books.event.status != EventStatus::Cancelled;
    let status = if takes_place {
        books.sell(order.hold_id)?;
        TicketStatus::Valid
    } else {
        books.free(order.hold_id, HoldStatus::Paid)?;
        TicketStatus::Cancelled
    };
    let tickets = new_tickets(ctx, &order, &lines, status);
    if takes_place {
        // Who was going and brings more people along is no news.
        if !books.has_place(order.account_id) {
            books.tell(paid(&order, &books.event, tickets.len()));
        }
        if ctx.settings().sends_receipts {
            books.post(receipts::of(ctx, &order));
        }
    }
    books.issue(tickets);
    books.change_order(id, |order| order.status = OrderStatus::Paid)
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

fn paid(order: &OrderRow, event: &SaleEvent, tickets: usize) -> DomainEvent {
    DomainEvent::TicketPaid {
        event: fact(event),
        order_id: order.id,
        buyer_id: order.account_id,
        quantity: u32::try_from(tickets).unwrap_or(u32::MAX),
    }
}

/// The event as a domain event tells it.
pub(super) fn fact(event: &SaleEvent) -> EventFact {
    EventFact {
        event_id: event.id,
        slug: event.slug.clone(),
        title: event.title.clone(),
        is_public: event.status == EventStatus::Published && event.visibility == Visibility::Public,
    }
}

/// The provider said no: the order is cancelled, the hold goes on with the time it had
/// left, or is over when there is none.
fn give_up(books: &mut Books, id: OrderId) -> Result<()> {
    let hold = books.order(id)?.hold_id;
    if books.basket(hold)?.hold.expires_at > books.now {
        books.change_hold(hold, |hold| hold.status = HoldStatus::Held)?;
    } else {
        books.free(hold, HoldStatus::Expired)?;
    }
    books.change_order(id, |order| order.status = OrderStatus::Cancelled)
}
