//! Tickets in the hands of their owners.

mod code;
mod ics;
mod pdf;
mod signature;

use fast_qr::{
    ECL, QRBuilder, QRCode,
    convert::{Builder as _, Shape, svg::SvgBuilder},
};
use jiff::Timestamp;
use store::tickets::TicketRow;
use types::{
    EventId, OrderId, Page, TicketId,
    orders::Order,
    paging::PageQuery,
    tickets::{Ticket, TicketStatus},
};

use crate::{
    Ctx, Error, Result,
    orders::{self, tickets_of},
    paging::Keyset,
    ports::Attachment,
};

pub(crate) use code::new_code;
pub use signature::public_key;

/// The actor's tickets, latest first.
///
/// # Errors
/// 422 with `limit` or `cursor`.
pub async fn list(ctx: &Ctx, query: PageQuery) -> Result<Page<Ticket>> {
    let account = ctx.account()?;
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let rows = store::tickets::list_of_account(
        &mut conn,
        account,
        keyset.after.map(TicketId),
        keyset.rows(),
    )
    .await?;
    let Page { items, next } = keyset.page(rows, |ticket| ticket.id.0);
    Ok(Page {
        items: tickets_of(ctx, &mut conn, items).await?,
        next,
    })
}

/// One of the actor's tickets.
///
/// # Errors
/// 404 for a ticket of somebody else.
pub async fn get(ctx: &Ctx, id: TicketId) -> Result<Ticket> {
    let mut conn = ctx.db().conn().await?;
    let row = own(ctx, &mut conn, id).await?;
    let views = tickets_of(ctx, &mut conn, vec![row]).await?;
    views.into_iter().next().ok_or_else(Error::not_found)
}

async fn own(ctx: &Ctx, conn: &mut store::Conn, id: TicketId) -> Result<TicketRow> {
    let account = ctx.account()?;
    let row = store::tickets::find(conn, id).await?;
    row.filter(|ticket| ticket.account_id == account)
        .ok_or_else(Error::not_found)
}

/// The QR code of a ticket as SVG: black on white with a quiet zone, whatever the
/// page behind it looks like, as large as its box. It holds the ticket's id and code,
/// signed; see [`public_key`].
///
/// # Errors
/// 404 for a ticket of somebody else, or that was passed on.
pub async fn qr_svg(ctx: &Ctx, id: TicketId) -> Result<String> {
    let row = {
        let mut conn = ctx.db().conn().await?;
        with_code(own(ctx, &mut conn, id).await?)?
    };
    let payload = signature::payload(ctx, row.id, &row.code)?;
    Ok(draw(&encode(&payload)?))
}

/// A ticket to print: one page with everything that is needed at the door.
///
/// # Errors
/// 404 for a ticket of somebody else, or that was passed on.
pub async fn pdf(ctx: &Ctx, id: TicketId) -> Result<Vec<u8>> {
    let mut conn = ctx.db().conn().await?;
    let row = with_code(own(ctx, &mut conn, id).await?)?;
    let tickets = tickets_of(ctx, &mut conn, vec![row]).await?;
    drop(conn);
    draw_pdf(ctx, &tickets).await
}

/// The valid tickets of one of the actor's orders to print, one a page.
///
/// # Errors
/// 404 for an order of somebody else, or without a valid ticket.
pub async fn order_pdf(ctx: &Ctx, order: OrderId) -> Result<Vec<u8>> {
    let mut tickets = orders::get(ctx, order).await?.tickets;
    tickets.retain(|ticket| ticket.status == TicketStatus::Valid);
    if tickets.is_empty() {
        return Err(Error::not_found().detail("This order has no valid ticket."));
    }
    draw_pdf(ctx, &tickets).await
}

/// Drawing hundreds of pages takes a while, so it keeps nobody else waiting.
async fn draw_pdf(ctx: &Ctx, tickets: &[Ticket]) -> Result<Vec<u8>> {
    let stubs = tickets.iter().map(|ticket| stub(ctx, ticket));
    let stubs = stubs.collect::<Result<Vec<_>>>()?;
    let drawn = tokio::task::spawn_blocking(move || pdf::draw(&stubs)).await;
    let drawn = drawn.map_err(Error::internal)?;
    drawn.ok_or_else(|| Error::internal("a font of tickets cannot be read"))
}

fn stub(ctx: &Ctx, ticket: &Ticket) -> Result<pdf::Stub> {
    let event = &ticket.event;
    let (place, address) = match &event.venue {
        Some(venue) => (venue.name.clone(), venue.address.clone()),
        None => ("Online".to_owned(), None),
    };
    let payload = signature::payload(ctx, ticket.id, &ticket.code)?;
    Ok(pdf::Stub {
        title: event.title.clone(),
        date: event.local.date.clone(),
        time: event.local.time.clone(),
        place,
        address: address.unwrap_or_default(),
        kind: ticket.ticket_type.name.clone(),
        holder: ticket.holder.name.clone(),
        code: ticket.code.clone(),
        order: ticket.order_id.to_string(),
        void: match ticket.status {
            TicketStatus::Valid => None,
            TicketStatus::Used => Some("Was used"),
            _ => Some("Not valid any more"),
        },
        qr: encode(&payload)?,
    })
}

/// What was passed on has no code any more.
fn with_code(ticket: TicketRow) -> Result<TicketRow> {
    if ticket.status == TicketStatus::Transferred {
        return Err(Error::not_found().detail("This ticket was passed on."));
    }
    Ok(ticket)
}

/// Modules of white around the code: four are prescribed (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

fn encode(payload: &str) -> Result<QRCode> {
    QRBuilder::new(payload)
        .ecl(ECL::M)
        .build()
        .map_err(|error| Error::internal(error.to_string()))
}

fn draw(code: &QRCode) -> String {
    SvgBuilder::default()
        .shape(Shape::Square)
        .margin(QUIET_ZONE)
        .background_color("#ffffff")
        .module_color("#000000")
        .to_str(code)
}

/// A calendar entry (RFC 5545).
///
/// # Errors
/// 404 for a ticket of somebody else.
pub async fn ics(ctx: &Ctx, id: TicketId) -> Result<String> {
    let ticket = get(ctx, id).await?;
    let ends_at = end_of(ctx, ticket.event.id).await?;
    Ok(ics::entry(&ticket, ends_at, ctx))
}

async fn end_of(ctx: &Ctx, event: EventId) -> Result<Timestamp> {
    let mut conn = ctx.db().conn().await?;
    let events = store::events::rows(&mut conn, &[event], ctx.now()).await?;
    Ok(events.first().ok_or_else(Error::not_found)?.ends_at)
}

/// What comes with a mail about an order: its valid tickets to print and the event for a calendar.
/// Nothing when no ticket is valid.
///
/// # Errors
/// When Postgres fails or a page cannot be drawn.
pub(crate) async fn attachments(ctx: &Ctx, order: &Order) -> Result<Vec<Attachment>> {
    let mut tickets = order.tickets.clone();
    tickets.retain(|ticket| ticket.status == TicketStatus::Valid);
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    let ends_at = end_of(ctx, order.event_id).await?;
    Ok(vec![
        Attachment {
            name: "tickets.pdf",
            content_type: "application/pdf",
            bytes: draw_pdf(ctx, &tickets).await?,
        },
        Attachment {
            name: "event.ics",
            content_type: "text/calendar; charset=utf-8",
            bytes: ics::entry_of_order(order, ends_at, ctx).into_bytes(),
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_scales_and_stays_readable_in_the_dark() {
        let svg = draw(&encode("ES1.0123456789").unwrap());
        assert!(svg.starts_with("<svg viewBox=\"0 0 "), "{}", &svg[..80]);
        assert!(
            !svg.contains(" width=\"100\" height"),
            "CSS decides how large it is"
        );
        assert!(svg.contains("#ffffff"));
    }
}
