//! The event editor's form: text as typed in, field errors out under the form's own
//! names. A ticket type's field is called `ticket_types[0].price` in errors and
//! `ticket_types[0][price]` in HTML.

use jiff::{Timestamp, tz::TimeZone};
use store::events::{
    EventFields, EventRow,
    ticket_types::{self as rows, TicketTypeFields, TicketTypeRow},
};
use types::{
    Currency, FieldError, Money, Patch, TicketTypeId,
    events::{
        CreateEvent, CreateTicketType, Event, EventForm, Pricing, TicketTypeForm, UpdateEvent,
        VenueInput, Visibility,
    },
};

use super::{access, edit, filled, get, rules, states, ticket_types};
use crate::{Ctx, Error, Result, ctx::IfMatch, text};

/// A new draft from the editor's form.
pub async fn create_from_form(ctx: &Ctx, form: EventForm) -> Result<Event> {
    let organizer = ctx.organizer()?;
    let mut typed = Typed::read(&form, &Before::nothing(ctx.now()));
    let fields = rules::fields_of(&typed.create_command(), ctx.now());
    let fields = typed.merge(fields);
    let (fields, types) = typed.finish(fields)?;
    let new: Vec<_> = types.into_iter().map(|row| row.fields).collect();
    let draft = edit::Draft {
        fields: &fields,
        types: &new,
        document: None,
        rsvps: None,
        paid_like: None,
    };
    let id = edit::insert(ctx, organizer, draft).await?;
    get(ctx, &id.to_string()).await
}

/// The editor's form of an event (crew).
pub async fn form(ctx: &Ctx, key: &str) -> Result<(Event, EventForm)> {
    let mut conn = ctx.db().conn().await?;
    access::crew(ctx, &mut conn, key).await?;
    drop(conn);
    let event = get(ctx, key).await?;
    let form = filled::form_of(&event);
    Ok((event, form))
}

/// Edits an event and its ticket types from the editor's form, whole or not at all.
pub async fn update_from_form(
    ctx: &Ctx,
    key: &str,
    version: IfMatch,
    form: EventForm,
) -> Result<Event> {
    let id = edit::editable(ctx, key, version).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, id, version).await?;
    let mut current = rows::of_event(&mut tx, id, ctx.now()).await?;
    current.retain(|kind| !kind.is_rsvp);
    let mut typed = Typed::read(
        &form,
        &Before {
            row: Some(&row),
            types: &current,
            now: ctx.now(),
        },
    );
    let fields = rules::patched(&row, typed.event.clone(), ctx.now());
    let fields = typed.merge(fields);
    let removed = std::mem::take(&mut typed.removed);
    let (fields, types) = typed.finish(fields)?;
    states::must_be_editable(&row)?;
    edit::apply(ctx, &mut tx, &row, &fields).await?;
    for id in removed {
        ticket_types::remove(&mut tx, &row, id).await?;
    }
    // What stays with another currency would no longer fit.
    for kind in types {
        match current.iter().find(|other| Some(other.id) == kind.id) {
            Some(current) => ticket_types::write(&mut tx, &row, current, &kind.fields).await?,
            None => drop(ticket_types::add_unchecked(ctx, &mut tx, &row, &kind.fields).await?),
        }
    }
    ticket_types::check_all(ctx, &mut tx, &row).await?;
    edit::finish(ctx, tx, &row, Some(&fields)).await?;
    get(ctx, &id.to_string()).await
}

/// What was there when the form was shown.
struct Before<'a> {
    row: Option<&'a EventRow>,
    types: &'a [TicketTypeRow],
    now: Timestamp,
}

impl Before<'_> {
    fn nothing(now: Timestamp) -> Self {
        Self {
            row: None,
            types: &[],
            now,
        }
    }
}

/// A ticket type that is meant to be there.
struct TypedType {
    id: Option<TicketTypeId>,
    fields: TicketTypeFields,
}

/// The form, read. Values that could not be read stand in as something harmless; then
/// `errors` says so and nothing is written.
struct Typed {
    event: UpdateEvent,
    types: Vec<TypedType>,
    removed: Vec<TicketTypeId>,
    errors: Vec<FieldError>,
}

impl Typed {
    fn read(form: &EventForm, before: &Before<'_>) -> Self {
        let mut errors = Vec::new();
        let zone = text::zone(form.time_zone.trim());
        let clock = Clock {
            zone: zone.clone().unwrap_or(TimeZone::UTC),
            is_unchanged: before
                .row
                .is_some_and(|row| row.time_zone == form.time_zone.trim()),
        };
        let starts_at = clock.required(
            "starts",
            &form.starts,
            before.row.map(|row| row.starts_at),
            &mut errors,
        );
        let ends_at = clock.required(
            "ends",
            &form.ends,
            before.row.map(|row| row.ends_at),
            &mut errors,
        );
        let a_start = starts_at.unwrap_or(before.now + jiff::SignedDuration::from_hours(24));
        let event = UpdateEvent {
            title: Some(form.title.trim().to_owned()),
            starts_at: Some(a_start),
            ends_at: Some(ends_at.unwrap_or(a_start + jiff::SignedDuration::from_hours(1))),
            time_zone: Some(form.time_zone.trim().to_owned()),
            description: set_or_clear(line_breaks(&form.description)),
            category: set_or_clear(form.category.trim().to_owned()),
            tags: Patch::Set(
                form.tags
                    .split(',')
                    .map(|tag| tag.trim().to_owned())
                    .filter(|tag| !tag.is_empty())
                    .collect(),
            ),
            visibility: visibility(&form.visibility, &mut errors),
            venue: venue(form, &mut errors),
            online_url: set_or_clear(form.online_url.trim().to_owned()),
            capacity: number("capacity", &form.capacity, &mut errors)
                .map_or(Patch::Clear, Patch::Set),
            refund_hours: number("refund_hours", &form.refund_hours, &mut errors)
                .map_or(Patch::Clear, Patch::Set),
        };
        let mut typed = Self {
            event,
            types: Vec::new(),
            removed: Vec::new(),
            errors,
        };
        typed.read_types(form, &clock, before);
        typed
    }

    fn read_types(&mut self, form: &EventForm, clock: &Clock, before: &Before<'_>) {
        let currency = currency(form, before);
        for (index, row) in form.ticket_types.iter().enumerate() {
            let id = row.id.trim().parse::<TicketTypeId>().ok();
            let current = before.types.iter().find(|kind| Some(kind.id) == id);
            match (current, row.remove) {
                (Some(kind), true) => self.removed.push(kind.id),
                (None, true) => {}
                (None, false) if row.name.trim().is_empty() => {}
                (current, false) => {
                    let mut reader = TypeReader {
                        errors: Vec::new(),
                        clock,
                        currency,
                        current,
                    };
                    let command = reader.command(row);
                    let fields = rules::type_fields(&command);
                    let wrong = fields
                        .as_ref()
                        .err()
                        .map(|error| error.fields.clone())
                        .unwrap_or_default();
                    let errors = merged(reader.errors, wrong);
                    self.errors
                        .extend(errors.into_iter().map(|error| type_error(index, error)));
                    self.types.extend(fields.ok().map(|fields| TypedType {
                        id: current.map(|kind| kind.id),
                        fields,
                    }));
                }
            }
        }
    }

    fn create_command(&self) -> CreateEvent {
        let event = self.event.clone();
        CreateEvent {
            title: event.title.unwrap_or_default(),
            starts_at: event.starts_at.unwrap_or_default(),
            ends_at: event.ends_at.unwrap_or_default(),
            time_zone: event.time_zone.unwrap_or_default(),
            description: event.description.apply(None),
            category: event.category.apply(None),
            tags: event.tags.apply(None),
            visibility: event.visibility,
            venue: event.venue.apply(None),
            online_url: event.online_url.apply(None),
            capacity: event.capacity.apply(None),
            refund_hours: event.refund_hours.apply(None),
            metadata: None,
            ticket_types: Vec::new(),
        }
    }

    /// Takes over what the rules found, under the form's names, for fields that could
    /// be read.
    fn merge(&mut self, fields: Result<EventFields>) -> Result<EventFields> {
        let Err(error) = fields else { return fields };
        let found = error.fields.iter().cloned().map(|field| FieldError {
            field: form_name(&field.field),
            ..field
        });
        self.errors = merged(std::mem::take(&mut self.errors), found);
        Err(error)
    }

    fn finish(self, fields: Result<EventFields>) -> Result<(EventFields, Vec<TypedType>)> {
        if self.errors.is_empty() {
            Ok((fields?, self.types))
        } else {
            Err(Error::invalid(self.errors))
        }
    }
}

/// Both lists; of a field that could not be read only that is said.
fn merged(
    mut unread: Vec<FieldError>,
    rules: impl IntoIterator<Item = FieldError>,
) -> Vec<FieldError> {
    for error in rules {
        if unread.iter().all(|other| other.field != error.field) {
            unread.push(error);
        }
    }
    unread
}

/// The form's name of a command's field.
fn form_name(field: &str) -> String {
    match field {
        "starts_at" => "starts".to_owned(),
        "ends_at" => "ends".to_owned(),
        "venue" => "venue_name".to_owned(),
        field if field.starts_with("venue.") => field.replacen("venue.", "venue_", 1),
        field if field.starts_with("tags") => "tags".to_owned(),
        field => field.to_owned(),
    }
}

fn type_error(index: usize, error: FieldError) -> FieldError {
    let name = if error.field.starts_with("price.") {
        "currency"
    } else {
        &error.field
    };
    FieldError {
        field: format!("ticket_types[{index}].{name}"),
        ..error
    }
}

/// Reads `datetime-local` values in the event's zone.
struct Clock {
    zone: TimeZone,
    /// The zone is the one the form was shown in.
    is_unchanged: bool,
}

impl Clock {
    fn required(
        &self,
        name: &str,
        value: &str,
        before: Option<Timestamp>,
        errors: &mut Vec<FieldError>,
    ) -> Option<Timestamp> {
        if value.trim().is_empty() {
            errors.push(FieldError::new(name, "required", "must not be blank"));
            return None;
        }
        self.optional(name, value, before, errors)
    }

    /// A field that was not touched keeps its instant: seconds, and which of two equal
    /// hours of an autumn night it was. Others are read as [`text::instant`] does it.
    fn optional(
        &self,
        name: &str,
        value: &str,
        before: Option<Timestamp>,
        errors: &mut Vec<FieldError>,
    ) -> Option<Timestamp> {
        let value = value.trim();
        if value.is_empty() {
            return None;
        }
        let shown = before.filter(|at| {
            self.is_unchanged && text::input(&at.to_zoned(self.zone.clone())) == value
        });
        let at = shown.or_else(|| text::instant(value, &self.zone));
        if at.is_none() {
            errors.push(FieldError::new(
                name,
                "format",
                "must be a date and time like 2026-12-05T20:00",
            ));
        }
        at
    }
}

struct TypeReader<'a> {
    errors: Vec<FieldError>,
    clock: &'a Clock,
    currency: Currency,
    current: Option<&'a TicketTypeRow>,
}

impl TypeReader<'_> {
    fn command(&mut self, row: &TicketTypeForm) -> CreateTicketType {
        if !row.currency.trim().is_empty() && Currency::from_code(row.currency.trim()).is_none() {
            self.errors.push(FieldError::new(
                "currency",
                "unknown",
                "must be a currency like EUR",
            ));
        }
        let quantity = number("quantity", &row.quantity, &mut self.errors);
        if quantity.is_none() && row.quantity.trim().is_empty() {
            self.errors
                .push(FieldError::new("quantity", "required", "must not be blank"));
        }
        let sales_from = self.current.and_then(|kind| kind.sales_from);
        let sales_until = self.current.and_then(|kind| kind.sales_until);
        CreateTicketType {
            name: row.name.trim().to_owned(),
            price: self.price(&row.price),
            quantity: quantity.unwrap_or(1),
            description: Some(line_breaks(&row.description)).filter(|text| !text.is_empty()),
            max_per_person: number("max_per_person", &row.max_per_person, &mut self.errors),
            sales_from: self.clock.optional(
                "sales_from",
                &row.sales_from,
                sales_from,
                &mut self.errors,
            ),
            sales_until: self.clock.optional(
                "sales_until",
                &row.sales_until,
                sales_until,
                &mut self.errors,
            ),
            is_hidden: row.is_hidden,
            pricing: self.pricing(&row.pricing),
            suggested_price: self.amount("suggested_price", &row.suggested_price),
        }
    }

    fn price(&mut self, typed: &str) -> Money {
        let free = Money::new(0, self.currency);
        self.amount("price", typed).unwrap_or(free)
    }

    /// An amount, or nothing for a field that was left empty.
    fn amount(&mut self, field: &str, typed: &str) -> Option<Money> {
        let amount = Money::parse(typed, self.currency);
        if amount.is_none() && !typed.trim().is_empty() {
            let text = "must be an amount like 12.50";
            self.errors.push(FieldError::new(field, "format", text));
        }
        amount
    }

    fn pricing(&mut self, typed: &str) -> Pricing {
        let pricing = Pricing::from_text(typed.trim());
        if pricing.is_none() && !typed.trim().is_empty() {
            let text = "must be fixed, pay_what_you_want or donation";
            self.errors
                .push(FieldError::new("pricing", "unknown", text));
        }
        pricing.unwrap_or_default()
    }
}

/// The one currency of the form: the first that is chosen, else the event's, else EUR.
fn currency(form: &EventForm, before: &Before<'_>) -> Currency {
    let chosen = form
        .ticket_types
        .iter()
        .filter(|row| !row.remove)
        .find_map(|row| Currency::from_code(row.currency.trim()));
    chosen
        .or_else(|| before.row.and_then(ticket_types::currency_of))
        .unwrap_or_default()
}

fn visibility(typed: &str, errors: &mut Vec<FieldError>) -> Option<Visibility> {
    let typed = typed.trim();
    let visibility = Visibility::from_text(typed);
    if visibility.is_none() && !typed.is_empty() {
        errors.push(FieldError::new(
            "visibility",
            "unknown",
            "must be public, unlisted or members",
        ));
    }
    visibility
}

fn venue(form: &EventForm, errors: &mut Vec<FieldError>) -> Patch<VenueInput> {
    let latitude = number("venue_latitude", &form.venue_latitude, errors);
    let longitude = number("venue_longitude", &form.venue_longitude, errors);
    let (name, address) = (form.venue_name.trim(), form.venue_address.trim());
    if name.is_empty() && address.is_empty() && latitude.is_none() && longitude.is_none() {
        return Patch::Clear;
    }
    let address = Some(address.to_owned()).filter(|address| !address.is_empty());
    Patch::Set(VenueInput {
        name: name.to_owned(),
        address,
        latitude,
        longitude,
    })
}

fn number<T: std::str::FromStr>(
    name: &str,
    typed: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let typed = typed.trim();
    let number = typed.parse().ok();
    if number.is_none() && !typed.is_empty() {
        errors.push(FieldError::new(name, "format", "must be a number"));
    }
    number
}

fn set_or_clear(text: String) -> Patch<String> {
    if text.trim().is_empty() {
        Patch::Clear
    } else {
        Patch::Set(text)
    }
}

/// Browsers send line breaks of a text area as CR LF.
fn line_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

#[cfg(test)]
#[path = "forms_tests.rs"]
mod tests;
