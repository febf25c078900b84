//! Beginning to pay: from held places to an order that waits for its money, or, when
//! there is nothing to pay, to tickets.

use jiff::Timestamp;
use store::{holds::HoldRow, orders::OrderRow, payments::PaymentRow};
use types::{
    Code, HoldId, Money, OrderId,
    orders::{
        HoldStatus, Order, OrderStatus, PayHold, PaymentInput, PaymentMethod, PaymentState,
        Purchase,
    },
    validate,
};

use super::{
    batch::Decision,
    books::Books,
    holding::{self, Wish},
    offline, rules, settling,
};
use crate::{
    Ctx, Error, Result,
    idempotency::{Call, Reply},
};

/// How far the first transaction came.
#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack of one request, once"
)]
pub(super) enum Begun {
    /// To the end.
    Done(Reply<Order>),
    /// The provider is to be asked for this payment.
    Ask(Option<Call>, PaymentRow),
    /// Somebody asked for the payment of this order and was never answered.
    FindOut(Call, OrderId),
}

/// Pays a hold.
pub(super) fn decide_pay(
    ctx: &Ctx,
    books: &mut Books,
    id: HoldId,
    command: &PayHold,
) -> Result<Decision> {
    let hold = holding::own(ctx, books, id)?.hold.clone();
    validate::check(command).map_err(Error::invalid)?;
    rules::check_payment(hold.total, command.payment.as_ref())?;
    check_offered(books, hold.total, command.payment.as_ref())?;
    check_payable(books, &hold)?;
    rules::check_event_on_sale(&books.event, books.now)?;
    let way = way(books, hold.total, command.payment.as_ref())?;
    pay(ctx, books, &hold, &way)
}

fn check_payable(books: &Books, hold: &HoldRow) -> Result<()> {
    let (code, detail) = match hold.status {
        HoldStatus::Held => return Ok(()),
        HoldStatus::Paying => (
            Code::PaymentPending,
            "A payment of these places is under way.",
        ),
        HoldStatus::Awaiting => (
            Code::PaymentPending,
            "The organizer waits for the money for these places. Whoever calls the order off gives them back.",
        ),
        HoldStatus::Paid => (Code::IllegalState, "These places are paid for already."),
        HoldStatus::Expired => (Code::HoldExpired, Code::HoldExpired.title()),
        HoldStatus::Released => (Code::HoldExpired, "These places were given back."),
    };
    let error = Error::new(code).detail(detail);
    Err(match books.live_order(hold.id) {
        Some(order) => error.with("order_id", order.to_string()),
        None => error,
    })
}

/// Puts places aside and pays them.
pub(super) fn decide_purchase(
    ctx: &Ctx,
    books: &mut Books,
    command: &Purchase,
) -> Result<Decision> {
    validate::check(command).map_err(Error::invalid)?;
    let basket = holding::plan(ctx, books, &Wish::from(command))?;
    let hold = basket.hold.clone();
    let way = way(books, hold.total, command.payment.as_ref())?;
    books.put_aside(basket);
    pay(ctx, books, &hold, &way)
}

/// How something is paid.
enum Way<'a> {
    /// There is nothing to pay.
    Free,
    /// By a provider.
    Asked(&'a PaymentInput),
    /// By the organizer, who has to have the money by then.
    Awaited(PaymentMethod, Timestamp),
}

/// The event is paid in the way that its buyer chose; what is free, in none.
pub(super) fn check_offered(
    books: &Books,
    total: Money,
    payment: Option<&PaymentInput>,
) -> Result<()> {
    match payment {
        Some(input) if !total.is_free() && !books.methods.has(input.method) => {
            let text = "is not a way in which this event is paid";
            Err(Error::field("payment.method", "not_offered", text))
        }
        _ => Ok(()),
    }
}

/// How a sale is paid, if there is time for it.
fn way<'a>(books: &Books, total: Money, payment: Option<&'a PaymentInput>) -> Result<Way<'a>> {
    let Some(input) = payment.filter(|_| !total.is_free()) else {
        return Ok(Way::Free);
    };
    if !input.method.is_offline() {
        return Ok(Way::Asked(input));
    }
    if !offline::has_time(input.method, books.event.starts_at, books.now) {
        let text = "takes longer than there is time before the event";
        return Err(Error::field("payment.method", "too_late", text));
    }
    let due = offline::due(&books.methods, &books.event, input.method, books.now);
    Ok(Way::Awaited(input.method, due))
}

/// Free places become tickets at once, others wait for their money.
fn pay(ctx: &Ctx, books: &mut Books, hold: &HoldRow, way: &Way<'_>) -> Result<Decision> {
    match way {
        Way::Free => {
            let order = new_order(ctx, books, hold, PaymentState::None);
            let id = order.id;
            books.place(order);
            settling::complete(ctx, books, id)?;
            Ok(Decision::Ordered(id))
        }
        Way::Asked(input) => {
            let order = new_order(ctx, books, hold, PaymentState::Asked);
            let payment = PaymentRow {
                token: input.token.clone().unwrap_or_default(),
                ..new_payment(ctx, &order, input.method)
            };
            books.change_hold(hold.id, |hold| hold.status = HoldStatus::Paying)?;
            books.place(order);
            books.ask(payment.clone());
            Ok(Decision::Ask(payment))
        }
        Way::Awaited(method, due) => {
            let order = new_order(ctx, books, hold, PaymentState::Awaited);
            let payment = PaymentRow {
                reference: Some(offline::new_reference(ctx)),
                ..new_payment(ctx, &order, *method)
            };
            let id = order.id;
            books.change_hold(hold.id, |hold| {
                hold.status = HoldStatus::Awaiting;
                hold.expires_at = *due;
            })?;
            books.place(order);
            books.ask(payment);
            Ok(Decision::Ordered(id))
        }
    }
}

/// Whoever reads the payment's row knows until when the provider is being asked.
fn new_payment(ctx: &Ctx, order: &OrderRow, method: PaymentMethod) -> PaymentRow {
    PaymentRow {
        id: ctx.new_id(),
        order_id: order.id,
        event_id: order.event_id,
        method,
        token: String::new(),
        reference: None,
        amount: order.total,
        state: order.payment_state,
        attempts: 0,
    }
}

fn new_order(ctx: &Ctx, books: &Books, hold: &HoldRow, payment_state: PaymentState) -> OrderRow {
    OrderRow {
        id: OrderId(ctx.new_id()),
        hold_id: hold.id,
        event_id: hold.event_id,
        account_id: hold.account_id,
        status: OrderStatus::Pending,
        payment_state,
        total: hold.total,
        refund_hours: books.event.refund_hours,
        created_at: books.now,
    }
}
