//! The calls of promo codes.

use axum::{Json, response::IntoResponse};
use http::StatusCode;
use service::promos;
use types::{
    Page, PromoCodeId,
    paging::PageQuery,
    promos::{CreatePromoCode, PromoCode, UpdatePromoCode},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, Key, Params, Seg},
    problem::ApiResult,
    refusals,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(update, remove))
}

/// The promo codes of an event with how often each is used, latest first (crew).
#[utoipa::path(get, path = "/events/{event}/promo-codes", operation_id = "list_promo_codes", tag = "events", params(
    ("event" = String, Path, description = "Id or slug."),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "A page of codes.", body = Page<PromoCode>), refusals::ListPart))]
async fn list(
    Cx(ctx): Cx,
    Key(event): Key,
    query: Params<PageQuery>,
) -> ApiResult<Json<Page<PromoCode>>> {
    let query = query.after(service::events::may_act(&ctx, &event).await)?;
    Ok(Json(promos::list(&ctx, &event, query).await?))
}

/// A new promo code (crew).
///
/// It makes each ticket cheaper, by `percent` (rounded down to the minor unit) or by `amount` (at
/// most the price), or opens hidden ticket types, or both.
#[utoipa::path(post, path = "/events/{event}/promo-codes", operation_id = "create_promo_code", tag = "events",
    params(("event" = String, Path, description = "Id or slug.")), request_body = CreatePromoCode, responses(
    (status = 201, description = "The code.", body = PromoCode), refusals::ActWithBody))]
async fn create(
    Cx(ctx): Cx,
    Key(event): Key,
    body: Body<CreatePromoCode>,
) -> ApiResult<impl IntoResponse> {
    let command = body
        .after_check(service::events::may_act(&ctx, &event))
        .await?;
    let code = promos::create(&ctx, &event, command).await?;
    Ok((StatusCode::CREATED, Json(code)))
}

/// Changes limits, times and ticket types of a promo code, or switches it off or on (crew). A merge
/// patch: null clears, absent keeps. Its text and what it gives stay.
#[utoipa::path(patch, path = "/events/{event}/promo-codes/{promo_code}", operation_id = "update_promo_code", tag = "events",
    params(("event" = String, Path, description = "Id or slug."), ("promo_code" = PromoCodeId, Path)),
    request_body = UpdatePromoCode, responses(
    (status = 200, description = "The code.", body = PromoCode), refusals::ActWithBody))]
async fn update(
    Cx(ctx): Cx,
    Seg((event, id)): Seg<(String, PromoCodeId)>,
    body: Body<UpdatePromoCode>,
) -> ApiResult<Json<PromoCode>> {
    let command = body.after_check(promos::may_edit(&ctx, &event, id)).await?;
    Ok(Json(promos::update(&ctx, &event, id, command).await?))
}

/// Removes a promo code that nobody ever used (crew). One that was used is switched off instead.
#[utoipa::path(delete, path = "/events/{event}/promo-codes/{promo_code}", operation_id = "remove_promo_code", tag = "events",
    params(("event" = String, Path, description = "Id or slug."), ("promo_code" = PromoCodeId, Path)),
    responses((status = 204, description = "It is gone."), refusals::Act))]
async fn remove(
    Cx(ctx): Cx,
    Seg((event, id)): Seg<(String, PromoCodeId)>,
) -> ApiResult<StatusCode> {
    promos::remove(&ctx, &event, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
