//! Places put aside: the clock, the payment, and every way it can end.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::{
    Code,
    orders::{Hold, HoldStatus},
};

use super::{
    Step,
    basket::is_over,
    event_brief, order_lines, steps,
    waiting::{HoldClock, look_again, pending_note},
};
use crate::{
    components::{
        Alert, Choice, Confirm, EmptyState, ErrorSummary, FocusAlert, PageHeader, Skeleton, Submit,
        Tone,
    },
    links,
    pages::errors::refused,
    rpc::{
        RpcError, error_of, failures, key_of_try,
        orders::{Checkout as CheckoutView, ExtendHold, Pay, ReleaseHold, get_checkout},
    },
    ssr,
};

/// The checkout of a hold, in whatever state it is.
#[component]
pub fn Checkout() -> impl IntoView {
    let params = use_params_map();
    let pay = ServerAction::<Pay>::new();
    let release = ServerAction::<ReleaseHold>::new();
    let extend = ServerAction::<ExtendHold>::new();
    let failures = failures(pay);
    // After a failure the hold is read again; its clock is the server's and goes on, unless
    // more time was asked for.
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("hold")).unwrap_or_default(),
                failures.get(),
                extend.version().get(),
            )
        },
        |(hold, ..)| get_checkout(hold),
    );
    Effect::new(move |_| {
        if matches!(extend.value().get(), Some(Ok(()))) {
            pay.clear();
        }
    });
    let spoken = RwSignal::new(String::new());
    view! {
        <Title text="Checkout"/>
        <div class="page checkout">
            <p class="visually-hidden" aria-live="polite">{spoken}</p>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => content(view, &Doing { pay, failures, release, extend, spoken, again: Callback::new(move |()| page.refetch()) }),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What can be done on the page.
struct Doing {
    pay: ServerAction<Pay>,
    /// Of paying.
    failures: Memo<usize>,
    release: ServerAction<ReleaseHold>,
    extend: ServerAction<ExtendHold>,
    /// For screen readers.
    spoken: RwSignal<String>,
    /// Reads the hold again.
    again: Callback<()>,
}

fn content(view: CheckoutView, doing: &Doing) -> AnyView {
    let CheckoutView { hold, key } = view;
    match hold.status {
        HoldStatus::Held if hold.expires_in > 0 => held(&hold, key, doing),
        HoldStatus::Held | HoldStatus::Expired => expired(&hold),
        HoldStatus::Released => released(&hold),
        HoldStatus::Paying => paying(&hold, doing.again),
        HoldStatus::Paid => paid(&hold),
    }
}

fn held(hold: &Hold, key: String, doing: &Doing) -> AnyView {
    let (pay, failures) = (doing.pay, doing.failures);
    // A failure is told together with the form of the next try, and until that is here the
    // button waits: nobody fills in a form that is about to be replaced.
    let error = error_of(pay).get_untracked();
    let known = failures.get_untracked();
    let pending = Signal::derive(move || pay.pending().get() || failures.get() != known);
    let is_free = hold.total.is_free();
    let id = hold.id.to_string();
    let label = if is_free {
        "Get my tickets".to_owned()
    } else {
        format!("Pay {}", hold.total)
    };
    let lead = lead(hold);
    view! {
        {steps(Step::Pay)}
        <PageHeader title="Checkout" lead=lead/>
        <div class="split">
            <div class="stack">
                {longer_note(doing)}
                <HoldClock seconds=hold.expires_in spoken=doing.spoken on_end=doing.again/>
                {more_time(hold, doing.extend)}
                {error.map(declined_or)}
                <section class="card">
                    <ActionForm action=pay>
                        <input type="hidden" name="hold" value=id/>
                        <input type="hidden" name="key" value=key_of_try(key, pay)/>
                        <div class="form">
                            {(!is_free).then(simulator)}
                            <Submit label=label pending=pending class="btn-primary btn-large btn-block"/>
                            <p class="pay-wait" role="status">
                                {move || pay.pending().get().then_some("Asking the payment provider. Please stay on this page.")}
                            </p>
                        </div>
                    </ActionForm>
                </section>
                {give_back(hold, doing.release)}
            </div>
            <aside class="card stack checkout-summary" aria-label="Your order">
                {event_brief(&hold.event)}
                {order_lines(&hold.items, hold.promo_code.as_deref(), hold.total)}
                {returns(hold)}
            </aside>
        </div>
    }
    .into_any()
}

/// What is about to be bought, before it is paid for.
fn lead(hold: &Hold) -> String {
    let places: u32 = hold.items.iter().map(|line| line.quantity).sum();
    let (what, is) = match places {
        1 => ("1 place".to_owned(), "is"),
        many => (format!("{many} places"), "are"),
    };
    let title = &hold.event.title;
    if hold.total.is_free() {
        format!("{what} at {title} {is} put aside. One click, and you are in.")
    } else {
        format!("{what} at {title} {is} put aside while you pay.")
    }
}

/// A refused payment leaves the hold and its clock as they are, and says so.
fn declined_or(error: RpcError) -> AnyView {
    if error.code != Code::PaymentDeclined {
        return view! { <ErrorSummary error=Signal::stored(Some(error))/> }.into_any();
    }
    view! {
        <FocusAlert title="The payment was declined.">
            <p class="alert-text">"Nothing was charged. Your places are still held and the clock goes on: try again, or pay in another way."</p>
        </FocusAlert>
    }
    .into_any()
}

/// What buyers are told before they pay: until when they get their money back.
fn returns(hold: &Hold) -> AnyView {
    let text = match &hold.event {
        event if event.is_refundable => {
            format!("You can give tickets back until {}.", event.refundable_text)
        }
        _ => "Tickets of this event are not taken back.".to_owned(),
    };
    view! { <p class="muted small">{text}</p> }.into_any()
}

fn simulator() -> AnyView {
    let choice = |value: &'static str, label: &'static str, hint: &'static str, checked: bool| {
        view! { <Choice name="outcome" value=value label=label hint=hint class="choice-card" checked=checked/> }
    };
    view! {
        <fieldset class="fieldset">
            <legend class="field-label">"How should this payment end?"</legend>
            <p class="field-hint">"Payments are simulated here: no card is needed and no money moves."</p>
            <div class="choice-cards">
                {choice("ok", "It goes through", "At once, as most do.", true)}
                {choice("decline", "It is declined", "As with an empty account.", false)}
                {choice("slow:4000", "It takes its time", "About four seconds.", false)}
                {choice("timeout", "It gets no answer", "Settled a little later.", false)}
            </div>
        </fieldset>
    }
    .into_any()
}

/// Says that the clock was set anew, until something else has to be said.
fn longer_note(doing: &Doing) -> AnyView {
    let query = use_query_map();
    let (pay, extend) = (error_of(doing.pay), error_of(doing.extend));
    let is_longer = move || {
        query.with(|query| query.get_str("time") == Some("more"))
            && pay.with(Option::is_none)
            && extend.with(Option::is_none)
    };
    let note = move || {
        is_longer().then(|| view! { <Alert tone=Tone::Success title="You have more time">"The clock began anew."</Alert> })
    };
    view! { {note} }.into_any()
}

/// Nobody has to hurry: reading and typing take some people longer.
fn more_time(hold: &Hold, extend: ServerAction<ExtendHold>) -> AnyView {
    let (id, error) = (hold.id.to_string(), error_of(extend));
    view! {
        <ErrorSummary error=error/>
        <ActionForm action=extend>
            <input type="hidden" name="hold" value=id/>
            <Submit label="I need more time" pending=extend.pending() class="btn-ghost"/>
        </ActionForm>
    }
    .into_any()
}

fn give_back(hold: &Hold, release: ServerAction<ReleaseHold>) -> AnyView {
    let error = error_of(release);
    let (id, event) = (hold.id.to_string(), hold.event.slug.clone());
    view! {
        <ErrorSummary error=error/>
        <Confirm label="Give the places back">
            <p>"Somebody else can have them at once. You can choose again if there are any left."</p>
            <ActionForm action=release>
                <input type="hidden" name="hold" value=id/>
                <input type="hidden" name="event" value=event/>
                <Submit label="Give them back" pending=release.pending() class="btn-danger"/>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}

fn choose_again(hold: &Hold) -> AnyView {
    if is_over(hold.event.status, hold.event.phase) {
        return view! { <a class="btn btn-primary" href="/events">"Find another event"</a> }
            .into_any();
    }
    view! { <a class="btn btn-primary" href=links::event(&hold.event.slug)>"Choose again"</a> }
        .into_any()
}

fn expired(hold: &Hold) -> AnyView {
    let again = choose_again(hold);
    view! {
        <h1 class="visually-hidden">"Checkout"</h1>
        <EmptyState
            icon="clock"
            title="The time for these places ran out"
            text="Nothing was charged. The places went back on sale, and you can try for them again."
        >
            {again}
            <a class="btn btn-ghost" href="/tickets">"My tickets"</a>
        </EmptyState>
    }
    .into_any()
}

fn released(hold: &Hold) -> AnyView {
    let again = choose_again(hold);
    view! {
        <h1 class="visually-hidden">"Checkout"</h1>
        <EmptyState icon="ticket" title="You gave these places back" text="Nothing was charged. Changed your mind?">
            {again}
        </EmptyState>
    }
    .into_any()
}

/// A payment whose outcome is not known yet: looks again by itself.
fn paying(hold: &Hold, again: Callback<()>) -> AnyView {
    if let Some(order) = hold.order_id {
        ssr::redirect(&links::order_done(order));
    }
    look_again(again);
    let here = links::checkout(hold.id);
    view! {
        {steps(Step::Pay)}
        <h1>"Waiting for the payment"</h1>
        {pending_note(here)}
        <section class="card stack checkout-summary">{event_brief(&hold.event)}{order_lines(&hold.items, hold.promo_code.as_deref(), hold.total)}</section>
    }
    .into_any()
}

fn paid(hold: &Hold) -> AnyView {
    let order = hold
        .order_id
        .map_or_else(|| "/orders".to_owned(), links::order_done);
    ssr::redirect(&order);
    view! { <h1>"These places are paid for"</h1><p><a class="btn btn-primary" href=order>"To the order"</a></p> }.into_any()
}
