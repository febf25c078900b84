//! The calls of orders.

use axum::Json;
use types::{
    OrderId, Page,
    orders::{Order, Purchase},
    paging::PageQuery,
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
}

/// Hold, payment and tickets in one call. What is free needs no payment.
#[utoipa::path(post, path = "/events/{event}/purchase", operation_id = "purchase", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug"), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Purchase,
    responses(
        (status = 201, description = "Paid, or pending", body = Order),
        (status = 402, description = "`payment_declined` with `hold_id`; the hold stays"),
        (status = 409, description = "`sold_out` with `available`, `limit_reached` with `own_holds`, `not_on_sale`, `request_in_flight`"),
        (status = 422, description = "`payment_required`, `invalid`, `unknown_promo_code`, `idempotency_mismatch`"),
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
