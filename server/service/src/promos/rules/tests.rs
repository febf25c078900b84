use proptest::prelude::*;
use types::Currency;
use uuid::Uuid;

use super::*;

const KIND: TicketTypeId = TicketTypeId(Uuid::from_u128(1));
const OTHER: TicketTypeId = TicketTypeId(Uuid::from_u128(2));

fn euro(amount: i64) -> Money {
    Money::new(amount, Currency::default())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn code() -> PromoRow {
    PromoRow {
        id: PromoCodeId(Uuid::from_u128(9)),
        event_id: EventId(Uuid::from_u128(8)),
        code: "SPRING".into(),
        kind: PromoKind::Percent,
        percent: Some(10),
        amount: None,
        max_uses: None,
        max_uses_per_person: None,
        valid_from: None,
        valid_until: None,
        ticket_type_ids: vec![],
        unlocks: vec![],
        is_active: true,
        created_at: at(0),
    }
}

fn percent(percent: u32) -> PromoRow {
    PromoRow {
        percent: Some(percent),
        ..code()
    }
}

fn amount(off: i64) -> PromoRow {
    PromoRow {
        kind: PromoKind::Amount,
        percent: None,
        amount: Some(euro(off)),
        ..code()
    }
}

#[test]
fn a_percentage_is_rounded_down_for_each_ticket() {
    let off =
        |code: &PromoRow, price| discount(code, KIND, Pricing::Fixed, euro(price)).amount_minor;
    assert_eq!(off(&percent(10), 1999), 199);
    assert_eq!(off(&percent(33), 100), 33);
    assert_eq!(off(&percent(50), 1), 0);
    assert_eq!(off(&percent(100), 1999), 1999);
    assert_eq!(off(&amount(500), 1200), 500);
    assert_eq!(off(&amount(500), 300), 300, "never below zero");
}

#[test]
fn other_types_and_other_currencies_stay_as_they_are() {
    let only = PromoRow {
        ticket_type_ids: vec![OTHER],
        ..percent(50)
    };
    let off = |kind, pricing| discount(&only, kind, pricing, euro(1000));
    assert_eq!(off(KIND, Pricing::Fixed), euro(0));
    assert_eq!(off(OTHER, Pricing::Fixed), euro(500));
    assert_eq!(off(OTHER, Pricing::PayWhatYouWant), euro(0));
    let yen = Money::new(1000, Currency::from_code("JPY").unwrap());
    assert!(discount(&amount(500), KIND, Pricing::Fixed, yen).is_free());
}

#[test]
fn a_code_counts_in_its_window_and_within_its_limits() {
    let code = PromoRow {
        valid_from: Some(at(10)),
        valid_until: Some(at(20)),
        max_uses: Some(3),
        max_uses_per_person: Some(1),
        ..code()
    };
    let refused = |now, all, own| {
        let checked = check_usable(&code, Uses { all, own }, "UTC", at(now));
        checked.err().map(|error| error.code)
    };
    assert_eq!(refused(9, 0, 0), Some(Code::PromoCodeNotValid));
    assert_eq!(refused(10, 0, 0), None);
    assert_eq!(refused(19, 2, 0), None);
    assert_eq!(refused(20, 0, 0), Some(Code::PromoCodeNotValid));
    assert_eq!(refused(15, 3, 0), Some(Code::PromoCodeUsedUp));
    assert_eq!(refused(15, 3, 1), Some(Code::PromoCodeUsedByYou));
}

proptest! {
    #[test]
    fn a_discount_never_exceeds_the_price(price in 0..=10_000_000i64, percentage in 1..=100u32, off in 1..=10_000_000i64) {
        for code in [percent(percentage), amount(off)] {
            let discount = discount(&code, KIND, Pricing::Fixed, euro(price)).amount_minor;
            prop_assert!((0..=price).contains(&discount));
        }
    }

    #[test]
    fn a_percentage_is_less_than_one_minor_unit_below_the_exact_part(price in 0..=10_000_000i64, percentage in 1..=100u32) {
        let discount = discount(&percent(percentage), KIND, Pricing::Fixed, euro(price)).amount_minor;
        let exact = price * i64::from(percentage);
        prop_assert!(discount * 100 <= exact && exact < (discount + 1) * 100);
    }
}
