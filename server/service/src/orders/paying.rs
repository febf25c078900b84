//! The first transaction of a payment: from held places to an order that waits for
//! its money, or, when there is nothing to pay, to tickets.

use store::{
    Tx,
    holds::HoldRow,
    orders::OrderRow,
    payments::{Asked, PaymentRow},
};
use types::{
    Code, HoldId, OrderId,
    orders::{HoldStatus, Order, OrderStatus, PayHold, PaymentInput, PaymentState, Purchase},
    validate,
};

use super::{
    holding::{self, Basket, Wish},
    rules, settling,
    transaction::begin,
    views,
};
use crate::{
    Ctx, Error, Result, events,
    idempotency::{self, Call, LEASE, Once, Reply, Start},
    outbox,
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
    Ask(Call, PaymentRow),
    /// Somebody asked for the payment of this order and was never answered.
    FindOut(Call, OrderId),
}

/// One try at beginning to pay a hold.
pub(super) async fn begin_pay(
    ctx: &Ctx,
    id: HoldId,
    command: &PayHold,
    once: &Once,
) -> Result<Begun> {
    let mut tx = begin(ctx).await?;
    let call = match idempotency::start(ctx, &mut tx, once, command).await? {
        Start::Fresh(call) => call,
        Start::TakeOver(call, order) => return commit_take_over(tx, call, order).await,
        Start::Answered(answer) => return Ok(Begun::Done(answer.into())),
    };
    let basket = ready_to_pay(ctx, &mut tx, id, command).await;
    go_on(ctx, tx, call, basket, command.payment.as_ref()).await
}

/// One try at beginning a purchase.
pub(super) async fn begin_purchase(
    ctx: &Ctx,
    event_key: &str,
    command: &Purchase,
    once: &Once,
) -> Result<Begun> {
    let mut tx = begin(ctx).await?;
    let call = match idempotency::start(ctx, &mut tx, once, command).await? {
        Start::Fresh(call) => call,
        Start::TakeOver(call, order) => return commit_take_over(tx, call, order).await,
        Start::Answered(answer) => return Ok(Begun::Done(answer.into())),
    };
    let basket = held_for_purchase(ctx, &mut tx, event_key, command).await;
    go_on(ctx, tx, call, basket, command.payment.as_ref()).await
}

async fn commit_take_over(tx: Tx, call: Call, order: OrderId) -> Result<Begun> {
    tx.commit().await?;
    Ok(Begun::FindOut(call, order))
}

/// A hold that may be paid now.
async fn ready_to_pay(ctx: &Ctx, tx: &mut Tx, id: HoldId, command: &PayHold) -> Result<Basket> {
    let hold = holding::lock_own(ctx, tx, id).await?;
    validate::check(command).map_err(Error::invalid)?;
    rules::check_payment(hold.total, command.payment.as_ref())?;
    check_payable(tx, &hold).await?;
    let event = store::sales::find_event(tx, hold.event_id)
        .await?
        .ok_or_else(Error::not_found)?;
    rules::check_event_on_sale(&event, ctx.now())?;
    let lines = holding::lines_of(tx, id).await?;
    Ok(Basket { hold, lines })
}

async fn check_payable(tx: &mut Tx, hold: &HoldRow) -> Result<()> {
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
    let order = store::orders::find_live_of_hold(tx, hold.id).await?;
    Err(match order {
        Some(order) => error.with("order_id", order.id.to_string()),
        None => error,
    })
}

async fn held_for_purchase(
    ctx: &Ctx,
    tx: &mut Tx,
    event_key: &str,
    command: &Purchase,
) -> Result<Basket> {
    let event = events::visible(ctx, tx, event_key).await?;
    validate::check(command).map_err(Error::invalid)?;
    let wish = Wish {
        items: &command.items,
        promo_code: command.promo_code.as_deref(),
        pays_with: Some(command.payment.as_ref()),
    };
    let basket = holding::plan(ctx, tx, event, &wish).await?;
    holding::put_aside(tx, &basket).await?;
    Ok(basket)
}

/// Free places become tickets at once, others wait for their money.
async fn go_on(
    ctx: &Ctx,
    mut tx: Tx,
    call: Call,
    basket: Result<Basket>,
    payment: Option<&PaymentInput>,
) -> Result<Begun> {
    let basket = match basket {
        Ok(basket) => basket,
        Err(error) => return call.conclude(tx, Err(error)).await.map(Begun::Done),
    };
    match payment {
        Some(input) if !basket.hold.total.is_free() => {
            let payment = write_payment(ctx, &mut tx, &basket, input).await?;
            call.note_order(&mut tx, payment.order_id).await?;
            tx.commit().await?;
            Ok(Begun::Ask(call, payment))
        }
        _ => {
            let order = free_order(ctx, &mut tx, &basket).await;
            let reply = call.conclude(tx, order).await?;
            outbox::wake(ctx);
            Ok(Begun::Done(reply))
        }
    }
}

async fn free_order(ctx: &Ctx, tx: &mut Tx, basket: &Basket) -> Result<Order> {
    let order = new_order(ctx, &basket.hold, PaymentState::None);
    store::orders::insert(tx, &order).await?;
    let paid = settling::complete(ctx, tx, order, &basket.lines).await?;
    views::order(ctx, tx, paid).await
}

/// The hold stops expiring, the order waits, and whoever reads the payment's row knows
/// until when the provider is being asked.
async fn write_payment(
    ctx: &Ctx,
    tx: &mut Tx,
    basket: &Basket,
    input: &PaymentInput,
) -> Result<PaymentRow> {
    let order = new_order(ctx, &basket.hold, PaymentState::Asked);
    store::holds::set_status(tx, basket.hold.id, HoldStatus::Paying).await?;
    store::orders::insert(tx, &order).await?;
    let payment = PaymentRow {
        id: ctx.new_id(),
        order_id: order.id,
        event_id: order.event_id,
        token: input.token.clone().unwrap_or_default(),
        amount: order.total,
        state: PaymentState::Asked,
        attempts: 0,
    };
    let now = ctx.now();
    let asked = Asked {
        method: input.method.as_str(),
        at: now,
        leased_until: now + LEASE,
    };
    store::payments::insert(tx, &payment, asked).await?;
    Ok(payment)
}

fn new_order(ctx: &Ctx, hold: &HoldRow, payment_state: PaymentState) -> OrderRow {
    OrderRow {
        id: OrderId(ctx.new_id()),
        hold_id: hold.id,
        event_id: hold.event_id,
        account_id: hold.account_id,
        status: OrderStatus::Pending,
        payment_state,
        total: hold.total,
        created_at: ctx.now(),
    }
}
