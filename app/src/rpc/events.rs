//! Finding and reading events.

mod commands;

pub use commands::*;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Page, TicketTypeId,
    events::{BrowseForm, Event, TicketType},
};

use super::{RpcError, RpcResult};

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

/// What the page of an event is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventWithCode {
    /// As it is for somebody with the code, when that counts.
    pub event: Event,
    /// Why the code does not count.
    pub refused: Option<RpcError>,
    /// The ticket types that only those with the code see.
    pub opened: Vec<TicketTypeId>,
}

/// The combined view of an event for somebody with a promo code. Its Markdown is cut to a
/// summary: the page shows the HTML.
#[server(prefix = "/rpc", endpoint = "get_event_with_code", input = server_fn::codec::GetUrl)]
pub async fn get_event_with_code(
    key: String,
    #[server(default)] code: String,
) -> RpcResult<EventWithCode> {
    let ctx = crate::ssr::ctx().await?;
    let (event, refused) = service::events::get_trying_code(&ctx, &key, Some(&code)).await?;
    let opened = if event.promo.is_some() {
        let without = service::events::get(&ctx, &key).await?;
        crate::ssr::opened_by_code(&event, &without)
    } else {
        Vec::new()
    };
    let description = crate::ssr::summary(&event.description);
    Ok(EventWithCode {
        event: Event {
            description,
            ..event
        },
        refused: refused.map(RpcError::from),
        opened,
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
