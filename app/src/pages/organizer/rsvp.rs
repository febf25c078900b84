//! RSVPs in the editor: take them, change how, take none any more.

use leptos::{prelude::*, server_fn::ServerFn};
use types::{
    events::{Event, Phase},
    rsvps::RsvpForm,
};

use crate::{
    components::{Confirm, Field, Place, Submit, field_error, on_its_way},
    links,
    rpc::{
        RpcError,
        rsvps::{RemoveRsvp, RsvpEditor, SetRsvp},
    },
};

/// The place of a field on the page.
pub(super) fn place(field: &str) -> Place {
    let label = match field {
        "max_party" => "People in one answer",
        "ask_hours" => "Ask again",
        "until_hours" => "Answer until",
        _ => return None,
    };
    Some((format!("rsvp-{field}"), label.to_owned()))
}

/// May people answer whether they come to this event? Not to one that sells tickets.
pub(super) fn may_take(event: &Event) -> bool {
    let sells = event
        .ticket_types
        .as_ref()
        .is_some_and(|types| !types.is_empty());
    event.status.may_edit() && event.phase != Phase::Past && !sells
}

/// The part of the editor about RSVPs.
pub(super) fn rsvp_part(editor: RsvpEditor, error: Signal<Option<RpcError>>) -> AnyView {
    let takes = editor.settings.is_some();
    let answers = takes.then(|| {
        let href = links::organizer(&editor.event, "rsvps");
        view! { <p><a href=href>"See who answered"</a></p> }
    });
    let end = takes.then(|| stop(editor.event.clone()));
    let form = form(editor.event, editor.form, takes, error);
    view! {
        <section class="card editor-part rsvp-editor" id="rsvp-settings" aria-labelledby="rsvp-settings-title">
            <h2 id="rsvp-settings-title">"RSVP"</h2>
            <p class="muted">
                "For free events without tickets to buy: people answer going, interested or not going. How many may come is the number of places in all; when they are taken, people wait in line."
            </p>
            {answers}
            {form}
            {end}
        </section>
    }
    .into_any()
}

fn form(event: String, form: RsvpForm, takes: bool, error: Signal<Option<RpcError>>) -> AnyView {
    let (pending, on_submit) = on_its_way();
    let label = if takes { "Change it" } else { "Take RSVPs" };
    view! {
        <form method="post" action=SetRsvp::url() on:submit=on_submit class="room-form">
            <input type="hidden" name="event" value=event/>
            <div class="room-fields">
                <Field
                    name="form[max_party]"
                    id="rsvp-max_party"
                    label="People in one answer"
                    kind="number"
                    inputmode="numeric"
                    value=form.max_party
                    hint="How many one person may come with, themselves included: 1 to 100."
                    required=true
                    error=field_error(error, "max_party")
                />
                <Field
                    name="form[ask_hours]"
                    id="rsvp-ask_hours"
                    label="Ask again"
                    kind="number"
                    inputmode="numeric"
                    value=form.ask_hours
                    hint="So many hours before it begins, whoever is going is asked to confirm. Empty: nobody is asked."
                    error=field_error(error, "ask_hours")
                />
                <Field
                    name="form[until_hours]"
                    id="rsvp-until_hours"
                    label="Answer until"
                    kind="number"
                    inputmode="numeric"
                    value=form.until_hours
                    hint="So many hours before it begins, the places of those who did not confirm go to the line. At least 1."
                    error=field_error(error, "until_hours")
                />
            </div>
            <Submit label=label pending=pending class="btn-secondary"/>
        </form>
    }
    .into_any()
}

fn stop(event: String) -> AnyView {
    let (pending, on_submit) = on_its_way();
    view! {
        <Confirm label="Take no answers any more…">
            <p>"Possible as long as nobody was going. Then the event can have ticket types."</p>
            <form method="post" action=RemoveRsvp::url() on:submit=on_submit>
                <input type="hidden" name="event" value=event/>
                <Submit label="Take none" pending=pending class="btn-danger"/>
            </form>
        </Confirm>
    }
    .into_any()
}
