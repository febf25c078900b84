//! Jobs that come again.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use service::Ctx;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;

/// What is done each time.
pub(super) type Job = for<'a> fn(&'a Ctx) -> BoxFuture<'a, service::Result<()>>;

/// Does `job` now and then after each `period`, until `stop`. A failure or a panic is
/// logged, and the job tried again: sooner than after the period if that is long.
pub(super) async fn every(
    name: &'static str,
    period: Duration,
    ctx: Ctx,
    stop: CancellationToken,
    job: Job,
) {
    let mut backoff = Backoff::up_to(period.min(Duration::from_secs(30)));
    while !stop.is_cancelled() {
        let wait = match AssertUnwindSafe(job(&ctx)).catch_unwind().await {
            Ok(Ok(())) => {
                backoff.reset();
                period
            }
            Ok(Err(error)) => {
                if backoff.is_worth_a_line() {
                    log(name, &error);
                }
                backoff.next()
            }
            // The panic's own message is in the log already.
            Err(_) => {
                tracing::error!(job = name, "a job panicked");
                period.max(Duration::from_secs(1))
            }
        };
        let _ = stop.run_until_cancelled(tokio::time::sleep(wait)).await;
    }
}

/// An engine that is away is expected now and then; everything else is ours.
pub(super) fn log(name: &'static str, error: &service::Error) {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    if error.code.is_retryable() {
        tracing::warn!(job = name, error = %error, error.cause = cause, "not possible now; trying again");
    } else {
        tracing::error!(job = name, error = %error, error.cause = cause, "a job failed; trying again");
    }
}
