//! Asking the payment provider, outside of any transaction, and writing down what it
//! said. The payment's id is the charge's id, so asking twice charges once.

use jiff::SignedDuration;
use store::{Tx, orders::OrderRow, payments::PaymentRow};
use types::{
    Code, OrderId,
    orders::{HoldStatus, Order, OrderStatus},
};

use super::{
    paying::Begun,
    settling,
    transaction::{begin, retrying},
    views,
};
use crate::{
    Ctx, Error, Result,
    idempotency::{Call, LEASE, Reply},
    outbox,
    ports::{Charge, ChargeOutcome},
};

/// After so long a payment of unknown outcome is asked about again; doubled every time.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(2);
/// How far the time between two questions is doubled: about a minute.
const DOUBLINGS: u32 = 5;

/// From the first transaction to the answer.
pub(super) async fn finish(ctx: &Ctx, begun: Begun) -> Result<Reply<Order>> {
    match begun {
        Begun::Done(reply) => Ok(reply),
        Begun::Ask(call, payment) => {
            let outcome = ctx.ports().payments.charge(&charge(&payment)).await;
            answer(ctx, &call, &payment, outcome).await
        }
        Begun::FindOut(call, order) => {
            let payment = payment_of(ctx, order).await?;
            let outcome = ctx.ports().payments.find(&charge(&payment)).await;
            answer(ctx, &call, &payment, outcome).await
        }
    }
}

async fn payment_of(ctx: &Ctx, order: OrderId) -> Result<PaymentRow> {
    let mut conn = ctx.db().conn().await?;
    let payment = store::payments::find_of_order(&mut conn, order).await?;
    payment.ok_or_else(|| Error::internal("an order under way has no payment"))
}

fn charge(payment: &PaymentRow) -> Charge {
    Charge {
        id: payment.id,
        amount: payment.amount,
        token: payment.token.clone(),
    }
}

async fn answer(
    ctx: &Ctx,
    call: &Call,
    payment: &PaymentRow,
    outcome: ChargeOutcome,
) -> Result<Reply<Order>> {
    let reply = retrying(ctx, || try_answer(ctx, call, payment, outcome)).await;
    outbox::wake(ctx);
    reply
}

/// The second transaction: settles the payment and stores the answer of the call.
async fn try_answer(
    ctx: &Ctx,
    call: &Call,
    payment: &PaymentRow,
    outcome: ChargeOutcome,
) -> Result<Reply<Order>> {
    let mut tx = begin(ctx).await?;
    if let Some(answer) = call.resume(&mut tx).await? {
        return Ok(answer.into());
    }
    let order = settle(ctx, &mut tx, payment, outcome).await?;
    let view = view(ctx, &mut tx, order).await;
    call.conclude(tx, view).await
}

async fn settle(
    ctx: &Ctx,
    tx: &mut Tx,
    payment: &PaymentRow,
    outcome: ChargeOutcome,
) -> Result<OrderRow> {
    let wait = ASK_AGAIN * 2_i32.pow(payment.attempts.min(DOUBLINGS));
    settling::settle(ctx, tx, payment, outcome, ctx.now() + wait).await
}

/// What the buyer is told about a settled payment.
async fn view(ctx: &Ctx, tx: &mut Tx, order: OrderRow) -> Result<Order> {
    if order.status == OrderStatus::Cancelled {
        return Err(declined(tx, &order).await?);
    }
    views::order(ctx, tx, order).await
}

async fn declined(tx: &mut Tx, order: &OrderRow) -> Result<Error> {
    let hold = store::holds::find(tx, order.hold_id).await?;
    let error = Error::new(Code::PaymentDeclined).with("hold_id", order.hold_id.to_string());
    Ok(match hold.map(|hold| hold.status) {
        Some(HoldStatus::Expired) => error
            .detail("The payment was declined, and the time for these places ran out meanwhile."),
        Some(HoldStatus::Paid) => {
            error.detail("The payment was declined; these places were paid for in another way.")
        }
        _ => error,
    })
}

/// Asks the provider about payments whose outcome is not known; the worker calls it.
/// Leases keep several processes, and whoever is still asking, apart. Returns how many
/// were settled.
///
/// # Errors
/// When Postgres fails.
pub async fn settle_open_payments(ctx: &Ctx) -> Result<usize> {
    const BATCH: i64 = 20;
    let open = {
        let mut conn = ctx.db().conn().await?;
        let now = ctx.now();
        store::payments::lease_open(&mut conn, now, now + LEASE, BATCH).await?
    };
    let mut settled = 0;
    for payment in open {
        let outcome = ctx.ports().payments.find(&charge(&payment)).await;
        let order = retrying(ctx, || settle_alone(ctx, &payment, outcome)).await?;
        settled += usize::from(order.status != OrderStatus::Pending);
    }
    Ok(settled)
}

async fn settle_alone(ctx: &Ctx, payment: &PaymentRow, outcome: ChargeOutcome) -> Result<OrderRow> {
    let mut tx = begin(ctx).await?;
    let order = settle(ctx, &mut tx, payment, outcome).await?;
    tx.commit().await?;
    outbox::wake(ctx);
    Ok(order)
}
