//! Tickets in the hands of their owners.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{Page, tickets::Ticket};

use super::RpcResult;

/// The actor's tickets, latest first.
#[server(prefix = "/rpc", endpoint = "my_tickets")]
pub async fn my_tickets(cursor: Option<String>) -> RpcResult<Page<Ticket>> {
    let query = types::paging::PageQuery {
        limit: Some(100),
        cursor,
    };
    Ok(service::tickets::list(&crate::ssr::ctx().await?, query).await?)
}

/// What the page of a ticket is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketPage {
    /// The ticket.
    pub ticket: Ticket,
    /// Its QR code, drawn into the page: a saved or printed page shows it too.
    pub qr_svg: String,
}

/// One of the actor's tickets.
#[server(prefix = "/rpc", endpoint = "my_ticket")]
pub async fn my_ticket(id: String) -> RpcResult<TicketPage> {
    let ctx = crate::ssr::ctx().await?;
    let id = crate::ssr::id::<types::TicketId>(&id)?;
    let ticket = service::tickets::get(&ctx, id).await?;
    Ok(TicketPage {
        ticket,
        qr_svg: service::tickets::qr_svg(&ctx, id).await?,
    })
}
