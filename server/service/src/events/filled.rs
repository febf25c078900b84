//! The event editor's form as it is filled for an event that is there.

use jiff::Timestamp;
use types::{
    Money,
    events::{Event, EventForm, SaleStatus, TicketType, TicketTypeForm},
};

use crate::text;

/// Every field as somebody would have typed it.
pub(super) fn form_of(event: &Event) -> EventForm {
    let venue = event.venue.clone().unwrap_or_default();
    let degrees = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    EventForm {
        title: event.title.clone(),
        description: event.description.clone(),
        category: event.category.clone(),
        tags: event.tags.join(", "),
        visibility: event.visibility.as_str().to_owned(),
        starts: event.local.starts_input.clone(),
        ends: event.local.ends_input.clone(),
        time_zone: event.time_zone.clone(),
        venue_name: venue.name,
        venue_address: venue.address.unwrap_or_default(),
        venue_latitude: degrees(venue.latitude),
        venue_longitude: degrees(venue.longitude),
        online_url: event.online_url.clone().unwrap_or_default(),
        capacity: event
            .capacity
            .map(|capacity| capacity.to_string())
            .unwrap_or_default(),
        refund_hours: event
            .refund_hours
            .map(|hours| hours.to_string())
            .unwrap_or_default(),
        ticket_types: event
            .ticket_types
            .iter()
            .flatten()
            .map(|kind| type_form(kind, &event.time_zone))
            .collect(),
    }
}

fn type_form(kind: &TicketType, time_zone: &str) -> TicketTypeForm {
    let input = |at: Option<Timestamp>| {
        at.map(|at| text::input(&at.to_zoned(text::zone_or_utc(time_zone))))
            .unwrap_or_default()
    };
    TicketTypeForm {
        id: kind.id.to_string(),
        name: kind.name.clone(),
        price: kind.price.to_input(),
        currency: kind.price.currency.code().to_owned(),
        quantity: kind.quantity.to_string(),
        max_per_person: kind.max_per_person.to_string(),
        description: kind.description.clone().unwrap_or_default(),
        sales_from: input(kind.sales_from),
        sales_until: input(kind.sales_until),
        pricing: kind.pricing.as_str().to_owned(),
        suggested_price: kind
            .suggested_price
            .map(Money::to_input)
            .unwrap_or_default(),
        is_hidden: kind.status == SaleStatus::Hidden,
        remove: false,
    }
}
