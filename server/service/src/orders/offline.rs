//! Payments without a provider: a bank transfer or cash at the door is awaited, and the
//! organizer says that it is here.

use jiff::{SignedDuration, Timestamp};
use store::{payments::Said, sales::SaleEvent};
use types::{
    OrderId,
    orders::{HoldStatus, OrderStatus, PaymentMethod, PaymentState},
    payments::PaymentMethods,
};

use super::{batch::Decision, books::Books, late, rules::illegal, settling};
use crate::{Ctx, Error, Result, events, tickets};

/// How many characters a reference has behind its first two: short enough to be typed, long
/// enough to be nobody else's.
const REFERENCE: usize = 8;

/// A transfer needs a day at least: with less until the event begins none is offered.
const TRANSFER_TIME: SignedDuration = SignedDuration::from_hours(24);

/// Is there time for money to come in this way before an event begins?
pub(super) fn has_time(method: PaymentMethod, starts_at: Timestamp, now: Timestamp) -> bool {
    method != PaymentMethod::BankTransfer || now + TRANSFER_TIME <= starts_at
}

/// Those of an event's ways to pay for which there is time.
pub(super) fn offered(
    methods: PaymentMethods,
    starts_at: Timestamp,
    now: Timestamp,
) -> PaymentMethods {
    let is_time = has_time(PaymentMethod::BankTransfer, starts_at, now);
    PaymentMethods {
        bank_transfer: methods.bank_transfer.filter(|_| is_time),
        ..methods
    }
}

/// Until when places are kept for money that no provider takes: for a transfer the days that the
/// organizer gives, at most until the event begins; at the door until it ends.
pub(super) fn due(
    methods: &PaymentMethods,
    event: &SaleEvent,
    method: PaymentMethod,
    now: Timestamp,
) -> Timestamp {
    match (method, &methods.bank_transfer) {
        (PaymentMethod::BankTransfer, Some(transfer)) => {
            let days = SignedDuration::from_hours(24 * i64::from(transfer.days));
            (now + days).min(event.starts_at)
        }
        _ => event.ends_at,
    }
}

/// What a buyer writes on a transfer: letters and digits, which every bank carries.
pub(super) fn new_reference(ctx: &Ctx) -> String {
    let code: String = tickets::new_code(ctx).chars().take(REFERENCE).collect();
    format!("ES{code}")
}

/// The organizer has the money of an order. Again changes nothing.
///
/// Tickets are issued now and not when the places were asked for: a ticket says that it is paid,
/// and a device at the door that is offline has nobody to ask whether it is.
pub(super) fn decide_arrived(ctx: &Ctx, books: &mut Books, id: OrderId) -> Result<Decision> {
    let order = books.order(id).map_err(|_| Error::not_found())?.clone();
    if !events::is_crew(ctx, &books.row) {
        return Err(Error::not_found());
    }
    if !books.is_offline(id) {
        return Err(illegal(
            "This order is not paid by transfer or at the door.",
        ));
    }
    let payment = books.charge_of(id)?.clone();
    match (order.status, order.payment_state) {
        (OrderStatus::Pending, PaymentState::Awaited) => {
            books.note(Said {
                id: payment.id,
                state: PaymentState::Succeeded,
                ask_again_at: books.now,
            });
            books.change_order(id, |order| order.payment_state = PaymentState::Succeeded)?;
            settling::complete(ctx, books, id)?;
            Ok(Decision::Ordered(id))
        }
        (OrderStatus::Cancelled, PaymentState::Lapsed) => late::decide_late(ctx, books, &payment),
        _ => Ok(Decision::Ordered(id)),
    }
}

/// Nobody waits for the money of an order any more: its buyer has other plans, or the organizer.
pub(super) fn decide_call_off(ctx: &Ctx, books: &mut Books, id: OrderId) -> Result<Decision> {
    let order = books.order(id).map_err(|_| Error::not_found())?.clone();
    let is_buyer = ctx.account_if_any() == Some(order.account_id);
    if !is_buyer && !events::is_crew(ctx, &books.row) {
        return Err(Error::not_found());
    }
    match (order.status, order.payment_state) {
        (OrderStatus::Pending, PaymentState::Awaited) => {
            let payment = books.charge_of(id)?.id;
            books.note(Said {
                id: payment,
                state: PaymentState::Lapsed,
                ask_again_at: books.now,
            });
            books.free(order.hold_id, HoldStatus::Released)?;
            books.change_order(id, |order| {
                order.status = OrderStatus::Cancelled;
                order.payment_state = PaymentState::Lapsed;
            })?;
        }
        (OrderStatus::Cancelled, PaymentState::Lapsed) => {}
        _ => return Err(illegal("This order does not wait for its money.")),
    }
    Ok(Decision::Ordered(id))
}
