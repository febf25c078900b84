//! What holds for events, without I/O.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use store::events::{
    EventFields, EventRow,
    ticket_types::{TicketTypeFields, TicketTypeRow},
};
use types::{
    Code, Currency, FieldError, Money, Patch,
    events::{
        CATEGORIES, CreateEvent, CreateTicketType, EventStatus, SaleStatus, UpdateEvent,
        UpdateTicketType, VenueInput, Visibility,
    },
    validate,
};

use super::{pricing, views};
use crate::{Error, Result, text};

/// The largest metadata document, as JSON text.
pub const MAX_METADATA_BYTES: usize = 256 * 1024;
/// How deep a metadata document may nest (the document store ends at 100).
const MAX_METADATA_DEPTH: usize = 32;
/// A ticket type without another limit.
const DEFAULT_MAX_PER_PERSON: u32 = 10;

/// What sales of an event's ticket types depend on, at an instant.
#[derive(Clone, Debug)]
pub(crate) struct Sales {
    /// The event's zone.
    pub time_zone: String,
    status: EventStatus,
    is_archived: bool,
    ends_at: Timestamp,
    now: Timestamp,
}

impl Sales {
    /// Of an event at `now`.
    pub fn of(row: &EventRow, now: Timestamp) -> Result<Self> {
        Ok(Self {
            time_zone: row.time_zone.clone(),
            status: views::status(row)?,
            is_archived: views::visibility(row)? == Visibility::Archived,
            ends_at: row.ends_at,
            now,
        })
    }
}

/// Can a ticket type be bought now?
pub(crate) fn sale_status(kind: &TicketTypeRow, sales: &Sales) -> SaleStatus {
    let is_over = matches!(
        sales.status,
        EventStatus::Cancelled | EventStatus::Completed
    ) || sales.is_archived
        || sales.ends_at <= sales.now
        || kind.sales_until.is_some_and(|until| until <= sales.now);
    let is_early =
        sales.status == EventStatus::Draft || kind.sales_from.is_some_and(|from| sales.now < from);
    match () {
        () if kind.is_hidden => SaleStatus::Hidden,
        () if is_over => SaleStatus::Ended,
        () if is_early => SaleStatus::NotYet,
        () if kind.available <= 0 => SaleStatus::SoldOut,
        () => SaleStatus::OnSale,
    }
}

/// A new event's fields, or everything that is wrong with them.
pub(crate) fn fields_of(command: &CreateEvent, now: Timestamp) -> Result<EventFields> {
    let mut errors = validate::check(command).err().unwrap_or_default();
    let zone = text::zone(&command.time_zone);
    check_zone(zone.as_ref(), &mut errors);
    if command.starts_at <= now {
        errors.push(FieldError::new(
            "starts_at",
            "range",
            "must be in the future",
        ));
    }
    check_span(command.starts_at, command.ends_at, &mut errors);
    check_category(command.category.as_deref(), &mut errors);
    check_visibility(command.visibility, &mut errors);
    check_venue(command.venue.as_ref(), &mut errors);
    for (index, kind) in command.ticket_types.iter().enumerate() {
        check_window(
            kind.sales_from,
            kind.sales_until,
            &format!("ticket_types[{index}]."),
            &mut errors,
        );
    }
    for (index, kind) in command.ticket_types.iter().enumerate() {
        let mut faults = Vec::new();
        pricing::check(kind.pricing, kind.price, kind.suggested_price, &mut faults);
        errors.extend(faults.into_iter().map(|fault| FieldError {
            field: format!("ticket_types[{index}].{}", fault.field),
            ..fault
        }));
    }
    refuse(errors)?;
    one_currency(command.ticket_types.iter().map(|kind| kind.price.currency))?;
    let venue = command.venue.clone();
    let (latitude, longitude) = venue
        .as_ref()
        .map_or((None, None), |venue| (venue.latitude, venue.longitude));
    Ok(EventFields {
        title: command.title.trim().to_owned(),
        description: command.description.clone().unwrap_or_default(),
        category: command
            .category
            .clone()
            .unwrap_or_else(|| "other".to_owned()),
        tags: tags(command.tags.clone().unwrap_or_default()),
        visibility: command.visibility.unwrap_or_default().as_str(),
        starts_at: to_microseconds(command.starts_at),
        ends_at: to_microseconds(command.ends_at),
        time_zone: canonical(zone),
        venue_name: venue.as_ref().map(|venue| venue.name.trim().to_owned()),
        venue_address: venue.and_then(|venue| venue.address),
        latitude,
        longitude,
        online_url: command.online_url.clone(),
        capacity: command.capacity,
        refund_hours: command.refund_hours,
    })
}

/// The fields of an event after a merge patch, or everything that is wrong with them.
pub(crate) fn patched(row: &EventRow, patch: UpdateEvent, now: Timestamp) -> Result<EventFields> {
    let mut errors = validate::check(&patch).err().unwrap_or_default();
    let starts_at = patch.starts_at.map_or(row.starts_at, to_microseconds);
    let ends_at = patch.ends_at.map_or(row.ends_at, to_microseconds);
    let zone = text::zone(patch.time_zone.as_ref().unwrap_or(&row.time_zone));
    let category = patch
        .category
        .apply(Some(row.category.clone()))
        .unwrap_or_else(|| "other".to_owned());
    if patch.time_zone.is_some() {
        check_zone(zone.as_ref(), &mut errors);
    }
    if starts_at != row.starts_at && starts_at <= now {
        errors.push(FieldError::new(
            "starts_at",
            "range",
            "must be in the future",
        ));
    }
    if (starts_at, ends_at) != (row.starts_at, row.ends_at) {
        check_span(starts_at, ends_at, &mut errors);
    }
    if category != row.category {
        check_category(Some(&category), &mut errors);
    }
    if patch.visibility != Some(views::visibility(row)?) {
        check_visibility(patch.visibility, &mut errors);
    }
    if let Patch::Set(venue) = &patch.venue {
        // The patch can only say that something in it is wrong.
        errors.retain(|error| error.field != "venue");
        let inner = validate::check(venue).err().unwrap_or_default();
        errors.extend(inner.into_iter().map(|error| FieldError {
            field: format!("venue.{}", error.field),
            ..error
        }));
    }
    let venue = patch.venue.apply(venue_of(row));
    check_venue(venue.as_ref(), &mut errors);
    refuse(errors)?;
    let (latitude, longitude) = venue
        .as_ref()
        .map_or((None, None), |venue| (venue.latitude, venue.longitude));
    Ok(EventFields {
        title: patch
            .title
            .as_deref()
            .unwrap_or(&row.title)
            .trim()
            .to_owned(),
        description: patch
            .description
            .apply(Some(row.description.clone()))
            .unwrap_or_default(),
        category,
        tags: tags(patch.tags.apply(Some(row.tags.clone())).unwrap_or_default()),
        visibility: patch
            .visibility
            .map_or_else(|| views::visibility(row), Ok)?
            .as_str(),
        starts_at,
        ends_at,
        time_zone: zone.map_or_else(|| row.time_zone.clone(), |zone| canonical(Some(zone))),
        venue_name: venue.as_ref().map(|venue| venue.name.trim().to_owned()),
        venue_address: venue.and_then(|venue| venue.address),
        latitude,
        longitude,
        online_url: patch.online_url.apply(row.online_url.clone()),
        capacity: patch.capacity.apply(row.capacity.map(i32::unsigned_abs)),
        refund_hours: patch
            .refund_hours
            .apply(row.refund_hours.map(i32::unsigned_abs)),
    })
}

/// A new ticket type's fields. `prefix` names where in the request it stands.
pub(crate) fn type_fields(command: &CreateTicketType) -> Result<TicketTypeFields> {
    let mut errors = validate::check(command).err().unwrap_or_default();
    check_window(command.sales_from, command.sales_until, "", &mut errors);
    let suggested = command.suggested_price;
    pricing::check(command.pricing, command.price, suggested, &mut errors);
    refuse(errors)?;
    Ok(TicketTypeFields {
        name: command.name.trim().to_owned(),
        description: command.description.clone(),
        price_minor: command.price.amount_minor,
        currency: command.price.currency.code().to_owned(),
        quantity: command.quantity,
        max_per_person: command.max_per_person.unwrap_or(DEFAULT_MAX_PER_PERSON),
        sales_from: command.sales_from.map(to_microseconds),
        sales_until: command.sales_until.map(to_microseconds),
        is_hidden: command.is_hidden,
        pricing: command.pricing,
        suggested_minor: suggested.map(|price| price.amount_minor),
    })
}

/// The fields of a ticket type after a merge patch.
pub(crate) fn patched_type(
    row: &TicketTypeRow,
    patch: UpdateTicketType,
) -> Result<TicketTypeFields> {
    let mut errors = validate::check(&patch).err().unwrap_or_default();
    let sales_from = patch.sales_from.apply(row.sales_from).map(to_microseconds);
    let sales_until = patch
        .sales_until
        .apply(row.sales_until)
        .map(to_microseconds);
    check_window(sales_from, sales_until, "", &mut errors);
    let price = patch.price.map_or_else(|| pricing::price_of(row), Ok)?;
    let who = patch.pricing.unwrap_or(row.pricing);
    // What was proposed stays only where buyers still choose.
    let before = row.suggested_minor.filter(|_| who.is_chosen());
    let before = before.map(|minor| Money::new(minor, price.currency));
    let suggested = patch.suggested_price.apply(before);
    pricing::check(who, price, suggested, &mut errors);
    refuse(errors)?;
    Ok(TicketTypeFields {
        name: patch.name.as_deref().unwrap_or(&row.name).trim().to_owned(),
        description: patch.description.apply(row.description.clone()),
        price_minor: price.amount_minor,
        currency: price.currency.code().to_owned(),
        quantity: patch.quantity.unwrap_or(row.quantity.unsigned_abs()),
        max_per_person: patch
            .max_per_person
            .unwrap_or(row.max_per_person.unsigned_abs()),
        sales_from,
        sales_until,
        is_hidden: patch.is_hidden.unwrap_or(row.is_hidden),
        pricing: who,
        suggested_minor: suggested.map(|price| price.amount_minor),
    })
}

/// All ticket types of an event share one currency.
pub(crate) fn one_currency(currencies: impl IntoIterator<Item = Currency>) -> Result<()> {
    let mut currencies = currencies.into_iter();
    let first = currencies.next();
    for (index, currency) in (1usize..).zip(currencies) {
        if Some(currency) != first {
            return Err(currency_mismatch(&format!(
                "ticket_types[{index}].price.currency"
            )));
        }
    }
    Ok(())
}

/// The error of a ticket type with another currency than its event's.
pub(crate) fn currency_mismatch(field: &str) -> Error {
    let message = "must be the currency of the event's other ticket types";
    let mut error = Error::new(Code::CurrencyMismatch);
    error.fields = vec![FieldError::new(field, "currency_mismatch", message)];
    error
}

/// A metadata document is a JSON object of bounded size and depth.
pub(crate) fn check_metadata(document: &serde_json::Value) -> Result<()> {
    if document.to_string().len() > MAX_METADATA_BYTES {
        return Err(
            Error::new(Code::PayloadTooLarge).detail("A metadata document has at most 256 kB.")
        );
    }
    if !document.is_object() {
        return Err(Error::field("metadata", "type", "must be a JSON object"));
    }
    if depth(document) > MAX_METADATA_DEPTH {
        return Err(Error::field(
            "metadata",
            "range",
            "must nest at most 32 levels deep",
        ));
    }
    Ok(())
}

fn depth(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        serde_json::Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The words of an address made from a title: `jazz-am-see`.
pub(crate) fn slug(title: &str) -> String {
    let mut slug = slug::slugify(title);
    slug.truncate(60);
    let slug = slug.trim_matches('-');
    // An id is looked up as an id.
    if slug.is_empty() || slug == "new" || uuid::Uuid::parse_str(slug).is_ok() {
        format!("event-{slug}").trim_matches('-').to_owned()
    } else {
        slug.to_owned()
    }
}

/// Lower case, without blanks around, each once, in the order given.
pub(crate) fn tags(tags: Vec<String>) -> Vec<String> {
    let mut unique = Vec::new();
    for tag in tags {
        let tag = tag.trim().to_lowercase();
        if !tag.is_empty() && !unique.contains(&tag) {
            unique.push(tag);
        }
    }
    unique
}

/// Postgres keeps microseconds.
pub(crate) fn to_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

fn refuse(errors: Vec<FieldError>) -> Result<()> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(errors))
    }
}

fn canonical(zone: Option<TimeZone>) -> String {
    zone.and_then(|zone| zone.iana_name().map(str::to_owned))
        .unwrap_or_else(|| "UTC".to_owned())
}

fn check_zone(zone: Option<&TimeZone>, errors: &mut Vec<FieldError>) {
    if zone.is_none() {
        errors.push(FieldError::new(
            "time_zone",
            "unknown",
            "must be an IANA time zone like Europe/Berlin",
        ));
    }
}

/// Of a start that is wrong already, nothing is said about its distance to the end.
fn check_span(starts_at: Timestamp, ends_at: Timestamp, errors: &mut Vec<FieldError>) {
    let has_start = errors.iter().all(|error| error.field != "starts_at");
    if ends_at <= starts_at {
        errors.push(FieldError::new(
            "ends_at",
            "range",
            "must be after the start",
        ));
    } else if has_start && ends_at.duration_since(starts_at).as_hours() > 366 * 24 {
        errors.push(FieldError::new(
            "ends_at",
            "range",
            "must be within a year of the start",
        ));
    }
    if starts_at > latest() {
        errors.push(FieldError::new(
            "starts_at",
            "range",
            "must be before the year 2200",
        ));
    }
}

/// Nobody plans further ahead, and every store can keep it.
fn latest() -> Timestamp {
    Timestamp::UNIX_EPOCH
        .checked_add((230 * 365 * 24).hours())
        .unwrap_or(Timestamp::MAX)
}

/// Every store can keep it.
pub(crate) fn is_storable(at: Timestamp) -> bool {
    (Timestamp::UNIX_EPOCH..=latest()).contains(&at)
}

fn check_category(category: Option<&str>, errors: &mut Vec<FieldError>) {
    if category.is_some_and(|category| CATEGORIES.iter().all(|(key, _)| *key != category)) {
        errors.push(FieldError::new(
            "category",
            "unknown",
            "is not one of the categories",
        ));
    }
}

/// Archiving is an action of its own.
fn check_visibility(visibility: Option<Visibility>, errors: &mut Vec<FieldError>) {
    if visibility == Some(Visibility::Archived) {
        errors.push(FieldError::new(
            "visibility",
            "unknown",
            "must be public, unlisted or members",
        ));
    }
}

fn check_venue(venue: Option<&VenueInput>, errors: &mut Vec<FieldError>) {
    let Some(venue) = venue else { return };
    let missing = match (venue.latitude, venue.longitude) {
        (Some(_), None) => "venue.longitude",
        (None, Some(_)) => "venue.latitude",
        _ => return,
    };
    errors.push(FieldError::new(
        missing,
        "required",
        "is needed with the other coordinate",
    ));
}

fn check_window(
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    prefix: &str,
    errors: &mut Vec<FieldError>,
) {
    let is_far = |at: Option<Timestamp>| at.is_some_and(|at| !is_storable(at));
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        errors.push(FieldError::new(
            format!("{prefix}sales_until"),
            "range",
            "must be after the beginning of sales",
        ));
    }
    for (name, at) in [("sales_from", from), ("sales_until", until)] {
        if is_far(at) {
            errors.push(FieldError::new(
                format!("{prefix}{name}"),
                "range",
                "must be between 1970 and 2200",
            ));
        }
    }
}

fn venue_of(row: &EventRow) -> Option<VenueInput> {
    Some(VenueInput {
        name: row.venue_name.clone()?,
        address: row.venue_address.clone(),
        latitude: row.latitude,
        longitude: row.longitude,
    })
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
