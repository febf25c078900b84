//! Coming in, and one's own account.

mod devices;
mod log_in;
mod profile;
mod register;

pub use devices::Devices;
pub use log_in::LogIn;
pub use profile::Account;
pub use register::Register;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    components::{Icon, Place},
    links::safe_path,
};

/// Where the visitor wants to go after coming in. The server checks it before it sends anybody there.
fn next_page() -> String {
    let next = use_query_map()
        .with_untracked(|query| query.get("next"))
        .unwrap_or_default();
    safe_path(&next).unwrap_or_default().to_owned()
}

/// The place of an account field on the page.
fn place(field: &str) -> Place {
    let label = match field {
        "name" => "Name",
        "email" => "E-mail",
        "password" => "Password",
        "handle" => "Handle",
        "bio" => "About you",
        "time_zone" => "Time zone",
        _ => return None,
    };
    Some((field.to_owned(), label.to_owned()))
}

/// A card with a form on one side and, where there is room, what it is good for on the other.
fn entrance(title: &'static str, lead: &'static str, is_buying: bool, form: AnyView) -> AnyView {
    view! {
        <div class="entrance">
            <div class="entrance-form">
                {is_buying.then(basket_note)}
                <h1>{title}</h1>
                <p class="entrance-lead">{lead}</p>
                {form}
            </div>
            <aside class="entrance-aside" aria-hidden="true">
                <div class="entrance-art">
                    <span class="entrance-ticket"><Icon name="ticket"/></span>
                    <span class="entrance-ticket"><Icon name="calendar"/></span>
                    <span class="entrance-ticket"><Icon name="spark"/></span>
                </div>
                <p class="entrance-claim">"Your next good night out starts with a ticket in your pocket."</p>
            </aside>
        </div>
    }
    .into_any()
}

fn basket_note() -> AnyView {
    view! {
        <p class="entrance-basket"><Icon name="ticket"/>"Your choice of tickets is kept. You are one step away."</p>
    }
    .into_any()
}

/// Does the way lead on to a basket?
fn is_buying(next: &str) -> bool {
    next.starts_with("/checkout/")
}
