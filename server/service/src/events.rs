//! Events: list, read, create, edit, publish, cancel, ticket types, metadata.

mod access;
mod capacity;
mod cursor;
mod edit;
mod filled;
mod forms;
mod listing;
mod metadata;
mod pricing;
mod question;
pub(crate) mod rules;
pub(crate) mod states;
mod ticket_types;
pub(crate) mod views;

use std::collections::HashMap;

use store::Conn;
use types::{EventId, events::Event, orders::EventBrief};

use crate::{Ctx, Error, Result, ctx::IfMatch, promos};

pub(crate) use access::{crew, id_of, is_crew, locked, may_see, visible as visible_row};
pub use edit::{create, delete, duplicate, update};
pub use forms::{create_from_form, form, update_from_form};
pub use listing::{PublicAddress, browse, list, list_mine, public_addresses};
pub use metadata::{metadata, put_metadata};
pub use rules::MAX_METADATA_BYTES;
pub(crate) use states::must_be_editable;
pub use states::{archive, cancel, publish};
pub use ticket_types::{
    add_ticket_type, may_edit as may_edit_ticket_type, remove_ticket_type, update_ticket_type,
};
pub(crate) use views::{as_sold, brief as brief_of, on_terms, refundable_until};

/// The combined view of an event by id or slug: core, ticket types with availability,
/// media, metadata.
pub async fn get(ctx: &Ctx, key: &str) -> Result<Event> {
    get_with_code(ctx, key, None).await
}

/// The same for somebody with a promo code: with the hidden ticket types that it opens and
/// the prices that it makes. An empty code is none.
///
/// # Errors
/// 404; `unknown_promo_code`, `promo_code_not_valid`, `promo_code_used_up`,
/// `promo_code_used_by_you`, `rate_limited`.
pub async fn get_with_code(ctx: &Ctx, key: &str, code: Option<&str>) -> Result<Event> {
    promos::spend_try(ctx, code).await?;
    let mut conn = ctx.db().conn().await?;
    let row = access::visible(ctx, &mut conn, key).await?;
    let promo = match code.filter(|code| !promos::is_blank(Some(code))) {
        Some(code) => Some(promos::typed(ctx, &mut conn, &row, code).await?),
        None => None,
    };
    let types = store::events::ticket_types::of_event(&mut conn, row.id, ctx.now()).await?;
    let media = store::media::of_event(&mut conn, row.id).await?;
    drop(conn);
    let document = metadata::read_if_there(ctx, &row).await;
    views::whole(ctx, row, types, &media, document, promo.as_ref())
}

/// The same for a page, which shows the event whatever becomes of the code: with why the code
/// was refused, if it was.
///
/// # Errors
/// 404.
pub async fn get_trying_code(
    ctx: &Ctx,
    key: &str,
    code: Option<&str>,
) -> Result<(Event, Option<Error>)> {
    match get_with_code(ctx, key, code).await {
        Err(refusal) if promos::is_refusal(&refusal) => Ok((get(ctx, key).await?, Some(refusal))),
        event => Ok((event?, None)),
    }
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
