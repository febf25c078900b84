//! Answering whether one comes: one plain form with three buttons, and counts that stay fresh.

use std::time::Duration;

use leptos::{form::ActionForm, prelude::*, task::spawn_local};
use types::{
    Code,
    events::{Event, EventStatus, Phase},
    rsvps::{Rsvp, RsvpAnswer, RsvpCounts, RsvpStatus},
    waiting_list::{WaitingListEntry, WaitingStatus},
};

use super::waiting_list::{JoinLine, SoldOut};
use crate::{
    components::{Alert, Confirm, ErrorSummary, Place, SelectField, Submit, Tone},
    rpc::{
        error_of,
        rsvps::{AnswerRsvp, count_rsvps},
    },
    ssr,
};

/// How often the counts are asked for while the page is looked at.
const REFRESH: Duration = Duration::from_secs(10);

/// The panel of an event that takes RSVPs.
#[component]
pub fn RsvpPanel(
    /// The event.
    event: Event,
    /// As they are for whoever looks.
    rsvp: Rsvp,
    /// An idempotency key for the form that joins the line.
    form_key: String,
) -> impl IntoView {
    let counts = RwSignal::new(rsvp.counts);
    let content = if rsvp.is_open {
        keep_fresh(event.slug.clone(), counts);
        let (slug, capacity) = (event.slug.clone(), event.capacity);
        view! { <Answering slug=slug capacity=capacity rsvp=rsvp counts=counts form_key=form_key/> }
            .into_any()
    } else {
        closed(&event)
    };
    view! {
        <section class="panel picker rsvp" id="rsvp" aria-labelledby="rsvp-title">
            <h2 id="rsvp-title">"Are you coming?"</h2>
            <p class="rsvp-counts">{move || counts_text(counts.get())}</p>
            {content}
        </section>
    }
    .into_any()
}

/// Why nothing can be answered.
fn closed(event: &Event) -> AnyView {
    let (tone, title) = match (event.status, event.phase) {
        (EventStatus::Cancelled, _) => (Tone::Danger, "Called off"),
        (EventStatus::Draft, _) => (Tone::Info, "It is not published yet"),
        (EventStatus::Completed, _) | (_, Phase::Past) => (Tone::Quiet, "This event is over"),
        _ => (Tone::Quiet, "No answers are taken any more"),
    };
    view! { <Alert tone=tone title=title/> }.into_any()
}

fn counts_text(counts: RsvpCounts) -> String {
    let going = match counts.going {
        0 => "Nobody is going yet".to_owned(),
        1 => "1 person is going".to_owned(),
        many => format!("{many} people are going"),
    };
    let interested = match counts.interested {
        0 => String::new(),
        many => format!(", {many} interested"),
    };
    let left = match counts.available {
        None => String::new(),
        Some(0) => ". No place is left".to_owned(),
        Some(1) => ". 1 place is left".to_owned(),
        Some(many) => format!(". {many} places are left"),
    };
    format!("{going}{interested}{left}.")
}

/// Asks for the counts now and then, as long as the page is there and looked at.
fn keep_fresh(slug: String, counts: RwSignal<RsvpCounts>) {
    let ask = move || {
        if !ssr::is_visible() {
            return;
        }
        let slug = slug.clone();
        spawn_local(async move {
            // No answer: the numbers stay as they were.
            if let Ok(fresh) = count_rsvps(slug).await {
                counts.try_set(fresh);
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(handle) = set_interval_with_handle(ask.clone(), REFRESH) {
            on_cleanup(move || handle.clear());
        }
    });
}

#[component]
fn Answering(
    slug: String,
    capacity: Option<u32>,
    rsvp: Rsvp,
    counts: RwSignal<RsvpCounts>,
    form_key: String,
) -> impl IntoView {
    let answer = ServerAction::<AnswerRsvp>::new();
    let error = error_of(answer);
    let mine = RwSignal::new(rsvp);
    Effect::new(move |_| {
        if let Some(Ok(Some(fresh))) = answer.value().get() {
            counts.set(fresh.counts);
            mine.set(fresh);
        }
    });
    let status = Memo::new(move |_| mine.with(|rsvp| rsvp.status));
    let is_refused = move || {
        error.with(|error| {
            error
                .as_ref()
                .is_some_and(|error| error.code == Code::SoldOut)
        })
    };
    let is_full = move || counts.with(|counts| counts.available == Some(0));
    let sold_out = Memo::new(move |_| {
        let is_full = is_full() || is_refused();
        mine.with(|rsvp| match places_to_wait_for(rsvp, capacity) {
            more @ 1.. if is_full && rsvp.line.is_none() => {
                vec![SoldOut::free_places(rsvp.ticket_type_id, more)]
            }
            _ => Vec::new(),
        })
    });
    // Who has more than an organizer allows by now keeps them.
    let sizes =
        Memo::new(move |_| mine.with(|rsvp| (rsvp.max_party.max(rsvp.party), rsvp.party.max(1))));
    let who_comes = move || {
        let (most, party) = sizes.get();
        (most > 1).then(|| party_field(most, party))
    };
    // What is given up here goes to somebody else at once.
    let is_scarce = Memo::new(move |_| {
        let (has_places, waits) = mine.with(|rsvp| (rsvp.party > 0, rsvp.line.is_some()));
        waits || has_places && is_full()
    });
    let not_coming = move || {
        let buttons = view! {
            {button(RsvpAnswer::Interested, "Interested", status, answer)}
            {button(RsvpAnswer::NotGoing, "Not going", status, answer)}
        };
        if is_scarce.get() {
            view! {
                <Confirm label="Not coming after all…">
                    <p>"Your place, also one in line, goes to somebody else at once."</p>
                    <div class="rsvp-answers">{buttons}</div>
                </Confirm>
            }
            .into_any()
        } else {
            buttons.into_any()
        }
    };
    let (event, line) = (slug.clone(), slug.clone());
    let notice = move || mine.with(|rsvp| notice(rsvp, &event, answer));
    view! {
        <ErrorSummary error=error place=place/>
        {notice}
        <ActionForm action=answer attr:class="rsvp-form">
            <input type="hidden" name="event" value=slug/>
            {who_comes}
            <div class="rsvp-answers" role="group" aria-labelledby="rsvp-title">
                {button(RsvpAnswer::Going, "Going", status, answer)}
                {not_coming}
            </div>
        </ActionForm>
        <JoinLine slug=line sold_out=sold_out form_key=form_key/>
    }
    .into_any()
}

/// How many more somebody could be offered when the event is full.
fn places_to_wait_for(rsvp: &Rsvp, capacity: Option<u32>) -> u32 {
    let most = capacity.map_or(rsvp.max_party, |places| places.min(rsvp.max_party));
    most.saturating_sub(rsvp.party)
}

fn party_field(most: u32, party: u32) -> AnyView {
    let sizes = (1..=most).map(|size| {
        let text = match size {
            1 => "Just me".to_owned(),
            2 => "Me and 1 more".to_owned(),
            many => format!("Me and {} more", many - 1),
        };
        (size.to_string(), text)
    });
    view! {
        <SelectField
            name="party"
            id="rsvp-party"
            label="Who comes"
            options=sizes.collect()
            value=party.to_string()
        />
    }
    .into_any()
}

/// One of the answers. The form sends the button that was pressed.
fn button(
    answer: RsvpAnswer,
    label: &'static str,
    status: Memo<Option<RsvpStatus>>,
    action: ServerAction<AnswerRsvp>,
) -> AnyView {
    let is_mine = move || status.get() == Some(RsvpStatus::from(answer));
    let pressed = move || if is_mine() { "true" } else { "false" };
    let pending = action.pending();
    view! {
        <button
            type="submit"
            name="answer"
            value=answer.as_str()
            class="btn btn-secondary"
            class:is-chosen=is_mine
            class:is-pending=move || pending.get()
            aria-pressed=pressed
        >
            {label}
        </button>
    }
    .into_any()
}

/// How things stand, and what is to be done about it.
fn notice(rsvp: &Rsvp, slug: &str, answer: ServerAction<AnswerRsvp>) -> AnyView {
    let (party, until) = (rsvp.party, rsvp.confirm_until_text.clone());
    let going = (rsvp.status == Some(RsvpStatus::Going)).then(|| {
        if rsvp.confirm_until.is_some() {
            let text = format!("Say so again until {until}, or your place goes to somebody else.");
            let form = going_form(slug, party, "Yes, I am coming", answer);
            view! { <Alert tone=Tone::Warning title="Are you still coming?"><p>{text}</p>{form}</Alert> }
                .into_any()
        } else {
            let title = match party {
                1 => "You are going.".to_owned(),
                many => format!("You are going, {many} of you."),
            };
            view! { <Alert tone=Tone::Success title=title><a href="/tickets">"The codes for the door"</a></Alert> }
                .into_any()
        }
    });
    let lapsed = (rsvp.status == Some(RsvpStatus::Lapsed)).then(|| {
        view! {
            <Alert tone=Tone::Warning title="You did not confirm in time.">"Your place is free for others. Answer again to get one of those that are left."</Alert>
        }
    });
    let line = rsvp
        .line
        .as_ref()
        .map(|entry| line_notice(entry, party, slug, answer));
    view! { {going}{lapsed}{line} }.into_any()
}

fn line_notice(
    entry: &WaitingListEntry,
    party: u32,
    slug: &str,
    answer: ServerAction<AnswerRsvp>,
) -> AnyView {
    let places = match entry.quantity {
        1 => "1 place".to_owned(),
        many => format!("{many} places"),
    };
    if entry.status == WaitingStatus::Offered {
        let title = format!("Kept for you until {}: {places}.", entry.offer_expires_text);
        let form = going_form(slug, party + entry.quantity, "Take them", answer);
        return view! { <Alert tone=Tone::Success title=title>{form}</Alert> }.into_any();
    }
    let title = match entry.position {
        Some(position) => format!("You are number {position} in line for {places}."),
        None => format!("You are in line for {places}."),
    };
    view! { <Alert tone=Tone::Info title=title><a href="/tickets#waiting-list">"Your places in line"</a></Alert> }
        .into_any()
}

/// A form that answers "going" for so many.
fn going_form(
    slug: &str,
    party: u32,
    label: &'static str,
    answer: ServerAction<AnswerRsvp>,
) -> AnyView {
    let slug = slug.to_owned();
    view! {
        <ActionForm action=answer>
            <input type="hidden" name="event" value=slug/>
            <input type="hidden" name="answer" value=RsvpAnswer::Going.as_str()/>
            <input type="hidden" name="party" value=party.to_string()/>
            <Submit label=label pending=answer.pending() class="btn-primary btn-small"/>
        </ActionForm>
    }
    .into_any()
}

/// Where a field of the form stands.
fn place(field: &str) -> Place {
    (field == "party").then(|| ("rsvp-party".to_owned(), "Who comes".to_owned()))
}
