//! The calls of waiting rooms.

use axum::Json;
use http::{HeaderMap, StatusCode};
use service::{Error, events, waiting_room};
use types::{
    Code,
    waiting_room::{OpenRoom, Place, WaitingRoom},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, Key},
    problem::ApiResult,
    refusals,
};

/// The header that proves a place.
pub const PLACE_TOKEN: &str = "waiting-room-token";

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(look, join, arm, disarm))
}

/// How far the line of an event is, for you: the holder of the token, else whoever is signed in.
/// Ask again after `poll_after_seconds`; with a token the call needs no other credential.
#[utoipa::path(get, path = "/events/{event}/waiting-room", operation_id = "look_at_waiting_room", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug"),
        ("Waiting-Room-Token" = Option<String>, Header, description = "From joining")),
    responses(
        (status = 200, description = "`state` is `open` when everybody can buy", body = WaitingRoom),
        (status = 400, description = "`bad_place_token`: not a place in this room; join again"),
        refusals::Read,
    ))]
async fn look(Cx(ctx): Cx, Key(event): Key, headers: HeaderMap) -> ApiResult<Json<WaitingRoom>> {
    let token = place_token(&headers)?;
    Ok(Json(waiting_room::look(&ctx, &event, token).await?))
}

/// Joins the line. You have one place, from however many devices you join; asking again tells it.
/// Early places are drawn at random when the room opens, later ones come behind in their order.
#[utoipa::path(post, path = "/events/{event}/waiting-room", operation_id = "join_waiting_room", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug")),
    responses(
        (status = 200, description = "Your place, with the token that proves it", body = Place),
        refusals::Read,
    ))]
async fn join(Cx(ctx): Cx, Key(event): Key) -> ApiResult<Json<Place>> {
    Ok(Json(waiting_room::join(&ctx, &event).await?))
}

/// Sets a waiting room up, or changes it (crew). From now on places are put aside only by people
/// whose turn it is. A changed rate holds from two seconds later; nobody's place gets worse.
#[utoipa::path(put, path = "/events/{event}/waiting-room", operation_id = "arm_waiting_room", tag = "events",
    params(("event" = String, Path, description = "Id or slug")), request_body = OpenRoom,
    responses((status = 200, body = WaitingRoom), refusals::ActWithBody))]
async fn arm(Cx(ctx): Cx, Key(event): Key, body: Body<OpenRoom>) -> ApiResult<Json<WaitingRoom>> {
    let command = body.after_check(events::may_act(&ctx, &event)).await?;
    Ok(Json(waiting_room::arm(&ctx, &event, command).await?))
}

/// Lets everybody in and forgets the line (crew). Again is fine.
#[utoipa::path(delete, path = "/events/{event}/waiting-room", operation_id = "disarm_waiting_room", tag = "events",
    params(("event" = String, Path, description = "Id or slug")),
    responses((status = 204, description = "Everybody can buy"), refusals::RemovePart))]
async fn disarm(Cx(ctx): Cx, Key(event): Key) -> ApiResult<StatusCode> {
    waiting_room::disarm(&ctx, &event).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn place_token(headers: &HeaderMap) -> service::Result<Option<&str>> {
    let Some(value) = headers.get(PLACE_TOKEN) else {
        return Ok(None);
    };
    let text = value.to_str();
    text.map(Some).map_err(|_| Error::new(Code::BadPlaceToken))
}
