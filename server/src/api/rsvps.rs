//! The calls of RSVPs.

use axum::Json;
use http::StatusCode;
use service::{events, rsvps};
use types::{
    Page,
    paging::PageQuery,
    rsvps::{AnswerRsvp, EventRsvp, MyRsvp, Rsvp, RsvpSettings, SetRsvp},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, Key, Params},
    problem::ApiResult,
    refusals,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(look, answer, withdraw))
        .routes(routes!(list))
        .routes(routes!(list_of_event))
        .routes(routes!(settings, set, remove))
}

/// How many are going and interested, and your own answer.
#[utoipa::path(get, path = "/events/{event}/rsvp", operation_id = "get_rsvp", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug")),
    responses(
        (status = 200, description = "404 also when the event takes no RSVPs", body = Rsvp),
        refusals::Read,
    ))]
async fn look(Cx(ctx): Cx, Key(event): Key) -> ApiResult<Json<Rsvp>> {
    Ok(Json(rsvps::get(&ctx, &event).await?))
}

/// Answers, instead of whatever you answered before. Going takes a place for each of your party:
/// these are tickets in `GET /tickets`. When the event is full, wait in line for `ticket_type_id`;
/// what is kept for you then is taken by answering going for so many more. Once you were asked
/// (`confirm_until`), the same answer again confirms it: without `party` for as many as before. Giving
/// places up ends your wait for more.
#[utoipa::path(put, path = "/events/{event}/rsvp", operation_id = "answer_rsvp", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug")), request_body = AnswerRsvp,
    responses(
        (status = 200, description = "Your answer", body = Rsvp),
        (status = 409, description = "`sold_out` with `available` and `ticket_type_id`, `not_on_sale`, `waiting_room_required`, `limit_reached` with `own_holds` while places are held for you elsewhere, `payment_pending` while tickets of yours are being sold in this very moment (try again), `illegal_state` with `hold_id` while another number of places is kept for you, or when your party is in already"),
        (status = 422, description = "`invalid` with `answer` or `party`"),
    ))]
async fn answer(Cx(ctx): Cx, Key(event): Key, body: Body<AnswerRsvp>) -> ApiResult<Json<Rsvp>> {
    let command = body
        .after_check(service::orders::may_see_event(&ctx, &event))
        .await?;
    Ok(Json(rsvps::answer(&ctx, &event, command).await?))
}

/// Takes your answer back, and with it your places. Again is fine.
#[utoipa::path(delete, path = "/events/{event}/rsvp", operation_id = "withdraw_rsvp", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug")),
    responses((status = 204, description = "There is no answer of yours"), refusals::Act))]
async fn withdraw(Cx(ctx): Cx, Key(event): Key) -> ApiResult<StatusCode> {
    rsvps::withdraw(&ctx, &event).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Your answers to events that you may see, latest first.
#[utoipa::path(get, path = "/rsvps", operation_id = "list_rsvps", tag = "tickets",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "A page of answers", body = Page<MyRsvp>), refusals::AskedOwn))]
async fn list(Cx(ctx): Cx, query: Params<PageQuery>) -> ApiResult<Json<Page<MyRsvp>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(rsvps::list(&ctx, query).await?))
}

/// Who answered what, latest first (crew).
#[utoipa::path(get, path = "/events/{event}/rsvps", operation_id = "list_rsvps_of_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "A page of answers", body = Page<EventRsvp>), refusals::ListPart))]
async fn list_of_event(
    Cx(ctx): Cx,
    Key(event): Key,
    query: Params<PageQuery>,
) -> ApiResult<Json<Page<EventRsvp>>> {
    let query = query.after(events::may_act(&ctx, &event).await)?;
    Ok(Json(rsvps::list_of_event(&ctx, &event, query).await?))
}

/// How the event takes RSVPs (crew).
#[utoipa::path(get, path = "/events/{event}/rsvp-settings", operation_id = "get_rsvp_settings", tag = "events",
    params(("event" = String, Path, description = "Id or slug")),
    responses(
        (status = 200, description = "404 also when it takes none", body = RsvpSettings),
        refusals::RemovePart,
    ))]
async fn settings(Cx(ctx): Cx, Key(event): Key) -> ApiResult<Json<RsvpSettings>> {
    Ok(Json(rsvps::settings(&ctx, &event).await?))
}

/// Lets the event take RSVPs, or changes how (crew). An event that sells tickets cannot. How many
/// may come is the event's `capacity`; without it everybody may.
#[utoipa::path(put, path = "/events/{event}/rsvp-settings", operation_id = "set_rsvp_settings", tag = "events",
    params(("event" = String, Path, description = "Id or slug")), request_body = SetRsvp,
    responses((status = 200, description = "The settings", body = RsvpSettings), refusals::ActWithBody))]
async fn set(Cx(ctx): Cx, Key(event): Key, body: Body<SetRsvp>) -> ApiResult<Json<RsvpSettings>> {
    let command = body.after_check(events::may_act(&ctx, &event)).await?;
    Ok(Json(rsvps::set(&ctx, &event, command).await?))
}

/// Takes no RSVPs any more, as long as nobody was going (crew); forgets who was interested. Again is
/// fine.
#[utoipa::path(delete, path = "/events/{event}/rsvp-settings", operation_id = "remove_rsvp_settings", tag = "events",
    params(("event" = String, Path, description = "Id or slug")),
    responses((status = 204, description = "It takes none"), refusals::Act))]
async fn remove(Cx(ctx): Cx, Key(event): Key) -> ApiResult<StatusCode> {
    rsvps::remove(&ctx, &event).await?;
    Ok(StatusCode::NO_CONTENT)
}
