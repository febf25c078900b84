//! A ticket's event as a calendar entry (RFC 5545). Times are UTC instants, which
//! every calendar shows in its own zone.

use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus as IcsStatus};
use jiff::Timestamp;
use types::{
    events::EventStatus,
    orders::{EventBrief, Order},
    tickets::Ticket,
};
use uuid::Uuid;

use crate::Ctx;

/// The entry of a ticket. Its id stays the same, so importing it again updates it.
pub(super) fn entry(ticket: &Ticket, ends_at: Timestamp, ctx: &Ctx) -> String {
    let site = &ctx.settings().public_url;
    let description = format!(
        "{} · ticket {}\n{site}/tickets/{}",
        ticket.ticket_type.name, ticket.code, ticket.id
    );
    calendar(&ticket.event, ends_at, (ticket.id.0, &description), ctx)
}

/// One entry for all tickets of an order.
pub(super) fn entry_of_order(order: &Order, ends_at: Timestamp, ctx: &Ctx) -> String {
    let site = &ctx.settings().public_url;
    let description = format!("Your tickets: {site}/orders/{}", order.id);
    calendar(&order.event, ends_at, (order.id.0, &description), ctx)
}

/// A calendar with one entry, of this id and description.
fn calendar(
    event: &EventBrief,
    ends_at: Timestamp,
    (id, description): (Uuid, &str),
    ctx: &Ctx,
) -> String {
    let site = &ctx.settings().public_url;
    let mut entry = Event::new();
    entry
        .uid(&format!("{id}@eventsphere"))
        .add_property("DTSTAMP", utc(ctx.now()))
        .add_property("DTSTART", utc(event.starts_at))
        .add_property("DTEND", utc(ends_at))
        .summary(&event.title)
        .description(description)
        .url(&format!("{site}/events/{}", event.slug))
        .status(if event.status == EventStatus::Cancelled {
            IcsStatus::Cancelled
        } else {
            IcsStatus::Confirmed
        });
    if let Some(venue) = &event.venue {
        let place = [Some(venue.name.as_str()), venue.address.as_deref()];
        entry.location(&place.into_iter().flatten().collect::<Vec<_>>().join(", "));
        if let (Some(latitude), Some(longitude)) = (venue.latitude, venue.longitude) {
            entry.add_property("GEO", format!("{latitude};{longitude}"));
        }
    }
    Calendar::new()
        .name("EventSphere")
        .push(entry.done())
        .done()
        .to_string()
}

/// `20270601T180000Z`.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
