//! The calls of holds.

use axum::{Json, response::IntoResponse};
use http::StatusCode;
use types::{
    HoldId, Page,
    orders::{Hold, Order, PayHold, PlaceHold},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, Key, Made, OnceHeader, Seg},
    problem::ApiResult,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(place))
        .routes(routes!(list))
        .routes(routes!(get, release))
        .routes(routes!(pay))
        .routes(routes!(extend))
}

/// Puts places aside until `expires_at`.
#[utoipa::path(post, path = "/events/{event}/holds", operation_id = "place_hold", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug"), ("Idempotency-Key" = Option<String>, Header)),
    request_body = PlaceHold,
    responses(
        (status = 201, description = "The places are held", body = Hold),
        (status = 409, description = "`sold_out` with `available`, `limit_reached` with `own_holds`, `not_on_sale`, `waiting_room_required` with `waiting_room`, `promo_code_not_valid`, `promo_code_used_up`, `promo_code_used_by_you`, `request_in_flight`"),
        (status = 422, description = "`invalid`, `unknown_promo_code`, `promo_code_not_for_these`, `idempotency_mismatch`"),
    ))]
async fn place(
    Cx(ctx): Cx,
    Key(event): Key,
    OnceHeader(once): OnceHeader,
    body: Body<PlaceHold>,
) -> ApiResult<Made<Hold>> {
    let command = body
        .after_check(service::orders::may_see_event(&ctx, &event))
        .await?;
    Ok(Made(
        service::orders::hold(&ctx, &event, command, once).await?,
    ))
}

/// Your live holds, latest first.
#[utoipa::path(get, path = "/holds", operation_id = "list_holds", tag = "tickets",
    responses((status = 200, body = Page<Hold>)))]
async fn list(Cx(ctx): Cx) -> ApiResult<Json<Page<Hold>>> {
    Ok(Json(service::orders::holds(&ctx).await?))
}

/// One of your holds, in whatever state.
#[utoipa::path(get, path = "/holds/{hold}", operation_id = "get_hold", tag = "tickets",
    params(("hold" = HoldId, Path)),
    responses((status = 200, body = Hold)))]
async fn get(Cx(ctx): Cx, Seg(hold): Seg<HoldId>) -> ApiResult<Json<Hold>> {
    Ok(Json(service::orders::get_hold(&ctx, hold).await?))
}

/// Gives the places back.
#[utoipa::path(delete, path = "/holds/{hold}", operation_id = "release_hold", tag = "tickets",
    params(("hold" = HoldId, Path)),
    responses(
        (status = 204, description = "The places are free again"),
        (status = 409, description = "`payment_pending`, `illegal_state` when it is paid"),
    ))]
async fn release(Cx(ctx): Cx, Seg(hold): Seg<HoldId>) -> ApiResult<impl IntoResponse> {
    service::orders::release(&ctx, hold).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps the places for longer: the usual time again from now, up to three times of it in all.
#[utoipa::path(post, path = "/holds/{hold}/extend", operation_id = "extend_hold", tag = "tickets",
    params(("hold" = HoldId, Path)),
    responses(
        (status = 200, description = "The hold with its new `expires_at`", body = Hold),
        (status = 409, description = "`illegal_state` when it cannot be kept for longer or is paid, `payment_pending`, `not_on_sale`"),
        (status = 410, description = "`hold_expired`"),
    ))]
async fn extend(Cx(ctx): Cx, Seg(hold): Seg<HoldId>) -> ApiResult<Json<Hold>> {
    Ok(Json(service::orders::extend(&ctx, hold).await?))
}

/// Pays a hold. The answer is `pending` while the outcome is not known: ask for the order again.
///
/// By `bank_transfer` and `at_door`, where the event offers them, it is `pending` with
/// `payment_state: awaited`: `offline` says what to pay, and the tickets come with the money.
#[utoipa::path(post, path = "/holds/{hold}/pay", operation_id = "pay_hold", tag = "tickets",
    params(("hold" = HoldId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = PayHold,
    responses(
        (status = 201, description = "Paid; or pending, because the outcome is not known yet or the money is awaited (`payment_state: awaited`, see `offline`)", body = Order),
        (status = 402, description = "`payment_declined` with `hold_id`; the hold stays"),
        (status = 409, description = "`payment_pending`, `illegal_state` with `order_id` when it is paid already, `not_on_sale`, `request_in_flight`"),
        (status = 410, description = "`hold_expired`"),
        (status = 422, description = "`payment_required`, `invalid` (with `payment.method` when the event is not paid like this, or a transfer would come too late), `idempotency_mismatch`"),
    ))]
async fn pay(
    Cx(ctx): Cx,
    Seg(hold): Seg<HoldId>,
    OnceHeader(once): OnceHeader,
    body: Body<PayHold>,
) -> ApiResult<Made<Order>> {
    let command = body
        .after_check(service::orders::get_hold(&ctx, hold))
        .await?;
    Ok(Made(service::orders::pay(&ctx, hold, command, once).await?))
}
