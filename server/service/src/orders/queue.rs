//! Where sales of this process wait before they take a connection.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use types::Code;

use crate::{Error, Result};

/// How long a sale waits for its turn before the client is told to come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lets at most half of the process's connections be in transactions of sales. A rush
/// on one event then waits in memory, in order, and not with every connection for one
/// row: pages and logins go on, and no lock is waited for longer than it is allowed.
pub struct Queue {
    slots: Semaphore,
}

impl Queue {
    /// For a process with so many connections.
    pub fn for_connections(connections: u32) -> Self {
        let slots = (connections / 2).max(1);
        Self {
            slots: Semaphore::new(slots as usize),
        }
    }

    /// Waits for a turn; it ends when the value is dropped.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        let turn = tokio::time::timeout(PATIENCE, self.slots.acquire()).await;
        let turn = turn.map_err(|late| Error::new(Code::Unavailable).because(late))?;
        turn.map_err(Error::internal)
    }
}
