//! Finding and reading events.

mod commands;

pub use commands::*;

use leptos::prelude::*;
use types::{
    Page,
    events::{BrowseForm, Event, TicketType},
};

use super::RpcResult;

/// One page of events that match the browse form.
#[server(prefix = "/rpc", endpoint = "browse_events", input = server_fn::codec::GetUrl)]
pub async fn browse_events(form: BrowseForm) -> RpcResult<Page<Event>> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::events::browse(&ctx, form).await?)
}

/// The combined view of an event. Its Markdown is cut to a summary: the page shows the HTML.
#[server(prefix = "/rpc", endpoint = "get_event", input = server_fn::codec::GetUrl)]
pub async fn get_event(key: String) -> RpcResult<Event> {
    let ctx = crate::ssr::ctx().await?;
    let event = service::events::get(&ctx, &key).await?;
    Ok(Event {
        description: crate::ssr::summary(&event.description),
        ..event
    })
}

/// An event's ticket types with what is left of them now.
#[server(prefix = "/rpc", endpoint = "availability", input = server_fn::codec::GetUrl)]
pub async fn availability(key: String) -> RpcResult<Vec<TicketType>> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::events::get(&ctx, &key)
        .await?
        .ticket_types
        .unwrap_or_default())
}
