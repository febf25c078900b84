//! What a promo code takes off, for whom and when, without I/O.
//!
//! The discount is one of each ticket, so that every ticket of a line costs the same and what
//! goes back for one is what was paid for it. A percentage is rounded **down** to the minor
//! unit, an amount is at most the price.

use jiff::Timestamp;
use store::promos::PromoRow;
use types::{
    Code, EventId, FieldError, Money, PromoCodeId, TicketTypeId,
    events::Pricing,
    promos::{CreatePromoCode, PromoKind, UpdatePromoCode, normal_code},
    validate,
};

use crate::{
    Error, Result,
    events::rules::{is_storable, to_microseconds},
    text,
};

/// How often a code is used now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// By everybody.
    pub all: u32,
    /// By whoever asks.
    pub own: u32,
}

/// What the code takes off one ticket of a type with this price; nothing where the buyer chooses
/// the price anyway.
pub(crate) fn discount(
    code: &PromoRow,
    kind: TicketTypeId,
    pricing: Pricing,
    price: Money,
) -> Money {
    let is_for = code.ticket_type_ids.is_empty() || code.ticket_type_ids.contains(&kind);
    let off = match (code.percent, code.amount) {
        _ if !is_for || pricing.is_chosen() => 0,
        (Some(percent), _) => part(price.amount_minor, percent),
        (_, Some(amount)) if amount.currency == price.currency => amount.amount_minor,
        _ => 0,
    };
    let most = price.amount_minor.max(0);
    Money::new(off.clamp(0, most), price.currency)
}

/// So many percent, rounded down.
fn part(amount: i64, percent: u32) -> i64 {
    let part = i128::from(amount) * i128::from(percent) / 100;
    i64::try_from(part).unwrap_or(amount)
}

/// Does the code count now, and may it be used once more?
pub(crate) fn check_usable(
    code: &PromoRow,
    uses: Uses,
    time_zone: &str,
    now: Timestamp,
) -> Result<()> {
    let on = |at: Timestamp| text::moment(at, time_zone);
    if let Some(from) = code.valid_from.filter(|from| now < *from) {
        let detail = format!("This code counts from {}.", on(from));
        return Err(refused(Code::PromoCodeNotValid, "not_yet", detail));
    }
    if let Some(until) = code.valid_until.filter(|until| *until <= now) {
        let detail = format!("This code counted until {}.", on(until));
        return Err(refused(Code::PromoCodeNotValid, "over", detail));
    }
    if code
        .max_uses_per_person
        .is_some_and(|most| most <= uses.own)
    {
        let code = Code::PromoCodeUsedByYou;
        return Err(refused(code, "used_by_you", code.title()));
    }
    if code.max_uses.is_some_and(|most| most <= uses.all) {
        let code = Code::PromoCodeUsedUp;
        return Err(refused(code, "used_up", code.title()));
    }
    Ok(())
}

/// The error of a code that is not there or switched off.
pub(crate) fn unknown() -> Error {
    let code = Code::UnknownPromoCode;
    refused(code, "unknown", code.title())
}

/// The error of a code that does nothing for the chosen tickets.
pub(crate) fn not_for_these() -> Error {
    let code = Code::PromoCodeNotForThese;
    refused(code, "other_tickets", code.title())
}

fn refused(code: Code, kind: &str, detail: impl Into<String>) -> Error {
    let detail = detail.into();
    let mut error = Error::new(code).detail(detail.clone());
    error.fields = vec![FieldError::new("promo_code", kind, detail)];
    error
}

/// A field that needs another look.
pub(super) fn fault(field: &str, code: &str, message: &str) -> FieldError {
    FieldError::new(field, code, message)
}

/// A new code, or everything that is wrong with it.
pub(super) fn new_row(
    id: PromoCodeId,
    event_id: EventId,
    command: &CreatePromoCode,
    now: Timestamp,
) -> Result<PromoRow> {
    let mut faults = validate::check(command).err().unwrap_or_default();
    check_value(command, &mut faults);
    let row = PromoRow {
        id,
        event_id,
        code: normal_code(&command.code).unwrap_or_default(),
        kind: command.kind,
        percent: command.percent,
        amount: command.amount,
        max_uses: command.max_uses,
        max_uses_per_person: command.max_uses_per_person,
        valid_from: command.valid_from.map(to_microseconds),
        valid_until: command.valid_until.map(to_microseconds),
        ticket_type_ids: unique(&command.ticket_type_ids),
        unlocks: unique(&command.unlocks),
        is_active: true,
        created_at: now,
    };
    check_row(&row, faults)?;
    Ok(row)
}

/// A code after a merge patch, or everything that is wrong with it.
pub(super) fn patched(row: PromoRow, patch: UpdatePromoCode) -> Result<PromoRow> {
    let faults = validate::check(&patch).err().unwrap_or_default();
    let types = patch.ticket_type_ids.as_deref().map(unique);
    let row = PromoRow {
        max_uses: patch.max_uses.apply(row.max_uses),
        max_uses_per_person: patch.max_uses_per_person.apply(row.max_uses_per_person),
        valid_from: patch.valid_from.apply(row.valid_from).map(to_microseconds),
        valid_until: patch
            .valid_until
            .apply(row.valid_until)
            .map(to_microseconds),
        ticket_type_ids: types.unwrap_or(row.ticket_type_ids),
        unlocks: patch.unlocks.as_deref().map_or(row.unlocks, unique),
        is_active: patch.is_active.unwrap_or(row.is_active),
        ..row
    };
    check_row(&row, faults)?;
    Ok(row)
}

/// Each kind has its own value and no other.
fn check_value(command: &CreatePromoCode, faults: &mut Vec<FieldError>) {
    let needs = |kind| command.kind == kind;
    let fields = [
        (
            "percent",
            command.percent.is_some(),
            needs(PromoKind::Percent),
        ),
        ("amount", command.amount.is_some(), needs(PromoKind::Amount)),
    ];
    for (field, is_there, is_needed) in fields {
        match (is_there, is_needed) {
            (false, true) => faults.push(fault(field, "required", "is needed for this kind")),
            (true, false) => faults.push(fault(field, "unknown", "does not go with this kind")),
            _ => {}
        }
    }
}

/// What holds for every code, with what was found before.
fn check_row(row: &PromoRow, mut faults: Vec<FieldError>) -> Result<()> {
    let window = row.valid_from.zip(row.valid_until);
    if window.is_some_and(|(from, until)| until <= from) {
        faults.push(fault("valid_until", "range", "must be after valid_from"));
    }
    for (field, at) in [
        ("valid_from", row.valid_from),
        ("valid_until", row.valid_until),
    ] {
        if at.is_some_and(|at| !is_storable(at)) {
            faults.push(fault(field, "range", "must be between 1970 and 2200"));
        }
    }
    if row.kind == PromoKind::Access && row.unlocks.is_empty() {
        faults.push(fault("unlocks", "required", "must name a ticket type"));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// Ticket types under the field that names them.
pub(super) type Named = (&'static str, Vec<TicketTypeId>);

/// The ticket types that a code names and did not name before. One that was removed in the
/// meantime may stay named, or nobody could change the code any more, not even switch it off.
pub(super) fn newly_named(row: &PromoRow, before: Option<&PromoRow>) -> [Named; 2] {
    let new = |now: &[TicketTypeId], before: Option<&[TicketTypeId]>| {
        let before = before.unwrap_or_default();
        let new = now.iter().copied().filter(|id| !before.contains(id));
        new.collect::<Vec<_>>()
    };
    let cheaper = before.map(|row| row.ticket_type_ids.as_slice());
    let opened = before.map(|row| row.unlocks.as_slice());
    [
        ("ticket_type_ids", new(&row.ticket_type_ids, cheaper)),
        ("unlocks", new(&row.unlocks, opened)),
    ]
}

/// Every ticket type is one of the event's.
pub(super) fn check_types(named: &[Named], types: &[TicketTypeId]) -> Result<()> {
    let is_strange = |ids: &[TicketTypeId]| ids.iter().any(|id| !types.contains(id));
    let faults: Vec<_> = named
        .iter()
        .filter(|(_, ids)| is_strange(ids))
        .map(|(field, _)| {
            fault(
                field,
                "unknown",
                "has a ticket type that is not of this event",
            )
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

fn unique(ids: &[TicketTypeId]) -> Vec<TicketTypeId> {
    let mut unique = Vec::new();
    for id in ids {
        if !unique.contains(id) {
            unique.push(*id);
        }
    }
    unique
}

#[cfg(test)]
mod tests;
