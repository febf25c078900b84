//! A clock that can be put back, so that the demo world has a past.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use service::ports::Clock;

/// Shows the real time until it is [`set`](DemoClock::set).
pub struct DemoClock {
    real: Arc<dyn Clock>,
    shown: Mutex<Option<Timestamp>>,
}

impl DemoClock {
    /// A clock in front of the real one.
    pub fn new(real: Arc<dyn Clock>) -> Self {
        Self {
            real,
            shown: Mutex::new(None),
        }
    }

    /// The real time.
    pub fn today(&self) -> Timestamp {
        self.real.now()
    }

    /// From now on it is `time`, but never later than it really is.
    pub fn set(&self, time: Timestamp) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(time.min(self.real.now()));
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .unwrap_or_else(|| self.real.now())
    }
}
