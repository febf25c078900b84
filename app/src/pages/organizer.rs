//! Running events: the list, the editor, the steps of an event's life.

mod editor;
mod fields;
mod images;
mod life;
mod list;
mod methods;
mod offline;
mod orders;
mod places;
mod promo_form;
mod promos;
mod room;
mod rows;
mod rsvp;
mod rsvps;

pub use editor::{EditEvent, NewEvent};
pub use life::{CancelEvent, DeleteEvent};
pub use list::MyEvents;
pub use methods::WaysToPay;
pub use orders::Orders;
pub use places::Places;
pub use promos::PromoCodes;
pub use rsvps::Rsvps;

use leptos::prelude::*;
use types::events::{Event, EventStatus, Phase, Visibility};

use crate::components::{Alert, Badge, Tone};

/// Where an event stands, for its organizer.
fn state_badge(event: &Event) -> AnyView {
    let (tone, text) = match (event.status, event.phase) {
        _ if event.visibility == Visibility::Archived => (Tone::Quiet, "Archived"),
        (EventStatus::Draft, _) => (Tone::Info, "Draft"),
        (EventStatus::Cancelled, _) => (Tone::Danger, "Cancelled"),
        (EventStatus::Completed, _) | (_, Phase::Past) => (Tone::Quiet, "Past"),
        (_, Phase::Ongoing) => (Tone::Success, "On now"),
        (EventStatus::Published, Phase::Upcoming) if event.sold_out => (Tone::Warning, "Sold out"),
        (EventStatus::Published, Phase::Upcoming) => (Tone::Success, "Published"),
    };
    view! { <Badge tone=tone text=text/> }.into_any()
}

/// What was just done, from the page's address. Only the words of this table are ever shown.
fn done_note(done: &str) -> Option<AnyView> {
    let (title, text) = match done {
        "created" => (
            "Your draft is saved.",
            "Add a picture below, then publish it when you are ready.",
        ),
        "saved" => ("Saved.", ""),
        "published" => (
            "It is out in the world.",
            "People can find it and buy tickets now.",
        ),
        "cancelled" => (
            "The event is cancelled.",
            "Its page says so and gives your reason. Whoever paid gets the money back. What came without a provider you pay back; see Orders.",
        ),
        "duplicated" => (
            "This is the copy.",
            "A draft with the same content. Set its dates, then publish it.",
        ),
        "uploaded" => ("The image is added.", ""),
        "image_removed" => ("The image is removed.", ""),
        "refunded" => (
            "The tickets are taken back.",
            "Whatever was paid for them goes back to the buyer. What came without a provider you pay back.",
        ),
        "paid_otherwise" => ("Noted.", "Their buyer sees that you paid it back."),
        "money_here" => (
            "The money is noted.",
            "The buyer has the tickets; or, where the places were gone, the first place in line and money to come back.",
        ),
        "called_off" => ("The order is called off.", "Its places are free again."),
        "methods_saved" => ("Saved.", "Buyers who pay from now on see it."),
        "code_created" => ("The code is there.", "Give it to whom it is for."),
        "code_off" => (
            "The code is switched off.",
            "Holds and orders that have it keep it.",
        ),
        "code_on" => ("The code is switched on.", ""),
        "code_deleted" => ("The code is deleted.", ""),
        "room_armed" => (
            "The waiting room is set up.",
            "Tickets are sold through it until you let everybody in.",
        ),
        "room_disarmed" => ("Everybody is in.", "The waiting room is gone."),
        "rsvp_set" => (
            "Saved: people answer whether they come.",
            "How many may come is the number of places in all.",
        ),
        "rsvp_removed" => ("No answers are taken any more.", ""),
        "archived" => ("The event is archived.", "It is out of all lists."),
        "deleted" => ("The draft is deleted.", ""),
        _ => return None,
    };
    let text = (!text.is_empty()).then(|| view! { <p>{text}</p> });
    Some(view! { <Alert tone=Tone::Success title=title>{text}</Alert> }.into_any())
}
