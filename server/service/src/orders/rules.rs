//! What may be sold to whom, without I/O.

use std::collections::HashMap;

use jiff::Timestamp;
use store::{
    pools::Pool,
    sales::{SaleEvent, SaleType},
};
use types::{
    Code, Currency, FieldError, Money, PoolId, TicketTypeId,
    events::{EventStatus, Visibility},
    orders::{HoldForm, HoldStatus, Item, ItemForm, PaymentInput, PlaceHold},
};

use crate::{Error, Result};

/// A step that the state of things does not allow.
pub(super) fn illegal(detail: &'static str) -> Error {
    Error::new(Code::IllegalState).detail(detail)
}

/// Each ticket type once.
pub(super) fn check_items(items: &[Item]) -> Result<()> {
    let is_repeated = |index: usize| {
        items[..index]
            .iter()
            .any(|item| item.ticket_type_id == items[index].ticket_type_id)
    };
    let faults: Vec<_> = (0..items.len())
        .filter(|index| is_repeated(*index))
        .map(|index| {
            FieldError::new(
                type_field(index),
                "duplicate",
                "is there twice; add the quantities",
            )
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

fn type_field(index: usize) -> String {
    format!("items[{index}].ticket_type_id")
}

/// The wanted types in the order of the items; one that is not the event's is named.
pub(super) fn wanted<'a>(
    items: &[Item],
    types: &'a [SaleType],
) -> Result<Vec<(&'a SaleType, u32)>> {
    let find = |id: TicketTypeId| types.iter().find(|kind| kind.id == id);
    let found: Vec<_> = items
        .iter()
        .map(|item| (find(item.ticket_type_id), item.quantity))
        .collect();
    let unknown: Vec<_> = (0..found.len())
        .filter(|index| found[*index].0.is_none())
        .map(|index| {
            FieldError::new(
                type_field(index),
                "unknown",
                "is not a ticket type of this event",
            )
        })
        .collect();
    if !unknown.is_empty() {
        return Err(Error::invalid(unknown));
    }
    Ok(found
        .into_iter()
        .filter_map(|(kind, quantity)| Some((kind?, quantity)))
        .collect())
}

/// What is not free needs a payment.
pub(super) fn check_payment(total: Money, payment: Option<&PaymentInput>) -> Result<()> {
    if total.is_free() || payment.is_some() {
        return Ok(());
    }
    let mut error = Error::new(Code::PaymentRequired);
    error
        .fields
        .push(FieldError::new("payment", "required", "is required"));
    Err(error)
}

/// Sales run while the event is published and not over, in the window of each type; hidden
/// types are for those whose promo code opens them.
pub(super) fn check_on_sale(
    event: &SaleEvent,
    wanted: &[(&SaleType, u32)],
    is_open: impl Fn(TicketTypeId) -> bool,
    now: Timestamp,
) -> Result<()> {
    check_event_on_sale(event, now)?;
    wanted
        .iter()
        .try_for_each(|(kind, _)| check_type_on_sale(kind, is_open(kind.id), now))
}

/// Sales run while the event is published and not over.
pub(super) fn check_event_on_sale(event: &SaleEvent, now: Timestamp) -> Result<()> {
    let reason = match event.status {
        EventStatus::Draft => "This event is not published yet.",
        EventStatus::Cancelled => "This event was cancelled.",
        EventStatus::Completed => "This event is over.",
        EventStatus::Published if event.visibility == Visibility::Archived => {
            "This event is archived."
        }
        EventStatus::Published if event.ends_at <= now => "This event is over.",
        EventStatus::Published => return Ok(()),
    };
    Err(not_on_sale(reason.to_owned()))
}

fn check_type_on_sale(kind: &SaleType, is_open: bool, now: Timestamp) -> Result<()> {
    let name = &kind.name;
    if kind.is_hidden && !is_open {
        return Err(not_on_sale(format!("“{name}” is not on sale.")));
    }
    if kind.sales_from.is_some_and(|from| now < from) {
        return Err(not_on_sale(format!("Sales of “{name}” have not begun.")));
    }
    if kind.sales_until.is_some_and(|until| until <= now) {
        return Err(not_on_sale(format!("Sales of “{name}” are over.")));
    }
    Ok(())
}

fn not_on_sale(detail: String) -> Error {
    Error::new(Code::NotOnSale).detail(detail)
}

/// Tickets and live holds of one person stay within the limit of each type; `owned` tells
/// how many the buyer has.
pub(super) fn check_limits(
    wanted: &[(&SaleType, u32)],
    owned: impl Fn(TicketTypeId) -> u32,
) -> Result<()> {
    let over = wanted
        .iter()
        .find(|(kind, quantity)| owned(kind.id).saturating_add(*quantity) > kind.max_per_person);
    let Some((kind, _)) = over else { return Ok(()) };
    let detail = format!(
        "One person may have at most {} of “{}”.",
        kind.max_per_person, kind.name
    );
    Err(Error::new(Code::LimitReached)
        .detail(detail)
        .with("max_per_person", kind.max_per_person))
}

/// Every pool has the places that all items together take from it.
pub(super) fn check_places(wanted: &[(&SaleType, u32)], pools: &[Pool]) -> Result<()> {
    let free: HashMap<PoolId, i64> = pools
        .iter()
        .map(|pool| (pool.id, i64::from(pool.free())))
        .collect();
    let mut taken: HashMap<PoolId, i64> = HashMap::new();
    for (kind, quantity) in wanted {
        for pool in &kind.pools {
            *taken.entry(*pool).or_default() += i64::from(*quantity);
        }
    }
    let left = |pool: &PoolId| free.get(pool).copied().unwrap_or_default().max(0);
    let lacks = |kind: &SaleType| {
        kind.pools.is_empty() || kind.pools.iter().any(|pool| taken[pool] > left(pool))
    };
    let Some((kind, _)) = wanted.iter().find(|(kind, _)| lacks(kind)) else {
        return Ok(());
    };
    let available = kind.pools.iter().map(left).min().unwrap_or_default();
    Err(sold_out(kind, available))
}

/// A party that could never be offered its places does not wait for them.
pub(super) fn check_party(kind: &SaleType, quantity: u32, pools: &[Pool]) -> Result<()> {
    let drawn = pools.iter().filter(|pool| kind.pools.contains(&pool.id));
    let most = drawn.map(|pool| pool.capacity).min().unwrap_or_default();
    if i64::from(quantity) <= i64::from(most) {
        return Ok(());
    }
    let text = match most {
        1 => "is more than the one place there is in all".to_owned(),
        _ => format!("is more than the {most} places there are in all"),
    };
    Err(Error::field("quantity", "range", text))
}

fn sold_out(kind: &SaleType, available: i64) -> Error {
    let detail = match available {
        0 => format!("“{}” is sold out.", kind.name),
        1 => format!("Only one place of “{}” is left.", kind.name),
        many => format!("Only {many} places of “{}” are left.", kind.name),
    };
    Error::new(Code::SoldOut)
        .detail(detail)
        .with("available", available)
        .with("ticket_type_id", kind.id.to_string())
}

/// An error under the names of the form's rows: items are those that were filled in.
pub(super) fn under_row_names(mut error: Error, form: &HoldForm) -> Error {
    let is_meant = |row: &ItemForm| !matches!(row.quantity.trim(), "" | "0");
    let rows = form.items.iter().enumerate();
    let meant: Vec<_> = rows
        .filter(|(_, row)| is_meant(row))
        .map(|(index, _)| index)
        .collect();
    for fault in &mut error.fields {
        let parts = fault
            .field
            .strip_prefix("items[")
            .and_then(|rest| rest.split_once(']'));
        let Some((index, name)) = parts else { continue };
        let row = index
            .parse::<usize>()
            .ok()
            .and_then(|index| meant.get(index));
        if let Some(row) = row {
            fault.field = format!("items[{row}]{name}");
        }
    }
    error
}

/// A hold that shows `held` or `awaiting` may have run out a moment ago.
pub(super) fn shown_status(
    status: HoldStatus,
    expires_at: Timestamp,
    now: Timestamp,
) -> HoldStatus {
    if matches!(status, HoldStatus::Held | HoldStatus::Awaiting) && expires_at <= now {
        HoldStatus::Expired
    } else {
        status
    }
}

/// The command of the ticket picker's form: rows without a quantity are not meant.
///
/// # Errors
/// 422 with the row's field, or with `items` when nothing was chosen.
pub fn form_to_command(form: &HoldForm, currency: Currency) -> Result<PlaceHold> {
    let mut items = Vec::new();
    let mut faults = Vec::new();
    for (index, row) in form.items.iter().enumerate() {
        let amount = row.amount.trim();
        let chosen = Money::parse(amount, currency).map(|amount| amount.amount_minor);
        match row.quantity.trim() {
            "" | "0" => {}
            _ if chosen.is_none() && !amount.is_empty() => faults.push(FieldError::new(
                format!("items[{index}].unit_price_minor"),
                "format",
                "must be an amount like 12.50",
            )),
            text => match (text.parse(), row.ticket_type_id.parse()) {
                (Ok(quantity), Ok(ticket_type_id)) => items.push(Item {
                    ticket_type_id,
                    quantity,
                    unit_price_minor: chosen,
                }),
                (Err(_), _) => faults.push(FieldError::new(
                    format!("items[{index}].quantity"),
                    "format",
                    "must be a number",
                )),
                (_, Err(_)) => faults.push(FieldError::new(
                    type_field(index),
                    "unknown",
                    "is not a ticket type of this event",
                )),
            },
        }
    }
    if items.is_empty() && faults.is_empty() {
        faults.push(FieldError::new(
            "items",
            "required",
            "Choose at least one ticket.",
        ));
    }
    if faults.is_empty() {
        Ok(PlaceHold {
            items,
            promo_code: Some(form.promo_code.clone()).filter(|code| !code.trim().is_empty()),
        })
    } else {
        Err(Error::invalid(faults))
    }
}

#[cfg(test)]
mod tests;
