//! Sending money back: the worker asks the provider, and again until it answers; what it
//! cannot send back is left to the organizer.

use futures::future::join_all;
use jiff::SignedDuration;
use store::refunds::RefundRow;
use types::{
    Code, RefundId,
    orders::{GiveBack, PaymentMethod, RefundProgress, RefundState},
};

use super::till::{self, Request};
use crate::{
    Ctx, Error, Result, events,
    idempotency::LEASE,
    ports::{Refund, RefundOutcome},
};

/// After so long a refund of unknown outcome is asked for again; doubled every time.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(4);
/// How far the time between two questions is doubled: about an hour.
const DOUBLINGS: u32 = 10;

/// How money begins its way back: no provider can be asked for what it never took.
pub(super) fn first_state(method: PaymentMethod) -> RefundState {
    if method.is_offline() {
        RefundState::Due
    } else {
        RefundState::Asked
    }
}

/// Gives money back that is due, and asks again about what was not answered; the worker
/// calls it. Leases keep several processes apart. Returns how many refunds were settled.
///
/// # Errors
/// When Postgres fails.
pub async fn settle_open_refunds(ctx: &Ctx) -> Result<usize> {
    // All are asked at once: a slow provider must not outlast the lease.
    const BATCH: i64 = 8;
    let now = ctx.now();
    let open = {
        let mut conn = ctx.db().conn().await?;
        store::refunds::lease_open(&mut conn, now, now + LEASE, BATCH).await?
    };
    let asked = join_all(open.iter().map(|refund| ask(ctx, refund))).await;
    let settled: Result<Vec<bool>> = asked.into_iter().collect();
    Ok(settled?
        .into_iter()
        .filter(|is_settled| *is_settled)
        .count())
}

async fn ask(ctx: &Ctx, row: &RefundRow) -> Result<bool> {
    let refund = Refund {
        id: row.id.0,
        charge: row.payment_id,
        amount: row.amount,
    };
    let state = match ctx.ports().payments.refund(&refund).await {
        RefundOutcome::Succeeded => RefundState::Succeeded,
        RefundOutcome::Unknown => RefundState::Unknown,
        RefundOutcome::Refused => {
            tracing::error!(refund.id = %row.id, order.id = %row.order_id, "the provider cannot give this money back");
            RefundState::Refused
        }
    };
    let wait = ASK_AGAIN * 2_i32.pow(row.attempts.saturating_sub(1).min(DOUBLINGS));
    let mut conn = ctx.db().conn().await?;
    let now = ctx.now();
    store::refunds::set_state(&mut conn, row.id, state, now + wait, now).await?;
    Ok(state != RefundState::Unknown)
}

/// Gives back the tickets of events that were cancelled, order by order; the worker calls
/// it. Doing one twice changes nothing, and one that fails holds up no other. Returns how many
/// orders.
///
/// # Errors
/// When Postgres fails.
pub async fn refund_cancelled_events(ctx: &Ctx) -> Result<usize> {
    const BATCH: i64 = 100;
    let due = {
        let mut conn = ctx.db().conn().await?;
        store::refunds::orders_of_cancelled_events(&mut conn, BATCH).await?
    };
    let (mut refunded, mut failure) = (0, None);
    for (event, order) in due {
        let request = Request::Return(order, GiveBack::default());
        match till::settle(ctx, event, None, request).await {
            Ok(_) => refunded += 1,
            // Its buyer was faster.
            Err(error) if error.code == Code::IllegalState => {}
            Err(error) => {
                tracing::warn!(order.id = %order, error = %error, "an order of a cancelled event is not refunded yet");
                failure = Some(error);
            }
        }
    }
    failure.map_or(Ok(refunded), Err)
}

/// Notes that the organizer paid back what the provider could not, or never had. Again is fine.
///
/// # Errors
/// 404 for a refund that is not the event's or is the provider's; 404 or `forbidden` for everybody
/// but the crew.
pub async fn paid_otherwise(ctx: &Ctx, event_key: &str, refund: RefundId) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let is_noted = store::refunds::set_paid_otherwise(&mut conn, event, refund, ctx.now()).await?;
    if is_noted {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// How far the refunds of an event are, for its crew.
///
/// # Errors
/// 404 or `forbidden` for everybody else.
pub async fn refund_progress(ctx: &Ctx, event_key: &str) -> Result<RefundProgress> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let progress = store::refunds::progress(&mut conn, event).await?;
    Ok(RefundProgress {
        waiting: progress.waiting.unsigned_abs(),
        open: progress.open.unsigned_abs(),
        done: progress.done.unsigned_abs(),
        refused: progress.refused.unsigned_abs(),
        due: progress.due.unsigned_abs(),
    })
}
