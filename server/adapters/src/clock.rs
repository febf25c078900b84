//! The system's clock, moved to the time of Postgres.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use service::ports::Clock;

/// The system's clock plus an offset that the worker measures against Postgres.
#[derive(Debug, Default)]
pub struct SystemClock {
    offset_micros: AtomicI64,
}

impl SystemClock {
    /// How far this clock stands from the system's.
    pub fn offset(&self) -> SignedDuration {
        SignedDuration::from_micros(self.offset_micros.load(Ordering::Relaxed))
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock that is injected"
        )]
        let system = Timestamp::now();
        let micros = system
            .as_microsecond()
            .saturating_add(self.offset_micros.load(Ordering::Relaxed));
        // Cannot fail for an offset that leads to a year of four digits.
        Timestamp::from_microsecond(micros).unwrap_or(system)
    }

    fn shift(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0);
        self.offset_micros.fetch_add(micros, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_has_the_precision_of_postgres() {
        let now = SystemClock::default().now();
        assert_eq!(now.subsec_nanosecond() % 1000, 0);
    }

    #[test]
    fn a_shift_moves_the_clock_and_adds_up() {
        let clock = SystemClock::default();
        let before = clock.now();
        clock.shift(SignedDuration::from_hours(2));
        clock.shift(SignedDuration::from_hours(-1));
        let moved = clock.now().duration_since(before);
        assert!(
            moved >= SignedDuration::from_hours(1) && moved < SignedDuration::from_mins(61),
            "{moved:?}"
        );
        assert_eq!(clock.offset(), SignedDuration::from_hours(1));
    }
}
