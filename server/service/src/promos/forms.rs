//! The form of a new promo code: text as typed in, field errors out under the form's own names.

use jiff::{Timestamp, tz::TimeZone};
use store::events::EventRow;
use types::{
    Currency, FieldError, Money, TicketTypeId,
    promos::{CreatePromoCode, PromoForm, PromoKind, PromoTypeRow},
};

use crate::{Error, Result, text};

/// The command behind the form.
pub(super) fn command(form: &PromoForm, event: &EventRow) -> Result<CreatePromoCode> {
    let mut faults = Vec::new();
    let kind = PromoKind::from_text(form.kind.trim()).unwrap_or_default();
    let zone = text::zone_or_utc(&event.time_zone);
    let currency = event.currency.as_deref().and_then(Currency::from_code);
    let command = CreatePromoCode {
        code: form.code.clone(),
        kind,
        percent: match kind {
            PromoKind::Percent => number("value", &form.value, &mut faults),
            PromoKind::Amount | PromoKind::Access => None,
        },
        amount: match kind {
            PromoKind::Amount => amount(&form.value, currency.unwrap_or_default(), &mut faults),
            PromoKind::Percent | PromoKind::Access => None,
        },
        max_uses: number("max_uses", &form.max_uses, &mut faults),
        max_uses_per_person: number(
            "max_uses_per_person",
            &form.max_uses_per_person,
            &mut faults,
        ),
        valid_from: instant("valid_from", &form.valid_from, &zone, &mut faults),
        valid_until: instant("valid_until", &form.valid_until, &zone, &mut faults),
        ticket_type_ids: ticked("types", &form.types, &mut faults),
        unlocks: ticked("unlocks", &form.unlocks, &mut faults),
    };
    if faults.is_empty() {
        Ok(command)
    } else {
        Err(Error::invalid(faults))
    }
}

/// What the rules found, under the names that the form has.
pub(super) fn under_form_names(mut error: Error) -> Error {
    for fault in &mut error.fields {
        let name = match fault.field.as_str() {
            "percent" | "amount" | "amount.currency" => "value",
            "ticket_type_ids" => "types",
            same => same,
        };
        fault.field = name.to_owned();
    }
    error
}

fn number(field: &str, typed: &str, faults: &mut Vec<FieldError>) -> Option<u32> {
    let typed = typed.trim();
    let number = typed.parse().ok();
    if number.is_none() && !typed.is_empty() {
        faults.push(FieldError::new(field, "format", "must be a number"));
    }
    number
}

fn amount(typed: &str, currency: Currency, faults: &mut Vec<FieldError>) -> Option<Money> {
    let amount = Money::parse(typed, currency);
    if amount.is_none() && !typed.trim().is_empty() {
        let words = "must be an amount like 12.50";
        faults.push(FieldError::new("value", "format", words));
    }
    amount
}

fn instant(
    field: &str,
    typed: &str,
    zone: &TimeZone,
    faults: &mut Vec<FieldError>,
) -> Option<Timestamp> {
    if typed.trim().is_empty() {
        return None;
    }
    let at = text::instant(typed, zone);
    if at.is_none() {
        let words = "must be a date and time like 2026-12-05T20:00";
        faults.push(FieldError::new(field, "format", words));
    }
    at
}

fn ticked(field: &str, rows: &[PromoTypeRow], faults: &mut Vec<FieldError>) -> Vec<TicketTypeId> {
    let meant = rows.iter().filter(|row| row.is_meant);
    let ids: Result<Vec<_>, _> = meant.map(|row| row.id.parse()).collect();
    ids.unwrap_or_else(|_| {
        faults.push(FieldError::new(field, "unknown", "is not a ticket type"));
        Vec::new()
    })
}
