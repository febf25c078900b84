//! What somebody chose in the ticket picker, and what it costs.

use types::{
    Money, TicketTypeId,
    events::{SaleStatus, TicketType},
    orders::{HoldForm, ItemForm},
};

/// How many tickets of a type are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Of the type.
    pub id: TicketTypeId,
    /// Of one.
    pub price: Money,
    /// Does the buyer say the price?
    pub is_price_typed: bool,
    /// Zero is none.
    pub quantity: u32,
}

/// What stands in the picker at first: what was chosen `before`, as far as there is so much. A
/// type that stands alone begins with one ticket.
pub(super) fn at_first(types: &[TicketType], before: &HoldForm) -> Vec<Chosen> {
    let usual = u32::from(types.len() == 1 && before.items.is_empty());
    types
        .iter()
        .map(|ticket| {
            let id = ticket.id.to_string();
            let row = before.items.iter().find(|row| row.ticket_type_id == id);
            let quantity = row.and_then(|row| row.quantity.trim().parse().ok());
            let typed = row.and_then(|row| Money::parse(&row.amount, ticket.price.currency));
            let is_price_typed = ticket.pricing.is_chosen();
            Chosen {
                id: ticket.id,
                price: typed
                    .filter(|_| is_price_typed)
                    .unwrap_or_else(|| first_price(ticket)),
                is_price_typed,
                quantity: quantity
                    .unwrap_or(usual)
                    .min(ticket.max_per_person)
                    .min(ticket.available),
            }
        })
        .collect()
}

/// What one costs as long as nothing else is typed.
fn first_price(ticket: &TicketType) -> Money {
    let least = ticket.promo_price.unwrap_or(ticket.price);
    ticket.suggested_price.unwrap_or(least)
}

/// What of it can be bought, with the status of each type in the same order.
pub(super) fn on_sale(chosen: &[Chosen], statuses: &[SaleStatus]) -> Vec<Chosen> {
    let rows = chosen.iter().zip(statuses);
    rows.filter(|(_, status)| **status == SaleStatus::OnSale)
        .map(|(row, _)| *row)
        .collect()
}

/// The same as the picker's form sends it.
pub(super) fn as_form(chosen: &[Chosen], promo_code: String) -> HoldForm {
    let row = |row: &Chosen| ItemForm {
        ticket_type_id: row.id.to_string(),
        quantity: row.quantity.to_string(),
        amount: if row.is_price_typed {
            row.price.to_input()
        } else {
            String::new()
        },
    };
    HoldForm {
        items: chosen.iter().map(row).collect(),
        promo_code,
    }
}

/// `2 tickets · €24.00`.
pub(super) fn total(chosen: &[Chosen]) -> String {
    let count: u32 = chosen
        .iter()
        .map(|row| row.quantity)
        .fold(0, u32::saturating_add);
    let amounts = chosen
        .iter()
        .filter(|row| row.quantity > 0)
        .map(|row| row.price.times(row.quantity));
    let sum = amounts.reduce(|sum, amount| sum?.plus(amount?)).flatten();
    let tickets = if count == 1 { "ticket" } else { "tickets" };
    match sum {
        Some(sum) if sum.is_free() => format!("{count} {tickets} · free"),
        Some(sum) => format!("{count} {tickets} · {sum}"),
        None => "Choose how many".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use types::{Currency, events::Pricing};

    use super::*;
    use crate::links;

    const IDS: [&str; 2] = [
        "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11",
        "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a12",
    ];

    fn euro(cents: i64) -> Money {
        Money::new(cents, Currency::default())
    }

    fn ticket(id: &str, available: u32) -> TicketType {
        TicketType {
            id: id.parse().unwrap(),
            name: "Standard".into(),
            description: None,
            price: euro(1200),
            pricing: Pricing::Fixed,
            suggested_price: None,
            quantity: 10,
            available,
            max_per_person: 4,
            sales_from: None,
            sales_until: None,
            status: SaleStatus::OnSale,
            promo_price: None,
            sales_from_text: String::new(),
            counts: None,
        }
    }

    fn chosen(cents: i64, quantity: u32) -> Chosen {
        Chosen {
            price: euro(cents),
            quantity,
            ..at_first(&[ticket(IDS[0], 9)], &HoldForm::default())[0]
        }
    }

    fn quantities(types: &[TicketType], before: &HoldForm) -> Vec<u32> {
        let rows = at_first(types, before);
        rows.iter().map(|row| row.quantity).collect()
    }

    #[test]
    fn the_total_counts_what_was_chosen() {
        assert_eq!(
            total(&[chosen(1200, 2), chosen(500, 1)]),
            "3 tickets · €29.00"
        );
        assert_eq!(total(&[chosen(0, 1)]), "1 ticket · free");
        assert_eq!(total(&[chosen(1200, 0)]), "Choose how many");
    }

    #[test]
    fn what_is_not_on_sale_does_not_count() {
        let rows = [chosen(1200, 2), chosen(500, 1)];
        let left = on_sale(&rows, &[SaleStatus::SoldOut, SaleStatus::OnSale]);
        assert_eq!(left, [chosen(500, 1)]);
    }

    #[test]
    fn the_picker_begins_with_what_was_chosen_before() {
        let types = [ticket(IDS[0], 9), ticket(IDS[1], 1)];
        let none = HoldForm::default();
        assert_eq!(quantities(&types, &none), [0, 0]);
        assert_eq!(quantities(&types[..1], &none), [1]);
        assert_eq!(quantities(&[ticket(IDS[0], 0)], &none), [0]);
        let before = links::items_form(&format!("{}:7,{}:3", IDS[0], IDS[1]));
        assert_eq!(quantities(&types, &before), [4, 1]);
        let other = links::items_form(&format!("{}:2", IDS[1]));
        assert_eq!(quantities(&types[..1], &other), [0]);
    }

    #[test]
    fn a_choice_survives_the_way_through_a_link() {
        let generous = TicketType {
            pricing: Pricing::Donation,
            ..ticket(IDS[1], 9)
        };
        let types = [ticket(IDS[0], 9), generous];
        let mut rows = at_first(&types, &HoldForm::default());
        rows[0].quantity = 2;
        rows[1].quantity = 1;
        rows[1].price = euro(750);
        let form = as_form(&rows, "SPRING".to_owned());
        let items = links::items_text(&form);
        assert_eq!(items, format!("{}:2,{}:1:7.50", IDS[0], IDS[1]));
        assert_eq!(at_first(&types, &links::items_form(&items)), rows);
    }
}
