use jiff::SignedDuration;
use types::{Currency, EventId, events::Pricing, orders::PaymentMethod};
use uuid::Uuid;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn pool(id: u128, capacity: i32, sold: i32, held: i32) -> Pool {
    Pool {
        id: PoolId(Uuid::from_u128(id)),
        capacity,
        sold,
        held,
    }
}

fn kind(id: u128, pools: &[u128]) -> SaleType {
    SaleType {
        id: TicketTypeId(Uuid::from_u128(id)),
        name: format!("type {id}"),
        price: Money::new(1000, Currency::default()),
        pricing: Pricing::Fixed,
        max_per_person: 4,
        sales_from: None,
        sales_until: None,
        is_hidden: false,
        smallest_party: None,
        pools: pools
            .iter()
            .map(|id| PoolId(Uuid::from_u128(*id)))
            .collect(),
    }
}

fn item(id: u128, quantity: u32) -> Item {
    Item {
        ticket_type_id: TicketTypeId(Uuid::from_u128(id)),
        quantity,
        unit_price_minor: None,
    }
}

fn event() -> SaleEvent {
    SaleEvent {
        id: EventId(Uuid::from_u128(1)),
        slug: "night".into(),
        title: "Night".into(),
        status: EventStatus::Published,
        visibility: Visibility::Public,
        ends_at: at(1000),
        starts_at: at(900),
        refund_hours: None,
    }
}

fn fields(error: &Error) -> Vec<&str> {
    error
        .fields
        .iter()
        .map(|fault| fault.field.as_str())
        .collect()
}

#[test]
fn a_type_is_asked_for_once() {
    assert!(check_items(&[item(1, 1), item(2, 1)]).is_ok());
    let error = check_items(&[item(1, 1), item(2, 1), item(1, 3)]).unwrap_err();
    assert_eq!(fields(&error), ["items[2].ticket_type_id"]);
}

#[test]
fn types_of_other_events_are_named() {
    let types = [kind(1, &[1])];
    let error = wanted(&[item(1, 1), item(7, 1)], &types).unwrap_err();
    assert_eq!(
        (error.code, fields(&error)),
        (Code::Invalid, vec!["items[1].ticket_type_id"])
    );
}

#[test]
fn only_what_costs_needs_a_payment() {
    let payment = PaymentInput {
        method: PaymentMethod::Simulated,
        token: None,
    };
    let (free, paid) = (Money::default(), Money::new(1, Currency::default()));
    assert!(check_payment(free, None).is_ok());
    assert!(check_payment(free, Some(&payment)).is_ok());
    assert!(check_payment(paid, Some(&payment)).is_ok());
    let error = check_payment(paid, None).unwrap_err();
    assert_eq!(
        (error.code, fields(&error)),
        (Code::PaymentRequired, vec!["payment"])
    );
}

#[test]
fn sales_need_a_published_event_that_is_not_over() {
    let now = at(500);
    assert!(check_event_on_sale(&event(), now).is_ok());
    for status in [
        EventStatus::Draft,
        EventStatus::Cancelled,
        EventStatus::Completed,
    ] {
        let event = SaleEvent { status, ..event() };
        assert_eq!(
            check_event_on_sale(&event, now).unwrap_err().code,
            Code::NotOnSale
        );
    }
    assert!(
        check_event_on_sale(
            &SaleEvent {
                visibility: Visibility::Archived,
                ..event()
            },
            now
        )
        .is_err()
    );
    assert!(
        check_event_on_sale(&event(), at(1000)).is_err(),
        "the end is the first instant after"
    );
}

#[test]
fn each_type_has_its_window() {
    let sold_at = |kind: &SaleType, second| {
        check_on_sale(&event(), &[(kind, 1)], |_| false, at(second)).is_ok()
    };
    let windowed = SaleType {
        sales_from: Some(at(100)),
        sales_until: Some(at(200)),
        ..kind(1, &[1])
    };
    let seconds = [99, 100, 199, 200];
    assert_eq!(
        seconds.map(|second| sold_at(&windowed, second)),
        [false, true, true, false]
    );
    let hidden = SaleType {
        is_hidden: true,
        ..kind(1, &[1])
    };
    assert!(!sold_at(&hidden, 100));
    let is_open = |id| id == hidden.id;
    assert!(check_on_sale(&event(), &[(&hidden, 1)], is_open, at(100)).is_ok());
}

#[test]
fn tickets_and_holds_count_towards_the_limit() {
    let (limited, other) = (kind(1, &[1]), kind(2, &[2]));
    let owned = |id| if id == limited.id { 3 } else { 0 };
    assert!(check_limits(&[(&limited, 1), (&other, 4)], owned).is_ok());
    let error = check_limits(&[(&limited, 2)], owned).unwrap_err();
    assert_eq!(error.code, Code::LimitReached);
    assert_eq!(error.extra["max_per_person"], 4);
}

#[test]
fn types_with_a_common_pool_share_its_places() {
    let (a, b) = (kind(1, &[1, 9]), kind(2, &[2, 9]));
    let pools = [pool(1, 10, 0, 0), pool(2, 10, 0, 0), pool(9, 8, 3, 0)];
    assert!(check_places(&[(&a, 2), (&b, 3)], &pools).is_ok());
    let error = check_places(&[(&a, 3), (&b, 3)], &pools).unwrap_err();
    assert_eq!(
        (error.code, &error.extra["available"]),
        (Code::SoldOut, &serde_json::json!(5))
    );
}

#[test]
fn what_is_left_is_told() {
    let kind = kind(1, &[1]);
    let available = |pools: &[Pool]| {
        check_places(&[(&kind, 4)], pools).map_err(|error| error.extra["available"].clone())
    };
    assert_eq!(available(&[pool(1, 10, 4, 3)]), Err(3.into()));
    assert_eq!(available(&[pool(1, 10, 10, 0)]), Err(0.into()));
    assert_eq!(
        available(&[]),
        Err(0.into()),
        "a type whose pool is gone sells nothing"
    );
    assert_eq!(available(&[pool(1, 10, 4, 2)]), Ok(()));
}

#[test]
fn a_hold_that_ran_out_shows_it_before_anybody_swept() {
    let shown =
        |status, now| shown_status(status, at(100), at(100) + SignedDuration::from_secs(now));
    assert_eq!(shown(HoldStatus::Held, -1), HoldStatus::Held);
    assert_eq!(shown(HoldStatus::Held, 0), HoldStatus::Expired);
    assert_eq!(shown(HoldStatus::Paying, 9), HoldStatus::Paying);
}

#[test]
fn the_picker_takes_the_rows_that_were_filled_in() {
    let row = |id: &str, quantity: &str| ItemForm {
        ticket_type_id: id.into(),
        quantity: quantity.into(),
        amount: String::new(),
    };
    let id = Uuid::from_u128(1).to_string();
    let form = HoldForm {
        items: vec![row(&id, ""), row(&id, " 2 "), row(&id, "0")],
        promo_code: " ".into(),
    };
    let command = form_to_command(&form, Currency::default()).unwrap();
    assert_eq!(command.items, [item(1, 2)]);
    assert_eq!(command.promo_code, None, "a blank field is no code");
    let mut generous = row(&id, "1");
    generous.amount = " 12,50".into();
    let form = HoldForm {
        items: vec![row(&id, "0"), generous.clone()],
        promo_code: String::new(),
    };
    let items = form_to_command(&form, Currency::default()).unwrap().items;
    assert_eq!(items[0].unit_price_minor, Some(1250));
    let low = Error::field("items[0].unit_price_minor", "below_minimum", "");
    assert_eq!(
        fields(&under_row_names(low, &form)),
        ["items[1].unit_price_minor"]
    );
    generous.amount = "much".into();
    let refused = |items| {
        let promo_code = String::new();
        let form = HoldForm { items, promo_code };
        fields(&form_to_command(&form, Currency::default()).unwrap_err()).join(",")
    };
    assert_eq!(refused(vec![]), "items");
    assert_eq!(refused(vec![generous]), "items[0].unit_price_minor");
    assert_eq!(refused(vec![row(&id, "0")]), "items");
    assert_eq!(
        refused(vec![row(&id, "1"), row(&id, "two")]),
        "items[1].quantity"
    );
    assert_eq!(refused(vec![row("x", "1")]), "items[0].ticket_type_id");
}
