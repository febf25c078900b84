//! The organizer's own events.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{
    Page,
    events::{Event, EventStatus},
};

use super::{done_note, state_badge};
use crate::{
    components::{
        DateLeaf, DoneNote, EmptyState, Icon, PageHeader, Pagination, Picture, Skeleton, Viewer,
        use_viewer,
    },
    links,
    pages::errors::refused,
    rpc::events::my_events,
};

/// My events, latest first, with their states and counts.
#[component]
pub fn MyEvents() -> impl IntoView {
    let query = use_query_map();
    let cursor = move || query.with(|query| query.get("cursor"));
    let events = Resource::new_blocking(cursor, my_events);
    let viewer = use_viewer();
    view! {
        <Title text="My events"/>
        <div class="page desk">
            <PageHeader title="My events">
                {move || (viewer.get() == Viewer::Organizer).then(|| view! {
                    <a class="btn btn-primary" href="/organizer/events/new"><Icon name="plus"/>"New event"</a>
                })}
            </PageHeader>
            <DoneNote words=done_note/>
            <Suspense fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match events.await {
                        Ok(page) => content(page, cursor().is_some(), viewer.get_untracked()),
                        Err(error) => refused(error),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn content(page: Page<Event>, is_later_page: bool, viewer: Viewer) -> AnyView {
    if page.items.is_empty() && !is_later_page {
        return nothing_yet(viewer);
    }
    let next = page.next.map(|next| format!("/organizer?cursor={next}"));
    let rows = page.items.iter().map(row).collect_view();
    view! {
        <ul class="event-rows" role="list">{rows}</ul>
        <Pagination first=is_later_page.then(|| "/organizer".to_owned()) next=next/>
    }
    .into_any()
}

fn nothing_yet(viewer: Viewer) -> AnyView {
    if viewer != Viewer::Organizer {
        return view! {
            <EmptyState
                icon="megaphone"
                title="This is where organizers work"
                text="Your account finds events and buys tickets. To publish your own, make an account for running events."
            >
                <a class="btn btn-primary" href="/events">"Find something to go to"</a>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState icon="megaphone" title="No events yet" text="Start with a title and a date. It stays a draft that only you see until you publish it.">
            <a class="btn btn-primary" href="/organizer/events/new">"Create your first event"</a>
        </EmptyState>
    }
    .into_any()
}

fn row(event: &Event) -> AnyView {
    let badge = state_badge(event);
    let counts = counts(event);
    let place = event
        .venue
        .as_ref()
        .map_or_else(|| "Online".to_owned(), |venue| venue.name.clone());
    let editor = links::editor(&event.slug);
    let edit_text = if event.status.may_edit() {
        "Edit"
    } else {
        "Manage"
    };
    let orders_label = format!("Orders of {}", event.title);
    let (edit_label, view_label) = (
        format!("{edit_text} {}", event.title),
        format!("See page of {}", event.title),
    );
    view! {
        <li class="event-row">
            <div class="event-row-media"><Picture media=event.cover().cloned() class="frame-square" sizes="6rem" alt=""/></div>
            <div class="event-row-leaf"><DateLeaf local=event.local.clone()/></div>
            <div class="event-row-text">
                <p>{badge}</p>
                <h2><a href=editor.clone()>{event.title.clone()}</a></h2>
                <p class="muted">{event.local.short_date.clone()}", "{event.local.start_time.clone()}" · "{place}</p>
                {counts}
            </div>
            <div class="event-row-ways">
                <a class="btn btn-secondary btn-small" href=editor aria-label=edit_label>{edit_text}</a>
                {(event.status != EventStatus::Draft).then(|| view! {
                    <a class="btn btn-ghost btn-small" href=links::organizer(&event.slug, "orders") aria-label=orders_label>"Orders"</a>
                })}
                <a class="btn btn-ghost btn-small" href=links::event(&event.slug) aria-label=view_label>"See page"</a>
            </div>
        </li>
    }
    .into_any()
}

fn counts(event: &Event) -> AnyView {
    if event.status == EventStatus::Draft && event.going_count == 0 {
        return view! { <p class="event-row-counts muted">"Not on sale yet"</p> }.into_any();
    }
    match event.capacity {
        Some(capacity) => view! {
            <p class="event-row-counts">
                <progress class="progress" value=event.going_count.to_string() max=capacity.max(1).to_string() aria-label="Tickets sold"></progress>
                <span>{event.going_count}" of "{capacity}" sold"</span>
            </p>
        }
        .into_any(),
        None => view! { <p class="event-row-counts"><span>{event.going_count}" sold"</span></p> }.into_any(),
    }
}
