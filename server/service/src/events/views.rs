//! From rows to what people and clients see.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use store::{
    Conn,
    events::{EventRow, ticket_types::TicketTypeRow},
    media::MediaRow,
    promos::PromoRow,
    sales::SaleEvent,
};
use types::{
    Currency, EventId, Money,
    events::{Event, EventStatus, Organizer, Phase, PlaceCounts, TicketType, Venue, Visibility},
    media::Media,
    orders::EventBrief,
};

use super::{access, rules};
use crate::{Ctx, Error, Result, media, promos, text};

/// An event as lists show it: of the media the cover, no ticket types, no HTML.
pub(crate) fn card(ctx: &Ctx, row: EventRow) -> Result<Event> {
    let now = ctx.now();
    Ok(Event {
        is_crew: access::is_crew(ctx, &row),
        status: status(&row)?,
        visibility: visibility(&row)?,
        phase: Phase::at(now, row.starts_at, row.ends_at),
        local: text::local_times(row.starts_at, row.ends_at, &row.time_zone, now),
        venue: venue(&row),
        price_from: price_from(&row)?,
        media: row
            .cover
            .iter()
            .map(|cover| media::view(ctx, cover))
            .collect::<Result<_>>()?,
        organizer: Organizer {
            id: row.organizer_id,
            handle: row.organizer_handle,
            name: row.organizer_name,
        },
        id: row.id,
        slug: row.slug,
        title: row.title,
        description: row.description,
        description_html: None,
        category: row.category,
        tags: row.tags,
        cancel_reason: row.cancel_reason,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        time_zone: row.time_zone,
        online_url: row.online_url,
        ticket_types: None,
        promo: None,
        sold_out: row.is_sold_out,
        metadata: None,
        capacity: row.capacity.map(i32::unsigned_abs),
        refund_hours: row.refund_hours.map(i32::unsigned_abs),
        going_count: u32::try_from(row.sold).unwrap_or(u32::MAX),
        distance_km: None,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

/// The whole event, for somebody with a promo code if there is one. The document comes from
/// elsewhere; without it it is null.
pub(crate) fn whole(
    ctx: &Ctx,
    row: EventRow,
    types: Vec<TicketTypeRow>,
    media: &[MediaRow],
    metadata: Option<serde_json::Value>,
    promo: Option<&PromoRow>,
) -> Result<Event> {
    let sales = rules::Sales::of(&row, ctx.now())?;
    let is_crew = access::is_crew(ctx, &row);
    let types = types
        .into_iter()
        .map(|kind| opened(kind, promo))
        .filter(|kind| is_crew || !kind.is_hidden)
        .map(|kind| ticket_type(kind, &sales, is_crew, promo))
        .collect::<Result<_>>()?;
    let images: Vec<Media> = media
        .iter()
        .map(|image| crate::media::view(ctx, image))
        .collect::<Result<_>>()?;
    let event = card(ctx, row)?;
    Ok(Event {
        description_html: Some(text::markdown(&event.description)),
        ticket_types: Some(types),
        promo: promo.map(promos::known),
        metadata: Some(metadata.unwrap_or_default()),
        media: images,
        ..event
    })
}

/// A ticket type as it is for somebody with a promo code.
fn opened(mut row: TicketTypeRow, promo: Option<&PromoRow>) -> TicketTypeRow {
    row.is_hidden &= !promo.is_some_and(|promo| promo.unlocks.contains(&row.id));
    row
}

/// A ticket type; its crew also sees the counts.
pub(crate) fn ticket_type(
    row: TicketTypeRow,
    sales: &rules::Sales,
    is_crew: bool,
    promo: Option<&PromoRow>,
) -> Result<TicketType> {
    let price = money(row.price_minor, &row.currency)?;
    let off = promo.map(|promo| promos::rules::discount(promo, row.id, row.pricing, price));
    let off = off.filter(|off| !off.is_free());
    Ok(TicketType {
        status: rules::sale_status(&row, sales),
        price,
        pricing: row.pricing,
        suggested_price: row
            .suggested_minor
            .map(|amount| Money::new(amount, price.currency)),
        promo_price: off.and_then(|off| price.minus(off)),
        sales_from_text: row
            .sales_from
            .map(|at| text::moment(at, &sales.time_zone))
            .unwrap_or_default(),
        counts: is_crew.then(|| PlaceCounts {
            sold: row.sold.unsigned_abs(),
            held: row.held.unsigned_abs(),
        }),
        id: row.id,
        name: row.name,
        description: row.description,
        quantity: row.quantity.unsigned_abs(),
        available: row.available.unsigned_abs(),
        max_per_person: row.max_per_person.unsigned_abs(),
        sales_from: row.sales_from,
        sales_until: row.sales_until,
    })
}

/// Events in short, for holds, orders and tickets.
pub(crate) async fn briefs(
    ctx: &Ctx,
    conn: &mut Conn,
    ids: &[EventId],
) -> Result<HashMap<EventId, EventBrief>> {
    let rows = store::events::rows(conn, ids, ctx.now()).await?;
    rows.into_iter()
        .map(|row| Ok((row.id, brief(ctx, row)?)))
        .collect()
}

/// An event in short.
pub(crate) fn brief(ctx: &Ctx, row: EventRow) -> Result<EventBrief> {
    let now = ctx.now();
    let cover = row
        .cover
        .as_ref()
        .map(|cover| media::view(ctx, cover))
        .transpose()?;
    let brief = EventBrief {
        refundable_until: None,
        refundable_text: String::new(),
        is_refundable: false,
        status: status(&row)?,
        phase: Phase::at(now, row.starts_at, row.ends_at),
        local: text::local_times(row.starts_at, row.ends_at, &row.time_zone, now),
        venue: venue(&row),
        cover_url: cover.map(|cover| {
            cover
                .variants
                .into_iter()
                .next()
                .map_or(cover.url, |smallest| smallest.url)
        }),
        id: row.id,
        slug: row.slug,
        title: row.title,
        starts_at: row.starts_at,
        time_zone: row.time_zone,
    };
    Ok(on_terms(brief, row.refund_hours, now))
}

/// An event in short for whoever bought when tickets could be given back until so many hours
/// before it begins. The kinder terms count: these, or those of today.
pub(crate) fn on_terms(brief: EventBrief, hours: Option<i32>, now: Timestamp) -> EventBrief {
    let until = refundable_until(brief.starts_at, hours).max(brief.refundable_until);
    EventBrief {
        refundable_until: until,
        refundable_text: until
            .map(|until| text::moment(until, &brief.time_zone))
            .unwrap_or_default(),
        is_refundable: until.is_some_and(|until| now < until),
        ..brief
    }
}

/// Until when tickets may be given back.
pub(crate) fn refundable_until(starts_at: Timestamp, hours: Option<i32>) -> Option<Timestamp> {
    Some(starts_at - SignedDuration::from_hours(hours?.into()))
}

/// An event as its sales see it.
pub(crate) fn as_sold(row: &EventRow) -> Result<SaleEvent> {
    Ok(SaleEvent {
        id: row.id,
        slug: row.slug.clone(),
        title: row.title.clone(),
        status: status(row)?,
        visibility: visibility(row)?,
        ends_at: row.ends_at,
        starts_at: row.starts_at,
        refund_hours: row.refund_hours,
    })
}

/// The state of a row.
pub(crate) fn status(row: &EventRow) -> Result<EventStatus> {
    EventStatus::from_text(&row.status).ok_or_else(|| unknown("event status", &row.status))
}

/// Who finds a row's event.
pub(crate) fn visibility(row: &EventRow) -> Result<Visibility> {
    Visibility::from_text(&row.visibility).ok_or_else(|| unknown("visibility", &row.visibility))
}

fn venue(row: &EventRow) -> Option<Venue> {
    Some(Venue {
        name: row.venue_name.clone()?,
        address: row.venue_address.clone(),
        latitude: row.latitude,
        longitude: row.longitude,
    })
}

fn price_from(row: &EventRow) -> Result<Option<Money>> {
    let both = row.price_from_minor.zip(row.currency.as_deref());
    both.map(|(amount, currency)| money(amount, currency))
        .transpose()
}

fn money(amount_minor: i64, currency: &str) -> Result<Money> {
    let currency = Currency::from_code(currency).ok_or_else(|| unknown("currency", currency))?;
    Ok(Money::new(amount_minor, currency))
}

fn unknown(what: &str, text: &str) -> Error {
    Error::internal(format!("unknown {what} {text:?} in the database"))
}
