//! Answering whether one comes.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Page,
    rsvps::{EventRsvp, MyRsvp, Rsvp, RsvpCounts, RsvpForm, RsvpSettings},
};

use super::RpcResult;

/// The RSVPs of an event with the actor's answer; none for an event that takes none.
#[server(prefix = "/rpc", endpoint = "look_at_rsvp", input = server_fn::codec::GetUrl)]
pub async fn look_at_rsvp(key: String) -> RpcResult<Option<Rsvp>> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::rsvps::find(&ctx, &key).await?)
}

/// How many answered what by now.
#[server(prefix = "/rpc", endpoint = "count_rsvps", input = server_fn::codec::GetUrl)]
pub async fn count_rsvps(key: String) -> RpcResult<RsvpCounts> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::rsvps::counts(&ctx, &key).await?)
}

/// Answers; by way of the log-in page when nobody is signed in, then nothing is answered yet.
#[server(prefix = "/rpc", endpoint = "answer_rsvp")]
pub async fn answer_rsvp(
    event: String,
    #[server(default)] answer: String,
    #[server(default)] party: String,
) -> RpcResult<Option<Rsvp>> {
    let next = crate::links::rsvp(&event);
    let Some(ctx) = crate::ssr::signed_in_or_log_in(&next).await? else {
        return Ok(None);
    };
    let answered = service::rsvps::answer_from_form(&ctx, &event, &answer, &party).await;
    match answered.map_err(super::RpcError::from) {
        Ok(rsvp) => {
            crate::ssr::redirect_plain_form(&next);
            Ok(Some(rsvp))
        }
        Err(error) if error.code == types::Code::WaitingRoomRequired => {
            crate::ssr::redirect(&crate::links::waiting_room(&event));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What the actor is told of their answers.
#[server(prefix = "/rpc", endpoint = "my_rsvps")]
pub async fn my_rsvps() -> RpcResult<Vec<MyRsvp>> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::rsvps::news(&ctx).await?)
}

/// What the organizer's page of an event's answers is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RsvpsOfEvent {
    /// The event's title.
    pub title: String,
    /// In links.
    pub slug: String,
    /// How many answered what; none when it takes no RSVPs.
    pub counts: Option<RsvpCounts>,
    /// Latest first.
    pub answers: Page<EventRsvp>,
}

/// The answers to an event, for its organizer.
#[server(prefix = "/rpc", endpoint = "event_rsvps")]
pub async fn event_rsvps(event: String, cursor: Option<String>) -> RpcResult<RsvpsOfEvent> {
    let ctx = crate::ssr::ctx().await?;
    let query = types::paging::PageQuery {
        limit: None,
        cursor,
    };
    let answers = service::rsvps::list_of_event(&ctx, &event, query).await?;
    let rsvp = service::rsvps::find(&ctx, &event).await?;
    let event = service::events::get(&ctx, &event).await?;
    Ok(RsvpsOfEvent {
        title: event.title,
        slug: event.slug,
        counts: rsvp.map(|rsvp| rsvp.counts),
        answers,
    })
}

/// What the editor's part about RSVPs is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RsvpEditor {
    /// In links.
    pub event: String,
    /// As they are now; none: it takes no RSVPs.
    pub settings: Option<RsvpSettings>,
    /// The fields as they are to be shown.
    pub form: RsvpForm,
}

/// How an event takes RSVPs, for its organizer; with `typed`, the form as it came back with an
/// error.
#[server(prefix = "/rpc", endpoint = "edit_rsvp")]
pub async fn edit_rsvp(event: String, typed: bool) -> RpcResult<RsvpEditor> {
    let ctx = crate::ssr::ctx().await?;
    let (settings, form) = service::rsvps::form(&ctx, &event).await?;
    let kept = if typed {
        crate::ssr::session::kept("rsvp").await
    } else {
        None
    };
    Ok(RsvpEditor {
        event,
        settings,
        form: kept.unwrap_or(form),
    })
}

/// Lets an event take RSVPs, or changes how.
#[server(prefix = "/rpc", endpoint = "set_rsvp")]
pub async fn set_rsvp(event: String, #[server(default)] form: RsvpForm) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let outcome = service::rsvps::set_from_form(&ctx, &event, &form).await;
    crate::ssr::session::keep("rsvp", &form, outcome).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event, "rsvp_set"));
    Ok(())
}

/// Takes no RSVPs any more.
#[server(prefix = "/rpc", endpoint = "remove_rsvp")]
pub async fn remove_rsvp(event: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    service::rsvps::remove(&ctx, &event).await?;
    crate::ssr::redirect(&crate::ssr::ways::editor_done(&event, "rsvp_removed"));
    Ok(())
}
