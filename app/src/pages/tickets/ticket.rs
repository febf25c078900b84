//! One ticket, as it is shown at the door.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use types::{
    events::EventStatus,
    orders::EventBrief,
    tickets::{Ticket, TicketStatus},
};

use super::status_badge;
use crate::{
    components::{Alert, Breadcrumb, Icon, Skeleton, Tone},
    links,
    pages::errors::refused,
    rpc::tickets::{TicketPage as TicketView, my_ticket},
};

/// The page of a ticket. The code is part of the page, so a saved or printed page works too.
#[component]
pub fn TicketPage() -> impl IntoView {
    let params = use_params_map();
    let page = Resource::new_blocking(
        move || params.with(|params| params.get("id")).unwrap_or_default(),
        my_ticket,
    );
    view! {
        <Title text="Your ticket"/>
        <div class="page page-read tickets">
            <Suspense fallback=|| view! { <Skeleton lines=10/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => content(page),
                        Err(error) => refused(error),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn content(page: TicketView) -> AnyView {
    let TicketView { ticket, qr_svg } = page;
    let order = links::order(ticket.order_id);
    let calendar = links::ticket_calendar(ticket.id);
    view! {
        <Breadcrumb links=vec![("/tickets".to_owned(), "My tickets".to_owned())] here=ticket.code.clone()/>
        {trouble(&ticket)}
        {stub(&ticket, qr_svg)}
        <div class="button-row ticket-ways">
            <a class="btn btn-secondary" href=calendar rel="external" download="ticket.ics"><Icon name="calendar"/>"Add to calendar"</a>
            <a class="btn btn-ghost" href=order>"See the order"</a>
        </div>
    }
    .into_any()
}

/// Why this ticket does not open the door.
fn trouble(ticket: &Ticket) -> Option<AnyView> {
    let (title, text) = match (ticket.event.status, ticket.status) {
        (EventStatus::Cancelled, _) | (_, TicketStatus::Cancelled) => (
            "This ticket is not valid any more.",
            "The event or the order was cancelled.",
        ),
        (_, TicketStatus::Used) => (
            "This ticket was used.",
            "It opened the door once and will not do so again.",
        ),
        (_, TicketStatus::Transferred) => (
            "This ticket belongs to somebody else now.",
            "It was passed on.",
        ),
        (_, TicketStatus::Refunded) => ("This ticket was refunded.", "It does not open the door."),
        (_, TicketStatus::Valid) => return None,
    };
    Some(view! { <Alert tone=Tone::Warning title=title>{text}</Alert> }.into_any())
}

fn stub(ticket: &Ticket, qr_svg: String) -> AnyView {
    let event: &EventBrief = &ticket.event;
    let (place, address) = match &event.venue {
        Some(venue) => (venue.name.clone(), venue.address.clone()),
        None => ("Online".to_owned(), None),
    };
    let code_label = format!("QR code of ticket {}", ticket.code);
    view! {
        <article class="ticket-stub" class:is-void=ticket.status != TicketStatus::Valid>
            <div class="ticket-stub-main">
                <p class="kicker">{ticket.ticket_type.name.clone()}</p>
                <h1>{event.title.clone()}</h1>
                <dl class="facts">
                    <dt>"When"</dt>
                    <dd>{event.local.date.clone()}<br/>{event.local.time.clone()}</dd>
                    <dt>"Where"</dt>
                    <dd>{place}{address.map(|address| view! { <br/><span class="muted">{address}</span> })}</dd>
                    <dt>"Name"</dt>
                    <dd>{ticket.holder.name.clone()}</dd>
                </dl>
                <p><a href=links::event(&event.slug)>"About the event"</a></p>
            </div>
            <div class="ticket-stub-side">
                <div class="ticket-qr" role="img" aria-label=code_label inner_html=qr_svg></div>
                <p class="ticket-code mono">{ticket.code.clone()}</p>
                {status_badge(ticket.status)}
            </div>
        </article>
    }
    .into_any()
}
