//! The calls of orders.

use axum::{Json, http::StatusCode};
use types::{
    OrderId, Page, RefundId,
    orders::{EventOrder, GiveBack, Order, Purchase, RefundProgress},
    paging::{PageQuery, SearchQuery},
    payments::PaymentMethods,
    places::EventPlaces,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, Key, Made, OnceHeader, Params, Seg},
    problem::ApiResult,
    refusals,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(purchase))
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(give_back))
        .routes(routes!(confirm_payment))
        .routes(routes!(call_off))
        .routes(routes!(payment_methods, set_payment_methods))
        .routes(routes!(send_receipt))
        .routes(routes!(list_of_event))
        .routes(routes!(refunds_of_event))
        .routes(routes!(paid_otherwise))
        .routes(routes!(places))
}

/// Hold, payment and tickets in one call. What is free needs no payment.
///
/// By `bank_transfer` and `at_door`, where the event offers them, the answer is `pending` with
/// `payment_state: awaited`: `offline` says what to pay, and the tickets come with the money.
#[utoipa::path(post, path = "/events/{event}/purchase", operation_id = "purchase", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug"), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Purchase,
    responses(
        (status = 201, description = "Paid; or pending, because the outcome is not known yet (ask for the order again) or the money is awaited (`payment_state: awaited`, see `offline`)", body = Order),
        (status = 402, description = "`payment_declined` with `hold_id`; the hold stays"),
        (status = 409, description = "`sold_out` with `available`, `limit_reached` with `own_holds`, `not_on_sale`, `waiting_room_required` with `waiting_room`, `promo_code_not_valid`, `promo_code_used_up`, `promo_code_used_by_you`, `request_in_flight`"),
        (status = 422, description = "`payment_required`, `invalid` (with `payment.method` when the event is not paid like this, or a transfer would come too late), `unknown_promo_code`, `promo_code_not_for_these`, `idempotency_mismatch`"),
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

/// Notes that the money of an order is here that no provider takes (crew): a bank transfer, or
/// cash at the door. The tickets are there at once. Money that comes late, when the places were
/// given back, is honoured while places remain and the event is not over; otherwise the order stays
/// cancelled, a refund is `due`, and the buyer is the first in line for these tickets, where there is
/// a line.
#[utoipa::path(post, path = "/orders/{order}/confirm-payment", operation_id = "confirm_payment", tag = "events",
    params(("order" = OrderId, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, description = "The order as it is now: `paid`, or `cancelled` with a refund that is `due`. Again changes nothing", body = Order),
        refusals::Act,
        (status = 409, description = "`illegal_state` for an order that is not paid like this, `request_in_flight`"),
        (status = 422, description = "`idempotency_mismatch`"),
    ))]
async fn confirm_payment(
    Cx(ctx): Cx,
    Seg(order): Seg<OrderId>,
    OnceHeader(once): OnceHeader,
) -> ApiResult<Made<Order>> {
    Ok(Made(
        service::orders::confirm_payment(&ctx, order, once).await?,
    ))
}

/// Calls an order off whose money is awaited: its places are free at once. By its buyer or its
/// event's organizer.
#[utoipa::path(post, path = "/orders/{order}/call-off", operation_id = "call_off_order", tag = "tickets",
    params(("order" = OrderId, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, description = "The order as it is now: `cancelled`, with `payment_state: lapsed`. Again changes nothing", body = Order),
        refusals::ActOwn,
        (status = 409, description = "`illegal_state` for an order that does not wait for money, `request_in_flight`"),
        (status = 422, description = "`idempotency_mismatch`"),
    ))]
async fn call_off(
    Cx(ctx): Cx,
    Seg(order): Seg<OrderId>,
    OnceHeader(once): OnceHeader,
) -> ApiResult<Made<Order>> {
    Ok(Made(service::orders::call_off(&ctx, order, once).await?))
}

/// How an event may be paid. Where transfers go is empty for everybody but its organizer; buyers
/// are told it with their order.
#[utoipa::path(get, path = "/events/{event}/payment-methods", operation_id = "payment_methods", tag = "tickets",
    params(("event" = String, Path, description = "Id or slug")),
    responses((status = 200, body = PaymentMethods), refusals::Read))]
async fn payment_methods(Cx(ctx): Cx, Key(event): Key) -> ApiResult<Json<PaymentMethods>> {
    Ok(Json(service::orders::payment_methods(&ctx, &event).await?))
}

/// Decides how an event may be paid (crew). Orders that wait for their money go on as they were,
/// with the account of now, or, when transfers are offered no more, the last one.
#[utoipa::path(put, path = "/events/{event}/payment-methods", operation_id = "set_payment_methods", tag = "events",
    params(("event" = String, Path, description = "Id or slug")), request_body = PaymentMethods,
    responses((status = 200, body = PaymentMethods), refusals::ActWithBody))]
async fn set_payment_methods(
    Cx(ctx): Cx,
    Key(event): Key,
    body: Body<PaymentMethods>,
) -> ApiResult<Json<PaymentMethods>> {
    let command = body
        .after_check(service::events::may_act(&ctx, &event))
        .await?;
    Ok(Json(
        service::orders::set_payment_methods(&ctx, &event, command).await?,
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

/// The orders of an event, latest first, for its organizer: all, or those that are looked for.
#[utoipa::path(get, path = "/events/{event}/orders", operation_id = "list_orders_of_event", tag = "events",
    params(("event" = String, Path, description = "Id or slug"),
        ("q" = Option<String>, Query, max_length = 100, description = "The reference of a transfer, or a part of a buyer's name"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<EventOrder>), refusals::ListPart))]
async fn list_of_event(
    Cx(ctx): Cx,
    Key(event): Key,
    query: Params<SearchQuery>,
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

/// Notes that you paid back what the provider could not, or never had.
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
