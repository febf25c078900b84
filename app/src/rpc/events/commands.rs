//! Running events: the organizer's list, the editor, the steps of an event's life.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Page,
    events::{Event, EventForm},
};

use crate::rpc::RpcResult;

/// The actor's own events in every state, latest first.
#[server(prefix = "/rpc", endpoint = "my_events")]
pub async fn my_events(cursor: Option<String>) -> RpcResult<Page<Event>> {
    let query = types::paging::PageQuery {
        limit: None,
        cursor,
    };
    Ok(service::events::list_mine(&crate::ssr::ctx().await?, query).await?)
}

/// What the editor is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Editor {
    /// `None` for a new one.
    pub event: Option<Event>,
    /// As it is to be shown.
    pub form: EventForm,
}

/// The editor of a new event; with `typed`, the form as it came back with an error.
#[server(prefix = "/rpc", endpoint = "new_event")]
pub async fn new_event(typed: bool) -> RpcResult<Editor> {
    let ctx = crate::ssr::ctx().await?;
    ctx.organizer()?;
    let time_zone = service::accounts::me(&ctx).await?.time_zone;
    let kept = if typed {
        crate::ssr::session::kept("new_event").await
    } else {
        None
    };
    Ok(Editor {
        event: None,
        form: kept.unwrap_or(EventForm {
            time_zone,
            ..EventForm::default()
        }),
    })
}

/// The editor of an event; with `typed`, the form as it came back with an error.
#[server(prefix = "/rpc", endpoint = "edit_event")]
pub async fn edit_event(event: String, typed: bool) -> RpcResult<Editor> {
    let ctx = crate::ssr::ctx().await?;
    let (event, form) = service::events::form(&ctx, &event).await?;
    let kept = if typed {
        crate::ssr::session::kept(&format!("event {}", event.id)).await
    } else {
        None
    };
    Ok(Editor {
        event: Some(event),
        form: kept.unwrap_or(form),
    })
}

/// A new draft.
#[server(prefix = "/rpc", endpoint = "create_event")]
pub async fn create_event(#[server(default)] form: EventForm) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let outcome = service::events::create_from_form(&ctx, form.clone()).await;
    let event = crate::ssr::session::keep("new_event", &form, outcome).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event.slug, "created"));
    Ok(())
}

/// Saves an event and its ticket types. Returns its new version.
#[server(prefix = "/rpc", endpoint = "save_event")]
pub async fn save_event(
    id: String,
    #[server(default)] version: String,
    #[server(default)] form: EventForm,
) -> RpcResult<i64> {
    let ctx = crate::ssr::ctx().await?;
    let outcome =
        service::events::update_from_form(&ctx, &id, crate::ssr::version(&version), form.clone())
            .await;
    let event = crate::ssr::session::keep(&format!("event {id}"), &form, outcome).await?;
    crate::ssr::redirect_plain_form(&crate::ssr::ways::editor_done(&event.slug, "saved"));
    Ok(event.version)
}

/// Draft → published.
#[server(prefix = "/rpc", endpoint = "publish_event")]
pub async fn publish_event(id: String) -> RpcResult<()> {
    let event = service::events::publish(&crate::ssr::ctx().await?, &id).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event.slug, "published"));
    Ok(())
}

/// Published → cancelled, with the reason that the event page shows.
#[server(prefix = "/rpc", endpoint = "cancel_event")]
pub async fn cancel_event(id: String, #[server(default)] reason: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let event = service::events::cancel(&ctx, &id, types::events::CancelEvent { reason }).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event.slug, "cancelled"));
    Ok(())
}

/// Out of the lists.
#[server(prefix = "/rpc", endpoint = "archive_event")]
pub async fn archive_event(id: String) -> RpcResult<()> {
    service::events::archive(&crate::ssr::ctx().await?, &id).await?;
    crate::ssr::redirect("/organizer?done=archived");
    Ok(())
}

/// A draft with the same content.
#[server(prefix = "/rpc", endpoint = "duplicate_event")]
pub async fn duplicate_event(id: String) -> RpcResult<()> {
    let event = service::events::duplicate(&crate::ssr::ctx().await?, &id).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event.slug, "duplicated"));
    Ok(())
}

/// Removes a draft that never sold.
#[server(prefix = "/rpc", endpoint = "delete_event")]
pub async fn delete_event(id: String, #[server(default)] version: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    service::events::delete(&ctx, &id, crate::ssr::version(&version)).await?;
    crate::ssr::redirect("/organizer?done=deleted");
    Ok(())
}
