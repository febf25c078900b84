//! Who sees an event and who may change it.

use store::{Conn, Tx, events::EventRow};
use types::{
    Code, EventId,
    events::{EventStatus, Visibility},
};

use super::views;
use crate::{Ctx, Error, Result, ctx::IfMatch};

/// The id that an id or slug stands for; whether it exists shows later for ids.
pub(crate) async fn id_of(conn: &mut Conn, key: &str) -> Result<EventId> {
    if let Ok(id) = key.parse() {
        return Ok(id);
    }
    store::events::id_of_slug(conn, key)
        .await?
        .ok_or_else(Error::not_found)
}

/// The event with this id or slug, if the actor may see it.
pub(crate) async fn visible(ctx: &Ctx, conn: &mut Conn, key: &str) -> Result<EventRow> {
    let id = id_of(conn, key).await?;
    let rows = store::events::rows(conn, &[id], ctx.now()).await?;
    let row = rows.into_iter().next().ok_or_else(Error::not_found)?;
    if may_see(ctx, conn, &row).await? {
        Ok(row)
    } else {
        Err(Error::not_found())
    }
}

/// The event with this id or slug, if the actor runs it. Hidden events of others do
/// not exist; others may be seen but not changed.
pub(crate) async fn crew(ctx: &Ctx, conn: &mut Conn, key: &str) -> Result<EventRow> {
    if !ctx.is_admin() {
        ctx.account()?;
    }
    let row = visible(ctx, conn, key).await?;
    must_be_crew(ctx, &row)?;
    Ok(row)
}

/// Only those who run an event change it.
pub(crate) fn must_be_crew(ctx: &Ctx, row: &EventRow) -> Result<()> {
    if is_crew(ctx, row) {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden).detail("Only its organizer can do this."))
}

/// Locks an event against other editors, and its pools against sales; due holds are
/// expired. Then reads it again: what was read before the locks may be old.
pub(crate) async fn locked(
    ctx: &Ctx,
    tx: &mut Tx,
    id: EventId,
    version: IfMatch,
) -> Result<EventRow> {
    store::events::lock(tx, id).await?;
    store::pools::lock_event(tx, id).await?;
    ctx.services.tills.forget(id);
    store::pools::expire_due(tx, id, ctx.now()).await?;
    let rows = store::events::rows(tx, &[id], ctx.now()).await?;
    let row = rows.into_iter().next().ok_or_else(Error::not_found)?;
    version.check(row.version)?;
    Ok(row)
}

/// Does the actor run this event?
pub(crate) fn is_crew(ctx: &Ctx, row: &EventRow) -> bool {
    ctx.is_admin() || ctx.account_if_any() == Some(row.organizer_id)
}

/// May the actor see this event?
pub(crate) async fn may_see(ctx: &Ctx, conn: &mut Conn, row: &EventRow) -> Result<bool> {
    if is_crew(ctx, row) {
        return Ok(true);
    }
    match (views::status(row)?, views::visibility(row)?) {
        (EventStatus::Draft, _) => Ok(false),
        (_, Visibility::Public | Visibility::Unlisted) => Ok(true),
        (_, Visibility::Members | Visibility::Archived) => match ctx.account_if_any() {
            Some(account) => Ok(store::events::has_ticket(conn, row.id, account).await?),
            None => Ok(false),
        },
    }
}
