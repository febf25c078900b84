//! Events: list, read, create, edit, publish, cancel, ticket types, metadata.

use types::{
    Page, TicketTypeId,
    events::{CancelEvent, CreateEvent, CreateTicketType, Event, EventForm, EventQuery, TicketType, UpdateEvent, UpdateTicketType},
    paging::PageQuery,
};

use crate::{Ctx, Result, ctx::IfMatch};

/// Public published events that match, by default those not over.
pub async fn list(ctx: &Ctx, query: EventQuery) -> Result<Page<Event>> { todo!() }
/// The actor's own events in every state, latest first.
pub async fn list_mine(ctx: &Ctx, query: PageQuery) -> Result<Page<Event>> { todo!() }
/// The combined view of an event by id or slug.
pub async fn get(ctx: &Ctx, key: &str) -> Result<Event> { todo!() }
/// A new draft.
pub async fn create(ctx: &Ctx, command: CreateEvent) -> Result<Event> { todo!() }
/// A new draft from the editor's form.
pub async fn create_from_form(ctx: &Ctx, form: EventForm) -> Result<Event> { todo!() }
/// The editor's form of an event (crew).
pub async fn form(ctx: &Ctx, key: &str) -> Result<(Event, EventForm)> { todo!() }
/// Edits an event.
pub async fn update(ctx: &Ctx, key: &str, version: IfMatch, command: UpdateEvent) -> Result<Event> { todo!() }
/// Edits an event and its ticket types from the editor's form, whole or not at all.
pub async fn update_from_form(ctx: &Ctx, key: &str, version: IfMatch, form: EventForm) -> Result<Event> { todo!() }
/// Removes a draft that never sold.
pub async fn delete(ctx: &Ctx, key: &str, version: IfMatch) -> Result<()> { todo!() }
/// Draft → published.
pub async fn publish(ctx: &Ctx, key: &str) -> Result<Event> { todo!() }
/// Published → cancelled.
pub async fn cancel(ctx: &Ctx, key: &str, command: CancelEvent) -> Result<Event> { todo!() }
/// Out of the lists.
pub async fn archive(ctx: &Ctx, key: &str) -> Result<Event> { todo!() }
/// A draft with the same content.
pub async fn duplicate(ctx: &Ctx, key: &str) -> Result<Event> { todo!() }
/// Adds a ticket type.
pub async fn add_ticket_type(ctx: &Ctx, key: &str, command: CreateTicketType) -> Result<TicketType> { todo!() }
/// Edits a ticket type; `version` is the event's.
pub async fn update_ticket_type(ctx: &Ctx, key: &str, id: TicketTypeId, version: IfMatch, command: UpdateTicketType) -> Result<TicketType> { todo!() }
/// Removes a ticket type that nobody has or holds.
pub async fn remove_ticket_type(ctx: &Ctx, key: &str, id: TicketTypeId, version: IfMatch) -> Result<()> { todo!() }
/// The metadata document and its version; `{}` and 0 without one.
pub async fn metadata(ctx: &Ctx, key: &str) -> Result<(serde_json::Value, i64)> { todo!() }
/// Replaces the metadata document; returns it and its new version.
pub async fn put_metadata(ctx: &Ctx, key: &str, version: IfMatch, document: serde_json::Value) -> Result<(serde_json::Value, i64)> { todo!() }
