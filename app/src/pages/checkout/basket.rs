//! The choice of tickets that waited while its owner logged in or made an account.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{
    Money,
    events::{Event, EventStatus, Phase, TicketType},
    orders::{HoldForm, Line},
};

use super::{Step, event_brief, order_lines, steps};
use crate::{
    components::{Alert, EmptyState, ErrorSummary, PageHeader, Skeleton, Submit, Tone},
    links,
    pages::errors::refused,
    rpc::{
        error_of, failures, key_of_try,
        orders::{Basket as BasketView, HoldPlaces, get_basket},
    },
};

/// One more click puts the places aside.
#[component]
pub fn Basket() -> impl IntoView {
    let query = use_query_map();
    let value = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    let hold = ServerAction::<HoldPlaces>::new();
    let error = error_of(hold);
    let failures = failures(hold);
    // After a failure the event is read again: there may be fewer places now.
    let page = Resource::new_blocking(
        move || (value("event"), value("code"), failures.get()),
        |(event, code, _)| get_basket(event, code),
    );
    view! {
        <Title text="Your choice"/>
        <div class="page page-narrow checkout">
            {steps(Step::Choose)}
            <PageHeader title="Your choice" lead="Still here. Put these places aside, and they are yours while you pay."/>
            <ErrorSummary error=error/>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => content(page, (&value("items"), value("code")), hold),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn content(
    page: BasketView,
    (items, typed_code): (&str, String),
    hold: ServerAction<HoldPlaces>,
) -> AnyView {
    let BasketView {
        event,
        refused,
        key,
    } = page;
    let code = event.promo.as_ref().map(|promo| promo.code.clone());
    let lines = chosen(&event, items);
    let Some(total) = total(&lines) else {
        return view! {
            <EmptyState icon="ticket" title="Nothing is chosen" text="The tickets of this link are not there any more.">
                <a class="btn btn-primary" href=links::event(&event.slug)>"To the event"</a>
            </EmptyState>
        }
        .into_any();
    };
    let choice = HoldForm {
        promo_code: typed_code,
        ..links::items_form(items)
    };
    let (slug, back) = (
        event.slug.clone(),
        links::event_with_choice(&event.slug, &choice),
    );
    let fields = lines
        .iter()
        .enumerate()
        .map(|(row, line)| hidden_row(row, line, &event))
        .collect_view();
    // Without the code it goes on: the price that is shown is the one that is paid.
    let refused = refused.map(|error| {
        view! { <Alert tone=Tone::Warning title=error.text()>"Your choice is without it."</Alert> }
    });
    view! {
        {refused}
        <section class="card stack">
            {event_brief(&brief(&event))}
            {order_lines(&lines, code.as_deref(), total)}
            <ActionForm action=hold>
                <input type="hidden" name="event" value=slug/>
                <input type="hidden" name="key" value=key_of_try(key, hold)/>
                <input type="hidden" name="form[promo_code]" value=code.unwrap_or_default()/>
                {fields}
                <Submit label="Put aside and continue" pending=hold.pending() class="btn-primary btn-large btn-block"/>
            </ActionForm>
            <p class="checkout-back"><a href=back>"Change the choice"</a></p>
        </section>
    }
    .into_any()
}

/// What the lines cost together; `None` without any.
fn total(lines: &[Line]) -> Option<Money> {
    let mut sums = lines.iter().map(Line::cost);
    let first = sums.next()??;
    sums.try_fold(first, |total, sum| total.plus(sum?))
}

fn hidden_row(row: usize, line: &Line, event: &Event) -> AnyView {
    let (id, quantity) = (line.ticket_type_id, line.quantity);
    let kinds = event.ticket_types.as_deref().unwrap_or_default();
    let is_chosen = |kind: &TicketType| kind.id == id && kind.pricing.is_chosen();
    let amount = kinds.iter().any(is_chosen).then(|| {
        let amount = line.unit_price.to_input();
        view! { <input type="hidden" name=format!("form[items][{row}][amount]") value=amount/> }
    });
    view! {
        {amount}
        <input type="hidden" name=format!("form[items][{row}][ticket_type_id]") value=id.to_string()/>
        <input type="hidden" name=format!("form[items][{row}][quantity]") value=quantity.to_string()/>
    }
    .into_any()
}

/// The rows of a link that mean a ticket type of the event, at most as many as one person may have.
fn chosen(event: &Event, items: &str) -> Vec<Line> {
    let types = event.ticket_types.as_deref().unwrap_or_default();
    let line = |kind: &TicketType, quantity: u32, amount: &str| Line {
        ticket_type_id: kind.id,
        name: kind.name.clone(),
        quantity: quantity.min(kind.max_per_person),
        unit_price: Money::parse(amount, kind.price.currency)
            .filter(|_| kind.pricing.is_chosen())
            .unwrap_or(kind.price),
        unit_discount: kind
            .promo_price
            .and_then(|price| kind.price.minus(price))
            .unwrap_or(Money::new(0, kind.price.currency)),
    };
    let rows = links::items_form(items).items;
    let wanted = |kind: &TicketType| {
        let row = rows
            .iter()
            .find(|row| row.ticket_type_id == kind.id.to_string())?;
        let quantity = row.quantity.parse().ok().filter(|quantity| *quantity > 0)?;
        Some(line(kind, quantity, &row.amount))
    };
    types.iter().filter_map(wanted).collect()
}

fn brief(event: &Event) -> types::orders::EventBrief {
    let small = event
        .cover()
        .and_then(|cover| cover.variants.first().map(|variant| variant.url.clone()));
    types::orders::EventBrief {
        id: event.id,
        slug: event.slug.clone(),
        title: event.title.clone(),
        starts_at: event.starts_at,
        time_zone: event.time_zone.clone(),
        venue: event.venue.clone(),
        local: event.local.clone(),
        status: event.status,
        phase: event.phase,
        cover_url: small,
        // Said on the event's page before and at the checkout behind.
        refundable_until: None,
        refundable_text: String::new(),
        is_refundable: false,
    }
}

/// Can anything of the event still be bought?
pub(super) fn is_over(status: EventStatus, phase: Phase) -> bool {
    status != EventStatus::Published || phase == Phase::Past
}
