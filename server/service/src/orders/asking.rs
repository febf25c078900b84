//! Asking the payment provider, outside of any transaction, and having what it said
//! settled. The payment's id is the charge's id, so asking twice charges once.

use store::payments::PaymentRow;
use types::{
    Code, HoldId, OrderId,
    orders::{HoldStatus, Order, OrderStatus},
};

use super::{
    paying::Begun,
    till::{self, Request},
};
use crate::{
    Ctx, Error, Result,
    idempotency::{Call, LEASE, Reply},
    ports::{Charge, ChargeOutcome},
};

/// From the first transaction to the answer.
pub(super) async fn finish(ctx: &Ctx, begun: Begun) -> Result<Reply<Order>> {
    match begun {
        Begun::Done(reply) => Ok(reply),
        Begun::Ask(call, payment) => {
            let outcome = ctx.ports().payments.charge(&charge(&payment)).await;
            settle(ctx, call, payment, outcome).await
        }
        Begun::FindOut(call, order) => {
            let payment = payment_of(ctx, order).await?;
            let outcome = ctx.ports().payments.find(&charge(&payment)).await;
            settle(ctx, Some(call), payment, outcome).await
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

/// The second transaction: settles the payment and stores the answer of the call.
async fn settle(
    ctx: &Ctx,
    call: Option<Call>,
    payment: PaymentRow,
    outcome: ChargeOutcome,
) -> Result<Reply<Order>> {
    let event = payment.event_id;
    let request = Request::Outcome(payment, outcome);
    till::settle(ctx, event, call, request)
        .await?
        .into_settled()
}

/// What a buyer is told whose payment was declined.
pub(super) fn declined(hold: HoldId, status: HoldStatus) -> Error {
    let error = Error::new(Code::PaymentDeclined).with("hold_id", hold.to_string());
    match status {
        HoldStatus::Expired => error
            .detail("The payment was declined, and the time for these places ran out meanwhile."),
        HoldStatus::Paid => {
            error.detail("The payment was declined; these places were paid for in another way.")
        }
        _ => error,
    }
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
        settled += usize::from(is_settled(settle(ctx, None, payment, outcome).await)?);
    }
    Ok(settled)
}

fn is_settled(reply: Result<Reply<Order>>) -> Result<bool> {
    match reply {
        Ok(Reply::Fresh(order)) => Ok(order.status != OrderStatus::Pending),
        Ok(Reply::Replayed { .. }) => Ok(true),
        Err(error) if error.code == Code::PaymentDeclined => Ok(true),
        Err(error) => Err(error),
    }
}
