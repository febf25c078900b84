//! From a choice of tickets to the tickets: basket, hold, payment, order.

mod basket;
mod hold;
mod order;
mod receipt;
mod returning;
mod waiting;

pub use basket::Basket;
pub use hold::Checkout;
pub use order::OrderPage;
pub(super) use order::status_badge;

use leptos::prelude::*;
use types::{
    Money,
    orders::{EventBrief, Line, discount_of},
};

use crate::{
    components::{DateLeaf, Price},
    links,
};

/// Where somebody is on the way to their tickets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Choose,
    Pay,
    Done,
}

fn steps(here: Step) -> AnyView {
    let step = |step: Step, text: &'static str| view! { <li aria-current=(step == here).then_some("step")>{text}</li> };
    view! {
        <ol class="steps" aria-label="Steps">
            {step(Step::Choose, "Choose")}
            {step(Step::Pay, "Pay")}
            {step(Step::Done, "Enjoy")}
        </ol>
    }
    .into_any()
}

/// The event something is bought for, in short.
pub(super) fn event_brief(event: &EventBrief) -> AnyView {
    let place = event
        .venue
        .as_ref()
        .map_or_else(|| "Online".to_owned(), |venue| venue.name.clone());
    let picture = match event.cover_url.clone() {
        Some(url) => view! { <img class="brief-picture" src=url alt="" width="96" height="96" loading="lazy" decoding="async"/> }.into_any(),
        None => view! { <DateLeaf local=event.local.clone()/> }.into_any(),
    };
    view! {
        <div class="brief">
            {picture}
            <div class="brief-text">
                <p class="brief-title"><a href=links::event(&event.slug)>{event.title.clone()}</a></p>
                <p class="muted">{event.local.date.clone()}" · "{event.local.time.clone()}</p>
                <p class="muted">{place}</p>
            </div>
        </div>
    }
    .into_any()
}

/// What is bought, line by line at the full price, what the promo code takes off, and what it costs.
pub(super) fn order_lines(lines: &[Line], promo_code: Option<&str>, total: Money) -> AnyView {
    let rows = lines
        .iter()
        .map(|line| {
            let sum = line.unit_price.times(line.quantity).unwrap_or(line.unit_price);
            view! { <li><span>{line.quantity}" × "{line.name.clone()}</span><Price money=sum exact=true/></li> }
        })
        .collect_view();
    let off = discount_of(lines, total.currency);
    let discount = promo_code.filter(|_| !off.is_free()).map(|code| {
        view! { <li class="order-discount"><span>"Code "{code.to_owned()}</span><span>"−"{off.to_string()}</span></li> }
    });
    view! {
        <ul class="order-lines" role="list">{rows}{discount}</ul>
        <p class="order-total"><span>"Total"</span><Price money=total exact=true/></p>
    }
    .into_any()
}
