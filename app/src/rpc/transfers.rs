//! Passing tickets on.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{Page, transfers::Transfer};

use super::RpcResult;

/// Offers one of the actor's tickets to somebody.
#[server(prefix = "/rpc", endpoint = "offer_ticket")]
pub async fn offer_ticket(
    ticket: String,
    #[server(default)] to: String,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let once = crate::ssr::once(&key, format!("POST /rpc/offer_ticket/{ticket}"), &to)?;
    let id = crate::ssr::id::<types::TicketId>(&ticket)?;
    let to = types::transfers::OfferTicket { to };
    let offer = service::transfers::offer(&ctx, id, to, once).await?;
    let ticket = crate::links::ticket(offer.into_value()?.ticket_id);
    crate::ssr::redirect(&format!("{ticket}?done=offered"));
    Ok(())
}

/// Takes an offer of the actor's back.
#[server(prefix = "/rpc", endpoint = "withdraw_transfer")]
pub async fn withdraw_transfer(transfer: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let id = crate::ssr::id::<types::TransferId>(&transfer)?;
    let offer = service::transfers::withdraw(&ctx, id).await?;
    let ticket = crate::links::ticket(offer.ticket_id);
    crate::ssr::redirect(&format!("{ticket}?done=withdrawn"));
    Ok(())
}

/// The actor's offers, those that wait for an answer first.
#[server(prefix = "/rpc", endpoint = "my_transfers")]
pub async fn my_transfers() -> RpcResult<Page<Transfer>> {
    let query = types::paging::PageQuery {
        limit: Some(100),
        cursor: None,
    };
    Ok(service::transfers::list(&crate::ssr::ctx().await?, query).await?)
}

/// What the page of an offer is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferView {
    /// In whatever state.
    pub transfer: Transfer,
    /// For the form that accepts it.
    pub form_key: String,
}

/// An offer that the actor gave or got, or has the link of.
#[server(prefix = "/rpc", endpoint = "get_transfer")]
pub async fn get_transfer(id: String, link_key: Option<String>) -> RpcResult<TransferView> {
    let ctx = crate::ssr::ctx().await?;
    let id = crate::ssr::id::<types::TransferId>(&id)?;
    Ok(TransferView {
        transfer: service::transfers::get(&ctx, id, link_key.as_deref()).await?,
        form_key: ctx.new_id().to_string(),
    })
}

/// Takes an offered ticket and goes to it.
#[server(prefix = "/rpc", endpoint = "accept_transfer")]
pub async fn accept_transfer(
    transfer: String,
    #[server(default)] link_key: String,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let operation = format!("POST /rpc/accept_transfer/{transfer}");
    let once = crate::ssr::once(&key, operation, &link_key)?;
    let id = crate::ssr::id::<types::TransferId>(&transfer)?;
    let ticket = service::transfers::accept(&ctx, id, crate::ssr::answer(link_key), once).await?;
    let ticket = crate::links::ticket(ticket.into_value()?.id);
    crate::ssr::redirect(&format!("{ticket}?done=received"));
    Ok(())
}

/// Says no to an offered ticket.
#[server(prefix = "/rpc", endpoint = "decline_transfer")]
pub async fn decline_transfer(
    transfer: String,
    #[server(default)] link_key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let id = crate::ssr::id::<types::TransferId>(&transfer)?;
    service::transfers::decline(&ctx, id, crate::ssr::answer(link_key)).await?;
    crate::ssr::redirect("/tickets?done=declined");
    Ok(())
}
