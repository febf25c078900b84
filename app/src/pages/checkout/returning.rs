//! Tickets given back, and the money that goes back for them.

use leptos::{form::ActionForm, html, prelude::*};
use types::{
    events::EventStatus,
    orders::{Order, OrderStatus, Refund, RefundReason, RefundState},
    tickets::{Ticket, TicketStatus},
};

use crate::{
    components::{Alert, Choice, Confirm, ErrorSummary, Place, Submit, Tone},
    rpc::{error_of, key_of_try, orders::ReturnTickets},
};

/// What went back of an order, or is on its way.
pub(super) fn refunds(order: &Order, is_done: bool) -> AnyView {
    let notes = order.refunds.iter().map(note).collect_view();
    // Where no money went, nothing else says that it worked.
    let done = (is_done && order.refunds.is_empty())
        .then(|| view! { <Alert tone=Tone::Success title="You gave it back."/> });
    view! { {done}{notes} }.into_any()
}

fn note(refund: &Refund) -> AnyView {
    let (amount, why) = (refund.amount, reason(refund.reason));
    let (tone, title, text) = match refund.state {
        RefundState::Asked | RefundState::Unknown => (
            Tone::Info,
            format!("{amount} is on its way back to you."),
            "The payment provider is being asked. It can take a moment.",
        ),
        RefundState::Succeeded => (
            Tone::Success,
            format!("{amount} went back to you."),
            "It goes the way it was paid. Your bank may need some days to show it.",
        ),
        RefundState::PaidOtherwise => (
            Tone::Success,
            format!("{amount} was paid back to you by the organizer."),
            "",
        ),
        RefundState::Due => (
            Tone::Info,
            format!("{amount} comes back to you from the organizer."),
            "It was paid without a provider, so the organizer pays it back.",
        ),
        RefundState::Refused => (
            Tone::Warning,
            format!("{amount} could not be sent back."),
            "The way it was paid is closed. The organizer has to pay it back to you in another way.",
        ),
    };
    view! { <Alert tone=tone title=title>{why}" "{text}</Alert> }.into_any()
}

fn reason(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::Buyer => "You gave tickets back.",
        RefundReason::Organizer => "The organizer refunded you.",
        RefundReason::EventCancelled => "The event does not take place.",
        RefundReason::Late => "The money came too late for this order.",
    }
}

/// What gives tickets back.
#[derive(Clone, Copy)]
pub(super) struct Returning {
    /// Gives them back.
    pub give_back: ServerAction<ReturnTickets>,
    /// Its form, emptied after each success: the tickets left take the places of those given
    /// back, and must not be ticked for them.
    pub form: NodeRef<html::Form>,
}

/// Gives tickets back, as long as the organizer takes them.
pub(super) fn return_form(order: &Order, key: String, returning: Returning) -> AnyView {
    let Returning { give_back, form } = returning;
    let valid: Vec<_> = order
        .tickets
        .iter()
        .filter(|ticket| ticket.status == TicketStatus::Valid)
        .collect();
    if order.status != OrderStatus::Paid
        || valid.is_empty()
        || order.event.status != EventStatus::Published
    {
        return ().into_any();
    }
    if !order.event.is_refundable {
        return policy(order);
    }
    let error = error_of(give_back);
    let (label, lead) = match valid.as_slice() {
        [_] => (
            "Give the ticket back…",
            "The ticket is void at once, and somebody else can have the place.",
        ),
        _ => (
            "Give tickets back…",
            "Those you choose are void at once, and others can have the places.",
        ),
    };
    let money = if order.total.is_free() {
        ""
    } else if order.offline.is_some() {
        " The organizer pays the money back to you."
    } else {
        " The money goes back the way it was paid."
    };
    let rows = valid.iter().enumerate();
    let rows = rows
        .map(|(index, ticket)| row(index, ticket, valid.len() == 1))
        .collect_view();
    let (id, until) = (order.id.to_string(), order.event.refundable_text.clone());
    view! {
        <div class="give-back">
        <ErrorSummary error=error place=place/>
        <Confirm label=label error=error>
            <p>{lead}{money}" Possible until "{until}"."</p>
            <ActionForm action=give_back node_ref=form>
                <input type="hidden" name="order" value=id/>
                <input type="hidden" name="key" value=key_of_try(key, give_back)/>
                <div class="form" id="give-back">
                    {rows}
                    <Submit label="Give back" pending=give_back.pending() class="btn-danger"/>
                </div>
            </ActionForm>
        </Confirm>
        </div>
    }
    .into_any()
}

fn place(field: &str) -> Place {
    matches!(field, "tickets" | "ticket_ids").then(|| ("give-back".into(), "Tickets".into()))
}

fn row(index: usize, ticket: &Ticket, is_only: bool) -> AnyView {
    let name = format!("form[tickets][{index}][is_meant]");
    let label = format!("{} · {}", ticket.ticket_type.name, ticket.code);
    let choice = if is_only {
        view! { <input type="hidden" name=name value="true"/><p><strong>{label}</strong></p> }
            .into_any()
    } else {
        view! { <Choice name=name value="true" label=label kind="checkbox" class="choice-card"/> }
            .into_any()
    };
    view! {
        <input type="hidden" name=format!("form[tickets][{index}][id]") value=ticket.id.to_string()/>
        {choice}
    }
    .into_any()
}

/// Why nothing can be given back.
fn policy(order: &Order) -> AnyView {
    let text = if order.event.refundable_until.is_some() {
        format!(
            "Tickets could be given back until {}.",
            order.event.refundable_text
        )
    } else {
        "The organizer takes no tickets of this event back.".to_owned()
    };
    view! { <p class="give-back muted small">{text}</p> }.into_any()
}
