//! Passing a ticket on, from its own page: the form, and the offer that waits for an answer.

use leptos::{form::ActionForm, html, prelude::*};
use types::{
    events::{EventStatus, Phase},
    tickets::{Ticket, TicketStatus},
    transfers::Transfer,
};

use crate::{
    components::{Alert, ErrorSummary, Field, Place, Submit, Tone, field_error},
    rpc::{
        error_of, key_of_try,
        transfers::{OfferTicket, WithdrawTransfer},
    },
};

/// What can be done with a ticket.
#[derive(Clone, Copy)]
pub(super) struct Passing {
    /// Offer it.
    pub offer: ServerAction<OfferTicket>,
    /// Take the offer back.
    pub withdraw: ServerAction<WithdrawTransfer>,
}

/// The open offer of a ticket, or the form that makes one.
pub(super) fn passing(
    ticket: &Ticket,
    open: Option<Transfer>,
    key: String,
    doing: Passing,
) -> AnyView {
    let changes_hands = ticket.status == TicketStatus::Valid
        && ticket.event.status == EventStatus::Published
        && ticket.event.phase != Phase::Past;
    match open {
        Some(offer) => waiting(&offer, doing),
        None if changes_hands => form(ticket, key, doing),
        None => ().into_any(),
    }
}

fn form(ticket: &Ticket, key: String, doing: Passing) -> AnyView {
    let error = error_of(doing.offer);
    let id = ticket.id.to_string();
    view! {
        <section class="passing" aria-label="Pass this ticket on">
            <ErrorSummary error=error place=place/>
            <details class="confirm passing-form" open=move || error.with(Option::is_some)>
                <summary class="btn btn-ghost">"Pass this ticket on…"</summary>
                <div class="confirm-body">
                    <p>"Somebody else gets a ticket of their own, and this code stops working as soon as they accept. Until then the ticket is yours."</p>
                    <ActionForm action=doing.offer>
                        <input type="hidden" name="ticket" value=id/>
                        <input type="hidden" name="key" value=key_of_try(key, doing.offer)/>
                        <div class="form">
                            <Field
                                name="to"
                                label="To whom"
                                hint="Their handle here, or an e-mail address. For an address you get a link to send them yourself."
                                error=field_error(error, "to")
                                maxlength=254
                                required=true
                            />
                            <Submit label="Offer the ticket" pending=doing.offer.pending()/>
                        </div>
                    </ActionForm>
                </div>
            </details>
        </section>
    }
    .into_any()
}

fn place(field: &str) -> Place {
    (field == "to").then(|| ("to".into(), "To whom".into()))
}

/// An offer that nobody answered yet: the link, when there is one, and the way back.
fn waiting(offer: &Transfer, doing: Passing) -> AnyView {
    let to = match (&offer.recipient, &offer.to) {
        (Some(recipient), _) => format!("{} (@{})", recipient.name, recipient.handle),
        (None, to) => to.clone().unwrap_or_default(),
    };
    let (link, id) = (offer.accept_url.clone(), offer.id.to_string());
    let error = error_of(doing.withdraw);
    view! {
        <section class="card stack passing" aria-labelledby="passing-heading">
            <h2 id="passing-heading">"Offered to "{to}</h2>
            <ErrorSummary error=error/>
            {link.map(link_box)}
            <p class="muted">"It is yours until they accept, which they can do until "{offer.expires_text.clone()}"."</p>
            <ActionForm action=doing.withdraw>
                <input type="hidden" name="transfer" value=id/>
                <Submit label="Take it back" pending=doing.withdraw.pending() class="btn-secondary"/>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// The link to pass on. With JavaScript a touch selects all of it.
pub(super) fn link_box(url: String) -> AnyView {
    let node = NodeRef::<html::Input>::new();
    let select = move |_| {
        if let Some(input) = node.get_untracked() {
            input.select();
        }
    };
    view! {
        <div class="field">
            <label class="field-label" for="accept-link">"Link to send them"</label>
            <p class="field-hint" id="accept-link-hint">"Whoever has it may take the ticket, so send it to nobody else."</p>
            <input
                class="input mono"
                id="accept-link"
                type="text"
                readonly=true
                value=url
                aria-describedby="accept-link-hint"
                node_ref=node
                on:focus=select
            />
        </div>
    }
    .into_any()
}

/// What was just done, in words, as long as the offer waits for an answer.
pub(super) fn offered_note(done: &str) -> Option<AnyView> {
    (done == "offered").then(|| {
        view! { <Alert tone=Tone::Success title="You offered it.">"It stays yours until it is accepted."</Alert> }
            .into_any()
    })
}

/// What was just done, in words.
pub(super) fn done_note(done: &str) -> Option<AnyView> {
    let (title, text) = match done {
        "received" => ("This ticket is yours now.", "Show its code at the door."),
        "withdrawn" => ("You took it back.", "Nobody can accept it any more."),
        _ => return None,
    };
    Some(view! { <Alert tone=Tone::Success title=title>{text}</Alert> }.into_any())
}
