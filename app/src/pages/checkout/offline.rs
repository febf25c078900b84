//! An order whose money no provider takes: what to transfer, what to say at the door, and what
//! became of money that came too late.

use leptos::{form::ActionForm, prelude::*};
use types::{
    events::EventStatus,
    orders::{Order, PaymentMethod},
    payments::OfflinePayment,
};

use super::basket::is_over;
use crate::{
    components::{Alert, Confirm, ErrorSummary, PageHeader, Submit, Tone},
    links,
    rpc::{error_of, key_of_try, orders::CallOffOrder},
};

/// The order waits for its money.
pub(super) fn awaited(
    order: &Order,
    payment: &OfflinePayment,
    key: String,
    call_off: ServerAction<CallOffOrder>,
) -> AnyView {
    let is_transfer = payment.method == PaymentMethod::BankTransfer;
    let (title, heading, lead) = if is_transfer {
        (
            "Waiting for your transfer",
            "What to transfer",
            "Your places are kept. The tickets are here as soon as the organizer has the money.",
        )
    } else {
        (
            "You pay at the door",
            "At the door",
            "Your places are kept. Say your name or this reference at the door and pay: then your tickets are here.",
        )
    };
    let to = payment.account_holder.clone();
    let to = to.map(|name| view! { <dt>"To"</dt><dd>{name}</dd> });
    let details = payment.details.clone();
    let details = details
        .map(|details| view! { <dt>"Account"</dt><dd class="transfer-details">{details}</dd> });
    view! {
        <PageHeader title=title lead=lead/>
        <section class="card stack transfer" aria-labelledby="transfer-heading">
            <h2 id="transfer-heading">{heading}</h2>
            <dl class="facts">
                <dt>"Amount"</dt><dd>{order.total.to_string()}</dd>
                {to}
                {details}
                <dt>"Reference"</dt><dd class="mono">{payment.reference.clone()}</dd>
                <dt>"Kept until"</dt><dd>{payment.due_text.clone()}</dd>
            </dl>
            <p><a href=links::order(order.id) rel="external">"Look again"</a></p>
            {is_transfer.then(|| view! { <p class="muted small">"The reference tells the organizer that the money is yours. Without it your transfer may not be found."</p> })}
            {call_off_form(order, key, call_off)}
        </section>
    }
    .into_any()
}

fn call_off_form(order: &Order, key: String, call_off: ServerAction<CallOffOrder>) -> AnyView {
    let (error, id) = (error_of(call_off), order.id.to_string());
    view! {
        <ErrorSummary error=error/>
        <Confirm label="Cancel this order…">
            <p>"Somebody else can have the places at once. Do not cancel when your money is on its way."</p>
            <ActionForm action=call_off>
                <input type="hidden" name="order" value=id/>
                <input type="hidden" name="key" value=key_of_try(key, call_off)/>
                <Submit label="Cancel the order" pending=call_off.pending() class="btn-danger"/>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}

/// The money did not come in time, or nobody waits for it any more.
pub(super) fn lapsed(order: &Order) -> AnyView {
    let is_off = is_over(order.event.status, order.event.phase);
    let again = (!is_off).then(|| {
        view! { <a class="btn btn-primary" href=links::event(&order.event.slug)>"Choose again"</a> }
    });
    let text = if order.event.status == EventStatus::Cancelled {
        "Please send none: the event was cancelled. Is it on its way already? Then it comes back to you."
    } else if is_off {
        "Please send none: the event is over."
    } else {
        "Please send none: the places went back on sale. Is it on its way already? You get the tickets if there are places left when it comes; otherwise the money back, and where there is a waiting list, its first place."
    };
    view! {
        <PageHeader title="Your order"/>
        <Alert tone=Tone::Warning title="Nobody waits for this order's money any more.">
            <p>{text}</p>
            {again}
        </Alert>
    }
    .into_any()
}

/// The money came when the places were gone or paid for otherwise, or the event was off.
pub(super) fn came_late(order: &Order) -> AnyView {
    let line = (!is_over(order.event.status, order.event.phase)).then(|| {
        view! {
            <p>"If you are at the front of the waiting list for these tickets now, places that become free are offered to you first."</p>
            <p><a href="/tickets">"My tickets and places in line"</a></p>
        }
    });
    let title = if order.event.status == EventStatus::Cancelled {
        "The event was cancelled before your money came."
    } else {
        "Your money came too late for this order."
    };
    view! {
        <PageHeader title="Your order"/>
        <Alert tone=Tone::Warning title=title>
            <p>"It goes back to you."</p>
            {line}
        </Alert>
    }
    .into_any()
}
