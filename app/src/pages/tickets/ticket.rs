//! One ticket, as it is shown at the door.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use types::{
    events::EventStatus,
    orders::EventBrief,
    tickets::{Ticket, TicketStatus},
};

use super::{
    passing::{Passing, done_note, offered_note, passing},
    status_badge,
};
use crate::{
    components::{Alert, Breadcrumb, DoneNote, Icon, Skeleton, Tone},
    links,
    pages::errors::refused,
    rpc::{
        RpcError, error_of,
        tickets::{TicketPage as TicketView, my_ticket},
    },
};

/// The page of a ticket. The code is part of the page, so a saved or printed page works too.
#[component]
pub fn TicketPage() -> impl IntoView {
    let params = use_params_map();
    let doing = Passing {
        offer: ServerAction::new(),
        withdraw: ServerAction::new(),
    };
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("id")).unwrap_or_default(),
                doing.offer.version().get() + doing.withdraw.version().get(),
            )
        },
        |(id, _)| my_ticket(id),
    );
    view! {
        <Title text="Your ticket"/>
        <div class="page page-read tickets">
            <DoneNote words=done_note errors=errors(doing)/>
            <Transition fallback=|| view! { <Skeleton lines=10/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => content(page, doing),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn errors(doing: Passing) -> Vec<Signal<Option<RpcError>>> {
    vec![error_of(doing.offer), error_of(doing.withdraw)]
}

fn content(page: TicketView, doing: Passing) -> AnyView {
    let TicketView {
        ticket,
        qr_svg,
        order,
        offer,
        key,
    } = page;
    let calendar = links::ticket_calendar(ticket.id);
    let pdf = qr_svg.is_some().then(|| links::ticket_pdf(ticket.id));
    let order = order.map(links::order);
    // The address still says so when somebody accepted it meanwhile.
    let is_open = offer.is_some();
    view! {
        {is_open.then(|| view! { <DoneNote words=offered_note errors=errors(doing)/> })}
        <Breadcrumb links=vec![("/tickets".to_owned(), "My tickets".to_owned())] here=ticket.code.clone()/>
        {trouble(&ticket)}
        {stub(&ticket, qr_svg)}
        <div class="button-row ticket-ways">
            <a class="btn btn-secondary" href=calendar rel="external" download="ticket.ics"><Icon name="calendar"/>"Add to calendar"</a>
            {pdf.map(|pdf| view! { <a class="btn btn-secondary" href=pdf rel="external" download="ticket.pdf"><Icon name="ticket"/>"Save as PDF"</a> })}
            {order.map(|order| view! { <a class="btn btn-ghost" href=order>"See the order"</a> })}
        </div>
        {passing(&ticket, offer, key, doing)}
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

fn stub(ticket: &Ticket, qr_svg: Option<String>) -> AnyView {
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
                {qr_svg.map(|svg| view! { <div class="ticket-qr" role="img" aria-label=code_label inner_html=svg></div> })}
                <p class="ticket-code mono">{ticket.code.clone()}</p>
                {status_badge(ticket.status)}
            </div>
        </article>
    }
    .into_any()
}
