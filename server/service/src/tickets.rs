//! Tickets in the hands of their owners.

use types::{Page, TicketId, paging::PageQuery, tickets::Ticket};

use crate::{Ctx, Result};

/// The actor's tickets, latest first.
pub async fn list(ctx: &Ctx, query: PageQuery) -> Result<Page<Ticket>> { todo!() }
/// One of the actor's tickets.
pub async fn get(ctx: &Ctx, id: TicketId) -> Result<Ticket> { todo!() }
/// The QR code of a ticket as SVG.
pub async fn qr_svg(ctx: &Ctx, id: TicketId) -> Result<String> { todo!() }
/// A calendar entry (RFC 5545).
pub async fn ics(ctx: &Ctx, id: TicketId) -> Result<String> { todo!() }
