//! Waiting in line for places.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Page,
    places::EventPlaces,
    waiting_list::{EventWaitingListEntry, WaitingListEntry},
};

use super::RpcResult;

/// Joins the line for a ticket type and goes to the actor's tickets, where the place in line is
/// shown; when nobody is signed in, to the log-in page and from there back to the form.
#[server(prefix = "/rpc", endpoint = "join_waiting_list")]
pub async fn join_waiting_list(
    event: String,
    #[server(default)] ticket_type: String,
    #[server(default)] quantity: String,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let next = crate::ssr::ways::waiting_list(&event);
    let Some(ctx) = crate::ssr::signed_in_or_log_in(&next).await? else {
        return Ok(());
    };
    let wish = (&ticket_type, &quantity);
    let once = crate::ssr::once(&key, format!("POST /rpc/join_waiting_list/{event}"), &wish)?;
    service::orders::waiting_list::join_from_form(&ctx, &event, &ticket_type, &quantity, once)
        .await?
        .into_value()?;
    crate::ssr::redirect("/tickets?done=in_line");
    Ok(())
}

/// Leaves the line, or gives an offer back.
#[server(prefix = "/rpc", endpoint = "leave_waiting_list")]
pub async fn leave_waiting_list(entry: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let entry = crate::ssr::id::<types::WaitingListEntryId>(&entry)?;
    service::orders::waiting_list::leave(&ctx, entry).await?;
    crate::ssr::redirect("/tickets?done=left_line");
    Ok(())
}

/// What the actor is told of their places in line.
#[server(prefix = "/rpc", endpoint = "my_waiting_list")]
pub async fn my_waiting_list() -> RpcResult<Vec<WaitingListEntry>> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::orders::waiting_list::news(&ctx).await?)
}

/// What the organizer's page of an event's places is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlacesOfEvent {
    /// The event's title.
    pub title: String,
    /// In links.
    pub slug: String,
    /// Where every place is.
    pub places: EventPlaces,
    /// Who waits, first come first.
    pub line: Page<EventWaitingListEntry>,
}

/// Where the places of an event are, and who waits for one, for its organizer.
#[server(prefix = "/rpc", endpoint = "get_places")]
pub async fn get_places(event: String, cursor: Option<String>) -> RpcResult<PlacesOfEvent> {
    let ctx = crate::ssr::ctx().await?;
    let query = types::paging::PageQuery {
        limit: None,
        cursor,
    };
    let line = service::orders::waiting_list::list_of_event(&ctx, &event, query).await?;
    let places = service::orders::places(&ctx, &event).await?;
    let event = service::events::get(&ctx, &event).await?;
    Ok(PlacesOfEvent {
        title: event.title,
        slug: event.slug,
        places,
        line,
    })
}
