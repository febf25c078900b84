//! In-memory twins of the adapters, for tests. They keep the same promises (the
//! suites in `tests/` run on both) and can be made to fail.

mod blobs;
mod bus;
mod clock;
mod documents;
mod ids;
mod mails;
mod payments;
mod switch;

pub use blobs::MemoryBlobs;
pub use bus::MemoryBus;
pub use clock::MockClock;
pub use documents::MemoryDocuments;
pub use ids::SeededIds;
pub use mails::MemoryMailer;
pub use payments::ScriptedPayments;
pub use switch::Switch;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A test that panicked while holding the lock has failed already; others go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
