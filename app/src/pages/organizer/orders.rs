//! Who bought what, and what went back.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::{
    events::EventStatus,
    orders::{EventOrder, Order, OrderStatus, Refund, RefundProgress, RefundState},
    tickets::TicketStatus,
};

use super::{
    done_note,
    offline::{money_note, offline_forms},
};
use crate::{
    components::{
        Alert, Badge, Breadcrumb, Confirm, DoneNote, EmptyState, ErrorSummary, Icon, PageHeader,
        Pagination, Price, Skeleton, Submit, Tone,
    },
    links,
    pages::{checkout::status_badge, errors::refused},
    rpc::{
        error_of, forgotten_after, key_of_try,
        orders::{
            CallOffOrder, ConfirmPayment, OrdersOfEvent, PaidOtherwise, RefundOrder, event_orders,
        },
        successes,
    },
};

/// The orders of an event, latest first.
#[component]
pub fn Orders() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let refund = ServerAction::<RefundOrder>::new();
    let noted = ServerAction::<PaidOtherwise>::new();
    let confirm = ServerAction::<ConfirmPayment>::new();
    let call_off = ServerAction::<CallOffOrder>::new();
    let (error, noted_error) = (error_of(refund), error_of(noted));
    let (confirm_error, off_error) = (error_of(confirm), error_of(call_off));
    let (is_refunded, is_noted) = (successes(refund), successes(noted));
    let (is_here, is_off) = (successes(confirm), successes(call_off));
    forgotten_after(refund, move || {
        (is_noted.get(), is_here.get(), is_off.get())
    });
    forgotten_after(noted, move || {
        (is_refunded.get(), is_here.get(), is_off.get())
    });
    forgotten_after(confirm, move || {
        (is_refunded.get(), is_noted.get(), is_off.get())
    });
    forgotten_after(call_off, move || {
        (is_refunded.get(), is_noted.get(), is_here.get())
    });
    let doing = Doing {
        refund,
        noted,
        confirm,
        call_off,
    };
    let cursor = move || query.with(|query| query.get("cursor"));
    let text = move || query.with(|query| query.get("q")).unwrap_or_default();
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("slug")).unwrap_or_default(),
                text(),
                cursor(),
                refund.version().get()
                    + noted.version().get()
                    + confirm.version().get()
                    + call_off.version().get(),
            )
        },
        |(slug, text, cursor, _)| event_orders(slug, text, cursor),
    );
    view! {
        <Title text="Orders"/>
        <div class="page desk">
            <DoneNote words=done_note errors=vec![error, noted_error, confirm_error, off_error]/>
            <ErrorSummary error=error/>
            <ErrorSummary error=noted_error/>
            <ErrorSummary error=confirm_error/>
            <ErrorSummary error=off_error/>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => content(view, cursor().is_some(), doing),
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
pub(super) struct Doing {
    refund: ServerAction<RefundOrder>,
    noted: ServerAction<PaidOtherwise>,
    /// The money is here that no provider takes.
    pub confirm: ServerAction<ConfirmPayment>,
    /// Nobody waits for it any more.
    pub call_off: ServerAction<CallOffOrder>,
}

fn content(view: OrdersOfEvent, is_later_page: bool, doing: Doing) -> AnyView {
    let OrdersOfEvent {
        title,
        slug,
        orders,
        text,
        refunds,
        key,
    } = view;
    let crumbs = vec![
        ("/organizer".to_owned(), "My events".to_owned()),
        (links::editor(&slug), title.clone()),
    ];
    let here = links::organizer(&slug, "orders");
    let is_empty = orders.items.is_empty() && !is_later_page;
    let is_search = !text.is_empty();
    let search = (is_search || !is_empty).then(|| search_form(&here, &text));
    let list = if is_empty && is_search {
        let title = "No such order";
        let text = "No order has this reference, and no buyer this name. Orders that were declined are not listed.";
        view! {
            <EmptyState icon="search" title=title text=text>
                <a class="btn btn-primary" href=here>"All orders"</a>
            </EmptyState>
        }
        .into_any()
    } else if is_empty {
        view! {
            <EmptyState icon="ticket" title="No orders yet" text="Who buys a ticket is listed here, with what was paid.">
                <a class="btn btn-primary" href=links::event(&slug)>"See the event's page"</a>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = orders.items.into_iter();
        let rows = rows
            .map(|order| row(order, &slug, &key, doing))
            .collect_view();
        let (first, and) = if is_search {
            (format!("{here}?q={}", links::escape(&text)), '&')
        } else {
            (here, '?')
        };
        let next = orders.next.map(|next| format!("{first}{and}cursor={next}"));
        view! {
            <ul class="order-rows" role="list">{rows}</ul>
            <Pagination first=is_later_page.then_some(first) next=next/>
        }
        .into_any()
    };
    view! {
        <Breadcrumb links=crumbs here="Orders"/>
        <PageHeader title="Orders" lead=title/>
        {progress(refunds)}
        {search}
        {list}
    }
    .into_any()
}

/// Finds the order of a transfer by its reference, or that of somebody at the door by the name.
fn search_form(here: &str, text: &str) -> AnyView {
    view! {
        <form class="orders-search" role="search" action=here.to_owned() method="get">
            <label class="field-label" for="q">"Reference or name"</label>
            <div class="search-box">
                <Icon name="search"/>
                <input id="q" type="search" name="q" value=text.to_owned() maxlength="100" autocomplete="off" enterkeyhint="search"/>
                <button class="btn btn-primary" type="submit">"Search"</button>
            </div>
        </form>
    }
    .into_any()
}

/// How far refunds are, when there are any.
fn progress(refunds: RefundProgress) -> Option<AnyView> {
    let RefundProgress {
        waiting,
        open,
        done,
        refused,
        due,
    } = refunds;
    let all = waiting + open + done + refused + due;
    if all == 0 {
        return None;
    }
    let text = match all {
        1 => format!("{done} of 1 refund is made."),
        _ => format!("{done} of {all} refunds are made."),
    };
    let trouble = (refused > 0).then(|| {
        let title = match refused {
            1 => "1 refund could not be made.".to_owned(),
            many => format!("{many} refunds could not be made."),
        };
        view! {
            <Alert tone=Tone::Warning title=title>
                "The way it was paid is closed. The orders are marked in the list: write to these buyers, pay them back in another way, and note it there."
            </Alert>
        }
    });
    let owed = (due > 0).then(|| {
        let title = match due {
            1 => "You owe 1 buyer money.".to_owned(),
            many => format!("You owe buyers {many} refunds."),
        };
        view! {
            <Alert tone=Tone::Warning title=title>
                "It came to you without a provider, so it goes back from you. The orders are marked in the list: pay these buyers back, and note it there."
            </Alert>
        }
    });
    Some(
        view! {
            <section class="card refund-progress" aria-label="Refunds">
                <p class="refund-count">
                    <progress class="progress" value=done.to_string() max=all.to_string() aria-label="Refunds made"></progress>
                    <span>{text}</span>
                </p>
                {trouble}
                {owed}
            </section>
        }
        .into_any(),
    )
}

fn row(bought: EventOrder, slug: &str, key: &str, doing: Doing) -> AnyView {
    let EventOrder { buyer, order } = bought;
    let what = order
        .items
        .iter()
        .map(|line| format!("{} × {}", line.quantity, line.name))
        .collect::<Vec<_>>()
        .join(", ");
    let profile = format!("/people/{}", buyer.handle);
    let has = |state: RefundState| order.refunds.iter().any(|refund| refund.state == state);
    let badge = if has(RefundState::Refused) {
        view! { <Badge tone=Tone::Warning text="Refund failed"/> }.into_any()
    } else if has(RefundState::Due) {
        view! { <Badge tone=Tone::Warning text="Pay back"/> }.into_any()
    } else {
        status_badge(&order)
    };
    view! {
        <li class="bought">
            <div class="order-row-text">
                <h2><a href=profile>{buyer.name.clone()}</a></h2>
                <p>{what}</p>
                {order.promo_code.clone().map(|code| view! { <p class="muted">{format!("Code {code}: {} off", order.discount)}</p> })}
                <p class="muted">{order.created_text.clone()}</p>
                {money_note(&order)}
                {order.refunded().map(|amount| view! { <p class="muted">{format!("{amount} given back")}</p> })}
            </div>
            <div class="order-row-end">
                <Price money=order.total/>
                {badge}
            </div>
            {offline_forms(&order, &buyer.name, (slug, key), doing)}
            {refund_form(&order, &buyer.name, slug, key, doing.refund)}
            {buyer.email.map(|email| owed_forms(&order, email, slug, doing.noted))}
        </li>
    }
    .into_any()
}

/// Gives back what is still valid of an order.
fn refund_form(
    order: &Order,
    name: &str,
    slug: &str,
    key: &str,
    refund: ServerAction<RefundOrder>,
) -> Option<AnyView> {
    let valid = order
        .tickets
        .iter()
        .filter(|ticket| ticket.status == TicketStatus::Valid)
        .count();
    if order.status != OrderStatus::Paid
        || valid == 0
        || order.event.status == EventStatus::Cancelled
    {
        return None;
    }
    let tickets = match valid {
        1 => "The ticket is void at once and its place is on sale again.".to_owned(),
        many => format!("{many} tickets are void at once and their places are on sale again."),
    };
    let price = order.valid_price().filter(|price| !price.is_free());
    let (label, money, act) = match price {
        None => (format!("Take back from {name}"), "", "Take back".to_owned()),
        Some(price) => (
            format!("Refund {name}"),
            if order.offline.is_some() {
                " The money came to you, so you pay it back."
            } else {
                " The money goes back the way it was paid."
            },
            format!("Refund {price}"),
        ),
    };
    let key = key_of_try(key.to_owned(), refund);
    let (id, slug) = (order.id.to_string(), slug.to_owned());
    Some(
        view! {
            <div class="bought-ways">
                <Confirm label=label>
                    <p>{tickets}{money}</p>
                    <ActionForm action=refund>
                        <input type="hidden" name="order" value=id/>
                        <input type="hidden" name="event" value=slug/>
                        <input type="hidden" name="key" value=key/>
                        <Submit label=act pending=refund.pending() class="btn-danger"/>
                    </ActionForm>
                </Confirm>
            </div>
        }
        .into_any(),
    )
}

/// What the provider could not pay back, or never had: whom to write to, and that it is done.
fn owed_forms(
    order: &Order,
    email: String,
    slug: &str,
    noted: ServerAction<PaidOtherwise>,
) -> AnyView {
    let is_due = |refund: &Refund| refund.state == RefundState::Due;
    let why = if order.refunds.iter().any(is_due) {
        "The money came to you, so you pay it back. Write to "
    } else {
        "The refund failed. Write to "
    };
    let open = order.refunds.iter();
    let open = open.filter(|refund| refund.state == RefundState::Refused || is_due(refund));
    let forms = open
        .map(|refund| {
            let (id, slug) = (refund.id.to_string(), slug.to_owned());
            let label = if is_due(refund) {
                format!("I paid {} back…", refund.amount)
            } else {
                format!("I paid {} back in another way…", refund.amount)
            };
            view! {
                <Confirm label=label>
                    <p>"This sends no money. The buyer's order says from then on that you paid it back, and the refund counts as made. It cannot be undone."</p>
                    <ActionForm action=noted>
                        <input type="hidden" name="event" value=slug/>
                        <input type="hidden" name="refund" value=id/>
                        <Submit label="Yes, it is paid back" pending=noted.pending() class="btn-danger"/>
                    </ActionForm>
                </Confirm>
            }
        })
        .collect_view();
    let address = format!("mailto:{email}");
    view! {
        <div class="bought-ways">
            <p>{why}<a href=address rel="external">{email}</a>"."</p>
            {forms}
        </div>
    }
    .into_any()
}
