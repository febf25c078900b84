use jiff::Timestamp;
use proptest::prelude::*;
use types::{
    Code, Currency, EventId, PromoCodeId, TicketTypeId,
    events::Pricing,
    orders::{discount_of, price_of},
    promos::PromoKind,
};
use uuid::Uuid;

use super::*;

fn euro(amount: i64) -> Money {
    Money::new(amount, Currency::default())
}

fn kind(id: u128, price: i64) -> SaleType {
    SaleType {
        id: TicketTypeId(Uuid::from_u128(id)),
        name: format!("type {id}"),
        price: euro(price),
        pricing: Pricing::Fixed,
        max_per_person: 100,
        sales_from: None,
        sales_until: None,
        is_hidden: false,
        smallest_party: None,
        pools: vec![],
    }
}

/// The lines of these wishes, at the types' own prices.
fn lines(wanted: &[(&SaleType, u32)], code: Option<&PromoRow>) -> Result<Vec<Line>> {
    let items: Vec<_> = wanted
        .iter()
        .map(|(kind, quantity)| item(kind, *quantity, None))
        .collect();
    super::lines(&items, wanted, code)
}

fn item(kind: &SaleType, quantity: u32, unit_price_minor: Option<i64>) -> Item {
    Item {
        ticket_type_id: kind.id,
        quantity,
        unit_price_minor,
    }
}

#[test]
fn what_buyers_choose_is_not_below_the_least() {
    let fixed = kind(1, 1000);
    let chosen = SaleType {
        pricing: Pricing::PayWhatYouWant,
        ..kind(2, 500)
    };
    let paid = |kind: &SaleType, amount| {
        let lines = super::lines(&[item(kind, 2, amount)], &[(kind, 2)], None);
        let lines = lines.map_err(|error| error.fields[0].code.clone());
        lines.map(|lines| total(&lines).unwrap().amount_minor)
    };
    assert_eq!(paid(&chosen, Some(500)), Ok(1000));
    assert_eq!(paid(&chosen, Some(2500)), Ok(5000));
    assert_eq!(paid(&chosen, Some(499)), Err("below_minimum".to_owned()));
    assert_eq!(paid(&chosen, None), Err("required".to_owned()));
    assert_eq!(paid(&fixed, Some(1000)), Ok(2000));
    assert_eq!(paid(&fixed, Some(1)), Err("fixed".to_owned()));
}

fn code(percent: Option<u32>, amount: Option<i64>) -> PromoRow {
    PromoRow {
        id: PromoCodeId(Uuid::from_u128(9)),
        event_id: EventId(Uuid::from_u128(8)),
        code: "SPRING".into(),
        kind: match (percent, amount) {
            (Some(_), _) => PromoKind::Percent,
            (_, Some(_)) => PromoKind::Amount,
            _ => PromoKind::Access,
        },
        percent,
        amount: amount.map(euro),
        max_uses: None,
        max_uses_per_person: None,
        valid_from: None,
        valid_until: None,
        ticket_type_ids: vec![],
        unlocks: vec![],
        is_active: true,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn totals_add_up() {
    let (cheap, dear) = (kind(1, 1000), kind(2, 2550));
    let lines = lines(&[(&cheap, 3), (&dear, 2)], None).unwrap();
    assert_eq!(total(&lines).unwrap(), euro(3 * 1000 + 2 * 2550));
}

#[test]
fn a_code_takes_its_part_off_each_ticket() {
    let (cheap, dear) = (kind(1, 999), kind(2, 2550));
    let lines = lines(&[(&cheap, 3), (&dear, 2)], Some(&code(Some(10), None))).unwrap();
    assert_eq!(total(&lines).unwrap(), euro(3 * 900 + 2 * 2295));
    assert_eq!(
        discount_of(&lines, Currency::default()),
        euro(3 * 99 + 2 * 255)
    );
    assert_eq!(lines[0].unit_price, euro(999), "the full price stays");
}

#[test]
fn a_code_that_does_nothing_is_refused() {
    let (dear, free) = (kind(1, 1000), kind(2, 0));
    let refused = |code: &PromoRow, wanted: &[(&SaleType, u32)]| {
        let lines = lines(wanted, Some(code));
        lines.err().map(|error| error.code)
    };
    let half = PromoRow {
        ticket_type_ids: vec![free.id],
        ..code(Some(50), None)
    };
    let not_for_these = Some(Code::PromoCodeNotForThese);
    assert_eq!(refused(&half, &[(&dear, 1), (&free, 1)]), not_for_these);
    assert_eq!(
        refused(&code(Some(50), None), &[(&dear, 1), (&free, 1)]),
        None
    );
    let opens = PromoRow {
        unlocks: vec![free.id],
        ..code(None, None)
    };
    assert_eq!(refused(&opens, &[(&dear, 1)]), not_for_these);
    assert_eq!(refused(&opens, &[(&free, 1)]), None);
}

proptest! {
    #[test]
    fn line_totals_add_up_to_the_total_and_no_refund_exceeds_it(
        prices in prop::collection::vec((0..=10_000_000i64, 1..=100u32), 1..6),
        percent in 1..=100u32,
        amount in 1..=20_000i64,
        is_percent: bool,
        cuts in prop::collection::vec(any::<bool>(), 600),
    ) {
        let code = if is_percent { code(Some(percent), None) } else { code(None, Some(amount)) };
        let kinds: Vec<_> = prices.iter().zip(1u128..).map(|((price, _), id)| kind(id, *price)).collect();
        let wanted: Vec<_> = kinds.iter().zip(&prices).map(|(kind, (_, quantity))| (kind, *quantity)).collect();
        let Ok(lines) = lines(&wanted, Some(&code)) else {
            return Ok(());
        };
        let total = total(&lines).unwrap();
        let full: i64 = prices.iter().map(|(price, quantity)| price * i64::from(*quantity)).sum();
        let costs: i64 = lines.iter().map(|line| line.cost().unwrap().amount_minor).sum();
        prop_assert_eq!(costs, total.amount_minor);
        prop_assert_eq!(total.plus(discount_of(&lines, total.currency)), Some(euro(full)));
        prop_assert!((0..=full).contains(&total.amount_minor));

        // Any sequence of partial returns gives back what was paid, to the cent.
        let tickets = lines.iter().flat_map(|line| (0..line.quantity).map(|_| line.ticket_type_id));
        let mut parts: Vec<Vec<TicketTypeId>> = vec![vec![]];
        for (ticket, cut) in tickets.zip(&cuts) {
            if *cut {
                parts.push(vec![]);
            }
            parts.last_mut().unwrap().push(ticket);
        }
        let refunds = parts.into_iter().map(|part| price_of(&lines, part.into_iter(), euro(0)).unwrap().amount_minor);
        prop_assert_eq!(refunds.sum::<i64>(), total.amount_minor);
    }
}
