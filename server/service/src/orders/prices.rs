//! What places cost, line by line, without I/O. Prices and discounts stay on the hold and the
//! order as they are now.

use store::{promos::PromoRow, sales::SaleType};
use types::{
    FieldError, Money,
    orders::{Item, Line},
};

use crate::{Error, Result, promos::rules};

/// What the buyer will see on the hold and the order: a line for each item, whose type is the
/// wanted one in the same place. A code must take something off one of them or open its type.
pub(super) fn lines(
    items: &[Item],
    wanted: &[(&SaleType, u32)],
    code: Option<&PromoRow>,
) -> Result<Vec<Line>> {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (index, (item, (kind, quantity))) in items.iter().zip(wanted).enumerate() {
        match unit_price(item, kind) {
            Ok(price) => lines.push(line(kind, price, *quantity, code)),
            Err((code, text)) => {
                let field = format!("items[{index}].unit_price_minor");
                faults.push(FieldError::new(field, code, text));
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    match code {
        Some(code) if !lines.iter().any(|line| does_something(code, line)) => {
            Err(rules::not_for_these())
        }
        _ => Ok(lines),
    }
}

/// What one costs: the type's price, or what the buyer chose, which is not below it.
fn unit_price(item: &Item, kind: &SaleType) -> Result<Money, (&'static str, String)> {
    let least = kind.price;
    match (item.unit_price_minor, kind.pricing.is_chosen()) {
        (None, false) => Ok(least),
        (Some(amount), false) if amount == least.amount_minor => Ok(least),
        (Some(_), false) => Err(("fixed", format!("costs {least}"))),
        (None, true) => Err(("required", "is required".to_owned())),
        (Some(amount), true) if amount < least.amount_minor => {
            Err(("below_minimum", format!("must be at least {least}")))
        }
        (Some(amount), true) => Ok(Money::new(amount, least.currency)),
    }
}

fn line(kind: &SaleType, unit_price: Money, quantity: u32, code: Option<&PromoRow>) -> Line {
    let nothing = Money::new(0, unit_price.currency);
    let discount = |code| rules::discount(code, kind.id, kind.pricing, unit_price);
    Line {
        ticket_type_id: kind.id,
        name: kind.name.clone(),
        quantity,
        unit_price,
        unit_discount: code.map_or(nothing, discount),
    }
}

fn does_something(code: &PromoRow, line: &Line) -> bool {
    !line.unit_discount.is_free() || code.unlocks.contains(&line.ticket_type_id)
}

/// The sum of the lines.
pub(super) fn total(lines: &[Line]) -> Result<Money> {
    let mut costs = lines.iter().map(Line::cost);
    let first = costs.next().flatten();
    let sum = costs.fold(first, |sum, cost| sum?.plus(cost?));
    sum.ok_or_else(|| Error::field("items", "range", "cost more than can be paid at once"))
}

#[cfg(test)]
mod tests;
