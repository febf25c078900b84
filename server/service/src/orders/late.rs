//! Money that comes when its places were given back already: after the due date of a transfer,
//! or by a provider that said no before. The order is honoured while places remain and the event
//! is not over; otherwise the money goes back at once, and the buyer is the first in line.

use store::{
    orders::OrderRow,
    payments::{PaymentRow, Said},
    refunds::RefundRow,
};
use types::{
    RefundId,
    events::EventStatus,
    orders::{HoldStatus, OrderStatus, PaymentMethod, PaymentState, RefundReason},
};

use super::{batch::Decision, books::Books, offering, refunding, rules, settling};
use crate::{Ctx, Result, ports::ChargeOutcome};

/// Did a provider take money for an order that was cancelled, and nobody knows of it yet?
pub(super) fn is_late(books: &Books, payment: &PaymentRow, outcome: ChargeOutcome) -> bool {
    let is_waiting = |order: &OrderRow| {
        order.status == OrderStatus::Cancelled && order.payment_state != PaymentState::Succeeded
    };
    outcome == ChargeOutcome::Succeeded && books.order(payment.order_id).is_ok_and(is_waiting)
}

/// Settles money that came late.
pub(super) fn decide_late(ctx: &Ctx, books: &mut Books, payment: &PaymentRow) -> Result<Decision> {
    let id = payment.order_id;
    let order = books.order(id)?.clone();
    books.must_know(order.account_id)?;
    books.note(Said {
        id: payment.id,
        state: PaymentState::Succeeded,
        ask_again_at: books.now,
    });
    books.change_order(id, |order| order.payment_state = PaymentState::Succeeded)?;
    let hold = books.basket(order.hold_id)?.hold.status;
    let has_ended = matches!(hold, HoldStatus::Expired | HoldStatus::Released);
    // Held: the buyer was told no and did not try again yet.
    let has_places = hold == HoldStatus::Held || (has_ended && may_retake(books, &order)?);
    let is_honoured = has_places && is_in_time(books, payment.method);
    note(&order, payment.method, is_honoured);
    if is_honoured {
        if has_ended {
            books.retake(order.hold_id)?;
        }
        settling::complete(ctx, books, id)?;
        return Ok(Decision::Ordered(id));
    }
    books.refund(RefundRow {
        id: RefundId(ctx.new_id()),
        order_id: id,
        payment_id: payment.id,
        amount: order.total,
        reason: reason(books),
        state: refunding::first_state(payment.method),
        attempts: 0,
        created_at: books.now,
    });
    // Otherwise the same places are being paid, or were paid, in another way.
    if has_ended {
        offering::put_first(ctx, books, &order)?;
    }
    Ok(Decision::Ordered(id))
}

/// For an event that is over only those can still pay who were there.
fn is_in_time(books: &Books, method: PaymentMethod) -> bool {
    method == PaymentMethod::AtDoor || books.now < books.event.ends_at
}

fn reason(books: &Books) -> RefundReason {
    match books.event.status {
        EventStatus::Cancelled => RefundReason::EventCancelled,
        _ => RefundReason::Late,
    }
}

/// An organizer who confirms late does nothing unusual; a provider breaks its contract.
fn note(order: &OrderRow, method: PaymentMethod, is_honoured: bool) {
    if method.is_offline() {
        tracing::info!(order.id = %order.id, order.is_honoured = is_honoured, "money came late");
    } else {
        tracing::warn!(order.id = %order.id, order.is_honoured = is_honoured, "a provider took money after it said no");
    }
}

/// Are the places of an order free again, and may its buyer have them? Windows of sales do not
/// matter: it was bought in time. A promo code stays too, also one that was used up since.
fn may_retake(books: &Books, order: &OrderRow) -> Result<bool> {
    if books.event.status == EventStatus::Cancelled {
        return Ok(false);
    }
    let lines = books.basket(order.hold_id)?.lines.iter();
    let kinds = lines.map(|line| Some((books.kind(line.ticket_type_id)?, line.quantity)));
    // Some of it is not sold any more.
    let Some(wanted) = kinds.collect::<Option<Vec<_>>>() else {
        return Ok(false);
    };
    let owned = |kind| books.owned(order.account_id, kind);
    Ok(rules::check_limits(&wanted, owned).is_ok()
        && books.line.check_served().is_ok()
        && rules::check_places(&wanted, &books.pools).is_ok())
}
