//! Asking the payment provider, outside of any transaction, and having what it said
//! settled. The payment's id is the charge's id, so asking twice charges once.

use std::time::Duration;

use futures::future::join_all;
use serde::Deserialize;
use store::payments::PaymentRow;
use tracing::Instrument as _;
use types::{
    Code, EventId, HoldId, OrderId,
    orders::{HoldStatus, Order, OrderStatus, PaymentState},
    payments::OfflinePayment,
};

use super::{
    paying::Begun,
    till::{self, Request, Verdict},
};
use crate::{
    Ctx, Error, Result,
    idempotency::{Call, LEASE, Reply, fill},
    ports::{Charge, ChargeOutcome},
};

/// How long to wait before an outcome is written down again that Postgres did not take, doubled
/// up to the last time: about six seconds in all, far below a lease.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_millis(3200);

/// Places an order and has its payment asked for, to the end: also when the caller goes away
/// meanwhile, whose next try then finds the answer.
pub(super) async fn order(
    ctx: &Ctx,
    event: EventId,
    call: Call,
    request: Request,
) -> Result<Reply<Order>> {
    let own = ctx.clone();
    let work = async move {
        let verdict = till::settle(&own, event, Some(call), request).await?;
        let reply = finish(&own, verdict.into_order()?).await?;
        with_account(&own, reply).await
    };
    let task = ctx.services.tasks.spawn(work.in_current_span());
    task.await
        .unwrap_or_else(|gone| Err(Error::internal(gone.to_string())))
}

/// Adds where a transfer goes, as long as it is awaited. The answer is stored without it: a copy
/// there would outlast what buyers are promised.
async fn with_account(ctx: &Ctx, reply: Reply<Order>) -> Result<Reply<Order>> {
    #[derive(Deserialize)]
    struct Stored {
        id: OrderId,
        payment_state: PaymentState,
    }
    match reply {
        Reply::Fresh(mut order) if order.payment_state == PaymentState::Awaited => {
            let (account_holder, details) = account_of(ctx, order.id).await.unzip();
            order.offline = order.offline.map(|offline| OfflinePayment {
                account_holder,
                details,
                ..offline
            });
            Ok(Reply::Fresh(order))
        }
        Reply::Replayed {
            status: status @ 200..=299,
            body,
        } => {
            let stored: Stored = serde_json::from_slice(&body).map_err(Error::internal)?;
            if stored.payment_state != PaymentState::Awaited {
                return Ok(Reply::Replayed { status, body });
            }
            let (account_holder, details) = account_of(ctx, stored.id).await.unzip();
            let body = fill(body, "account_holder", &account_holder)?;
            let body = fill(body, "details", &details)?;
            Ok(Reply::Replayed { status, body })
        }
        other => Ok(other),
    }
}

/// Whose account an awaited transfer goes to, and what else is needed. The order stands, and is
/// told, when this cannot be read.
async fn account_of(ctx: &Ctx, order: OrderId) -> Option<(String, String)> {
    let read = async {
        let mut conn = ctx.db().conn().await?;
        store::payments::accounts_of_orders(&mut conn, &[order]).await
    };
    match read.await {
        Ok(mut accounts) => {
            let account = accounts.pop()?;
            Some((account.account_holder, account.details))
        }
        Err(error) => {
            tracing::warn!(order.id = %order, error = %error, "the account of a transfer could not be read");
            None
        }
    }
}

/// From the first transaction to the answer.
async fn finish(ctx: &Ctx, begun: Begun) -> Result<Reply<Order>> {
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

/// The second transaction: settles the payment and stores the answer of the call. A yes that
/// comes when the call was answered by somebody else is settled all the same: money was taken.
async fn settle(
    ctx: &Ctx,
    call: Option<Call>,
    payment: PaymentRow,
    outcome: ChargeOutcome,
) -> Result<Reply<Order>> {
    let reply = told(ctx, call, &payment, outcome).await?;
    if matches!(reply, Reply::Replayed { .. }) && outcome == ChargeOutcome::Succeeded {
        told(ctx, None, &payment, outcome).await?;
    }
    Ok(reply)
}

/// What the provider said is not thrown away because Postgres is gone for a moment.
async fn told(
    ctx: &Ctx,
    call: Option<Call>,
    payment: &PaymentRow,
    outcome: ChargeOutcome,
) -> Result<Reply<Order>> {
    let mut wait = FIRST_WAIT;
    loop {
        let request = Request::Outcome(payment.clone(), outcome);
        match till::settle(ctx, payment.event_id, call.clone(), request).await {
            Err(error) if error.code == Code::Unavailable && wait <= LAST_WAIT => {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            verdict => {
                let reply = verdict.and_then(Verdict::into_settled);
                if let (Err(error), ChargeOutcome::Succeeded) = (&reply, outcome) {
                    tracing::error!(payment.id = %payment.id, error = %error, "a provider took money, and it could not be settled");
                }
                return reply;
            }
        }
    }
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
    // All at once: one that is slow, or fails, must not outlast the lease of the others.
    let asked = join_all(open.into_iter().map(|payment| find_out(ctx, payment))).await;
    let settled: Result<Vec<bool>> = asked.into_iter().collect();
    Ok(settled?.into_iter().filter(|is| *is).count())
}

async fn find_out(ctx: &Ctx, payment: PaymentRow) -> Result<bool> {
    let outcome = ctx.ports().payments.find(&charge(&payment)).await;
    is_settled(settle(ctx, None, payment, outcome).await)
}

fn is_settled(reply: Result<Reply<Order>>) -> Result<bool> {
    match reply {
        Ok(Reply::Fresh(order)) => Ok(order.status != OrderStatus::Pending),
        Ok(Reply::Replayed { .. }) => Ok(true),
        Err(error) if error.code == Code::PaymentDeclined => Ok(true),
        Err(error) => Err(error),
    }
}
