//! What somebody has: tickets and orders.

mod list;
mod offers;
mod orders;
mod passing;
mod ticket;
mod waiting_list;

pub use list::MyTickets;
pub use offers::TransferPage;
pub use orders::Orders;
pub use ticket::TicketPage;

use leptos::prelude::*;
use types::tickets::{Ticket, TicketStatus};

use crate::{
    components::{Badge, Icon, Tone},
    links,
};

/// Does a ticket open the door?
fn status_badge(status: TicketStatus) -> AnyView {
    let (tone, text) = match status {
        TicketStatus::Valid => (Tone::Success, "Valid"),
        TicketStatus::Used => (Tone::Quiet, "Used"),
        TicketStatus::Cancelled => (Tone::Danger, "Cancelled"),
        TicketStatus::Transferred => (Tone::Quiet, "Passed on"),
        TicketStatus::Refunded => (Tone::Quiet, "Refunded"),
    };
    view! { <Badge tone=tone text=text/> }.into_any()
}

/// A ticket in a list: the way to its code. Only a ticket that does not open the door says so.
pub(super) fn ticket_link(ticket: &Ticket) -> AnyView {
    let state = (ticket.status != TicketStatus::Valid).then(|| status_badge(ticket.status));
    view! {
        <li>
            <a class="ticket-link" href=links::ticket(ticket.id)>
                <Icon name="qr"/>
                <span class="ticket-link-text">
                    <strong>{ticket.ticket_type.name.clone()}</strong>
                    <span class="mono">{ticket.code.clone()}</span>
                </span>
                {state}
                <span class="ticket-link-go">"Show"<Icon name="arrow"/></span>
            </a>
        </li>
    }
    .into_any()
}
