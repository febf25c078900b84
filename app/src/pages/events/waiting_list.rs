//! Waiting in line for tickets that are sold out.

use leptos::{form::ActionForm, prelude::*};
use types::events::{SaleStatus, TicketType};

use crate::{
    components::{ErrorAlert, SelectField, Submit},
    rpc::{error_of, key_of_try, waiting_list::JoinWaitingList},
};

/// The form that joins the line, when something is sold out.
#[component]
pub fn JoinLine(
    /// Of the event.
    slug: String,
    /// Its ticket types; those that are sold out can be waited for.
    types: Vec<TicketType>,
    /// An idempotency key for the form.
    form_key: String,
) -> impl IntoView {
    let sold_out: Vec<_> = types
        .into_iter()
        .filter(|kind| kind.status == SaleStatus::SoldOut)
        .collect();
    let most = sold_out.iter().map(|kind| kind.max_per_person).max();
    most.map(|most| form(slug, &sold_out, most, form_key))
}

fn form(slug: String, sold_out: &[TicketType], most: u32, form_key: String) -> AnyView {
    let join = ServerAction::<JoinWaitingList>::new();
    let error = error_of(join);
    let which = match sold_out {
        [only] => {
            view! { <input type="hidden" name="ticket_type" value=only.id.to_string()/> }.into_any()
        }
        many => {
            let options = many
                .iter()
                .map(|kind| (kind.id.to_string(), kind.name.clone()));
            view! { <SelectField name="ticket_type" label="Tickets" options=options.collect()/> }
                .into_any()
        }
    };
    let sizes = (1..=most).map(|size| {
        let text = if size == 1 {
            "1 place".to_owned()
        } else {
            format!("{size} places together")
        };
        (size.to_string(), text)
    });
    view! {
        <section class="join-line" id="waiting-list" aria-labelledby="waiting-list-title">
            <h3 id="waiting-list-title">"Waiting list"</h3>
            <p class="picker-about">"When places become free, those who wait get them first, in the order they came. Yours are then kept for you for a while."</p>
            {move || error.get().map(|error| view! { <ErrorAlert error=error/> })}
            <ActionForm action=join attr:class="join-line-form">
                <input type="hidden" name="event" value=slug/>
                <input type="hidden" name="key" value=key_of_try(form_key, join)/>
                {which}
                <SelectField name="quantity" id="waiting-quantity" label="How many" options=sizes.collect()/>
                <Submit label="Join the waiting list" pending=join.pending() class="btn-secondary btn-block"/>
            </ActionForm>
        </section>
    }
    .into_any()
}
