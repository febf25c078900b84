//! What can be done with events. Rules that need a clock or a zone database are
//! checked by the service.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Pricing, Visibility};
use crate::{Money, Patch, patch, validate};

/// A new event, always a draft at first.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEvent {
    /// One line, at most 120 characters.
    #[garde(length(chars, max = 120), custom(validate::visible))]
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// In the future.
    #[garde(skip)]
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// After the start, within a year of it.
    #[garde(skip)]
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// IANA name.
    #[garde(length(chars, max = 64), custom(validate::visible))]
    pub time_zone: String,
    /// Markdown, at most 20,000 characters.
    #[serde(default)]
    #[garde(inner(length(chars, max = 20_000), custom(validate::multi_line)))]
    pub description: Option<String>,
    /// One of the categories; `other` when absent.
    #[serde(default)]
    #[garde(skip)]
    pub category: Option<String>,
    /// At most 12 words of at most 30 characters.
    #[serde(default)]
    #[garde(inner(
        length(max = 12),
        inner(length(chars, max = 30), custom(validate::visible))
    ))]
    pub tags: Option<Vec<String>>,
    /// `public` when absent.
    #[serde(default)]
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// Where.
    #[serde(default)]
    #[garde(dive)]
    pub venue: Option<VenueInput>,
    /// Where online.
    #[serde(default)]
    #[garde(inner(length(chars, max = 500), custom(validate::web_address)))]
    pub online_url: Option<String>,
    /// Places over all ticket types.
    #[serde(default)]
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    pub capacity: Option<u32>,
    /// Buyers may give tickets back until so many hours before the start, at most a year;
    /// absent: not at all.
    #[serde(default)]
    #[garde(inner(range(max = 8760)))]
    pub refund_hours: Option<u32>,
    /// A free JSON object, at most 256 kB.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<serde_json::Value>,
    /// At most 20; one currency per event.
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    pub ticket_types: Vec<CreateTicketType>,
}

/// A place on earth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueInput {
    /// What the place is called.
    #[garde(length(chars, max = 120), custom(validate::visible))]
    pub name: String,
    /// Street, city.
    #[serde(default)]
    #[garde(inner(length(chars, max = 300), custom(validate::single_line)))]
    pub address: Option<String>,
    /// WGS 84 degrees; both or none.
    #[serde(default)]
    #[garde(inner(range(min = -90.0, max = 90.0)))]
    pub latitude: Option<f64>,
    /// WGS 84 degrees; both or none.
    #[serde(default)]
    #[garde(inner(range(min = -180.0, max = 180.0)))]
    pub longitude: Option<f64>,
}

/// A merge patch of an event. Fields that cannot be null refuse it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateEvent {
    /// See [`CreateEvent::title`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(length(chars, max = 120), custom(validate::visible)))]
    pub title: Option<String>,
    /// See [`CreateEvent::starts_at`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    /// See [`CreateEvent::ends_at`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// See [`CreateEvent::time_zone`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(length(chars, max = 64), custom(validate::visible)))]
    pub time_zone: Option<String>,
    /// See [`CreateEvent::description`]; null empties it.
    #[serde(default)]
    #[garde(custom(patch_description))]
    #[schema(value_type = Option<String>)]
    pub description: Patch<String>,
    /// See [`CreateEvent::category`]; null is `other`.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    pub category: Patch<String>,
    /// See [`CreateEvent::tags`]; null empties it.
    #[serde(default)]
    #[garde(custom(patch_tags))]
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Patch<Vec<String>>,
    /// See [`CreateEvent::visibility`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// The whole venue, or null.
    #[serde(default)]
    #[garde(custom(patch_venue))]
    #[schema(value_type = Option<VenueInput>)]
    pub venue: Patch<VenueInput>,
    /// See [`CreateEvent::online_url`].
    #[serde(default)]
    #[garde(custom(patch_online_url))]
    #[schema(value_type = Option<String>)]
    pub online_url: Patch<String>,
    /// See [`CreateEvent::capacity`]; never below what is sold and held.
    #[serde(default)]
    #[garde(custom(patch_capacity))]
    #[schema(value_type = Option<u32>)]
    pub capacity: Patch<u32>,
    /// See [`CreateEvent::refund_hours`]; null: not at all.
    #[serde(default)]
    #[garde(custom(patch_refund_hours))]
    #[schema(value_type = Option<u32>)]
    pub refund_hours: Patch<u32>,
}

fn patch_description(description: &Patch<String>, ctx: &()) -> garde::Result {
    let Patch::Set(text) = description else {
        return Ok(());
    };
    if text.chars().count() > 20_000 {
        return Err(garde::Error::new("must have at most 20000 characters"));
    }
    validate::multi_line(text, ctx)
}

fn patch_tags(tags: &Patch<Vec<String>>, ctx: &()) -> garde::Result {
    let Patch::Set(tags) = tags else {
        return Ok(());
    };
    if tags.len() > 12 || tags.iter().any(|tag| tag.chars().count() > 30) {
        return Err(garde::Error::new(
            "must be at most 12 words of at most 30 characters",
        ));
    }
    tags.iter().try_for_each(|tag| validate::visible(tag, ctx))
}

fn patch_venue(venue: &Patch<VenueInput>, (): &()) -> garde::Result {
    let Patch::Set(venue) = venue else {
        return Ok(());
    };
    let Err(report) = venue.validate() else {
        return Ok(());
    };
    let first = report
        .iter()
        .next()
        .map(|(path, error)| format!("{path}: {error}"));
    Err(garde::Error::new(first.unwrap_or_default()))
}

fn patch_online_url(url: &Patch<String>, ctx: &()) -> garde::Result {
    let Patch::Set(url) = url else { return Ok(()) };
    if url.chars().count() > 500 {
        return Err(garde::Error::new("must have at most 500 characters"));
    }
    validate::web_address(url, ctx)
}

fn patch_capacity(capacity: &Patch<u32>, (): &()) -> garde::Result {
    match capacity {
        Patch::Set(1..=1_000_000) | Patch::Keep | Patch::Clear => Ok(()),
        Patch::Set(_) => Err(garde::Error::new("must be between 1 and 1000000")),
    }
}

fn patch_refund_hours(hours: &Patch<u32>, (): &()) -> garde::Result {
    match hours {
        Patch::Set(0..=8760) | Patch::Keep | Patch::Clear => Ok(()),
        Patch::Set(_) => Err(garde::Error::new("must be between 0 and 8760")),
    }
}

/// A new kind of ticket.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTicketType {
    /// At most 60 characters.
    #[garde(length(chars, max = 60), custom(validate::visible))]
    #[schema(min_length = 1, max_length = 60)]
    pub name: String,
    /// Zero is free; at most 10,000,000 minor units.
    #[garde(custom(price_range))]
    pub price: Money,
    /// How many there are in all.
    #[garde(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: u32,
    /// At most 500 characters.
    #[serde(default)]
    #[garde(inner(length(chars, max = 500), custom(validate::multi_line)))]
    pub description: Option<String>,
    /// 1–100; 10 when absent.
    #[serde(default)]
    #[garde(inner(range(min = 1, max = 100)))]
    pub max_per_person: Option<u32>,
    /// When sales begin.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sales_from: Option<Timestamp>,
    /// When sales end; after `sales_from`.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sales_until: Option<Timestamp>,
    /// Seen and bought only with a promo code that opens it.
    #[serde(default)]
    #[garde(skip)]
    pub is_hidden: bool,
    /// Who says what a ticket costs; where buyers do, `price` is the least. `fixed` when absent.
    #[serde(default)]
    #[garde(skip)]
    pub pricing: Pricing,
    /// What buyers who choose are proposed, not below `price`.
    #[serde(default)]
    #[garde(inner(custom(price_range)))]
    pub suggested_price: Option<Money>,
}

fn price_range(price: &Money, (): &()) -> garde::Result {
    match price.amount_minor {
        0..=10_000_000 => Ok(()),
        _ => Err(garde::Error::new(
            "must be between 0 and 10000000 minor units",
        )),
    }
}

/// A merge patch of a ticket type.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTicketType {
    /// See [`CreateTicketType::name`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(length(chars, max = 60), custom(validate::visible)))]
    pub name: Option<String>,
    /// See [`CreateTicketType::price`]. Live holds keep the price they were made with.
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(custom(price_range)))]
    pub price: Option<Money>,
    /// Never below what is sold and held.
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    pub quantity: Option<u32>,
    /// See [`CreateTicketType::description`].
    #[serde(default)]
    #[garde(custom(patch_type_description))]
    #[schema(value_type = Option<String>)]
    pub description: Patch<String>,
    /// See [`CreateTicketType::max_per_person`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(range(min = 1, max = 100)))]
    pub max_per_person: Option<u32>,
    /// See [`CreateTicketType::sales_from`].
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sales_from: Patch<Timestamp>,
    /// See [`CreateTicketType::sales_until`].
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sales_until: Patch<Timestamp>,
    /// See [`CreateTicketType::is_hidden`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(skip)]
    pub is_hidden: Option<bool>,
    /// See [`CreateTicketType::pricing`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(skip)]
    pub pricing: Option<Pricing>,
    /// See [`CreateTicketType::suggested_price`].
    #[serde(default)]
    #[garde(custom(patch_suggested))]
    #[schema(value_type = Option<Money>)]
    pub suggested_price: Patch<Money>,
}

fn patch_suggested(price: &Patch<Money>, ctx: &()) -> garde::Result {
    match price {
        Patch::Set(price) => price_range(price, ctx),
        Patch::Keep | Patch::Clear => Ok(()),
    }
}

fn patch_type_description(description: &Patch<String>, ctx: &()) -> garde::Result {
    let Patch::Set(text) = description else {
        return Ok(());
    };
    if text.chars().count() > 500 {
        return Err(garde::Error::new("must have at most 500 characters"));
    }
    validate::multi_line(text, ctx)
}

/// Why an event is cancelled.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelEvent {
    /// Shown on the event page, at most 500 characters.
    #[garde(length(chars, max = 500), custom(validate::visible))]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// The event editor's form: every field is the text that was typed. Works from a
/// plain HTML form; `service::events` parses it with the field names used here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventForm {
    /// See [`CreateEvent::title`].
    pub title: String,
    /// Markdown.
    pub description: String,
    /// A key of the categories.
    pub category: String,
    /// Words separated by commas.
    pub tags: String,
    /// `public`, `unlisted`, `members`.
    pub visibility: String,
    /// `datetime-local` in the event's zone: `2026-12-05T20:00`.
    pub starts: String,
    /// `datetime-local` in the event's zone.
    pub ends: String,
    /// IANA name.
    pub time_zone: String,
    /// Empty for online events.
    pub venue_name: String,
    /// Street, city.
    pub venue_address: String,
    /// Degrees, or empty.
    pub venue_latitude: String,
    /// Degrees, or empty.
    pub venue_longitude: String,
    /// Empty for events at a place.
    pub online_url: String,
    /// A number, or empty.
    pub capacity: String,
    /// Hours before the start, or empty: no tickets are taken back.
    pub refund_hours: String,
    /// The ticket types; rows without a name are ignored.
    pub ticket_types: Vec<TicketTypeForm>,
}

/// One row of ticket types in the event editor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketTypeForm {
    /// Empty for a new one.
    pub id: String,
    /// Empty: this row is not meant.
    pub name: String,
    /// `12.50`; empty is free.
    pub price: String,
    /// Of all types; `EUR` when empty.
    pub currency: String,
    /// A number.
    pub quantity: String,
    /// A number, 10 when empty.
    pub max_per_person: String,
    /// What it includes.
    pub description: String,
    /// `datetime-local` in the event's zone, or empty.
    pub sales_from: String,
    /// `datetime-local` in the event's zone, or empty.
    pub sales_until: String,
    /// `fixed`, `pay_what_you_want`, `donation`; `fixed` when empty.
    pub pricing: String,
    /// `15.00`, or empty.
    pub suggested_price: String,
    /// A ticked box: only with a promo code that opens it.
    pub is_hidden: bool,
    /// A ticked box: remove this ticket type.
    pub remove: bool,
}
