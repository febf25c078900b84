//! The waiting room of a rush sale.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::waiting_room::{RoomForm, WaitingRoom};

use super::RpcResult;

/// Where the visitor stands: by the place in their browser, else by who is signed in.
#[server(prefix = "/rpc", endpoint = "look_at_room", input = server_fn::codec::GetUrl)]
pub async fn look_at_room(key: String) -> RpcResult<WaitingRoom> {
    let (ctx, places) = (crate::ssr::ctx().await?, crate::ssr::places::tokens());
    Ok(service::waiting_room::look_from_browser(&ctx, &key, &places).await?)
}

/// The room before an event's ticket picker, if it has one.
#[server(prefix = "/rpc", endpoint = "picker_room", input = server_fn::codec::GetUrl)]
pub async fn picker_room(key: String) -> RpcResult<Option<WaitingRoom>> {
    let (ctx, places) = (crate::ssr::ctx().await?, crate::ssr::places::tokens());
    Ok(service::waiting_room::at_the_picker(&ctx, &key, &places).await?)
}

/// Joins the line and shows it; by way of the log-in page when nobody is signed in.
#[server(prefix = "/rpc", endpoint = "join_waiting_room")]
pub async fn join_waiting_room(event: String) -> RpcResult<()> {
    let room = crate::links::waiting_room(&event);
    let Some(ctx) = crate::ssr::signed_in_or_log_in(&room).await? else {
        return Ok(());
    };
    let place = service::waiting_room::join(&ctx, &event).await?;
    crate::ssr::places::keep(&place);
    crate::ssr::redirect(&room);
    Ok(())
}

/// What the editor's part about the room is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomEditor {
    /// In links.
    pub event: String,
    /// The zone that times are typed in.
    pub time_zone: String,
    /// As it is now; none is set up.
    pub room: Option<WaitingRoom>,
    /// The fields as they are to be shown.
    pub form: RoomForm,
}

/// The waiting room of an event, for its organizer; with `typed`, the form as it came back
/// with an error.
#[server(prefix = "/rpc", endpoint = "edit_room")]
pub async fn edit_room(event: String, typed: bool) -> RpcResult<RoomEditor> {
    let ctx = crate::ssr::ctx().await?;
    let (room, form) = service::waiting_room::form(&ctx, &event).await?;
    let kept = if typed {
        crate::ssr::session::kept("waiting_room").await
    } else {
        None
    };
    let time_zone = service::events::get(&ctx, &event).await?.time_zone;
    Ok(RoomEditor {
        event,
        time_zone,
        room,
        form: kept.unwrap_or(form),
    })
}

/// Sets a waiting room up, or changes it.
#[server(prefix = "/rpc", endpoint = "arm_waiting_room")]
pub async fn arm_waiting_room(event: String, #[server(default)] form: RoomForm) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let outcome = service::waiting_room::arm_from_form(&ctx, &event, &form).await;
    crate::ssr::session::keep("waiting_room", &form, outcome).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event, "room_armed"));
    Ok(())
}

/// Lets everybody in.
#[server(prefix = "/rpc", endpoint = "disarm_waiting_room")]
pub async fn disarm_waiting_room(event: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    service::waiting_room::disarm(&ctx, &event).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event, "room_disarmed"));
    Ok(())
}
