//! Transactions of sales: the lock they begin with, and another try when two of them met.

use std::time::Duration;

use jiff::Timestamp;
use store::{Tx, pools::Pool};
use types::EventId;

use crate::{Ctx, Error, Result};

/// How often a transaction is tried in all.
const TRIES: u32 = 5;

/// The pools of an event, locked, with the places of due holds given back; and the instant that
/// says which were due, for everything that is decided under the lock.
pub(super) async fn lock_pools(
    ctx: &Ctx,
    tx: &mut Tx,
    event: EventId,
) -> Result<(Vec<Pool>, Timestamp)> {
    let (pools, next_due) = store::pools::lock_for_sale(tx, event).await?;
    // Not before: waiting for the lock takes time.
    let now = ctx.now();
    if next_due.is_none_or(|due| due > now) {
        return Ok((pools, now));
    }
    store::pools::expire_due(tx, event, now).await?;
    // The counters were read before the expiry; it is rare, so read them again.
    let pools = store::pools::lock_event(tx, event).await?;
    Ok((pools, now))
}

/// Tries a transaction again when it met another one: a deadlock, a serialization
/// failure, a lock not granted in time, a ticket code that is taken. What fails to the
/// end becomes `unavailable` with `Retry-After`. Each try waits for its turn.
pub(super) async fn retrying<T, F: Future<Output = Result<T>>>(
    ctx: &Ctx,
    attempt: impl Fn() -> F,
) -> Result<T> {
    for round in 1..TRIES {
        match in_turn(ctx, &attempt).await {
            Err(error) if may_try_again(&error) => {
                tracing::debug!(retry.round = round, "transaction of a sale is tried again");
                tokio::time::sleep(Duration::from_millis(5) * 2_u32.pow(round)).await;
            }
            outcome => return outcome,
        }
    }
    in_turn(ctx, &attempt).await
}

async fn in_turn<T, F: Future<Output = Result<T>>>(
    ctx: &Ctx,
    attempt: &impl Fn() -> F,
) -> Result<T> {
    let _turn = ctx.services.sales.enter().await?;
    attempt().await
}

fn may_try_again(error: &Error) -> bool {
    let source =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<store::Error>());
    source.is_some_and(|source| {
        matches!(source, store::Error::Conflict(_))
            || source.violates(store::tickets::CODE_UNIQUE)
            || source.violates(store::payments::REFERENCE_UNIQUE)
    })
}
