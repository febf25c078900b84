//! My places in line, and what was offered to me.

use leptos::{form::ActionForm, prelude::*};
use types::{
    HoldId, OrderId,
    waiting_list::{WaitingListEntry, WaitingStatus},
};

use crate::{
    components::{Confirm, Icon, Submit},
    links,
    rpc::waiting_list::LeaveWaitingList,
};

/// Where somebody waits, if anywhere, and what ran out.
pub(super) fn section(
    entries: &[WaitingListEntry],
    leave: ServerAction<LeaveWaitingList>,
) -> AnyView {
    if entries.is_empty() {
        return ().into_any();
    }
    let rows = entries.iter().map(|entry| row(entry, leave)).collect_view();
    view! {
        <section class="ticket-group" aria-labelledby="waiting-list">
            <h2 id="waiting-list">"Waiting list"</h2>
            <ul class="line-rows" role="list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(entry: &WaitingListEntry, leave: ServerAction<LeaveWaitingList>) -> AnyView {
    let event = links::event(&entry.event.slug);
    let what = format!("{} × {}", entry.quantity, entry.ticket_type.name);
    let (text, ways) = match (entry.status, entry.hold_id) {
        (WaitingStatus::Offered, Some(hold)) => match entry.order_id {
            Some(order) => ordered(&what, order),
            None => offered(entry, &what, hold, leave),
        },
        (WaitingStatus::Waiting, _) => {
            let text = format!("{what}. {}", position(entry.position.unwrap_or(1)));
            (
                text,
                leave_form(
                    entry,
                    "Leave the line…",
                    "Your place in line is gone then.",
                    "Leave",
                    leave,
                ),
            )
        }
        _ => (
            format!("{what}. The time for your places ran out, and they went to the next in line."),
            view! { <a class="btn btn-ghost btn-small" href=event.clone()>"Wait again"</a> }
                .into_any(),
        ),
    };
    let is_offer = entry.status == WaitingStatus::Offered;
    view! {
        <li class="line-row" class:is-offer=is_offer>
            <Icon name="clock"/>
            <div class="line-row-text">
                <h3><a href=event>{entry.event.title.clone()}</a></h3>
                <p>{text}</p>
            </div>
            <div class="line-row-ways">{ways}</div>
        </li>
    }
    .into_any()
}

/// Places that wait for somebody's word.
fn offered(
    entry: &WaitingListEntry,
    what: &str,
    hold: HoldId,
    leave: ServerAction<LeaveWaitingList>,
) -> (String, AnyView) {
    let text = format!("{what} kept for you until {}.", entry.offer_expires_text);
    let back = leave_form(
        entry,
        "Give them back…",
        "Others who wait get these places.",
        "Give back",
        leave,
    );
    let ways = view! { <a class="btn btn-primary" href=links::checkout(hold)>"Get them"</a>{back} };
    (text, ways.into_any())
}

/// Places that were taken, and wait for their payment.
fn ordered(what: &str, order: OrderId) -> (String, AnyView) {
    let text = format!("{what}: ordered, and waiting for the payment.");
    let way = view! { <a class="btn btn-primary" href=links::order(order)>"To the order"</a> };
    (text, way.into_any())
}

fn position(position: u64) -> String {
    match position {
        1 => "You are next in line.".to_owned(),
        2 => "One is before you in line.".to_owned(),
        many => format!("You are number {many} in line."),
    }
}

fn leave_form(
    entry: &WaitingListEntry,
    label: &'static str,
    question: &'static str,
    act: &'static str,
    leave: ServerAction<LeaveWaitingList>,
) -> AnyView {
    let id = entry.id.to_string();
    view! {
        <Confirm label=label>
            <p>{question}</p>
            <ActionForm action=leave>
                <input type="hidden" name="entry" value=id/>
                <Submit label=act pending=leave.pending() class="btn-danger btn-small"/>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}
