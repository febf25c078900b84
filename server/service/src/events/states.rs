//! The steps of an event's life: publish, cancel, archive.

use store::events::EventRow;
use types::{
    Code, EventId,
    events::{CancelEvent, Event, EventStatus, Visibility},
    feed::{DomainEvent, EventFact},
    validate,
};

use super::{access, get, views};
use crate::{Ctx, Error, Result, ctx::IfMatch, outbox};

/// Draft → published.
pub async fn publish(ctx: &Ctx, key: &str) -> Result<Event> {
    let id = own(ctx, key).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, id, IfMatch::Any).await?;
    if !views::status(&row)?.may_publish() {
        return Err(illegal("Only a draft can be published."));
    }
    if row.ends_at <= ctx.now() {
        return Err(illegal(
            "This event is over already. Give it a new date first.",
        ));
    }
    store::events::set_status(
        &mut tx,
        id,
        EventStatus::Published.as_str(),
        None,
        ctx.now(),
    )
    .await?;
    store::events::touch(&mut tx, id, ctx.now()).await?;
    outbox::add(ctx, &mut tx, &DomainEvent::EventPublished(fact(&row)?)).await?;
    tx.commit().await?;
    outbox::wake(ctx);
    get(ctx, &id.to_string()).await
}

/// Published → cancelled. Its tickets no longer open the door.
pub async fn cancel(ctx: &Ctx, key: &str, command: CancelEvent) -> Result<Event> {
    let id = own(ctx, key).await?;
    validate::check(&command).map_err(Error::invalid)?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, id, IfMatch::Any).await?;
    if !views::status(&row)?.may_cancel() || row.ends_at <= ctx.now() {
        return Err(illegal(
            "Only a published event that is not over can be cancelled.",
        ));
    }
    let reason = command.reason.trim();
    store::events::set_status(
        &mut tx,
        id,
        EventStatus::Cancelled.as_str(),
        Some(reason),
        ctx.now(),
    )
    .await?;
    store::tickets::cancel_of_event(&mut tx, id).await?;
    store::pools::call_off_awaiting(&mut tx, id, ctx.now()).await?;
    store::events::touch(&mut tx, id, ctx.now()).await?;
    outbox::add(ctx, &mut tx, &DomainEvent::EventCancelled(fact(&row)?)).await?;
    tx.commit().await?;
    outbox::wake(ctx);
    get(ctx, &id.to_string()).await
}

/// Out of the lists; its crew and people with a ticket still find it.
pub async fn archive(ctx: &Ctx, key: &str) -> Result<Event> {
    let id = own(ctx, key).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, id, IfMatch::Any).await?;
    if views::status(&row)? == EventStatus::Draft
        || views::visibility(&row)? == Visibility::Archived
    {
        return Err(illegal(
            "Only an event that was published can be archived, and only once.",
        ));
    }
    store::events::set_visibility(&mut tx, id, Visibility::Archived.as_str()).await?;
    store::events::touch(&mut tx, id, ctx.now()).await?;
    outbox::add(
        ctx,
        &mut tx,
        &DomainEvent::EventUpdated(EventFact {
            is_public: false,
            ..fact(&row)?
        }),
    )
    .await?;
    tx.commit().await?;
    outbox::wake(ctx);
    get(ctx, &id.to_string()).await
}

async fn own(ctx: &Ctx, key: &str) -> Result<EventId> {
    let mut conn = ctx.db().conn().await?;
    Ok(access::crew(ctx, &mut conn, key).await?.id)
}

/// Drafts and published events are edited; what was cancelled or is completed stays.
pub(crate) fn must_be_editable(row: &EventRow) -> Result<()> {
    if views::status(row)?.may_edit() {
        Ok(())
    } else {
        Err(illegal("This event can no longer be edited."))
    }
}

fn illegal(detail: &str) -> Error {
    Error::new(Code::IllegalState).detail(detail)
}

/// The event as a domain event tells it.
pub(crate) fn fact(row: &EventRow) -> Result<EventFact> {
    Ok(EventFact {
        event_id: row.id,
        slug: row.slug.clone(),
        title: row.title.clone(),
        is_public: views::visibility(row)? == Visibility::Public,
    })
}
