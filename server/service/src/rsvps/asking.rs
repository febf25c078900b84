//! Asking whoever is going once more, and freeing the places of those who do not answer.

use std::collections::BTreeSet;

use crate::{Ctx, Result, orders};

/// Asks those who are going to events whose time for that has come; the worker calls it. Returns
/// of how many events.
///
/// # Errors
/// When Postgres fails.
pub async fn ask(ctx: &Ctx) -> Result<usize> {
    let mut conn = ctx.db().conn().await?;
    Ok(store::rsvps::ask(&mut conn, ctx.now()).await?.len())
}

/// Frees the places of those who did not confirm in time; the worker calls it. It is settled at the
/// events' tills, so whoever confirms at the same instant keeps the place or comes too late, and
/// the line is offered what is free before anybody else. Returns how many events it looked at.
///
/// # Errors
/// When Postgres fails.
pub async fn release_unconfirmed(ctx: &Ctx) -> Result<usize> {
    const PEOPLE: i64 = 1000;
    let lapsing = {
        let mut conn = ctx.db().conn().await?;
        store::rsvps::lapsing(&mut conn, None, ctx.now(), PEOPLE).await?
    };
    let events: BTreeSet<_> = lapsing.into_iter().map(|(event, _)| event).collect();
    let mut outcome = Ok(events.len());
    for event in events {
        // One that cannot be settled now does not keep the others waiting.
        if let Err(error) = orders::settle_lapses(ctx, event).await {
            outcome = Err(error);
        }
    }
    outcome
}
