//! Messages that leave with their transaction, and the relay that publishes them.

use store::Tx;
use types::feed::DomainEvent;

use crate::{Ctx, Result};

/// The topic of domain events.
pub const DOMAIN_EVENTS: &str = "domain-events";

/// Writes a domain event into the outbox, inside the transaction of its effect and
/// after the lock of its aggregate. Call [`wake`] after the commit.
pub async fn add(ctx: &Ctx, tx: &mut Tx, event: &DomainEvent) -> Result<()> { todo!() }
/// Tells this process's relay that there is something to publish.
pub fn wake(ctx: &Ctx) { ctx.services.outbox_wake.notify_one(); }
/// Publishes a batch of unpublished rows; returns how many. Only whoever holds the relay lock calls it.
pub async fn relay_batch(ctx: &Ctx) -> Result<usize> { todo!() }
