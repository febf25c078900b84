//! Who says what a ticket costs, and what goes with that.

use store::events::ticket_types::TicketTypeRow;
use types::{Currency, FieldError, Money, events::Pricing};

use crate::{Error, Result};

/// The price of a ticket type as it is.
pub(super) fn price_of(row: &TicketTypeRow) -> Result<Money> {
    let currency = Currency::from_code(&row.currency);
    let currency = currency.ok_or_else(|| Error::internal("a ticket type without a currency"))?;
    Ok(Money::new(row.price_minor, currency))
}

/// A donation begins at nothing; something is proposed only where buyers choose, and not below
/// the least.
pub(super) fn check(
    pricing: Pricing,
    price: Money,
    suggested: Option<Money>,
    errors: &mut Vec<FieldError>,
) {
    let mut refuse = |field, code, text| errors.push(FieldError::new(field, code, text));
    if pricing == Pricing::Donation && !price.is_free() {
        refuse("price", "donation", "is zero for a donation");
    }
    match suggested {
        Some(_) if !pricing.is_chosen() => {
            refuse(
                "suggested_price",
                "unknown",
                "goes with prices that buyers choose",
            );
        }
        Some(suggested) if suggested.currency != price.currency => {
            refuse(
                "suggested_price",
                "currency",
                "must have the currency of the price",
            );
        }
        Some(suggested) if suggested.amount_minor < price.amount_minor => {
            refuse("suggested_price", "range", "must not be below the price");
        }
        _ => {}
    }
}
