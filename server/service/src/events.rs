//! Events: list, read, create, edit, publish, cancel, ticket types, metadata.

mod access;
mod capacity;
mod cursor;
mod edit;
mod filled;
mod forms;
mod listing;
mod metadata;
mod question;
pub(crate) mod rules;
pub(crate) mod states;
mod ticket_types;
pub(crate) mod views;

use std::collections::HashMap;

use store::Conn;
use types::{EventId, events::Event, orders::EventBrief};

use crate::{Ctx, Result, ctx::IfMatch};

pub(crate) use access::{crew, id_of, is_crew, may_see, visible as visible_row};
pub use edit::{create, delete, duplicate, update};
pub use forms::{create_from_form, form, update_from_form};
pub use listing::{PublicAddress, browse, list, list_mine, public_addresses};
pub use metadata::{metadata, put_metadata};
pub use rules::MAX_METADATA_BYTES;
pub use states::{archive, cancel, publish};
pub use ticket_types::{
    add_ticket_type, may_edit as may_edit_ticket_type, remove_ticket_type, update_ticket_type,
};
pub(crate) use views::{as_sold, brief as brief_of, on_terms, refundable_until};

/// The combined view of an event by id or slug: core, ticket types with availability,
/// media, metadata.
pub async fn get(ctx: &Ctx, key: &str) -> Result<Event> {
    let mut conn = ctx.db().conn().await?;
    let row = access::visible(ctx, &mut conn, key).await?;
    let types = store::events::ticket_types::of_event(&mut conn, row.id, ctx.now()).await?;
    let media = store::media::of_event(&mut conn, row.id).await?;
    drop(conn);
    let document = metadata::read_if_there(ctx, &row).await;
    views::whole(ctx, row, types, &media, document)
}

/// May the actor edit this event, seen at `version`? What comes before a look at the
/// request's body.
///
/// # Errors
/// 401, 404, 403, 428 or 412, in this order.
pub async fn may_edit(ctx: &Ctx, key: &str, version: IfMatch) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let row = access::crew(ctx, &mut conn, key).await?;
    version.check(row.version)
}

/// May the actor act on this event? Actions need no version.
///
/// # Errors
/// 401, 404 or 403, in this order.
pub async fn may_act(ctx: &Ctx, key: &str) -> Result<()> {
    may_edit(ctx, key, IfMatch::Any).await
}

/// May the actor replace this event's metadata, seen at `version`?
///
/// # Errors
/// 401, 404, 403, 428 or 412, in this order.
pub async fn may_put_metadata(ctx: &Ctx, key: &str, version: IfMatch) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let row = access::crew(ctx, &mut conn, key).await?;
    metadata::check_version(version, row.metadata_version)
}

/// The id of an event, if the actor may see it.
pub async fn visible(ctx: &Ctx, conn: &mut Conn, key: &str) -> Result<EventId> {
    Ok(access::visible(ctx, conn, key).await?.id)
}

/// Events in short, for holds, orders and tickets; whether the actor may see them is
/// the caller's question.
pub async fn brief(
    ctx: &Ctx,
    conn: &mut Conn,
    ids: &[EventId],
) -> Result<HashMap<EventId, EventBrief>> {
    views::briefs(ctx, conn, ids).await
}
