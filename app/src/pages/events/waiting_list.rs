//! Waiting in line for tickets that are sold out.

use leptos::{form::ActionForm, prelude::*};
use types::{TicketTypeId, events::TicketType, rsvps};

use crate::{
    components::{ErrorSummary, Place, SelectField, Submit},
    rpc::{error_of, key_of_try, waiting_list::JoinWaitingList},
};

/// A ticket type that people can wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SoldOut {
    id: TicketTypeId,
    name: String,
    /// How many one person may have.
    most: u32,
}

impl From<&TicketType> for SoldOut {
    fn from(kind: &TicketType) -> Self {
        Self {
            id: kind.id,
            name: kind.name.clone(),
            most: kind.max_per_person,
        }
    }
}

impl SoldOut {
    /// Places that cost nothing.
    pub(super) fn free_places(id: TicketTypeId, most: u32) -> Self {
        Self {
            id,
            name: rsvps::PLACE.to_owned(),
            most,
        }
    }
}

/// The form that joins the line, as long as something is sold out.
#[component]
pub fn JoinLine(
    /// Of the event.
    slug: String,
    /// What can be waited for now.
    sold_out: Memo<Vec<SoldOut>>,
    /// An idempotency key for the form.
    form_key: String,
) -> impl IntoView {
    let join = ServerAction::<JoinWaitingList>::new();
    let key = key_of_try(form_key, join);
    let part = move || {
        sold_out.with(|sold_out| {
            let most = sold_out.iter().map(|kind| kind.most).max()?;
            Some(form(&slug, sold_out, most, join, key))
        })
    };
    // Beside the part that is made anew with the availability: there it would take the focus
    // again each time.
    view! {
        <ErrorSummary error=error_of(join) place=place/>
        {part}
    }
    .into_any()
}

fn form(
    slug: &str,
    sold_out: &[SoldOut],
    most: u32,
    join: ServerAction<JoinWaitingList>,
    key: Signal<String>,
) -> AnyView {
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
    let slug = slug.to_owned();
    view! {
        <section class="join-line" id="waiting-list" aria-labelledby="waiting-list-title">
            <h3 id="waiting-list-title">"Waiting list"</h3>
            <p class="picker-about">"When places become free, those who wait get them first, in the order they came. Yours are then kept for you for a while."</p>
            <ActionForm action=join attr:class="join-line-form">
                <input type="hidden" name="event" value=slug/>
                <input type="hidden" name="key" value=key/>
                {which}
                <SelectField name="quantity" id="waiting-quantity" label="How many" options=sizes.collect()/>
                <Submit label="Join the waiting list" pending=join.pending() class="btn-secondary btn-block"/>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// Where a field of the form stands.
fn place(field: &str) -> Place {
    (field == "quantity").then(|| ("waiting-quantity".to_owned(), "How many".to_owned()))
}
