//! The calls of the waiting list.

use axum::{Json, http::StatusCode};
use types::{
    Page, WaitingListEntryId,
    paging::PageQuery,
    waiting_list::{EventWaitingListEntry, JoinWaitingList, WaitingListEntry},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use service::orders::waiting_list;

use super::{
    extract::{Body, Cx, Key, Made, OnceHeader, Params, Seg},
    problem::ApiResult,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(join, list_of_event))
        .routes(routes!(list))
        .routes(routes!(get, leave))
}

/// Joins the line for a ticket type that is sold out. When places become free they are held
/// for you (`status: offered`, `hold_id`), all of your party's together.
#[utoipa::path(post, path = "/events/{event}/waiting-list", operation_id = "join_waiting_list", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug"), ("Idempotency-Key" = Option<String>, Header)),
    request_body = JoinWaitingList,
    responses(
        (status = 201, description = "You are in line", body = WaitingListEntry),
        (status = 409, description = "`places_available`, `illegal_state` with `waiting_list_entry_id` when you are in line already, `limit_reached`, `not_on_sale`, `request_in_flight`"),
        (status = 422, description = "`invalid` with `ticket_type_id` or `quantity`, `idempotency_mismatch`"),
    ))]
async fn join(
    Cx(ctx): Cx,
    Key(event): Key,
    OnceHeader(once): OnceHeader,
    body: Body<JoinWaitingList>,
) -> ApiResult<Made<WaitingListEntry>> {
    let command = body
        .after_check(service::orders::may_see_event(&ctx, &event))
        .await?;
    Ok(Made(waiting_list::join(&ctx, &event, command, once).await?))
}

/// Who waits for places of an event or has an offer, first come first, for its organizer.
#[utoipa::path(get, path = "/events/{event}/waiting-list", operation_id = "list_waiting_list_of_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<EventWaitingListEntry>)))]
async fn list_of_event(
    Cx(ctx): Cx,
    Key(event): Key,
    query: Params<PageQuery>,
) -> ApiResult<Json<Page<EventWaitingListEntry>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(
        waiting_list::list_of_event(&ctx, &event, query).await?,
    ))
}

/// Your places in line, latest first.
#[utoipa::path(get, path = "/waiting-list", operation_id = "list_waiting_list", tag = "tickets",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<WaitingListEntry>)))]
async fn list(Cx(ctx): Cx, query: Params<PageQuery>) -> ApiResult<Json<Page<WaitingListEntry>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(waiting_list::list(&ctx, query).await?))
}

/// One of your places in line.
#[utoipa::path(get, path = "/waiting-list/{entry}", operation_id = "get_waiting_list_entry", tag = "tickets",
    params(("entry" = WaitingListEntryId, Path)),
    responses((status = 200, body = WaitingListEntry)))]
async fn get(
    Cx(ctx): Cx,
    Seg(entry): Seg<WaitingListEntryId>,
) -> ApiResult<Json<WaitingListEntry>> {
    Ok(Json(waiting_list::get(&ctx, entry).await?))
}

/// Leaves the line, or gives an offer back.
#[utoipa::path(delete, path = "/waiting-list/{entry}", operation_id = "leave_waiting_list", tag = "tickets",
    params(("entry" = WaitingListEntryId, Path)),
    responses(
        (status = 204, description = "You wait no longer"),
        (status = 409, description = "`payment_pending` when the places are ordered: call the order off (`order_id` of the entry) or wait; `illegal_state` when they are paid"),
    ))]
async fn leave(Cx(ctx): Cx, Seg(entry): Seg<WaitingListEntryId>) -> ApiResult<StatusCode> {
    waiting_list::leave(&ctx, entry).await?;
    Ok(StatusCode::NO_CONTENT)
}
