//! The calls of orders.

use axum::{Json, http::StatusCode};
use types::{
    OrderId, Page, RefundId,
    orders::{EventOrder, GiveBack, Order, Purchase, RefundProgress},
    paging::PageQuery,
    places::EventPlaces,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, Key, Made, OnceHeader, Params, Seg},
    problem::ApiResult,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(purchase))
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(give_back))
        .routes(routes!(send_receipt))
        .routes(routes!(list_of_event))
        .routes(routes!(refunds_of_event))
        .routes(routes!(paid_otherwise))
        .routes(routes!(places))
}

/// Hold, payment and tickets in one call. What is free needs no payment.
#[utoipa::path(post, path = "/events/{event}/purchase", operation_id = "purchase", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug"), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Purchase,
    responses(
        (status = 201, description = "Paid, or pending", body = Order),
        (status = 402, description = "`payment_declined` with `hold_id`; the hold stays"),
        (status = 409, description = "`sold_out` with `available`, `limit_reached` with `own_holds`, `not_on_sale`, `waiting_room_required` with `waiting_room`, `promo_code_not_valid`, `promo_code_used_up`, `promo_code_used_by_you`, `request_in_flight`"),
        (status = 422, description = "`payment_required`, `invalid`, `unknown_promo_code`, `promo_code_not_for_these`, `idempotency_mismatch`"),
    ))]
async fn purchase(
    Cx(ctx): Cx,
    Key(event): Key,
    OnceHeader(once): OnceHeader,
    body: Body<Purchase>,
) -> ApiResult<Made<Order>> {
    let command = body
        .after_check(service::orders::may_see_event(&ctx, &event))
        .await?;
    Ok(Made(
        service::orders::purchase(&ctx, &event, command, once).await?,
    ))
}

/// Your orders, latest first.
#[utoipa::path(get, path = "/orders", operation_id = "list_orders", tag = "tickets",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Order>)))]
async fn list(Cx(ctx): Cx, query: Params<PageQuery>) -> ApiResult<Json<Page<Order>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(service::orders::list(&ctx, query).await?))
}

/// One of your orders.
#[utoipa::path(get, path = "/orders/{order}", operation_id = "get_order", tag = "tickets",
    params(("order" = OrderId, Path)),
    responses((status = 200, body = Order)))]
async fn get(Cx(ctx): Cx, Seg(order): Seg<OrderId>) -> ApiResult<Json<Order>> {
    Ok(Json(service::orders::get(&ctx, order).await?))
}

/// Gives tickets of an order back: their places are free at once, the money is on its way
/// (`refunds`). By the buyer within the organizer's policy, by the organizer at any time.
#[utoipa::path(post, path = "/orders/{order}/refund", operation_id = "refund_order", tag = "tickets",
    params(("order" = OrderId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = GiveBack,
    responses(
        (status = 201, description = "The order as it is now", body = Order),
        (status = 409, description = "`illegal_state` when the policy, the order or a ticket does not allow it, `payment_pending`, `request_in_flight`"),
        (status = 422, description = "`invalid` with `ticket_ids`, `idempotency_mismatch`"),
    ))]
async fn give_back(
    Cx(ctx): Cx,
    Seg(order): Seg<OrderId>,
    OnceHeader(once): OnceHeader,
    body: Body<GiveBack>,
) -> ApiResult<Made<Order>> {
    let command = body
        .after_check(service::orders::may_give_back(&ctx, order))
        .await?;
    Ok(Made(
        service::orders::give_back(&ctx, order, command, once).await?,
    ))
}

/// Sends the receipt of one of your orders again, to the address of your account. One that is on
/// its way already is hurried instead.
#[utoipa::path(post, path = "/orders/{order}/receipt", operation_id = "send_receipt", tag = "tickets",
    params(("order" = OrderId, Path)),
    responses(
        (status = 202, description = "It is on its way"),
        (status = 409, description = "`illegal_state` when the order is not paid"),
        (status = 429, description = "`rate_limited`: five in ten minutes"),
    ))]
async fn send_receipt(Cx(ctx): Cx, Seg(order): Seg<OrderId>) -> ApiResult<StatusCode> {
    service::orders::resend_receipt(&ctx, order).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The orders of an event, latest first, for its organizer.
#[utoipa::path(get, path = "/events/{event}/orders", operation_id = "list_orders_of_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<EventOrder>)))]
async fn list_of_event(
    Cx(ctx): Cx,
    Key(event): Key,
    query: Params<PageQuery>,
) -> ApiResult<Json<Page<EventOrder>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(
        service::orders::orders_of_event(&ctx, &event, query).await?,
    ))
}

/// How far the refunds of an event are, for its organizer.
#[utoipa::path(get, path = "/events/{event}/refunds", operation_id = "refund_progress", tag = "events",
    params(("event" = String, Path, description = "Id or slug")),
    responses((status = 200, body = RefundProgress)))]
async fn refunds_of_event(Cx(ctx): Cx, Key(event): Key) -> ApiResult<Json<RefundProgress>> {
    Ok(Json(service::orders::refund_progress(&ctx, &event).await?))
}

/// Notes that you paid back in another way what the provider could not.
#[utoipa::path(post, path = "/events/{event}/refunds/{refund}/paid_otherwise", operation_id = "refund_paid_otherwise",
    tag = "events",
    params(("event" = String, Path, description = "Id or slug"), ("refund" = RefundId, Path)),
    responses((status = 204, description = "Noted")))]
async fn paid_otherwise(
    Cx(ctx): Cx,
    Seg((event, refund)): Seg<(String, RefundId)>,
) -> ApiResult<StatusCode> {
    service::orders::paid_otherwise(&ctx, &event, refund).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where every place of an event is: sold, held, offered, being paid or free, recomputed from
/// tickets and holds and compared with the counters. For its organizer and the platform's admins.
#[utoipa::path(get, path = "/events/{event}/places", operation_id = "event_places", tag = "events",
    params(("event" = String, Path, description = "Id or slug")),
    responses((status = 200, body = EventPlaces)))]
async fn places(Cx(ctx): Cx, Key(event): Key) -> ApiResult<Json<EventPlaces>> {
    Ok(Json(service::orders::places(&ctx, &event).await?))
}
