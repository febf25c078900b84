//! Tickets in the hands of their owners.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{OrderId, Page, tickets::Ticket, transfers::Transfer};

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
    /// Its QR code, drawn into the page: a saved or printed page shows it too. None when the
    /// ticket was passed on.
    pub qr_svg: Option<String>,
    /// Its order, for whoever bought it.
    pub order: Option<OrderId>,
    /// Its offer, when it waits for an answer.
    pub offer: Option<Transfer>,
    /// For the form that passes it on.
    pub key: String,
}

/// One of the actor's tickets.
#[server(prefix = "/rpc", endpoint = "my_ticket")]
pub async fn my_ticket(id: String) -> RpcResult<TicketPage> {
    let ctx = crate::ssr::ctx().await?;
    let id = crate::ssr::id::<types::TicketId>(&id)?;
    let ticket = service::tickets::get(&ctx, id).await?;
    let order = service::orders::get(&ctx, ticket.order_id).await.ok();
    let has_code = ticket.status != types::tickets::TicketStatus::Transferred;
    Ok(TicketPage {
        qr_svg: if has_code {
            Some(service::tickets::qr_svg(&ctx, id).await?)
        } else {
            None
        },
        order: order.map(|order| order.id),
        offer: service::transfers::open_of_ticket(&ctx, id).await?,
        key: ctx.new_id().to_string(),
        ticket,
    })
}
