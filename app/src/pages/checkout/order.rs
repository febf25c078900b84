//! An order: just bought, waiting, or long ago.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::{
    orders::{Order, OrderStatus, PaymentMethod, PaymentState},
    tickets::{Ticket, TicketStatus},
};

use super::{
    Step,
    basket::is_over,
    event_brief,
    offline::{awaited, came_late, lapsed},
    order_lines,
    receipt::{Receipt, receipt, receipt_note},
    returning::{Returning, refunds, return_form},
    steps,
    waiting::{look_again, look_for_money, pending_note},
};
use crate::{
    components::{Alert, Badge, Icon, PageHeader, Skeleton, Tone, emptied_after},
    links,
    pages::{errors::refused, tickets::ticket_link},
    rpc::{
        error_of,
        orders::{CallOffOrder, OrderView, ReturnTickets, SendReceipt, my_order},
        successes,
    },
};

/// The page of an order.
#[component]
pub fn OrderPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let done = move |what: &str| query.with_untracked(|query| query.get_str("done") == Some(what));
    let give_back = ServerAction::<ReturnTickets>::new();
    let returning = Returning {
        give_back,
        form: emptied_after(successes(give_back)),
    };
    let doing = Doing {
        returning,
        send_receipt: ServerAction::new(),
        call_off: ServerAction::new(),
    };
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("id")).unwrap_or_default(),
                give_back.version().get() + doing.call_off.version().get(),
            )
        },
        |(id, _)| my_order(id),
    );
    view! {
        <Title text="Your order"/>
        <div class="page page-read checkout">
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => content(&view, done, doing, Callback::new(move |()| page.refetch())),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What can be done on the page.
#[derive(Clone, Copy)]
struct Doing {
    returning: Returning,
    send_receipt: ServerAction<SendReceipt>,
    call_off: ServerAction<CallOffOrder>,
}

fn content(
    view: &OrderView,
    done: impl Fn(&str) -> bool,
    doing: Doing,
    again: Callback<()>,
) -> AnyView {
    let Doing {
        returning,
        send_receipt,
        call_off,
    } = doing;
    let OrderView { order, key, email } = view;
    let is_new = done("paid");
    // The address may be that of tickets given back before the ones that were refused now.
    let refusal = error_of(returning.give_back);
    let is_returned = done("returned") && refusal.with_untracked(Option::is_none);
    let head = match order.status {
        OrderStatus::Pending => {
            if let Some(payment) = &order.offline {
                if payment.method == PaymentMethod::AtDoor {
                    look_for_money(order.id, again);
                }
                awaited(order, payment, key.clone(), call_off)
            } else {
                look_again(again);
                view! { {steps(Step::Pay)}<h1>"Waiting for the payment"</h1>{pending_note(links::order(order.id))} }.into_any()
            }
        }
        OrderStatus::Paid if is_new => celebration(order),
        OrderStatus::Paid => {
            view! { <PageHeader title="Your order" lead=bought(order)/> }.into_any()
        }
        OrderStatus::Cancelled => match order.payment_state {
            PaymentState::Lapsed => lapsed(order),
            PaymentState::Succeeded => came_late(order),
            _ => not_paid(order),
        },
        OrderStatus::Refunded => view! {
            <PageHeader title="Your order" lead=bought(order)/>
            <Alert tone=Tone::Info title="All tickets of this order were given back."/>
        }
        .into_any(),
    };
    let mail = Receipt {
        email: email.clone(),
        was_sent: done("receipt"),
        send: send_receipt,
    };
    view! {
        {head}
        {is_new.then(|| receipt_note(order, email))}
        {refunds(order, is_returned)}
        {tickets(&order.tickets)}
        {return_form(order, key.clone(), returning)}
        <section class="card stack checkout-summary" aria-labelledby="order-heading">
            <div class="order-head">
                <h2 id="order-heading">"What you ordered"</h2>
                {status_badge(order)}
            </div>
            {event_brief(&order.event)}
            {order_lines(&order.items, order.promo_code.as_deref(), order.total)}
            <p class="muted small">"Order "<span class="mono">{order.id.to_string()}</span>", "{order.created_text.clone()}</p>
            {receipt(order, mail)}
        </section>
    }
    .into_any()
}

fn bought(order: &Order) -> String {
    format!("Made on {}.", order.created_text)
}

fn celebration(order: &Order) -> AnyView {
    let lead = match order.tickets.len() {
        1 => "Your ticket is ready. Show its code at the door, on the phone or on paper.",
        _ => "Your tickets are ready. Show their codes at the door, on the phone or on paper.",
    };
    view! {
        {steps(Step::Done)}
        <div class="done-hero">
            <span class="done-mark"><Icon name="check"/></span>
            <h1>"You are going!"</h1>
            <p class="lead">{lead}</p>
        </div>
    }
    .into_any()
}

fn not_paid(order: &Order) -> AnyView {
    let again = (!is_over(order.event.status, order.event.phase)).then(|| {
        view! { <a class="btn btn-primary" href=links::event(&order.event.slug)>"Choose again"</a> }
    });
    view! {
        <PageHeader title="Your order" lead=bought(order)/>
        <Alert tone=Tone::Danger title="This order was not paid.">
            <p>"Nothing was charged and the places went back on sale."</p>
            {again}
        </Alert>
    }
    .into_any()
}

fn tickets(tickets: &[Ticket]) -> AnyView {
    if tickets.is_empty() {
        return ().into_any();
    }
    let rows = tickets.iter().map(ticket_link).collect_view();
    let has_valid = |ticket: &&Ticket| ticket.status == TicketStatus::Valid;
    let pdf = tickets.iter().find(has_valid);
    let pdf = pdf.map(|ticket| links::order_pdf(ticket.order_id));
    view! {
        <section aria-labelledby="tickets-heading" class="stack">
            <h2 id="tickets-heading">"Your tickets"</h2>
            <ul class="ticket-links" role="list">{rows}</ul>
            {pdf.map(|pdf| view! { <p><a href=pdf rel="external" download="tickets.pdf">"Save as PDF"</a></p> })}
        </section>
    }
    .into_any()
}

/// Where an order stands, in a word.
pub(in crate::pages) fn status_badge(order: &Order) -> AnyView {
    let (tone, text) = match order.status {
        OrderStatus::Cancelled if order.payment_state == PaymentState::Succeeded => {
            (Tone::Info, "Paid too late")
        }
        OrderStatus::Paid => (Tone::Success, "Paid"),
        OrderStatus::Pending => (Tone::Warning, "Waiting"),
        OrderStatus::Refunded => (Tone::Info, "Given back"),
        OrderStatus::Cancelled => (Tone::Quiet, "Not paid"),
    };
    view! { <Badge tone=tone text=text/> }.into_any()
}
