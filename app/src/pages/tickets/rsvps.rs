//! My answers to events: those to be confirmed, those that were lost, what I am interested in.

use leptos::prelude::*;
use types::rsvps::{MyRsvp, RsvpStatus};

use crate::{components::Icon, links};

/// What there is to tell of answers, if anything. Who is going finds the event with its tickets.
pub(super) fn section(answers: &[MyRsvp]) -> AnyView {
    if answers.is_empty() {
        return ().into_any();
    }
    let rows = answers.iter().map(row).collect_view();
    view! {
        <section class="ticket-group" aria-labelledby="rsvps">
            <h2 id="rsvps">"Your answers"</h2>
            <ul class="line-rows" role="list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(answer: &MyRsvp) -> AnyView {
    let event = links::rsvp(&answer.event.slug);
    let is_asked = answer.confirm_until.is_some();
    let (text, way, class) = match answer.status {
        _ if is_asked => (
            format!(
                "Are you still coming? Say so until {}, or your place goes to somebody else.",
                answer.confirm_until_text
            ),
            "Confirm",
            "btn btn-primary",
        ),
        RsvpStatus::Lapsed => (
            "You did not confirm in time, and your place is free for others.".to_owned(),
            "Answer again",
            "btn btn-ghost btn-small",
        ),
        RsvpStatus::Interested => (
            format!("You are interested. {}", answer.event.local.date),
            "Answer",
            "btn btn-ghost btn-small",
        ),
        RsvpStatus::Going | RsvpStatus::NotGoing => (
            answer.event.local.date.clone(),
            "Answer",
            "btn btn-ghost btn-small",
        ),
    };
    view! {
        <li class="line-row" class:is-offer=is_asked>
            <Icon name="calendar"/>
            <div class="line-row-text">
                <h3><a href=event.clone()>{answer.event.title.clone()}</a></h3>
                <p>{text}</p>
            </div>
            <div class="line-row-ways"><a class=class href=event>{way}</a></div>
        </li>
    }
    .into_any()
}
