//! The history of purchases.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{Page, orders::Order};

use crate::{
    components::{Breadcrumb, EmptyState, PageHeader, Pagination, Price, Skeleton},
    links,
    pages::{checkout::status_badge, errors::refused},
    rpc::orders::my_orders,
};

/// The actor's orders, latest first.
#[component]
pub fn Orders() -> impl IntoView {
    let query = use_query_map();
    let cursor = move || query.with(|query| query.get("cursor"));
    let orders = Resource::new_blocking(cursor, my_orders);
    view! {
        <Title text="Orders"/>
        <div class="page page-read tickets">
            <Breadcrumb links=vec![("/tickets".to_owned(), "My tickets".to_owned())] here="Orders"/>
            <PageHeader title="Orders" lead="Everything you bought, and what became of it."/>
            <Suspense fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match orders.await {
                        Ok(page) => content(page, cursor().is_some()),
                        Err(error) => refused(error),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn content(page: Page<Order>, is_later_page: bool) -> AnyView {
    if page.items.is_empty() && !is_later_page {
        return view! {
            <EmptyState icon="ticket" title="No orders yet" text="What you buy is listed here, free tickets too.">
                <a class="btn btn-primary" href="/events">"Find something to go to"</a>
            </EmptyState>
        }
        .into_any();
    }
    let next = page.next.map(|next| format!("/orders?cursor={next}"));
    let rows = page.items.into_iter().map(row).collect_view();
    view! {
        <ul class="order-rows" role="list">{rows}</ul>
        <Pagination first=is_later_page.then(|| "/orders".to_owned()) next=next/>
    }
    .into_any()
}

fn row(order: Order) -> AnyView {
    let places: u32 = order.items.iter().map(|line| line.quantity).sum();
    let what = if places == 1 {
        "1 ticket".to_owned()
    } else {
        format!("{places} tickets")
    };
    let badge = status_badge(&order);
    view! {
        <li class="order-row">
            <div class="order-row-text">
                <h2><a href=links::order(order.id)>{order.event.title}</a></h2>
                <p class="muted">{what}" · "{order.created_text}</p>
            </div>
            <div class="order-row-end">
                <Price money=order.total/>
                {badge}
            </div>
        </li>
    }
    .into_any()
}
