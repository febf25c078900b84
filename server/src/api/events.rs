//! The calls of events.

use axum::{Json, response::IntoResponse};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use service::events;
use types::{
    Page,
    events::{CancelEvent, CreateEvent, Event, EventQuery, UpdateEvent},
    paging::PageQuery,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    BASE,
    extract::{Body, Cx, IfMatchHeader, Key, Params, etag, location},
    problem::ApiResult,
    refusals,
};

/// What somebody who looks at an event knows.
#[derive(Deserialize)]
struct CodeQuery {
    /// A promo code.
    code: Option<String>,
}

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_mine))
        .routes(routes!(get, update, delete))
        .routes(routes!(publish))
        .routes(routes!(cancel))
        .routes(routes!(archive))
        .routes(routes!(duplicate))
        .routes(routes!(metadata, put_metadata))
}

/// Public published events that match, by default those not over.
///
/// Items come without `description_html`, `metadata` and `ticket_types`, and of the media
/// with the cover; with `near` they have `distance_km`.
#[utoipa::path(get, path = "/events", operation_id = "list_events", tag = "events", security(()), params(EventQuery), responses(
    (status = 200, description = "A page of events.", body = Page<Event>), refusals::Asked))]
async fn list(Cx(ctx): Cx, query: Params<EventQuery>) -> ApiResult<Json<Page<Event>>> {
    Ok(Json(events::list(&ctx, query.read()?).await?))
}

/// One's own events in every state, latest first.
#[utoipa::path(get, path = "/me/events", operation_id = "list_my_events", tag = "events", params(
    ("limit" = Option<u32>, Query, description = "1 to 100, 20 by default."),
    ("cursor" = Option<String>, Query, description = "`next` of the page before.")), responses(
    (status = 200, description = "A page of events.", body = Page<Event>), refusals::AskedOwn))]
async fn list_mine(Cx(ctx): Cx, query: Params<PageQuery>) -> ApiResult<Json<Page<Event>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(events::list_mine(&ctx, query).await?))
}

/// A new draft, with its ticket types.
#[utoipa::path(post, path = "/events", operation_id = "create_event", tag = "events", request_body = CreateEvent, responses(
    (status = 201, description = "The draft.", body = Event,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version."))),
    refusals::Make))]
async fn create(Cx(ctx): Cx, body: Body<CreateEvent>) -> ApiResult<impl IntoResponse> {
    let command = body.after(ctx.organizer())?;
    let event = events::create(&ctx, command).await?;
    Ok(made(event))
}

fn made(event: Event) -> impl IntoResponse {
    let place = location(&format!("{BASE}/events/{}", event.id));
    (StatusCode::CREATED, place, etag(event.version), Json(event))
}

/// An event by id or slug: core, ticket types with availability, media, metadata.
///
/// With a promo `code` also the hidden ticket types that it opens and the prices that it makes
/// (`promo_price`). A code that does not count is refused as in a hold.
#[utoipa::path(get, path = "/events/{event}", operation_id = "get_event", tag = "events", security(()),
    params(("event" = String, Path, description = "Id or slug."),
        ("code" = Option<String>, Query, description = "A promo code of the event.")), responses(
    (status = 200, description = "The event. `metadata` is null without a document, and while documents are not available.",
        body = Event, headers(("ETag" = String, description = "Its version."))),
    refusals::ReadWithCode))]
async fn get(Cx(ctx): Cx, Key(key): Key, query: Params<CodeQuery>) -> ApiResult<impl IntoResponse> {
    let code = query.read()?.code;
    let event = events::get_with_code(&ctx, &key, code.as_deref()).await?;
    Ok((etag(event.version), Json(event)))
}

/// Edits an event (crew). A merge patch: null clears, absent keeps.
#[utoipa::path(patch, path = "/events/{event}", operation_id = "update_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug."), ("If-Match" = Option<String>, Header, description = "The version you edited, or `*`.")),
    request_body = UpdateEvent, responses(
    (status = 200, description = "The event.", body = Event, headers(("ETag" = String, description = "Its new version."))),
    refusals::Edit))]
async fn update(
    Cx(ctx): Cx,
    Key(key): Key,
    IfMatchHeader(version): IfMatchHeader,
    body: Body<UpdateEvent>,
) -> ApiResult<impl IntoResponse> {
    let command = body
        .after_check(events::may_edit(&ctx, &key, version))
        .await?;
    let event = events::update(&ctx, &key, version, command).await?;
    Ok((etag(event.version), Json(event)))
}

/// Removes a draft that never sold (crew).
#[utoipa::path(delete, path = "/events/{event}", operation_id = "delete_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug."), ("If-Match" = Option<String>, Header, description = "The version you saw, or `*`.")),
    responses((status = 204, description = "It is gone, with its media and metadata."), refusals::Remove))]
async fn delete(
    Cx(ctx): Cx,
    Key(key): Key,
    IfMatchHeader(version): IfMatchHeader,
) -> ApiResult<StatusCode> {
    events::delete(&ctx, &key, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Draft → published (crew).
#[utoipa::path(post, path = "/events/{event}/publish", operation_id = "publish_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug.")), responses(
    (status = 200, description = "The event.", body = Event, headers(("ETag" = String, description = "Its new version."))),
    refusals::Act))]
async fn publish(Cx(ctx): Cx, Key(key): Key) -> ApiResult<impl IntoResponse> {
    let event = events::publish(&ctx, &key).await?;
    Ok((etag(event.version), Json(event)))
}

/// Published → cancelled (crew). Its tickets no longer open the door.
#[utoipa::path(post, path = "/events/{event}/cancel", operation_id = "cancel_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug.")), request_body = CancelEvent, responses(
    (status = 200, description = "The event.", body = Event, headers(("ETag" = String, description = "Its new version."))),
    refusals::ActWithBody))]
async fn cancel(
    Cx(ctx): Cx,
    Key(key): Key,
    body: Body<CancelEvent>,
) -> ApiResult<impl IntoResponse> {
    let command = body.after_check(events::may_act(&ctx, &key)).await?;
    let event = events::cancel(&ctx, &key, command).await?;
    Ok((etag(event.version), Json(event)))
}

/// Out of the lists (crew): its crew and people with a ticket still find it.
#[utoipa::path(post, path = "/events/{event}/archive", operation_id = "archive_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug.")), responses(
    (status = 200, description = "The event.", body = Event, headers(("ETag" = String, description = "Its new version."))),
    refusals::Act))]
async fn archive(Cx(ctx): Cx, Key(key): Key) -> ApiResult<impl IntoResponse> {
    let event = events::archive(&ctx, &key).await?;
    Ok((etag(event.version), Json(event)))
}

/// A draft with the same content, without images (crew). A date in the past moves on by whole weeks.
#[utoipa::path(post, path = "/events/{event}/duplicate", operation_id = "duplicate_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug.")), responses(
    (status = 201, description = "The copy.", body = Event,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version."))),
    refusals::RemovePart, (status = 503, description = "Its metadata cannot be read now.", body = types::Problem, content_type = "application/problem+json")))]
async fn duplicate(Cx(ctx): Cx, Key(key): Key) -> ApiResult<impl IntoResponse> {
    Ok(made(events::duplicate(&ctx, &key).await?))
}

/// The metadata document; `{}` without one.
#[utoipa::path(get, path = "/events/{event}/metadata", operation_id = "get_event_metadata", tag = "events", security(()),
    params(("event" = String, Path, description = "Id or slug.")), responses(
    (status = 200, description = "The document.", body = Object, headers(("ETag" = String, description = "Its version, 0 without one."))),
    refusals::ReadDocument))]
async fn metadata(Cx(ctx): Cx, Key(key): Key) -> ApiResult<impl IntoResponse> {
    let (document, version) = events::metadata(&ctx, &key).await?;
    Ok((etag(version), Json(document)))
}

/// Replaces the metadata document (crew): any JSON object of at most 256 kB.
#[utoipa::path(put, path = "/events/{event}/metadata", operation_id = "put_event_metadata", tag = "events",
    params(("event" = String, Path, description = "Id or slug."),
        ("If-Match" = Option<String>, Header, description = "The version you edited, or `*`; the first document needs none.")),
    request_body = Object, responses(
    (status = 200, description = "The document.", body = Object, headers(("ETag" = String, description = "Its new version."))),
    refusals::PutDocument))]
async fn put_metadata(
    Cx(ctx): Cx,
    Key(key): Key,
    IfMatchHeader(version): IfMatchHeader,
    body: Body<Value>,
) -> ApiResult<impl IntoResponse> {
    let document = body
        .after_check(events::may_put_metadata(&ctx, &key, version))
        .await?;
    let (document, version) = events::put_metadata(&ctx, &key, version, document).await?;
    Ok((etag(version), Json(document)))
}
