//! Choosing tickets: a real form, whose numbers stay fresh while somebody looks.

use std::{collections::HashMap, time::Duration};

use leptos::{form::ActionForm, html, prelude::*, task::spawn_local};
use types::{
    Money, TicketTypeId,
    events::{Event, EventStatus, Phase, Pricing, SaleStatus, TicketType},
    waiting_room::{RoomState, WaitingRoom},
};

use super::{
    choice::{Chosen, at_first, on_sale, total},
    code::{CodeField, Tried, code_field, code_form, note},
    waiting_list::{JoinLine, SoldOut},
};
use crate::{
    components::{Alert, Badge, ErrorAlert, Icon, Price, Submit, Tone, field_error, read_once},
    pages::waiting_room::{before_the_picker, pass_note},
    rpc::{
        RpcError,
        events::availability,
        key_of_try,
        orders::{HoldPlaces, PickerStart},
    },
    ssr,
};

/// How often availability is asked for while the page is looked at.
const REFRESH: Duration = Duration::from_secs(10);

/// At this many places it is worth saying how few they are.
const FEW: u32 = 20;

/// The ticket types as they were when last asked for; those of the page until then.
type Fresh = RwSignal<HashMap<TicketTypeId, TicketType>>;

/// The panel with the ticket types.
#[component]
pub fn TicketPicker(
    /// With its ticket types.
    event: Event,
    /// The promo code in the page's address.
    tried: Tried,
    /// What the form begins with.
    start: PickerStart,
    /// The waiting room before it, if the event has one.
    room: Option<WaitingRoom>,
) -> impl IntoView {
    let types: Vec<_> = event
        .ticket_types
        .clone()
        .unwrap_or_default()
        .into_iter()
        .filter(|ticket| ticket.status != SaleStatus::Hidden)
        .collect();
    let waits = room
        .as_ref()
        .filter(|room| room.state != RoomState::Admitted);
    let content = match (closed(&event), waits) {
        (Some(notice), _) => notice,
        (None, Some(room)) => before_the_picker(room),
        (None, None) if types.is_empty() => nothing_on_offer(&event, &tried),
        (None, None) => view! {
            {room.as_ref().and_then(pass_note)}
            <OnOffer slug=event.slug.clone() types=types tried=tried start=start/>
            <p class="picker-note">{returns(event.refund_hours)}</p>
        }
        .into_any(),
    };
    view! {
        <section class="panel picker" id="tickets" aria-labelledby="tickets-title">
            <h2 id="tickets-title">"Tickets"</h2>
            {content}
        </section>
    }
    .into_any()
}

/// Until when tickets can be given back.
fn returns(hours: Option<u32>) -> String {
    match hours {
        None => "Tickets are not taken back.".to_owned(),
        Some(0) => "Tickets can be given back until it begins.".to_owned(),
        Some(1) => "Tickets can be given back until an hour before.".to_owned(),
        Some(hours) if hours % 24 != 0 => {
            format!("Tickets can be given back until {hours} hours before.")
        }
        Some(24) => "Tickets can be given back until a day before.".to_owned(),
        Some(hours) => format!(
            "Tickets can be given back until {} days before.",
            hours / 24
        ),
    }
}

/// Why nothing is sold, if nothing is.
fn closed(event: &Event) -> Option<AnyView> {
    let (tone, title, text) = match (event.status, event.phase) {
        (EventStatus::Cancelled, _) => (
            Tone::Danger,
            "Called off",
            "No tickets are sold any more. Whoever has one hears from the organizer.",
        ),
        (EventStatus::Completed, _) | (_, Phase::Past) => (
            Tone::Quiet,
            "This event is over",
            "Thanks to everybody who came.",
        ),
        _ => return None,
    };
    Some(notice(tone, title, text))
}

fn notice(tone: Tone, title: &'static str, text: &'static str) -> AnyView {
    view! {
        <Alert tone=tone title=title>{text}</Alert>
        <a class="btn btn-ghost btn-block" href="/events">"See what else is on"</a>
    }
    .into_any()
}

/// No ticket type is for everybody; there may be some for those with a code.
fn nothing_on_offer(event: &Event, tried: &Tried) -> AnyView {
    let notice = notice(
        Tone::Quiet,
        "No tickets yet",
        "The organizer has not put any on offer. Have another look later.",
    );
    view! { {notice}{code_form(event, tried)} }.into_any()
}

/// What can be bought, and below it what can be waited for.
#[component]
fn OnOffer(
    slug: String,
    types: Vec<TicketType>,
    tried: Tried,
    start: PickerStart,
) -> impl IntoView {
    let fresh = Fresh::new(HashMap::new());
    keep_fresh(slug.clone(), fresh);
    let (known, opened) = (types.clone(), tried.opened.clone());
    // A line is for everybody: what a code opened has none.
    let sold_out = Memo::new(move |_| {
        known
            .iter()
            .filter(|ticket| !opened.contains(&ticket.id))
            .filter(|ticket| status_now(ticket, fresh) == SaleStatus::SoldOut)
            .map(SoldOut::from)
            .collect::<Vec<_>>()
    });
    let form_key = start.key.clone();
    view! {
        <PickerForm slug=slug.clone() types=types tried=tried start=start fresh=fresh sold_out=sold_out/>
        <JoinLine slug=slug sold_out=sold_out form_key=form_key/>
    }
    .into_any()
}

fn status_now(ticket: &TicketType, fresh: Fresh) -> SaleStatus {
    fresh.with(|fresh| fresh.get(&ticket.id).unwrap_or(ticket).status)
}

#[component]
fn PickerForm(
    slug: String,
    types: Vec<TicketType>,
    tried: Tried,
    start: PickerStart,
    fresh: Fresh,
    sold_out: Memo<Vec<SoldOut>>,
) -> impl IntoView {
    let hold = ServerAction::<HoldPlaces>::new();
    let promo = tried.promo.clone();
    let tried = tried.or_typed(&start.chosen.promo_code);
    let field = CodeField::new(&tried.code, start.chosen.promo_code.clone(), hold);
    let error = field.error;
    let chosen = RwSignal::new(at_first(&types, &start.chosen));
    let known = types.clone();
    let statuses = Memo::new(move |_| {
        let statuses = known.iter().map(|ticket| status_now(ticket, fresh));
        statuses.collect::<Vec<_>>()
    });
    // What sold out meanwhile is not sent.
    let sent = Memo::new(move |_| {
        statuses.with(|statuses| chosen.with(|chosen| on_sale(chosen, statuses)))
    });
    // Pressed with nothing chosen: says so instead of asking the server.
    let asked = RwSignal::new(false);
    let is_nothing = Memo::new(move |_| sent.with(|sent| sent.iter().all(|row| row.quantity == 0)));
    let refuse_nothing = move |event: leptos::ev::MouseEvent| {
        asked.set(is_nothing.get_untracked());
        if is_nothing.get_untracked() {
            event.prevent_default();
        }
    };
    let is_asking = move || asked.get() && is_nothing.get();
    let words = move || {
        if is_asking() {
            "Choose at least one ticket first".to_owned()
        } else {
            sent.with(|sent| total(sent))
        }
    };
    let can_buy =
        Memo::new(move |_| statuses.with(|statuses| statuses.contains(&SaleStatus::OnSale)));
    let is_sold_out = Memo::new(move |_| {
        statuses.with(|statuses| {
            let mut statuses = statuses.iter();
            statuses.all(|status| *status == SaleStatus::SoldOut)
        })
    });
    let has_line = Memo::new(move |_| sold_out.with(|sold_out| !sold_out.is_empty()));
    let rows = types
        .into_iter()
        .enumerate()
        .map(|(index, ticket)| view! { <TicketRow index=index ticket=ticket fresh=fresh chosen=chosen error=error/> })
        .collect_view();
    let code = code_field(&slug, &tried, chosen, field);
    view! {
        {note(promo, field)}
        <ActionForm action=hold attr:class="picker-form">
            <input type="hidden" name="event" value=slug/>
            <input type="hidden" name="key" value=key_of_try(start.key, hold)/>
            <ul class="picker-rows" role="list">{rows}</ul>
            {move || error.get().map(|error| view! { <ErrorAlert error=error/> })}
            {move || is_sold_out.get().then(|| sold_out_note(has_line.get()))}
            {move || can_buy.get().then(|| view! {
                <p class="picker-total needs-js" aria-live="polite" class:is-asking=is_asking>{words}</p>
                <div on:click:capture=refuse_nothing>
                    <Submit label="Get tickets" pending=hold.pending() class="btn-primary btn-large btn-block"/>
                </div>
                <p class="picker-note">"Your places are kept while you pay."</p>
            })}
            {code}
        </ActionForm>
    }
    .into_any()
}

fn sold_out_note(has_line: bool) -> AnyView {
    if has_line {
        view! {
            <Alert tone=Tone::Warning title="Sold out">"Places that somebody gives back go to the waiting list first."</Alert>
        }
        .into_any()
    } else {
        view! { <Alert tone=Tone::Warning title="Sold out"/> }.into_any()
    }
}

/// Asks for availability now and then, as long as the page is there and looked at.
fn keep_fresh(slug: String, fresh: Fresh) {
    let ask = move || {
        if !ssr::is_visible() {
            return;
        }
        let slug = slug.clone();
        spawn_local(async move {
            // No answer: the numbers stay as they were.
            if let Ok(types) = availability(slug).await {
                // Without its code a type is not told of, or as hidden: what is known of it stays.
                let told = types
                    .into_iter()
                    .filter(|ticket| ticket.status != SaleStatus::Hidden);
                fresh.try_update(|fresh| fresh.extend(told.map(|ticket| (ticket.id, ticket))));
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(handle) = set_interval_with_handle(ask.clone(), REFRESH) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// One ticket type with its stepper.
#[component]
fn TicketRow(
    index: usize,
    ticket: TicketType,
    fresh: Fresh,
    chosen: RwSignal<Vec<Chosen>>,
    error: Signal<Option<RpcError>>,
) -> impl IntoView {
    let amount = ticket
        .pricing
        .is_chosen()
        .then(|| StoredValue::new(ticket.clone()));
    let (id, name, start) = (ticket.id, ticket.name.clone(), ticket.clone());
    let now = Memo::new(move |_| {
        fresh
            .with(|fresh| fresh.get(&id).cloned())
            .unwrap_or_else(|| start.clone())
    });
    let is_on_sale = Memo::new(move |_| now.with(|ticket| ticket.status) == SaleStatus::OnSale);
    view! {
        <li class="picker-row" class:is-off=move || !is_on_sale.get()>
            <div class="picker-what">
                <strong>{ticket.name.clone()}</strong>
                {ticket.description.clone().map(|text| view! { <p class="picker-about">{text}</p> })}
                <p class="picker-price">{price(&ticket)}</p>
                <p class="picker-left">{move || now.with(left)}</p>
                {move || amount.filter(|_| is_on_sale.get()).map(|ticket| ticket.with_value(|ticket| amount_field(index, ticket, chosen, error)))}
            </div>
            {move || is_on_sale.get().then(|| view! {
                <input type="hidden" name=format!("form[items][{index}][ticket_type_id]") value=id.to_string()/>
                <Stepper index=index name=name.clone() now=now chosen=chosen/>
            })}
        </li>
    }
    .into_any()
}

/// How much the buyer pays for one, where buyers choose.
fn amount_field(
    index: usize,
    ticket: &TicketType,
    chosen: RwSignal<Vec<Chosen>>,
    error: Signal<Option<RpcError>>,
) -> AnyView {
    let (currency, id) = (ticket.price.currency, format!("amount-{index}"));
    let first = chosen.with_untracked(|chosen| chosen.get(index).map(|row| row.price));
    let wrong = field_error(error, format!("items[{index}].unit_price_minor"));
    let input = NodeRef::<html::Input>::new();
    let read = move || {
        let typed = input
            .get_untracked()
            .and_then(|input| Money::parse(&input.value(), currency));
        chosen.update(|chosen| {
            if let (Some(row), Some(typed)) = (chosen.get_mut(index), typed) {
                row.price = typed;
            }
        });
    };
    read_once(input, read);
    let label = match ticket.pricing {
        Pricing::Donation => format!("Your donation in {}", currency.code()),
        _ => format!("What you pay for one, in {}", currency.code()),
    };
    let value = first.filter(|first| !first.is_free());
    view! {
        <div class="field picker-amount" class:has-error=move || wrong.with(Option::is_some)>
            <label class="field-label" for=id.clone()>{label}</label>
            <input
                class="input"
                id=id.clone()
                name=format!("form[items][{index}][amount]")
                value=value.map(Money::to_input).unwrap_or_default()
                inputmode="decimal"
                autocomplete="off"
                aria-describedby=format!("{id}-error")
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                node_ref=input
                on:input=move |_| read()
            />
            <p class="field-error" id=format!("{id}-error")>{move || wrong.get()}</p>
        </div>
    }
    .into_any()
}

/// What a ticket costs, with the promo code and without.
fn price(ticket: &TicketType) -> AnyView {
    let full = ticket.price;
    match ticket.pricing {
        Pricing::Donation => return "As a donation".into_any(),
        Pricing::PayWhatYouWant if full.is_free() => return "Pay what you want".into_any(),
        Pricing::PayWhatYouWant => return format!("Pay what you want, from {full}").into_any(),
        Pricing::Fixed => {}
    }
    match ticket.promo_price {
        None => view! { <Price money=full/> }.into_any(),
        Some(price) => view! {
            <Price money=price/>" "
            <s class="muted"><span class="visually-hidden">"instead of "</span><Price money=full/></s>
        }
        .into_any(),
    }
}

/// What is left, in words.
fn left(ticket: &TicketType) -> AnyView {
    let badge = |tone, text: String| view! { <Badge tone=tone text=text/> }.into_any();
    match ticket.status {
        SaleStatus::SoldOut => badge(Tone::Danger, "Sold out".to_owned()),
        SaleStatus::NotYet if ticket.sales_from_text.is_empty() => {
            badge(Tone::Info, "Not on sale yet".to_owned())
        }
        SaleStatus::NotYet => badge(
            Tone::Info,
            format!("On sale from {}", ticket.sales_from_text),
        ),
        SaleStatus::Ended | SaleStatus::Hidden => badge(Tone::Quiet, "Sales are over".to_owned()),
        SaleStatus::OnSale if ticket.available == 1 => badge(Tone::Warning, "Last one".to_owned()),
        SaleStatus::OnSale if ticket.available <= FEW => {
            badge(Tone::Warning, format!("Only {} left", ticket.available))
        }
        SaleStatus::OnSale => {
            view! { <span class="muted">{format!("{} left", ticket.available)}</span> }.into_any()
        }
    }
}

/// A number box between two buttons; the buttons are for those whose scripts run.
#[component]
fn Stepper(
    index: usize,
    name: String,
    now: Memo<TicketType>,
    chosen: RwSignal<Vec<Chosen>>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let most = move || now.with(|ticket| ticket.max_per_person.min(ticket.available));
    let read = move || {
        let typed = input
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        let quantity = typed.trim().parse().unwrap_or(0);
        chosen.update(|chosen| {
            if let Some(row) = chosen.get_mut(index) {
                row.quantity = quantity;
            }
        });
    };
    read_once(input, read);
    let step = move |by: i64| {
        if let Some(input) = input.get_untracked() {
            let typed: i64 = input.value().trim().parse().unwrap_or(0);
            input.set_value(&typed.saturating_add(by).clamp(0, most().into()).to_string());
            read();
        }
    };
    let first = chosen.with_untracked(|chosen| chosen.get(index).map_or(0, |row| row.quantity));
    let id = format!("quantity-{index}");
    view! {
        <div class="stepper">
            <button type="button" class="needs-js" aria-label=format!("One less: {name}") on:click=move |_| step(-1)><Icon name="minus"/></button>
            <label class="visually-hidden" for=id.clone()>{format!("How many: {name}")}</label>
            <input
                id=id
                type="number"
                inputmode="numeric"
                name=format!("form[items][{index}][quantity]")
                value=first.to_string()
                min="0"
                max=move || most().to_string()
                node_ref=input
                on:input=move |_| read()
            />
            <button type="button" class="needs-js" aria-label=format!("One more: {name}") on:click=move |_| step(1)><Icon name="plus"/></button>
        </div>
    }
    .into_any()
}
