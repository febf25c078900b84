//! The public feed: what just happened, made from domain events.

use types::feed::Activity;

use crate::{Ctx, Result, ports::Record};

/// The latest activities of public events, newest first; empty while `MongoDB` is away.
pub async fn latest(ctx: &Ctx, limit: u32) -> Result<Vec<Activity>> { todo!() }
/// Writes domain events into the feed; the consumer calls it. Idempotent.
pub async fn record(ctx: &Ctx, records: &[Record]) -> Result<()> { todo!() }
