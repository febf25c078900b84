//! What just happened on the platform.

use leptos::prelude::*;
use types::feed::{Activity, ActivityKind};

use crate::{
    components::{EmptyState, Icon},
    rpc::RpcResult,
};

/// The latest activities. An error shows as an empty list: the page is whole without them.
#[component]
pub fn ActivityList(
    /// Newest first.
    activities: RpcResult<Vec<Activity>>,
) -> impl IntoView {
    let activities = activities.unwrap_or_default();
    if activities.is_empty() {
        return view! { <EmptyState icon="spark" title="Quiet so far" text="Tickets sold and events published show up here as they happen."/> }.into_any();
    }
    let lines = activities.into_iter().map(line).collect_view();
    view! { <ol class="activity" role="list">{lines}</ol> }.into_any()
}

fn line(activity: Activity) -> AnyView {
    let (icon, class, before, after) = words(activity.kind, activity.quantity);
    view! {
        <li class="activity-line">
            <span class=format!("activity-icon {class}")><Icon name=icon/></span>
            <p>
                {before}
                <a href=format!("/events/{}", activity.event_slug)>{activity.event_title}</a>
                {after}
                <span class="activity-ago">{activity.ago}</span>
            </p>
        </li>
    }
    .into_any()
}

/// Icon, mood, and the words before and after the event's title.
fn words(kind: ActivityKind, quantity: u32) -> (&'static str, &'static str, String, &'static str) {
    match kind {
        ActivityKind::EventPublished => ("spark", "is-accent", "New: ".to_owned(), ""),
        ActivityKind::EventCancelled => ("close", "is-danger", String::new(), " was called off"),
        ActivityKind::TicketSold if quantity == 1 => (
            "ticket",
            "is-success",
            "Somebody is going to ".to_owned(),
            "",
        ),
        ActivityKind::TicketSold => (
            "ticket",
            "is-success",
            format!("{quantity} places taken at "),
            "",
        ),
    }
}
