//! The calls of ticket types. Their version is that of their event.

use axum::{Json, response::IntoResponse};
use http::StatusCode;
use service::events;
use types::{
    TicketTypeId,
    events::{CreateTicketType, TicketType, UpdateTicketType},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, IfMatchHeader, Key, Seg, etag},
    problem::ApiResult,
    refusals,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(add))
        .routes(routes!(update, remove))
}

/// Adds a ticket type (crew).
#[utoipa::path(post, path = "/events/{event}/ticket-types", operation_id = "add_ticket_type", tag = "events",
    params(("event" = String, Path, description = "Id or slug.")), request_body = CreateTicketType, responses(
    (status = 201, description = "The ticket type.", body = TicketType, headers(("ETag" = String, description = "The event's new version."))),
    refusals::ActWithBody))]
async fn add(
    Cx(ctx): Cx,
    Key(key): Key,
    body: Body<CreateTicketType>,
) -> ApiResult<impl IntoResponse> {
    let command = body.after_check(events::may_act(&ctx, &key)).await?;
    let (kind, version) = events::add_ticket_type(&ctx, &key, command).await?;
    Ok((StatusCode::CREATED, etag(version), Json(kind)))
}

/// Edits a ticket type (crew). The quantity never goes below what is sold and held.
#[utoipa::path(patch, path = "/events/{event}/ticket-types/{ticket_type}", operation_id = "update_ticket_type", tag = "events",
    params(("event" = String, Path, description = "Id or slug."), ("ticket_type" = TicketTypeId, Path),
        ("If-Match" = Option<String>, Header, description = "The event's version, or `*`.")),
    request_body = UpdateTicketType, responses(
    (status = 200, description = "The ticket type.", body = TicketType, headers(("ETag" = String, description = "The event's new version."))),
    refusals::Edit))]
async fn update(
    Cx(ctx): Cx,
    Seg((key, id)): Seg<(String, TicketTypeId)>,
    IfMatchHeader(version): IfMatchHeader,
    body: Body<UpdateTicketType>,
) -> ApiResult<impl IntoResponse> {
    let command = body
        .after_check(events::may_edit_ticket_type(&ctx, &key, id, version))
        .await?;
    let (kind, version) = events::update_ticket_type(&ctx, &key, id, version, command).await?;
    Ok((etag(version), Json(kind)))
}

/// Removes a ticket type that nobody ever held or bought (crew).
#[utoipa::path(delete, path = "/events/{event}/ticket-types/{ticket_type}", operation_id = "remove_ticket_type", tag = "events",
    params(("event" = String, Path, description = "Id or slug."), ("ticket_type" = TicketTypeId, Path),
        ("If-Match" = Option<String>, Header, description = "The event's version, or `*`.")),
    responses((status = 204, description = "It is gone."), refusals::Remove))]
async fn remove(
    Cx(ctx): Cx,
    Seg((key, id)): Seg<(String, TicketTypeId)>,
    IfMatchHeader(version): IfMatchHeader,
) -> ApiResult<StatusCode> {
    events::remove_ticket_type(&ctx, &key, id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
