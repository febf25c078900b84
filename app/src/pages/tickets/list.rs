//! My tickets: what is coming, and what was.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{
    Page,
    events::{EventStatus, Phase},
    orders::Hold,
    tickets::{Ticket, TicketStatus},
};

use super::status_badge;
use crate::{
    components::{Badge, DateLeaf, EmptyState, Icon, PageHeader, Pagination, Skeleton, Tone},
    links,
    pages::errors::refused,
    rpc::{orders::live_holds, tickets::my_tickets},
};

/// The actor's tickets, grouped by when their events are, and what waits to be paid.
#[component]
pub fn MyTickets() -> impl IntoView {
    let query = use_query_map();
    let cursor = move || query.with(|query| query.get("cursor"));
    let tickets = Resource::new_blocking(cursor, my_tickets);
    let holds = Resource::new_blocking(|| (), |()| live_holds());
    view! {
        <Title text="My tickets"/>
        <div class="page page-read tickets">
            <PageHeader title="My tickets">
                <a class="btn btn-ghost" href="/orders">"Orders"</a>
            </PageHeader>
            <Suspense fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    let waiting = holds.await.map(|page| page.items).unwrap_or_default();
                    match tickets.await {
                        Ok(page) => content(page, &waiting, cursor().is_some()),
                        Err(error) => refused(error),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn content(page: Page<Ticket>, waiting: &[Hold], is_later_page: bool) -> AnyView {
    let next = page.next.map(|next| format!("/tickets?cursor={next}"));
    let (mut coming, past): (Vec<_>, Vec<_>) = page
        .items
        .into_iter()
        .partition(|ticket| ticket.event.phase != Phase::Past);
    coming.sort_by_key(|ticket| ticket.event.starts_at);
    let is_empty = coming.is_empty() && past.is_empty();
    view! {
        {waiting.iter().map(waiting_row).collect_view()}
        {(is_empty && !is_later_page).then(nothing_yet)}
        {group("Coming up", coming)}
        {group("Past", past)}
        <Pagination first=is_later_page.then(|| "/tickets".to_owned()) next=next/>
    }
    .into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <EmptyState icon="ticket" title="No tickets yet" text="They will be waiting here, each with its code for the door, as soon as you get some.">
            <a class="btn btn-primary" href="/events">"Find something to go to"</a>
        </EmptyState>
    }
    .into_any()
}

/// Places that are put aside and not paid for: the way back to the checkout.
fn waiting_row(hold: &Hold) -> AnyView {
    let minutes = (hold.expires_in / 60).max(1);
    let places: u32 = hold.items.iter().map(|line| line.quantity).sum();
    let text = format!(
        "{places} × {}: held for you for {minutes} more min.",
        hold.event.title
    );
    view! {
        <p class="waiting"><Icon name="clock"/><span>{text}</span><a class="btn btn-primary btn-small" href=links::checkout(hold.id)>"Finish"</a></p>
    }
    .into_any()
}

fn group(title: &'static str, tickets: Vec<Ticket>) -> AnyView {
    if tickets.is_empty() {
        return ().into_any();
    }
    let id = if title == "Past" { "past" } else { "coming" };
    let rows = tickets.into_iter().map(row).collect_view();
    view! {
        <section class="ticket-group" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <ul class="ticket-rows" role="list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(ticket: Ticket) -> AnyView {
    let event = ticket.event;
    let place = event
        .venue
        .map_or_else(|| "Online".to_owned(), |venue| venue.name);
    let state = match (event.status, event.phase) {
        (EventStatus::Cancelled, _) => {
            view! { <Badge tone=Tone::Danger text="Event cancelled"/> }.into_any()
        }
        (_, Phase::Past) if ticket.status == TicketStatus::Valid => {
            view! { <Badge tone=Tone::Quiet text="Past"/> }.into_any()
        }
        (_, Phase::Ongoing) => view! { <Badge tone=Tone::Success text="On now"/> }.into_any(),
        _ => status_badge(ticket.status),
    };
    view! {
        <li class="ticket-row" class:is-past=event.phase == Phase::Past>
            <DateLeaf local=event.local.clone()/>
            <div class="ticket-row-text">
                <h3><a href=links::ticket(ticket.id)>{event.title}</a></h3>
                <p class="muted">{event.local.time}" · "{place}</p>
                <p class="ticket-row-kind">{ticket.ticket_type.name}" · "<span class="mono">{ticket.code}</span>" "{state}</p>
            </div>
            <span class="ticket-row-go" aria-hidden="true"><Icon name="qr"/></span>
        </li>
    }
    .into_any()
}
