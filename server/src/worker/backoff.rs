//! Waiting longer after each failure.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// The first wait after a failure.
const FIRST: Duration = Duration::from_millis(100);

/// How often something failed in a row, and how long to wait for that.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    most: Duration,
}

impl Backoff {
    /// Waits that double up to `most`.
    pub(super) fn up_to(most: Duration) -> Self {
        Self { failures: 0, most }
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait now.
    pub(super) fn next(&mut self) -> Duration {
        let wait = FIRST
            .saturating_mul(1 << self.failures.min(16))
            .min(self.most);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// It failed: waits, or returns at once when the process stops.
    pub(super) async fn wait(&mut self, stop: &CancellationToken) {
        let _ = stop
            .run_until_cancelled(tokio::time::sleep(self.next()))
            .await;
    }

    /// Of a long row of failures only the 1st, 2nd, 4th, 8th … are worth a line.
    pub(super) fn is_worth_a_line(&self) -> bool {
        self.failures.saturating_add(1).is_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_most_and_start_again() {
        let mut backoff = Backoff::up_to(Duration::from_secs(1));
        let waits: Vec<_> = (0..6).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.next(), FIRST);
    }

    #[test]
    fn a_long_row_of_failures_leaves_few_lines() {
        let mut backoff = Backoff::up_to(Duration::from_secs(1));
        let lines = (0..1000)
            .filter(|_| {
                let line = backoff.is_worth_a_line();
                backoff.next();
                line
            })
            .count();
        assert_eq!(lines, 10);
    }
}
