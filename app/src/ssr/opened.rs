//! What a promo code opens on an event's page.

use types::{
    TicketTypeId,
    events::{Event, SaleStatus, TicketType},
};

/// The ticket types of an event that nobody sees without its promo code, from the event `with`
/// the code and `without` it.
pub fn opened_by_code(with: &Event, without: &Event) -> Vec<TicketTypeId> {
    let types = |event: &Event| event.ticket_types.clone().unwrap_or_default();
    opened(&types(with), &types(without))
}

fn opened(with: &[TicketType], without: &[TicketType]) -> Vec<TicketTypeId> {
    // An event's crew sees the hidden types too, as what they are.
    let is_seen = |kind: &&TicketType| kind.status != SaleStatus::Hidden;
    let seen: Vec<_> = without.iter().filter(is_seen).map(|kind| kind.id).collect();
    let ids = with.iter().filter(is_seen).map(|kind| kind.id);
    ids.filter(|id| !seen.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use types::{Currency, Money, events::Pricing};

    use super::*;

    fn ticket(id: &str, status: SaleStatus) -> TicketType {
        TicketType {
            id: id.parse().unwrap(),
            name: "Backstage".into(),
            description: None,
            price: Money::new(1200, Currency::default()),
            pricing: Pricing::Fixed,
            suggested_price: None,
            quantity: 10,
            available: 10,
            max_per_person: 4,
            sales_from: None,
            sales_until: None,
            status,
            promo_price: None,
            sales_from_text: String::new(),
            counts: None,
        }
    }

    #[test]
    fn a_code_opens_what_is_not_there_or_hidden_without_it() {
        let common = ticket("01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11", SaleStatus::OnSale);
        let open = ticket("01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a12", SaleStatus::SoldOut);
        let hidden = TicketType {
            status: SaleStatus::Hidden,
            ..open.clone()
        };
        let with = [common.clone(), open.clone()];
        assert_eq!(opened(&with, std::slice::from_ref(&common)), [open.id]);
        assert_eq!(opened(&with, &[common.clone(), hidden.clone()]), [open.id]);
        assert!(opened(&with, &with).is_empty());
        assert!(opened(&[common.clone(), hidden], &[common]).is_empty());
    }
}
