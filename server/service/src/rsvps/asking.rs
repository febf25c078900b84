//! Asking whoever is going once more, and freeing the places of those who do not answer.

use std::collections::BTreeSet;

use store::mails::About;
use types::EventId;

use crate::{Ctx, Result, mails, orders};

/// Asks those who are going to events whose time for that has come; the worker calls it. Returns
/// of how many events.
///
/// # Errors
/// When Postgres fails.
pub async fn ask(ctx: &Ctx) -> Result<usize> {
    let events = {
        let mut conn = ctx.db().conn().await?;
        store::rsvps::to_ask(&mut conn, ctx.now()).await?
    };
    let mut outcome = Ok(events.len());
    for event in events {
        // One that is being rushed at does not keep the others waiting.
        if let Err(error) = ask_about(ctx, event).await {
            outcome = Err(error);
        }
    }
    outcome
}

/// Asks those who are going to an event, each by mail. Under the locks of its pools: whoever answers
/// meanwhile did so before they were asked, and is asked too, or after it.
async fn ask_about(ctx: &Ctx, event: EventId) -> Result<()> {
    let mut tx = ctx.db().begin().await?;
    store::pools::lock_event(&mut tx, event).await?;
    if !store::rsvps::ask(&mut tx, event, ctx.now()).await? {
        return Ok(());
    }
    if ctx.settings().sends_receipts {
        let people = store::rsvps::to_confirm(&mut tx, event).await?;
        let about = About::RsvpConfirm(event);
        let letters: Vec<_> = people
            .into_iter()
            .map(|who| mails::row(ctx, about, who))
            .collect();
        store::mails::insert(&mut tx, &letters).await?;
    }
    Ok(tx.commit().await?)
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
