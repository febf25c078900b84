//! Giving tickets back: their places are free again, their money goes back. The tickets are
//! dead when the transaction commits; the provider is asked afterwards, by the worker, and
//! again until it answers.

use futures::future::join_all;
use jiff::SignedDuration;
use store::{orders::BoughtRow, refunds::RefundRow, tickets::TicketRow};
use types::{
    Code, EventId, Money, OrderId, Page, RefundId, TicketId,
    events::EventStatus,
    orders::{
        Buyer, EventOrder, GiveBack, GiveBackForm, Line, Order, OrderStatus, RefundProgress,
        RefundReason, RefundState,
    },
    paging::PageQuery,
    tickets::TicketStatus,
    validate,
};

use super::{
    batch::Decision,
    books::Books,
    till::{self, Request},
    views,
};
use crate::{
    Ctx, Error, Result, events,
    idempotency::LEASE,
    paging::Keyset,
    ports::{Refund, RefundOutcome},
};

/// After so long a refund of unknown outcome is asked for again; doubled every time.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(4);
/// How far the time between two questions is doubled: about an hour.
const DOUBLINGS: u32 = 10;

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
        check_ids(&books.sold(id), ids)?;
    }
    check_order(books, id)?;
    if reason == RefundReason::Buyer {
        check_policy(books, id)?;
    }
    let chosen = chosen(books, id, wish)?;
    let amount = price(books, id, &chosen)?;
    for ticket in &chosen {
        books.take_back(ticket.id)?;
    }
    if !amount.is_free() {
        books.refund(RefundRow {
            id: RefundId(ctx.new_id()),
            order_id: id,
            payment_id: books.charge_of(id)?,
            amount,
            reason,
            state: RefundState::Asked,
            attempts: 0,
            created_at: books.now,
        });
    }
    let is_whole = books
        .sold(id)
        .iter()
        .all(|ticket| ticket.status == TicketStatus::Refunded);
    if is_whole {
        books.change_order(id, |order| order.status = OrderStatus::Refunded)?;
    }
    Ok(Decision::Ordered(id))
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

/// The tickets that are meant, each of which can be given back.
fn chosen(books: &Books, id: OrderId, wish: &GiveBack) -> Result<Vec<TicketRow>> {
    let sold = books.sold(id);
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
    sum_of(lines, tickets, order.total)
        .ok_or_else(|| Error::internal("a ticket has no price, or its sum no end"))
}

fn sum_of(lines: &[Line], tickets: &[TicketRow], total: Money) -> Option<Money> {
    let free = Money::new(0, total.currency);
    tickets.iter().try_fold(free, |sum, ticket| {
        let kind = ticket.ticket_type_id;
        let line = lines.iter().find(|line| line.ticket_type_id == kind)?;
        sum.plus(line.unit_price)
    })
}

fn illegal(detail: &'static str) -> Error {
    Error::new(Code::IllegalState).detail(detail)
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

/// Gives money back that is due, and asks again about what was not answered; the worker
/// calls it. Leases keep several processes apart. Returns how many refunds were settled.
///
/// # Errors
/// When Postgres fails.
pub async fn settle_open_refunds(ctx: &Ctx) -> Result<usize> {
    // All are asked at once: a slow provider must not outlast the lease.
    const BATCH: i64 = 8;
    let now = ctx.now();
    let open = {
        let mut conn = ctx.db().conn().await?;
        store::refunds::lease_open(&mut conn, now, now + LEASE, BATCH).await?
    };
    let asked = join_all(open.iter().map(|refund| ask(ctx, refund))).await;
    let settled: Result<Vec<bool>> = asked.into_iter().collect();
    Ok(settled?
        .into_iter()
        .filter(|is_settled| *is_settled)
        .count())
}

async fn ask(ctx: &Ctx, row: &RefundRow) -> Result<bool> {
    let refund = Refund {
        id: row.id.0,
        charge: row.payment_id,
        amount: row.amount,
    };
    let state = match ctx.ports().payments.refund(&refund).await {
        RefundOutcome::Succeeded => RefundState::Succeeded,
        RefundOutcome::Unknown => RefundState::Unknown,
        RefundOutcome::Refused => {
            tracing::error!(refund.id = %row.id, order.id = %row.order_id, "the provider cannot give this money back");
            RefundState::Refused
        }
    };
    let wait = ASK_AGAIN * 2_i32.pow(row.attempts.saturating_sub(1).min(DOUBLINGS));
    let mut conn = ctx.db().conn().await?;
    let now = ctx.now();
    store::refunds::set_state(&mut conn, row.id, state, now + wait, now).await?;
    Ok(state != RefundState::Unknown)
}

/// Gives back the tickets of events that were cancelled, order by order; the worker calls
/// it. Doing one twice changes nothing, and one that fails holds up no other. Returns how many
/// orders.
///
/// # Errors
/// When Postgres fails.
pub async fn refund_cancelled_events(ctx: &Ctx) -> Result<usize> {
    const BATCH: i64 = 100;
    let due = {
        let mut conn = ctx.db().conn().await?;
        store::refunds::orders_of_cancelled_events(&mut conn, BATCH).await?
    };
    let (mut refunded, mut failure) = (0, None);
    for (event, order) in due {
        let request = Request::Return(order, GiveBack::default());
        match till::settle(ctx, event, None, request).await {
            Ok(_) => refunded += 1,
            // Its buyer was faster.
            Err(error) if error.code == Code::IllegalState => {}
            Err(error) => {
                tracing::warn!(order.id = %order, error = %error, "an order of a cancelled event is not refunded yet");
                failure = Some(error);
            }
        }
    }
    failure.map_or(Ok(refunded), Err)
}

/// The orders of an event, latest first, for its crew.
///
/// # Errors
/// 404 or `forbidden` for everybody else; 422 with `limit` or `cursor`.
pub async fn orders_of_event(
    ctx: &Ctx,
    event_key: &str,
    query: PageQuery,
) -> Result<Page<EventOrder>> {
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let after = keyset.after.map(OrderId);
    let rows = store::orders::list_of_event(&mut conn, event, after, keyset.rows()).await?;
    let Page { items, next } = keyset.page(rows, |row| row.order.id.0);
    let rows = items.iter().map(|row| row.order.clone()).collect();
    let orders = views::orders(ctx, &mut conn, rows).await?;
    let items = items
        .into_iter()
        .zip(orders)
        .map(|(row, order)| EventOrder {
            buyer: buyer(row, &order),
            order: views::without_codes(order),
        });
    Ok(Page {
        items: items.collect(),
        next,
    })
}

/// The address is told only when the organizer has to pay back what the provider could not.
fn buyer(row: BoughtRow, order: &Order) -> Buyer {
    let is_refused = |refund: &types::orders::Refund| refund.state == RefundState::Refused;
    let has_to_be_reached = order.refunds.iter().any(is_refused);
    Buyer {
        name: row.name,
        handle: row.handle,
        email: has_to_be_reached.then_some(row.email),
    }
}

/// Notes that the organizer paid back in another way what the provider could not. Again is fine.
///
/// # Errors
/// 404 for a refund that is not the event's or was not refused; 404 or `forbidden` for everybody
/// but the crew.
pub async fn paid_otherwise(ctx: &Ctx, event_key: &str, refund: RefundId) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let is_noted = store::refunds::set_paid_otherwise(&mut conn, event, refund, ctx.now()).await?;
    if is_noted {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// How far the refunds of an event are, for its crew.
///
/// # Errors
/// 404 or `forbidden` for everybody else.
pub async fn refund_progress(ctx: &Ctx, event_key: &str) -> Result<RefundProgress> {
    let mut conn = ctx.db().conn().await?;
    let event: EventId = events::crew(ctx, &mut conn, event_key).await?.id;
    let progress = store::refunds::progress(&mut conn, event).await?;
    Ok(RefundProgress {
        waiting: progress.waiting.unsigned_abs(),
        open: progress.open.unsigned_abs(),
        done: progress.done.unsigned_abs(),
        refused: progress.refused.unsigned_abs(),
    })
}
