//! A clock that stands still until the test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use service::ports::Clock;

/// Shows the same instant until it is moved.
#[derive(Debug)]
pub struct MockClock {
    micros: AtomicI64,
}

impl MockClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            micros: AtomicI64::new(now.as_microsecond()),
        }
    }

    /// Moves it forward (or back).
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0);
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        self.micros.store(now.as_microsecond(), Ordering::SeqCst);
    }
}

impl Default for MockClock {
    /// Noon of 1 June 2026, UTC.
    fn default() -> Self {
        Self {
            micros: AtomicI64::new(1_780_315_200_000_000),
        }
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.micros.load(Ordering::SeqCst)).unwrap_or_default()
    }
}
