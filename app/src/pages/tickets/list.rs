//! My tickets: what is coming, and what was.

use std::cmp::Reverse;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{
    Page,
    events::{EventStatus, Phase},
    orders::Hold,
    rsvps::MyRsvp,
    tickets::Ticket,
    transfers::Transfer,
    waiting_list::WaitingListEntry,
};

use super::{offers::offer_row, rsvps, ticket_link, waiting_list};
use crate::{
    components::{
        Alert, Badge, DateLeaf, DoneNote, EmptyState, ErrorSummary, Icon, PageHeader, Pagination,
        Skeleton, Tone,
    },
    links,
    pages::errors::refused,
    rpc::{
        error_of,
        orders::live_holds,
        rsvps::my_rsvps,
        tickets::my_tickets,
        transfers::my_transfers,
        waiting_list::{LeaveWaitingList, my_waiting_list},
    },
};

/// The actor's tickets, grouped by when their events are, and what waits to be paid.
#[component]
pub fn MyTickets() -> impl IntoView {
    let query = use_query_map();
    let cursor = move || query.with(|query| query.get("cursor"));
    let tickets = Resource::new_blocking(cursor, my_tickets);
    let leave = ServerAction::<LeaveWaitingList>::new();
    let error = error_of(leave);
    let holds = Resource::new_blocking(move || leave.version().get(), |_| live_holds());
    let line = Resource::new_blocking(move || leave.version().get(), |_| my_waiting_list());
    let offers = Resource::new_blocking(|| (), |()| my_transfers());
    let answers = Resource::new_blocking(|| (), |()| my_rsvps());
    view! {
        <Title text="My tickets"/>
        <div class="page page-read tickets">
            <PageHeader title="My tickets">
                <a class="btn btn-ghost" href="/orders">"Orders"</a>
            </PageHeader>
            <DoneNote words=done_note errors=vec![error]/>
            <ErrorSummary error=error/>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    let mut held = holds.await.map(|page| page.items).unwrap_or_default();
                    // Offers from the line are told of with the line.
                    held.retain(|hold| hold.waiting_list_entry_id.is_none());
                    let line = line.await.unwrap_or_default();
                    let offers = offers.await.map(|page| page.items).unwrap_or_default();
                    let answers = answers.await.unwrap_or_default();
                    let now = Now { held, line, leave, offers, answers };
                    match tickets.await {
                        Ok(page) => content(page, now, cursor().is_some()),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What was just done, from the page's address.
fn done_note(done: &str) -> Option<AnyView> {
    let (tone, title, text) = match done {
        "in_line" => (
            Tone::Success,
            "You are in line.",
            "When places become free for you, they are kept for you and shown here.",
        ),
        "left_line" => (Tone::Success, "Done. You wait no longer.", ""),
        "declined" => (Tone::Info, "You said no to the ticket.", ""),
        _ => return None,
    };
    Some(view! { <Alert tone=tone title=title>{text}</Alert> }.into_any())
}

/// What waits for the actor to do something about it.
struct Now {
    /// Baskets that are not paid, and orders that wait for their payment.
    held: Vec<Hold>,
    /// Places in line.
    line: Vec<WaitingListEntry>,
    leave: ServerAction<LeaveWaitingList>,
    /// Tickets that others offer.
    offers: Vec<Transfer>,
    /// Answers to events that are to be confirmed or remembered.
    answers: Vec<MyRsvp>,
}

fn content(page: Page<Ticket>, now: Now, is_later_page: bool) -> AnyView {
    let Now {
        held,
        line,
        leave,
        offers,
        answers,
    } = now;
    let got = offers
        .iter()
        .filter(|offer| offer.is_open() && !offer.is_given);
    let next = page.next.map(|next| format!("/tickets?cursor={next}"));
    let (mut coming, mut past): (Vec<_>, Vec<_>) = page
        .items
        .into_iter()
        .partition(|ticket| ticket.event.phase != Phase::Past);
    coming.sort_by_key(|ticket| (ticket.event.starts_at, ticket.event.id));
    past.sort_by_key(|ticket| (Reverse(ticket.event.starts_at), ticket.event.id));
    let is_empty = coming.is_empty() && past.is_empty();
    view! {
        {got.map(offer_row).collect_view()}
        {held.iter().map(waiting_row).collect_view()}
        {waiting_list::section(&line, leave)}
        {rsvps::section(&answers)}
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

/// Places that are put aside and not paid for: the way back to the checkout, or to the order that
/// waits for its payment.
fn waiting_row(hold: &Hold) -> AnyView {
    let places: u32 = hold.items.iter().map(|line| line.quantity).sum();
    if let Some(order) = hold.order_id {
        let text = format!(
            "{places} × {}: ordered, and waiting for the payment.",
            hold.event.title
        );
        return view! {
            <p class="waiting"><Icon name="clock"/><span>{text}</span><a class="btn btn-primary btn-small" href=links::order(order)>"To the order"</a></p>
        }
        .into_any();
    }
    let left = match hold.expires_in / 60 {
        ..=1 => "about a minute".to_owned(),
        minutes => format!("{minutes} more minutes"),
    };
    let text = format!("{places} × {}: held for you for {left}.", hold.event.title);
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
    let events = by_event(tickets)
        .iter()
        .map(|group| event(group))
        .collect_view();
    view! {
        <section class="ticket-group" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <ul class="ticket-events" role="list">{events}</ul>
        </section>
    }
    .into_any()
}

/// Tickets of one event stand together.
fn by_event(tickets: Vec<Ticket>) -> Vec<Vec<Ticket>> {
    let mut groups: Vec<Vec<Ticket>> = Vec::new();
    for ticket in tickets {
        let is_same = |group: &&mut Vec<Ticket>| {
            group
                .first()
                .is_some_and(|first| first.event.id == ticket.event.id)
        };
        match groups.last_mut().filter(is_same) {
            Some(group) => group.push(ticket),
            None => groups.push(vec![ticket]),
        }
    }
    groups
}

/// An event with the tickets for it.
fn event(tickets: &[Ticket]) -> Option<AnyView> {
    let event = &tickets.first()?.event;
    let place = event
        .venue
        .as_ref()
        .map_or_else(|| "Online".to_owned(), |venue| venue.name.clone());
    let state = match (event.status, event.phase) {
        (EventStatus::Cancelled, _) => Some((Tone::Danger, "Event cancelled")),
        (_, Phase::Ongoing) => Some((Tone::Success, "On now")),
        _ => None,
    };
    let lines = tickets.iter().map(ticket_link).collect_view();
    Some(
        view! {
            <li class="ticket-event" class:is-past=event.phase == Phase::Past>
                <div class="ticket-event-head">
                    <DateLeaf local=event.local.clone()/>
                    <div class="ticket-event-text">
                        <h3>{event.title.clone()}</h3>
                        <p class="muted">{event.local.time.clone()}" · "{place}</p>
                        {state.map(|(tone, text)| view! { <p><Badge tone=tone text=text/></p> })}
                    </div>
                </div>
                <ul class="ticket-links" role="list">{lines}</ul>
            </li>
        }
        .into_any(),
    )
}
