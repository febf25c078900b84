//! Where every place of an event is, and who waits for one.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::{
    Page,
    places::{EventPlaces, PoolPlaces},
    waiting_list::{EventWaitingListEntry, WaitingStatus},
};

use crate::{
    components::{Alert, Badge, Breadcrumb, EmptyState, PageHeader, Pagination, Skeleton, Tone},
    links,
    pages::errors::refused,
    rpc::waiting_list::{PlacesOfEvent, get_places},
};

/// The places of an event.
#[component]
pub fn Places() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let cursor = move || query.with(|query| query.get("cursor"));
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("slug")).unwrap_or_default(),
                cursor(),
            )
        },
        |(slug, cursor)| get_places(slug, cursor),
    );
    view! {
        <Title text="Places"/>
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

fn content(view: PlacesOfEvent, is_later_page: bool) -> AnyView {
    let PlacesOfEvent {
        title,
        slug,
        places,
        line,
    } = view;
    let crumbs = vec![
        ("/organizer".to_owned(), "My events".to_owned()),
        (links::editor(&slug), title.clone()),
    ];
    view! {
        <Breadcrumb links=crumbs here="Places"/>
        <PageHeader title="Places" lead=title/>
        {table(&places)}
        {check(&places)}
        {waiting(line, places.awaited, &links::organizer(&slug, "places"), is_later_page)}
    }
    .into_any()
}

fn table(places: &EventPlaces) -> AnyView {
    if places.pools.is_empty() {
        return view! {
            <EmptyState icon="ticket" title="No places yet" text="Give the event a ticket type, then its places are counted here."/>
        }
        .into_any();
    }
    let rows = places.pools.iter().map(pool).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Places by what became of them">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Tickets"</th>
                        <th scope="col" class="number">"Places"</th>
                        <th scope="col" class="number">"Sold"</th>
                        <th scope="col" class="number">"Held"</th>
                        <th scope="col" class="number">"Offered"</th>
                        <th scope="col" class="number">"Being paid"</th>
                        <th scope="col" class="number">"Free"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn pool(pool: &PoolPlaces) -> AnyView {
    let name = pool
        .ticket_type
        .clone()
        .unwrap_or_else(|| "Whole event".to_owned());
    let numbers = [
        pool.capacity,
        pool.sold,
        pool.held,
        pool.offered,
        pool.paying,
        pool.free,
    ];
    let cells = numbers
        .map(|number| view! { <td class="number">{number}</td> })
        .collect_view();
    view! { <tr><th scope="row">{name}</th>{cells}</tr> }.into_any()
}

/// The counters that sales use, against what tickets and holds say.
fn check(places: &EventPlaces) -> AnyView {
    if places.is_right {
        return view! {
            <p class="muted">"Counted anew from tickets and baskets just now: every counter is right."</p>
        }
        .into_any();
    }
    let repairs = places.pools.iter().filter_map(|pool| {
        let name = pool
            .ticket_type
            .clone()
            .unwrap_or_else(|| "Whole event".to_owned());
        let repair = pool.repair.clone()?;
        Some(view! { <li>{format!("{name}: {repair}")}</li> })
    });
    let repairs = repairs.collect_view();
    view! {
        <Alert tone=Tone::Danger title="A counter differs from tickets and baskets.">
            <p>"Nothing was changed. A repair would:"</p>
            <ul>{repairs}</ul>
        </Alert>
    }
    .into_any()
}

fn waiting(
    line: Page<EventWaitingListEntry>,
    awaited: u64,
    here: &str,
    is_later_page: bool,
) -> AnyView {
    let count = match awaited {
        0 => "Nobody waits for places.".to_owned(),
        1 => "People wait for 1 place.".to_owned(),
        many => format!("People wait for {many} places."),
    };
    let next = line.next.map(|next| format!("{here}?cursor={next}"));
    let first = is_later_page.then(|| here.to_owned());
    let rows = line.items.into_iter().map(person).collect_view();
    view! {
        <section class="desk-part" aria-labelledby="line">
            <h2 id="line">"Waiting list"</h2>
            <p class="muted">{count}</p>
            <ul class="order-rows" role="list">{rows}</ul>
            <Pagination first=first next=next/>
        </section>
    }
    .into_any()
}

fn person(row: EventWaitingListEntry) -> AnyView {
    let EventWaitingListEntry { person, entry } = row;
    let what = format!("{} × {}", entry.quantity, entry.ticket_type.name);
    let until = (entry.status == WaitingStatus::Offered)
        .then(|| view! { <p class="muted">"Until "{entry.offer_expires_text}</p> });
    let state = match (entry.status, entry.position) {
        (WaitingStatus::Offered, _) => view! { <Badge tone=Tone::Info text="Offered"/> }.into_any(),
        (_, Some(position)) => {
            view! { <Badge tone=Tone::Quiet text=format!("Number {position}")/> }.into_any()
        }
        _ => view! { <Badge tone=Tone::Quiet text="Closed"/> }.into_any(),
    };
    view! {
        <li class="bought">
            <div class="order-row-text">
                <h3><a href=format!("/people/{}", person.handle)>{person.name}</a></h3>
                <p>{what}</p>
                <p class="muted">"Since "{entry.created_text}</p>
                {until}
            </div>
            <div class="order-row-end">{state}</div>
        </li>
    }
    .into_any()
}
