//! The receipt by mail: where it goes, and once more when it did not come.

use leptos::{form::ActionForm, prelude::*};
use types::{
    events::EventStatus,
    orders::{Order, OrderStatus},
};

use crate::{
    components::{Alert, ErrorSummary, Submit, Tone},
    rpc::{error_of, orders::SendReceipt},
};

/// What the form that sends it again is made of.
pub(super) struct Receipt {
    /// Where it goes.
    pub email: String,
    /// Was it just sent again by a plain form?
    pub was_sent: bool,
    /// Sends it.
    pub send: ServerAction<SendReceipt>,
}

/// Right after buying: look into your mails.
pub(super) fn receipt_note(order: &Order, email: &str) -> AnyView {
    let is_queued =
        order.status == OrderStatus::Paid && order.event.status != EventStatus::Cancelled;
    if !is_queued {
        return ().into_any();
    }
    view! { <p class="receipt-note">"A receipt is on its way to "<strong>{email.to_owned()}</strong>"."</p> }.into_any()
}

/// Sends the receipt again.
pub(super) fn receipt(order: &Order, receipt: Receipt) -> AnyView {
    if !matches!(order.status, OrderStatus::Paid | OrderStatus::Refunded) {
        return ().into_any();
    }
    let Receipt {
        email,
        was_sent,
        send,
    } = receipt;
    let error = error_of(send);
    let is_sent = move || {
        let by_script = send.value().with(|value| matches!(value, Some(Ok(()))));
        (by_script || was_sent) && error.with(Option::is_none)
    };
    let sent = format!("The receipt is on its way to {email}.");
    let id = order.id.to_string();
    view! {
        <div class="receipt">
            {move || is_sent().then(|| view! { <Alert tone=Tone::Success title=sent.clone()/> })}
            <ErrorSummary error=error/>
            <ActionForm action=send>
                <input type="hidden" name="order" value=id/>
                <Submit label="Send the receipt again" pending=send.pending() class="btn-ghost"/>
            </ActionForm>
        </div>
    }
    .into_any()
}
