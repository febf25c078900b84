//! How a hold is paid: by card, by transfer, at the door.

use leptos::prelude::*;
use types::{Money, orders::PaymentMethod, payments::PaymentMethods};

use crate::components::Choice;

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

/// The ways beside a card: value, label and what it means.
fn others(methods: &PaymentMethods) -> Vec<(PaymentMethod, &'static str, String)> {
    let transfer = methods.bank_transfer.as_ref().map(|transfer| {
        let days = match transfer.days {
            1 => "1 day".to_owned(),
            many => format!("{many} days"),
        };
        let hint = format!(
            "Your places are kept for {days}, at most until the event begins. Tickets come with the money."
        );
        (PaymentMethod::BankTransfer, "By bank transfer", hint)
    });
    let door = methods.at_door.then(|| {
        let hint = "Your places are kept until the event ends. Tickets come when you pay there.";
        (PaymentMethod::AtDoor, "At the door", hint.to_owned())
    });
    transfer.into_iter().chain(door).collect()
}

/// The choice of the way, where there is one, and what the simulator is to do with a card.
pub(super) fn ways_to_pay(methods: &PaymentMethods) -> AnyView {
    let others = others(methods);
    if others.is_empty() {
        return simulator("How should this payment end?");
    }
    let card = methods.card.then(|| {
        let hint = "At once, and your tickets are there.";
        view! { <Choice name="method" value="card" label="By card" hint=hint class="choice-card" checked=true/> }
    });
    let has_card = methods.card;
    let others = others
        .into_iter()
        .enumerate()
        .map(|(index, (method, label, hint))| {
            let is_first = !has_card && index == 0;
            view! { <Choice name="method" value=method.as_str() label=label hint=hint class="choice-card" checked=is_first/> }
        })
        .collect_view();
    let simulator = has_card.then(|| simulator("By card: how should this payment end?"));
    view! {
        <fieldset class="fieldset">
            <legend class="field-label">"How do you want to pay?"</legend>
            <div class="choice-cards">{card}{others}</div>
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
