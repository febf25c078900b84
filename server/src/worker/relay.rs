//! The outbox relay: one process publishes, the others wait for their turn.

use std::time::{Duration, Instant};

use service::{
    Ctx, Result,
    outbox::{self, Candidate, Relay},
};
use tokio_util::sync::CancellationToken;

use super::{backoff::Backoff, every::log};

/// How often rows are looked for that nobody announced: those of other processes.
const POLL: Duration = Duration::from_millis(200);

/// How long rows gather after a batch that was not full: in a rush a few large batches cost the
/// engines less than many small ones.
const GATHER: Duration = Duration::from_millis(30);

/// How often a candidate asks whether the relay is gone.
const TURN: Duration = Duration::from_millis(500);

/// How often the topics' ends are compared with what was published.
const FIND_LOST: Duration = Duration::from_secs(10);

/// How often old rows are removed.
const CLEAN_UP: Duration = Duration::from_mins(1);

/// Runs until `stop`. After an error the lock is given up: another process may reach
/// the engine that this one cannot.
pub(super) async fn run(ctx: Ctx, stop: CancellationToken) {
    let mut backoff = Backoff::up_to(Duration::from_secs(2));
    while !stop.is_cancelled() {
        match turn(&ctx, &stop, &mut backoff).await {
            Ok(()) => {}
            Err(error) => {
                if backoff.is_worth_a_line() {
                    log("outbox relay", &error);
                }
                backoff.wait(&stop).await;
            }
        }
    }
}

/// Waits for the lock and works with it until `stop`.
async fn turn(ctx: &Ctx, stop: &CancellationToken, backoff: &mut Backoff) -> Result<()> {
    let mut candidate = Candidate::new(ctx).await?;
    let mut relay = loop {
        match candidate.try_lead().await? {
            Ok(relay) => break relay,
            Err(waiting) => candidate = waiting,
        }
        if stop
            .run_until_cancelled(tokio::time::sleep(TURN))
            .await
            .is_none()
        {
            return Ok(());
        }
    };
    let result = lead(ctx, stop, &mut relay, backoff).await;
    // The connection's end releases it as well, a moment later.
    let _ = relay.release().await;
    result
}

async fn lead(
    ctx: &Ctx,
    stop: &CancellationToken,
    relay: &mut Relay,
    backoff: &mut Backoff,
) -> Result<()> {
    let (mut find_lost_at, mut clean_up_at) = (Instant::now(), Instant::now());
    while !stop.is_cancelled() {
        if Instant::now() >= find_lost_at {
            relay.find_lost(ctx).await?;
            find_lost_at = Instant::now() + FIND_LOST;
        }
        if Instant::now() >= clean_up_at {
            relay.clean_up(ctx).await?;
            clean_up_at = Instant::now() + CLEAN_UP;
        }
        let published = relay.publish_batch(ctx).await?;
        backoff.reset();
        if published == 0 {
            let wake = tokio::time::timeout(POLL, ctx.services.outbox_wake.notified());
            let _ = stop.run_until_cancelled(wake).await;
        } else if !outbox::is_full(published) {
            let _ = stop.run_until_cancelled(tokio::time::sleep(GATHER)).await;
        }
    }
    Ok(())
}
