//! Beginning to pay: from held places to an order that waits for its money, or, when
//! there is nothing to pay, to tickets.

use store::{holds::HoldRow, orders::OrderRow, payments::PaymentRow};
use types::{
    Code, HoldId, OrderId,
    orders::{HoldStatus, Order, OrderStatus, PayHold, PaymentInput, PaymentState, Purchase},
    validate,
};

use super::{
    batch::Decision,
    books::Books,
    holding::{self, Wish},
    rules, settling,
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
    check_payable(books, &hold)?;
    rules::check_event_on_sale(&books.event, books.now)?;
    pay(ctx, books, &hold, command.payment.as_ref())
}

fn check_payable(books: &Books, hold: &HoldRow) -> Result<()> {
    let (code, detail) = match hold.status {
        HoldStatus::Held => return Ok(()),
        HoldStatus::Paying => (
            Code::PaymentPending,
            "A payment of these places is under way.",
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
    books.put_aside(basket);
    pay(ctx, books, &hold, command.payment.as_ref())
}

/// Free places become tickets at once, others wait for their money.
fn pay(
    ctx: &Ctx,
    books: &mut Books,
    hold: &HoldRow,
    payment: Option<&PaymentInput>,
) -> Result<Decision> {
    match payment {
        Some(input) if !hold.total.is_free() => {
            let order = new_order(ctx, books, hold, PaymentState::Asked);
            let payment = new_payment(ctx, &order, input);
            books.change_hold(hold.id, |hold| hold.status = HoldStatus::Paying)?;
            books.place(order);
            books.ask(payment.clone(), input.method.as_str());
            Ok(Decision::Ask(payment))
        }
        _ => {
            let order = new_order(ctx, books, hold, PaymentState::None);
            let id = order.id;
            books.place(order);
            settling::complete(ctx, books, id)?;
            Ok(Decision::Ordered(id))
        }
    }
}

/// Whoever reads the payment's row knows until when the provider is being asked.
fn new_payment(ctx: &Ctx, order: &OrderRow, input: &PaymentInput) -> PaymentRow {
    PaymentRow {
        id: ctx.new_id(),
        order_id: order.id,
        event_id: order.event_id,
        token: input.token.clone().unwrap_or_default(),
        amount: order.total,
        state: PaymentState::Asked,
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
