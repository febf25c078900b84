//! Tickets in the hands of their owners.

mod code;
mod ics;
mod signature;

use fast_qr::{
    ECL, QRBuilder,
    convert::{Builder as _, Shape, svg::SvgBuilder},
};
use store::tickets::TicketRow;
use types::{Page, TicketId, paging::PageQuery, tickets::Ticket};

use crate::{Ctx, Error, Result, orders::tickets_of, paging::Keyset};

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
/// 404 for a ticket of somebody else.
pub async fn qr_svg(ctx: &Ctx, id: TicketId) -> Result<String> {
    let row = {
        let mut conn = ctx.db().conn().await?;
        own(ctx, &mut conn, id).await?
    };
    draw(&signature::payload(ctx, row.id, &row.code)?)
}

/// Modules of white around the code: four are prescribed (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

fn draw(payload: &str) -> Result<String> {
    let code = QRBuilder::new(payload)
        .ecl(ECL::M)
        .build()
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(SvgBuilder::default()
        .shape(Shape::Square)
        .margin(QUIET_ZONE)
        .background_color("#ffffff")
        .module_color("#000000")
        .to_str(&code))
}

/// A calendar entry (RFC 5545).
///
/// # Errors
/// 404 for a ticket of somebody else.
pub async fn ics(ctx: &Ctx, id: TicketId) -> Result<String> {
    let ticket = get(ctx, id).await?;
    let ends_at = {
        let mut conn = ctx.db().conn().await?;
        let events = store::events::rows(&mut conn, &[ticket.event.id], ctx.now()).await?;
        events.first().ok_or_else(Error::not_found)?.ends_at
    };
    Ok(ics::entry(&ticket, ends_at, ctx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_scales_and_stays_readable_in_the_dark() {
        let svg = draw("ES1.0123456789").unwrap();
        assert!(svg.starts_with("<svg viewBox=\"0 0 "), "{}", &svg[..80]);
        assert!(
            !svg.contains(" width=\"100\" height"),
            "CSS decides how large it is"
        );
        assert!(svg.contains("#ffffff"));
    }
}
