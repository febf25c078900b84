//! Makes a twin fail.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use service::ports::PortError;

/// Whether the next calls of a twin fail as if its engine were away.
#[derive(Debug, Default)]
pub struct Switch {
    is_down: AtomicBool,
    failures: AtomicU32,
}

impl Switch {
    /// Every call fails until it is set back.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    /// The next `calls` calls fail.
    pub fn fail_next(&self, calls: u32) {
        self.failures.store(calls, Ordering::SeqCst);
    }

    /// What every call of a twin asks first.
    pub(super) fn check(&self) -> Result<(), PortError> {
        let take_one = |left: u32| left.checked_sub(1);
        let fails = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one)
            .is_ok();
        if fails || self.is_down.load(Ordering::SeqCst) {
            return Err(PortError::unavailable("the test switched this engine off"));
        }
        Ok(())
    }
}
