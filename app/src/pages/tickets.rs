//! What somebody has: tickets and orders.

mod list;
mod orders;
mod ticket;

pub use list::MyTickets;
pub use orders::Orders;
pub use ticket::TicketPage;

use leptos::prelude::*;
use types::tickets::TicketStatus;

use crate::components::{Badge, Tone};

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
