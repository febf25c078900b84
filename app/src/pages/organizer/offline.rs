//! Money that no provider takes, in the organizer's list of orders: it is here, or nobody waits
//! for it any more.

use leptos::{form::ActionForm, prelude::*};
use types::orders::{Order, OrderStatus, PaymentMethod, PaymentState};

use super::orders::Doing;
use crate::{
    components::{Confirm, Submit},
    rpc::key_of_try,
};

/// How an order is paid without a provider, and by which reference its money is found.
pub(super) fn money_note(order: &Order) -> Option<AnyView> {
    let payment = order.offline.as_ref()?;
    let way = match payment.method {
        PaymentMethod::AtDoor => "At the door",
        _ => "By bank transfer",
    };
    let until = match order.payment_state {
        PaymentState::Awaited => format!(", kept until {}", payment.due_text),
        PaymentState::Lapsed => ", not kept any more".to_owned(),
        _ => String::new(),
    };
    let reference = payment.reference.clone();
    Some(
        view! { <p class="muted">{way}", reference "<span class="mono">{reference}</span>{until}</p> }
            .into_any(),
    )
}

/// The money of an order is here, in time or late; or nobody waits for it any more.
pub(super) fn offline_forms(
    order: &Order,
    name: &str,
    (slug, key): (&str, &str),
    doing: Doing,
) -> Option<AnyView> {
    let is_awaited = match (order.status, order.payment_state) {
        (OrderStatus::Pending, PaymentState::Awaited) => true,
        (OrderStatus::Cancelled, PaymentState::Lapsed) => false,
        _ => return None,
    };
    let (label, text) = if is_awaited {
        (
            format!("The money of {name} is here…"),
            "The buyer gets the tickets at once. It cannot be undone, only refunded.",
        )
    } else {
        (
            format!("The money of {name} came after all…"),
            "If there are places left, the buyer gets the tickets. If not, you owe the buyer this money, and the buyer is the first in line.",
        )
    };
    let act = format!("Yes, {} is here", order.total);
    let (id, event) = (order.id.to_string(), slug.to_owned());
    let confirm_key = key_of_try(key.to_owned(), doing.confirm);
    let off = is_awaited.then(|| call_off_form(order, name, (slug, key), doing));
    Some(
        view! {
            <div class="bought-ways">
                <Confirm label=label>
                    <p>{text}</p>
                    <ActionForm action=doing.confirm>
                        <input type="hidden" name="order" value=id/>
                        <input type="hidden" name="event" value=event/>
                        <input type="hidden" name="key" value=confirm_key/>
                        <Submit label=act pending=doing.confirm.pending() class="btn-primary"/>
                    </ActionForm>
                </Confirm>
                {off}
            </div>
        }
        .into_any(),
    )
}

fn call_off_form(order: &Order, name: &str, (slug, key): (&str, &str), doing: Doing) -> AnyView {
    let (id, event) = (order.id.to_string(), slug.to_owned());
    let key = key_of_try(key.to_owned(), doing.call_off);
    view! {
        <Confirm label=format!("Cancel the order of {name}…")>
            <p>"Its places are free at once. Money that comes all the same can still be noted here."</p>
            <ActionForm action=doing.call_off>
                <input type="hidden" name="order" value=id/>
                <input type="hidden" name="event" value=event/>
                <input type="hidden" name="key" value=key/>
                <Submit label="Cancel the order" pending=doing.call_off.pending() class="btn-danger"/>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}
