//! The calls of tickets.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::header;
use types::{OrderId, Page, TicketId, paging::PageQuery, tickets::Ticket};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Cx, Params, Seg},
    problem::ApiResult,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(qr))
        .routes(routes!(ics))
        .routes(routes!(pdf))
        .routes(routes!(order_pdf))
}

/// Your own device may keep it, nobody between; the status of a ticket can change.
const PRIVATE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");

/// Your tickets, latest first.
#[utoipa::path(get, path = "/tickets", operation_id = "list_tickets", tag = "tickets",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Ticket>)))]
async fn list(Cx(ctx): Cx, query: Params<PageQuery>) -> ApiResult<Json<Page<Ticket>>> {
    let query = query.after(ctx.account())?;
    Ok(Json(service::tickets::list(&ctx, query).await?))
}

/// One of your tickets. With `.ics` behind the id: its calendar entry; with `.pdf`: to print.
#[utoipa::path(get, path = "/tickets/{ticket}", operation_id = "get_ticket", tag = "tickets",
    params(("ticket" = TicketId, Path)),
    responses((status = 200, body = Ticket)))]
async fn get(Cx(ctx): Cx, Seg(name): Seg<String>) -> ApiResult<Response> {
    ctx.account()?;
    // The router cannot tell them apart: a parameter takes its whole segment.
    if let Some(id) = name.strip_suffix(".ics") {
        return Ok(calendar_entry(&ctx, parse(id)?).await?.into_response());
    }
    if let Some(id) = name.strip_suffix(".pdf") {
        let pdf = service::tickets::pdf(&ctx, parse(id)?).await?;
        return Ok(print(pdf, "ticket.pdf").into_response());
    }
    Ok(Json(service::tickets::get(&ctx, parse(&name)?).await?).into_response())
}

fn parse(id: &str) -> service::Result<TicketId> {
    id.parse().map_err(|_| service::Error::not_found())
}

/// The QR code of one of your tickets.
#[utoipa::path(get, path = "/tickets/{ticket}/qr.svg", operation_id = "get_ticket_qr", tag = "tickets",
    params(("ticket" = TicketId, Path)),
    responses((status = 200, description = "An image that scales", content_type = "image/svg+xml", body = String)))]
async fn qr(Cx(ctx): Cx, Seg(ticket): Seg<TicketId>) -> ApiResult<impl IntoResponse> {
    let svg = service::tickets::qr_svg(&ctx, ticket).await?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), PRIVATE], svg))
}

/// One of your tickets for a calendar (RFC 5545).
#[utoipa::path(get, path = "/tickets/{ticket}/ticket.ics", operation_id = "get_ticket_ics", tag = "tickets",
    params(("ticket" = TicketId, Path)),
    responses((status = 200, description = "A calendar entry", content_type = "text/calendar", body = String)))]
async fn ics(Cx(ctx): Cx, Seg(ticket): Seg<TicketId>) -> ApiResult<impl IntoResponse> {
    calendar_entry(&ctx, ticket).await
}

/// One of your tickets to print.
#[utoipa::path(get, path = "/tickets/{ticket}/ticket.pdf", operation_id = "get_ticket_pdf", tag = "tickets",
    params(("ticket" = TicketId, Path)),
    responses((status = 200, description = "One page", content_type = "application/pdf", body = Vec<u8>)))]
async fn pdf(Cx(ctx): Cx, Seg(ticket): Seg<TicketId>) -> ApiResult<impl IntoResponse> {
    let pdf = service::tickets::pdf(&ctx, ticket).await?;
    Ok(print(pdf, "ticket.pdf"))
}

/// The valid tickets of one of your orders to print.
#[utoipa::path(get, path = "/orders/{order}/tickets.pdf", operation_id = "get_order_pdf", tag = "tickets",
    params(("order" = OrderId, Path)),
    responses((status = 200, description = "A page for each", content_type = "application/pdf", body = Vec<u8>)))]
async fn order_pdf(Cx(ctx): Cx, Seg(order): Seg<OrderId>) -> ApiResult<impl IntoResponse> {
    let pdf = service::tickets::order_pdf(&ctx, order).await?;
    Ok(print(pdf, "tickets.pdf"))
}

fn print(pdf: Vec<u8>, name: &str) -> impl IntoResponse + use<> {
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (PRIVATE.0, PRIVATE.1.to_owned()),
    ];
    (headers, pdf)
}

async fn calendar_entry(
    ctx: &service::Ctx,
    ticket: TicketId,
) -> ApiResult<impl IntoResponse + use<>> {
    let entry = service::tickets::ics(ctx, ticket).await?;
    let disposition = (
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"ticket.ics\"",
    );
    Ok((
        [
            (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
            disposition,
            PRIVATE,
        ],
        entry,
    ))
}
