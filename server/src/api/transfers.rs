//! The calls of tickets that are passed on.

use axum::{Json, http::StatusCode};
use types::{
    Page, TicketId, TransferId,
    paging::PageQuery,
    tickets::Ticket,
    transfers::{AnswerOffer, OfferQuery, OfferTicket, Transfer},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, Made, OnceHeader, Params, Seg},
    problem::ApiResult,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(offer))
        .routes(routes!(list))
        .routes(routes!(get, withdraw))
        .routes(routes!(accept))
        .routes(routes!(decline))
}

/// Offers one of your tickets to somebody: to a handle, or, with an e-mail address, to whoever
/// opens the link of the answer (`accept_url`). It stays valid until it is accepted.
#[utoipa::path(post, path = "/tickets/{ticket}/transfer", operation_id = "offer_ticket", tag = "tickets",
    params(("ticket" = TicketId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = OfferTicket,
    responses(
        (status = 201, description = "The offer", body = Transfer),
        (status = 409, description = "`illegal_state` when the ticket, the event or another offer does not allow it, `request_in_flight`"),
        (status = 422, description = "`invalid` with `to`, `idempotency_mismatch`"),
    ))]
async fn offer(
    Cx(ctx): Cx,
    Seg(ticket): Seg<TicketId>,
    OnceHeader(once): OnceHeader,
    body: Body<OfferTicket>,
) -> ApiResult<Made<Transfer>> {
    let command = body
        .after_check(service::transfers::may_offer(&ctx, ticket))
        .await?;
    Ok(Made(
        service::transfers::offer(&ctx, ticket, command, once).await?,
    ))
}

/// The offers you gave and got: those that wait for an answer first, then the latest.
#[utoipa::path(get, path = "/transfers", operation_id = "list_transfers", tag = "tickets",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Transfer>)))]
async fn list(Cx(ctx): Cx, query: Params<PageQuery>) -> ApiResult<Json<Page<Transfer>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(service::transfers::list(&ctx, query).await?))
}

/// An offer that you gave or got, or have the link of.
#[utoipa::path(get, path = "/transfers/{transfer}", operation_id = "get_transfer", tag = "tickets",
    params(("transfer" = TransferId, Path),
        ("key" = Option<String>, Query, description = "Of the link, when the offer came as one")),
    responses((status = 200, body = Transfer)))]
async fn get(
    Cx(ctx): Cx,
    Seg(transfer): Seg<TransferId>,
    query: Params<OfferQuery>,
) -> ApiResult<Json<Transfer>> {
    let key = query.after(ctx.account())?.key;
    Ok(Json(
        service::transfers::get(&ctx, transfer, key.as_deref()).await?,
    ))
}

/// Takes an offered ticket: the giver's is void at once, the answer is a new one of yours.
#[utoipa::path(post, path = "/transfers/{transfer}/accept", operation_id = "accept_transfer", tag = "tickets",
    params(("transfer" = TransferId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = AnswerOffer,
    responses(
        (status = 201, description = "Your ticket", body = Ticket),
        (status = 409, description = "`limit_reached` with `own_holds`, `illegal_state` when the offer, its ticket or the event does not allow it, `request_in_flight`"),
        (status = 410, description = "`offer_expired`"),
        (status = 422, description = "`invalid`, `idempotency_mismatch`"),
    ))]
async fn accept(
    Cx(ctx): Cx,
    Seg(transfer): Seg<TransferId>,
    OnceHeader(once): OnceHeader,
    body: Body<AnswerOffer>,
) -> ApiResult<Made<Ticket>> {
    let answer = body
        .after_check(service::transfers::get(&ctx, transfer, None))
        .await?;
    Ok(Made(
        service::transfers::accept(&ctx, transfer, answer, once).await?,
    ))
}

/// Says no to an offer. Again is fine.
#[utoipa::path(post, path = "/transfers/{transfer}/decline", operation_id = "decline_transfer", tag = "tickets",
    params(("transfer" = TransferId, Path)),
    request_body = AnswerOffer,
    responses(
        (status = 200, description = "The offer as it is now", body = Transfer),
        (status = 409, description = "`illegal_state` when it was answered"),
        (status = 410, description = "`offer_expired`"),
    ))]
async fn decline(
    Cx(ctx): Cx,
    Seg(transfer): Seg<TransferId>,
    body: Body<AnswerOffer>,
) -> ApiResult<Json<Transfer>> {
    let answer = body
        .after_check(service::transfers::get(&ctx, transfer, None))
        .await?;
    Ok(Json(
        service::transfers::decline(&ctx, transfer, answer).await?,
    ))
}

/// Takes an offer of yours back. Again is fine.
#[utoipa::path(delete, path = "/transfers/{transfer}", operation_id = "withdraw_transfer", tag = "tickets",
    params(("transfer" = TransferId, Path)),
    responses(
        (status = 204, description = "It cannot be accepted any more"),
        (status = 409, description = "`illegal_state` when it was accepted"),
    ))]
async fn withdraw(Cx(ctx): Cx, Seg(transfer): Seg<TransferId>) -> ApiResult<StatusCode> {
    service::transfers::withdraw(&ctx, transfer).await?;
    Ok(StatusCode::NO_CONTENT)
}
