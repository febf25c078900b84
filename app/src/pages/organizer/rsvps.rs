//! Who answered what.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::rsvps::{EventRsvp, RsvpCounts, RsvpStatus};

use crate::{
    components::{Badge, Breadcrumb, EmptyState, PageHeader, Pagination, Skeleton, Tone},
    links,
    pages::errors::refused,
    rpc::rsvps::{RsvpsOfEvent, event_rsvps},
};

/// The answers to an event, latest first.
#[component]
pub fn Rsvps() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let cursor = move || query.with(|query| query.get("cursor"));
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("slug")).unwrap_or_default(),
                cursor(),
            )
        },
        |(slug, cursor)| event_rsvps(slug, cursor),
    );
    view! {
        <Title text="Answers"/>
        <div class="page desk">
            <Suspense fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => content(view, cursor().is_some()),
                        Err(error) => refused(error),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn content(view: RsvpsOfEvent, is_later_page: bool) -> AnyView {
    let RsvpsOfEvent {
        title,
        slug,
        counts,
        answers,
    } = view;
    let crumbs = vec![
        ("/organizer".to_owned(), "My events".to_owned()),
        (links::editor(&slug), title.clone()),
    ];
    let here = links::organizer(&slug, "rsvps");
    let list = if answers.items.is_empty() && !is_later_page {
        view! {
            <EmptyState icon="users" title="No answers yet" text="Whoever answers whether they come is listed here.">
                <a class="btn btn-primary" href=links::event(&slug)>"See the event's page"</a>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = answers.items.into_iter().map(row).collect_view();
        let next = answers.next.map(|next| format!("{here}?cursor={next}"));
        view! {
            <ul class="order-rows" role="list">{rows}</ul>
            <Pagination first=is_later_page.then_some(here) next=next/>
        }
        .into_any()
    };
    view! {
        <Breadcrumb links=crumbs here="Answers"/>
        <PageHeader title="Answers" lead=title/>
        {counts.map(|counts| view! { <p class="muted">{counts_text(counts)}</p> })}
        {list}
    }
    .into_any()
}

fn counts_text(counts: RsvpCounts) -> String {
    let left = counts
        .available
        .map(|places| format!(" Places left: {places}."))
        .unwrap_or_default();
    format!(
        "Going: {}. Interested: {}.{left}",
        counts.going, counts.interested
    )
}

fn row(answer: EventRsvp) -> AnyView {
    let (tone, text) = match answer.status {
        RsvpStatus::Going if answer.is_to_confirm => (Tone::Warning, "To confirm"),
        RsvpStatus::Going => (Tone::Success, "Going"),
        RsvpStatus::Interested => (Tone::Info, "Interested"),
        RsvpStatus::NotGoing => (Tone::Quiet, "Not going"),
        RsvpStatus::Lapsed => (Tone::Quiet, "Not confirmed"),
    };
    let party = match answer.party {
        0 => None,
        1 => Some("1 place".to_owned()),
        many => Some(format!("{many} places")),
    };
    view! {
        <li class="bought">
            <div class="order-row-text">
                <h2><a href=format!("/people/{}", answer.person.handle)>{answer.person.name}</a></h2>
                {party.map(|party| view! { <p>{party}</p> })}
                <p class="muted">"Answered "{answer.answered_text}</p>
            </div>
            <div class="order-row-end"><Badge tone=tone text=text/></div>
        </li>
    }
    .into_any()
}
