//! The choice of tickets that waited while its owner logged in or made an account.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{
    Money, TicketTypeId,
    events::{Event, EventStatus, Phase, TicketType},
    orders::Line,
};

use super::{Step, event_brief, order_lines, steps};
use crate::{
    components::{EmptyState, ErrorSummary, PageHeader, Skeleton, Submit},
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
        move || (value("event"), failures.get()),
        |(event, _)| get_basket(event),
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
                        Ok(page) => content(page, &value("items"), hold),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn content(page: BasketView, items: &str, hold: ServerAction<HoldPlaces>) -> AnyView {
    let BasketView { event, key } = page;
    let lines = chosen(&event, items);
    let back = links::event(&event.slug);
    let Some(total) = total(&lines) else {
        return view! {
            <EmptyState icon="ticket" title="Nothing is chosen" text="The tickets of this link are not there any more.">
                <a class="btn btn-primary" href=back>"To the event"</a>
            </EmptyState>
        }
        .into_any();
    };
    let fields = lines
        .iter()
        .enumerate()
        .map(|(row, line)| hidden_row(row, line.ticket_type_id, line.quantity))
        .collect_view();
    view! {
        <section class="card stack">
            {event_brief(&brief(&event))}
            {order_lines(&lines, total)}
            <ActionForm action=hold>
                <input type="hidden" name="event" value=event.id.to_string()/>
                <input type="hidden" name="key" value=key_of_try(key, hold)/>
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
    let mut sums = lines
        .iter()
        .map(|line| line.unit_price.times(line.quantity));
    let first = sums.next()??;
    sums.try_fold(first, |total, sum| total.plus(sum?))
}

fn hidden_row(row: usize, id: TicketTypeId, quantity: u32) -> AnyView {
    view! {
        <input type="hidden" name=format!("form[items][{row}][ticket_type_id]") value=id.to_string()/>
        <input type="hidden" name=format!("form[items][{row}][quantity]") value=quantity.to_string()/>
    }
    .into_any()
}

/// The rows of a link that mean a ticket type of the event, at most as many as one person may have.
fn chosen(event: &Event, items: &str) -> Vec<Line> {
    let types = event.ticket_types.as_deref().unwrap_or_default();
    let line = |kind: &TicketType, quantity: u32| Line {
        ticket_type_id: kind.id,
        name: kind.name.clone(),
        quantity: quantity.min(kind.max_per_person),
        unit_price: kind.price,
    };
    let rows = links::items_form(items).items;
    let wanted = |kind: &TicketType| {
        let row = rows
            .iter()
            .find(|row| row.ticket_type_id == kind.id.to_string())?;
        row.quantity.parse().ok().filter(|quantity| *quantity > 0)
    };
    types
        .iter()
        .filter_map(|kind| Some(line(kind, wanted(kind)?)))
        .collect()
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
