//! How a hold is paid: by card, by transfer, at the door.

use leptos::prelude::*;
use types::{Money, orders::PaymentMethod, payments::PaymentMethods};

use crate::components::{Choice, Place};

/// What the button says. Who can choose the way does not pay by pressing it.
pub(super) fn pay_label(total: Money, methods: &PaymentMethods) -> String {
    if total.is_free() {
        "Get my tickets".to_owned()
    } else if others(methods).is_empty() {
        format!("Pay {total}")
    } else {
        format!("Order for {total}")
    }
}

/// A card, whoever the provider is.
const CARD: &str = "card";

/// The ways beside a card: value, label and what it means.
fn others(methods: &PaymentMethods) -> Vec<(&'static str, &'static str, String)> {
    let transfer = methods.bank_transfer.as_ref().map(|transfer| {
        let days = match transfer.days {
            1 => "1 day".to_owned(),
            many => format!("{many} days"),
        };
        let hint = format!(
            "Your places are kept for {days}, at most until the event begins. Tickets come with the money."
        );
        (PaymentMethod::BankTransfer.as_str(), "By bank transfer", hint)
    });
    let door = methods.at_door.then(|| {
        let hint = "Your places are kept until the event ends. Tickets come when you pay there.";
        (
            PaymentMethod::AtDoor.as_str(),
            "At the door",
            hint.to_owned(),
        )
    });
    transfer.into_iter().chain(door).collect()
}

/// What an error calls the way.
pub(super) const METHOD: &str = "payment.method";

/// Where the choice of the way stands.
pub(super) fn place(field: &str) -> Place {
    (field == METHOD).then(|| ("pay-method".into(), "How you pay".into()))
}

/// The choice of the way, where there is one, and what the simulator is to do with a card. What was
/// chosen before stays chosen; when that is not offered any more, nothing is, so that nobody pays
/// in a way that they did not choose.
pub(super) fn ways_to_pay(
    methods: &PaymentMethods,
    before: &str,
    wrong: Option<String>,
) -> AnyView {
    let mut ways = others(methods);
    if ways.is_empty() {
        return simulator("How should this payment end?");
    }
    if methods.card {
        let hint = "At once, and your tickets are there.".to_owned();
        ways.insert(0, (CARD, "By card", hint));
    }
    let first = ways.first().map_or("", |(value, ..)| *value);
    let chosen = if before.is_empty() { first } else { before };
    let choices = ways
        .into_iter()
        .map(|(value, label, hint)| {
            let is_chosen = value == chosen;
            view! { <Choice name="method" value=value label=label hint=hint class="choice-card" checked=is_chosen required=true/> }
        })
        .collect_view();
    let simulator = methods
        .card
        .then(|| simulator("By card: how should this payment end?"));
    view! {
        <fieldset class="fieldset" id="pay-method" aria-describedby="pay-method-error">
            <legend class="field-label">"How do you want to pay?"</legend>
            <p class="field-error" id="pay-method-error">{wrong}</p>
            <div class="choice-cards">{choices}</div>
        </fieldset>
        {simulator}
    }
    .into_any()
}

fn simulator(legend: &'static str) -> AnyView {
    let choice = |value: &'static str, label: &'static str, hint: &'static str, checked: bool| {
        view! { <Choice name="outcome" value=value label=label hint=hint class="choice-card" checked=checked/> }
    };
    view! {
        <fieldset class="fieldset">
            <legend class="field-label">{legend}</legend>
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
