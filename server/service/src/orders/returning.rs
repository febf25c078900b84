//! Giving tickets back: they are dead and their places free when the transaction commits;
//! their money goes back afterwards ([`refunding`](super::refunding)).

use store::{refunds::RefundRow, tickets::TicketRow};
use types::{
    Code, Money, OrderId, RefundId, TicketId,
    events::EventStatus,
    orders::{GiveBack, GiveBackForm, OrderStatus, RefundReason, price_of},
    tickets::TicketStatus,
    validate,
};

use super::{batch::Decision, books::Books, refunding, rules::illegal};
use crate::{Ctx, Error, Result, events};

/// Takes tickets of an order back.
pub(super) fn decide_return(
    ctx: &Ctx,
    books: &mut Books,
    id: OrderId,
    wish: &GiveBack,
) -> Result<Decision> {
    let reason = reason(ctx, books, id)?;
    validate::check(wish).map_err(Error::invalid)?;
    if let Some(ids) = &wish.ticket_ids {
        check_ids(&within_reach(books, id, reason), ids)?;
    }
    check_order(books, id)?;
    if reason == RefundReason::Buyer {
        check_policy(books, id)?;
    }
    let chosen = chosen(within_reach(books, id, reason), wish)?;
    let amount = price(books, id, &chosen)?;
    for ticket in &chosen {
        books.take_back(ticket.id)?;
    }
    if !amount.is_free() {
        let charge = books.charge_of(id)?;
        let (payment_id, state) = (charge.id, refunding::first_state(charge.method));
        books.refund(RefundRow {
            id: RefundId(ctx.new_id()),
            order_id: id,
            payment_id,
            amount,
            reason,
            state,
            attempts: 0,
            created_at: books.now,
        });
    }
    close_if_whole(books, id)?;
    Ok(Decision::Ordered(id))
}

/// An order none of whose tickets is left to its buyer is refunded.
pub(super) fn close_if_whole(books: &mut Books, id: OrderId) -> Result<()> {
    let is_whole = books.sold(id).iter().all(|ticket| {
        matches!(
            ticket.status,
            TicketStatus::Refunded | TicketStatus::Transferred
        )
    });
    if is_whole {
        books.change_order(id, |order| order.status = OrderStatus::Refunded)?;
    }
    Ok(())
}

/// Who gives back, and so why. Orders of others do not exist.
fn reason(ctx: &Ctx, books: &Books, id: OrderId) -> Result<RefundReason> {
    let order = books.order(id).map_err(|_| Error::not_found())?;
    let is_crew = events::is_crew(ctx, &books.row);
    let is_buyer = ctx.account_if_any() == Some(order.account_id);
    match books.event.status {
        _ if !is_crew && !is_buyer => Err(Error::not_found()),
        EventStatus::Cancelled => Ok(RefundReason::EventCancelled),
        _ if is_crew => Ok(RefundReason::Organizer),
        _ => Ok(RefundReason::Buyer),
    }
}

fn check_order(books: &Books, id: OrderId) -> Result<()> {
    match books.order(id)?.status {
        // Paid a moment ago, in this very batch: its tickets are not written yet.
        OrderStatus::Paid if books.sold(id).is_empty() => Err(Code::PaymentPending.into()),
        OrderStatus::Paid => Ok(()),
        OrderStatus::Pending => Err(Code::PaymentPending.into()),
        OrderStatus::Cancelled => Err(illegal("This order was not paid.")),
        OrderStatus::Refunded => Err(illegal("All tickets of this order were given back.")),
    }
}

/// The terms under which the order was sold count, or those of today when they are kinder.
fn check_policy(books: &Books, id: OrderId) -> Result<()> {
    let (sold, today) = (books.order(id)?.refund_hours, books.event.refund_hours);
    let until = |hours| events::refundable_until(books.event.starts_at, hours);
    match until(sold).max(until(today)) {
        Some(until) if books.now < until => Ok(()),
        Some(_) => Err(illegal("The time for giving tickets back is over.")),
        None => Err(illegal(
            "The organizer takes no tickets of this event back.",
        )),
    }
}

/// The tickets of an order that whoever asks may give back at all: what a buyer passed on is
/// somebody else's now.
fn within_reach(books: &Books, id: OrderId, reason: RefundReason) -> Vec<&TicketRow> {
    let mut sold = books.sold(id);
    if reason == RefundReason::Buyer {
        let buyer = books.order(id).map(|order| order.account_id).ok();
        sold.retain(|ticket| Some(ticket.account_id) == buyer);
    }
    sold
}

/// The tickets that are meant, each of which can be given back.
fn chosen(sold: Vec<&TicketRow>, wish: &GiveBack) -> Result<Vec<TicketRow>> {
    let chosen: Vec<TicketRow> = match &wish.ticket_ids {
        None => sold
            .into_iter()
            .filter(|t| may_return(t))
            .cloned()
            .collect(),
        Some(ids) => {
            let meant = sold.into_iter().filter(|ticket| ids.contains(&ticket.id));
            meant.cloned().collect()
        }
    };
    if chosen.is_empty() || !chosen.iter().all(may_return) {
        return Err(illegal(
            "Only tickets that are valid and were not used can be given back.",
        ));
    }
    Ok(chosen)
}

fn may_return(ticket: &TicketRow) -> bool {
    matches!(ticket.status, TicketStatus::Valid | TicketStatus::Cancelled)
}

fn check_ids(sold: &[&TicketRow], ids: &[TicketId]) -> Result<()> {
    let is_known = |id: &TicketId| sold.iter().any(|ticket| ticket.id == *id);
    if ids.iter().all(is_known) {
        Ok(())
    } else {
        let text = "has a ticket that is not of this order";
        Err(Error::field("ticket_ids", "unknown", text))
    }
}

/// What was paid for the tickets.
fn price(books: &Books, id: OrderId, tickets: &[TicketRow]) -> Result<Money> {
    let order = books.order(id)?;
    let lines = &books.basket(order.hold_id)?.lines;
    let kinds = tickets.iter().map(|ticket| ticket.ticket_type_id);
    price_of(lines, kinds, Money::new(0, order.total.currency))
        .ok_or_else(|| Error::internal("a ticket has no price, or its sum no end"))
}

/// The command of the order page's form.
///
/// # Errors
/// 422 with `tickets` when none is ticked, or one has no readable id.
pub(super) fn form_to_command(form: &GiveBackForm) -> Result<GiveBack> {
    let meant = form.tickets.iter().filter(|row| row.is_meant);
    let ids: Result<Vec<TicketId>, _> = meant.map(|row| row.id.parse()).collect();
    match ids {
        Ok(ids) if ids.is_empty() => {
            let text = "Choose at least one ticket.";
            Err(Error::field("tickets", "required", text))
        }
        Ok(ids) => Ok(GiveBack {
            ticket_ids: Some(ids),
        }),
        Err(_) => Err(Error::field("tickets", "unknown", "is not a ticket")),
    }
}
