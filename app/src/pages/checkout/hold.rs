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
    event_brief,
    methods::{METHOD, pay_label, place, ways_to_pay},
    order_lines, steps,
    waiting::HoldClock,
};
use crate::{
    components::{
        Alert, Confirm, EmptyState, ErrorSummary, FocusAlert, PageHeader, Skeleton, Submit, Tone,
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
    let failed = error_of(pay).with_untracked(Option::is_some);
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
        move |(hold, failures, _)| get_checkout(hold, failed && failures == 0),
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
    if view.hold.status == HoldStatus::Held && view.hold.expires_in > 0 {
        held(view, doing)
    } else {
        over(&view.hold)
    }
}

/// Nothing can be paid here any more.
fn over(hold: &Hold) -> AnyView {
    match hold.status {
        HoldStatus::Held | HoldStatus::Expired => expired(hold),
        HoldStatus::Released => released(hold),
        HoldStatus::Paying | HoldStatus::Awaiting => ordered(hold, "These places are being paid"),
        HoldStatus::Paid => ordered(hold, "These places are paid for"),
    }
}

fn held(view: CheckoutView, doing: &Doing) -> AnyView {
    let CheckoutView {
        hold,
        methods,
        method,
        key,
    } = view;
    let (hold, methods) = (&hold, &methods);
    let (pay, failures) = (doing.pay, doing.failures);
    // A failure is told together with the form of the next try, and until that is here the
    // button waits: nobody fills in a form that is about to be replaced.
    let error = error_of(pay).get_untracked();
    let known = failures.get_untracked();
    let pending = Signal::derive(move || pay.pending().get() || failures.get() != known);
    let is_free = hold.total.is_free();
    let id = hold.id.to_string();
    let label = pay_label(hold.total, methods);
    let wrong = error.as_ref().and_then(|error| error.of_field(METHOD));
    let ways = (!is_free).then(|| ways_to_pay(methods, &method, wrong));
    let has_provider = !is_free && methods.card;
    let lead = lead(hold);
    let form = if is_free || methods.has_any() {
        view! {
            <ActionForm action=pay>
                <input type="hidden" name="hold" value=id/>
                <input type="hidden" name="key" value=key_of_try(key, pay)/>
                <div class="form">
                    {ways}
                    <Submit label=label pending=pending class="btn-primary btn-large btn-block"/>
                    <p class="pay-wait" role="status">
                        {move || (has_provider && pay.pending().get()).then_some("Asking the payment provider. Please stay on this page.")}
                    </p>
                </div>
            </ActionForm>
        }
        .into_any()
    } else {
        let text = "This event is paid by bank transfer, and a transfer would come too late by now. Please ask its organizer.";
        view! { <Alert tone=Tone::Warning title="There is no way left to pay for these places.">{text}</Alert> }
            .into_any()
    };
    view! {
        {steps(Step::Pay)}
        <PageHeader title="Checkout" lead=lead/>
        <div class="split">
            <div class="stack">
                {longer_note(doing)}
                <HoldClock seconds=hold.expires_in spoken=doing.spoken on_end=doing.again/>
                {more_time(hold, doing.extend)}
                {error.map(declined_or)}
                <section class="card">{form}</section>
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
        return view! { <ErrorSummary error=Signal::stored(Some(error)) place=place/> }.into_any();
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
            text="The places went back on sale, and you can try for them again. No card was charged; what you ordered by transfer or to pay at the door stands in your orders."
        >
            {again}
            <a class="btn btn-ghost" href="/orders">"My orders"</a>
            <a class="btn btn-ghost" href="/tickets">"My tickets"</a>
        </EmptyState>
    }
    .into_any()
}

fn released(hold: &Hold) -> AnyView {
    let again = choose_again(hold);
    view! {
        <h1 class="visually-hidden">"Checkout"</h1>
        <EmptyState icon="ticket" title="You gave these places back" text="No card was charged. Changed your mind?">
            {again}
            <a class="btn btn-ghost" href="/orders">"My orders"</a>
        </EmptyState>
    }
    .into_any()
}

/// Nothing is left to do here: what was bought stands in its order.
fn ordered(hold: &Hold, title: &'static str) -> AnyView {
    let order = hold
        .order_id
        .map_or_else(|| "/orders".to_owned(), links::order_done);
    ssr::redirect(&order);
    view! { <h1>{title}</h1><p><a class="btn btn-primary" href=order>"To the order"</a></p> }
        .into_any()
}
