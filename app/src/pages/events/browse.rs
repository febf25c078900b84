//! Finding events.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use types::{
    Code, Page,
    events::{BrowseForm, Event},
};

use super::filters::{Filters, address, from_query, heading};
use crate::{
    components::{EmptyState, EventGrid, EventGridSkeleton, Pagination},
    rpc::{RpcResult, events::browse_events},
    ssr,
};

/// Events that match the form in the page's address.
#[component]
pub fn Browse() -> impl IntoView {
    let query = use_query_map();
    let form = Memo::new(move |_| query.with(from_query));
    let page = Resource::new_blocking(
        move || form.get(),
        |form| {
            // A link from page to page names no zone; the browser knows its own.
            let zone = Some(form.time_zone).filter(|zone| !zone.is_empty());
            browse_events(BrowseForm {
                limit: "24".into(),
                time_zone: zone.or_else(ssr::time_zone).unwrap_or_default(),
                ..form
            })
        },
    );
    // The server writes the title last, when this page's signals may be gone already.
    let first = form.with_untracked(heading);
    let title = move || form.try_with(heading).unwrap_or_else(|| first.clone());
    view! {
        <Title text=title/>
        <Meta name="description" content="Search events by date, category and price."/>
        <div class="page">
            <h1 class="browse-title">{move || form.with(heading)}</h1>
            {move || view! { <Filters form=form.get()/> }}
            <Suspense fallback=|| view! { <EventGridSkeleton count=8/> }>
                {move || {
                    let form = form.get();
                    Suspend::new(async move { results(form, page.await) })
                }}
            </Suspense>
        </div>
    }
    .into_any()
}

fn results(form: BrowseForm, page: RpcResult<Page<Event>>) -> AnyView {
    match page {
        Ok(page) if page.items.is_empty() => nothing(&form),
        Ok(page) => {
            let first = (!form.cursor.is_empty()).then(|| {
                address(&BrowseForm {
                    cursor: String::new(),
                    ..form.clone()
                })
            });
            let next = page
                .next
                .map(|cursor| address(&BrowseForm { cursor, ..form }));
            view! {
                <section class="results" aria-labelledby="results">
                    <h2 class="visually-hidden" id="results">"Results"</h2>
                    <EventGrid events=page.items eager=4/>
                    <Pagination first=first next=next/>
                </section>
            }
            .into_any()
        }
        Err(error) => {
            ssr::set_status(error.code.status());
            let title = if error.code == Code::Invalid {
                "These filters cannot be understood"
            } else {
                "Events cannot be shown right now"
            };
            view! {
                <EmptyState icon="warning" title=title text=error.text()>
                    <a class="btn btn-primary" href="/events">"Start over"</a>
                </EmptyState>
            }
            .into_any()
        }
    }
}

/// Nothing matches: offers the same search with less asked.
fn nothing(form: &BrowseForm) -> AnyView {
    let wider = BrowseForm {
        q: form.q.clone(),
        ..BrowseForm::default()
    };
    let can_widen = !form.q.is_empty() && wider != *form;
    view! {
        <EmptyState icon="search" title="Nothing matches, yet" text="Try other words, more days or any price. New events are published every day.">
            {can_widen.then(|| view! { <a class="btn btn-primary" href=address(&wider)>{format!("“{}” at any time and price", wider.q)}</a> })}
            <a class=if can_widen { "btn btn-ghost" } else { "btn btn-primary" } href="/events">"All events"</a>
        </EmptyState>
    }
    .into_any()
}
