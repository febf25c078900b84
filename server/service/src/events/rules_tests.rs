use proptest::prelude::*;
use types::{Money, TicketTypeId, events::Pricing};
use uuid::Uuid;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-12-01T12:00:00Z")
}

fn command() -> CreateEvent {
    serde_json::from_value(serde_json::json!({
        "title": "Jazz by the lake",
        "starts_at": "2026-12-05T19:00:00Z",
        "ends_at": "2026-12-05T22:00:00Z",
        "time_zone": "europe/berlin",
    }))
    .unwrap()
}

fn wrong(fill: impl FnOnce(&mut CreateEvent)) -> Vec<String> {
    let mut command = command();
    fill(&mut command);
    let error = fields_of(&command, now()).err();
    error
        .map(|error| error.fields.into_iter().map(|field| field.field).collect())
        .unwrap_or_default()
}

fn ticket(price: i64, currency: &str) -> CreateTicketType {
    let price = Money::new(price, Currency::from_code(currency).unwrap());
    CreateTicketType {
        name: "Ticket".into(),
        price,
        quantity: 10,
        description: None,
        max_per_person: None,
        sales_from: None,
        sales_until: None,
        is_hidden: false,
        pricing: Pricing::Fixed,
        suggested_price: None,
    }
}

#[test]
fn what_buyers_choose_has_a_least_and_maybe_a_proposal() {
    let checked = |pricing, price, suggested: Option<i64>| {
        let currency = Currency::default();
        let command = CreateTicketType {
            pricing,
            suggested_price: suggested.map(|amount| Money::new(amount, currency)),
            ..ticket(price, "EUR")
        };
        let error = type_fields(&command).err();
        let faults = error.map(|error| error.fields).unwrap_or_default();
        let names: Vec<_> = faults.into_iter().map(|fault| fault.field).collect();
        names.join(",")
    };
    assert_eq!(checked(Pricing::PayWhatYouWant, 500, Some(1500)), "");
    assert_eq!(
        checked(Pricing::PayWhatYouWant, 500, Some(499)),
        "suggested_price"
    );
    assert_eq!(checked(Pricing::Fixed, 500, Some(500)), "suggested_price");
    assert_eq!(checked(Pricing::Donation, 0, Some(1000)), "");
    assert_eq!(checked(Pricing::Donation, 1, None), "price");
}

#[test]
fn a_new_event_is_a_tidy_draft() {
    let mut command = command();
    command.tags = Some(vec![" Jazz".into(), "jazz".into(), "Open Air".into()]);
    let fields = fields_of(&command, now()).unwrap();
    assert_eq!(
        (fields.category.as_str(), fields.visibility),
        ("other", "public")
    );
    assert_eq!(fields.tags, ["jazz", "open air"]);
    assert_eq!(fields.time_zone, "Europe/Berlin");
}

#[test]
fn every_wrong_field_of_a_new_event_is_named() {
    assert_eq!(wrong(|e| e.starts_at = now()), ["starts_at"]);
    assert_eq!(
        wrong(|e| e.starts_at = at("2020-01-01T00:00:00Z")),
        ["starts_at"]
    );
    assert_eq!(wrong(|e| e.ends_at = e.starts_at), ["ends_at"]);
    assert_eq!(
        wrong(|e| e.ends_at = at("2028-12-05T19:00:00Z")),
        ["ends_at"]
    );
    assert_eq!(
        wrong(|e| e.time_zone = "Mars/Olympus".into()),
        ["time_zone"]
    );
    assert_eq!(wrong(|e| e.title = " \t".into()), ["title"]);
    assert_eq!(wrong(|e| e.category = Some("cats".into())), ["category"]);
    assert_eq!(
        wrong(|e| e.visibility = Some(Visibility::Archived)),
        ["visibility"]
    );
    assert_eq!(
        wrong(|e| e.online_url = Some("javascript:alert(1)".into())),
        ["online_url"]
    );
    assert_eq!(wrong(|e| e.capacity = Some(0)), ["capacity"]);
    let half = VenueInput {
        name: "Barn".into(),
        latitude: Some(52.0),
        ..VenueInput::default()
    };
    assert_eq!(wrong(|e| e.venue = Some(half)), ["venue.longitude"]);
    assert_eq!(
        wrong(|e| e.ticket_types = vec![ticket(-1, "EUR")]),
        ["ticket_types[0].price"]
    );
    let backwards = CreateTicketType {
        sales_from: Some(at("2026-12-03T00:00:00Z")),
        sales_until: Some(now()),
        ..ticket(1, "EUR")
    };
    assert_eq!(
        wrong(|e| e.ticket_types = vec![ticket(1, "EUR"), backwards]),
        ["ticket_types[1].sales_until"]
    );
}

#[test]
fn an_event_has_one_currency() {
    let mut command = command();
    command.ticket_types = vec![ticket(100, "EUR"), ticket(100, "USD")];
    let error = fields_of(&command, now()).unwrap_err();
    assert_eq!(error.code, Code::CurrencyMismatch);
    assert_eq!(error.fields[0].field, "ticket_types[1].price.currency");
}

#[test]
fn addresses_are_made_of_plain_words() {
    assert_eq!(slug("Größenwahn & Söhne!"), "grossenwahn-sohne");
    assert_eq!(slug("🎷🎷"), "saxophone-saxophone");
    assert_eq!(slug("***"), "event");
    assert_eq!(slug("new"), "event-new");
    assert!(slug(&"lang ".repeat(40)).len() <= 60);
    assert!(slug("01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11").starts_with("event-"));
}

#[test]
fn metadata_is_an_object_of_bounded_size_and_depth() {
    assert!(check_metadata(&serde_json::json!({"line_up": ["A", "B"]})).is_ok());
    assert_eq!(
        check_metadata(&serde_json::json!([1])).unwrap_err().code,
        Code::Invalid
    );
    let long = serde_json::json!({"a": "x".repeat(MAX_METADATA_BYTES)});
    assert_eq!(
        check_metadata(&long).unwrap_err().code,
        Code::PayloadTooLarge
    );
    let mut deep = serde_json::json!({});
    for _ in 0..40 {
        deep = serde_json::json!({"a": deep});
    }
    assert_eq!(check_metadata(&deep).unwrap_err().code, Code::Invalid);
}

fn kind() -> TicketTypeRow {
    TicketTypeRow {
        id: TicketTypeId(Uuid::nil()),
        name: "Ticket".into(),
        description: None,
        price_minor: 0,
        currency: "EUR".into(),
        quantity: 10,
        max_per_person: 10,
        sales_from: None,
        sales_until: None,
        is_hidden: false,
        pricing: Pricing::Fixed,
        suggested_minor: None,
        available: 5,
        sold: 0,
        held: 0,
    }
}

fn sales() -> Sales {
    Sales {
        time_zone: "UTC".into(),
        status: EventStatus::Published,
        is_archived: false,
        ends_at: at("2026-12-05T00:00:00Z"),
        now: now(),
    }
}

#[test]
fn a_ticket_type_is_on_sale_in_its_window_while_places_are_left() {
    let status = |kind: TicketTypeRow| sale_status(&kind, &sales());
    assert_eq!(status(kind()), SaleStatus::OnSale);
    assert_eq!(
        status(TicketTypeRow {
            available: 0,
            ..kind()
        }),
        SaleStatus::SoldOut
    );
    assert_eq!(
        status(TicketTypeRow {
            is_hidden: true,
            ..kind()
        }),
        SaleStatus::Hidden
    );
    assert_eq!(
        status(TicketTypeRow {
            sales_from: Some(at("2026-12-02T00:00:00Z")),
            ..kind()
        }),
        SaleStatus::NotYet
    );
    assert_eq!(
        status(TicketTypeRow {
            sales_from: Some(now()),
            ..kind()
        }),
        SaleStatus::OnSale
    );
    assert_eq!(
        status(TicketTypeRow {
            sales_until: Some(now()),
            available: 0,
            ..kind()
        }),
        SaleStatus::Ended
    );
    let with = |change: fn(&mut Sales)| {
        let mut sales = sales();
        change(&mut sales);
        sale_status(&kind(), &sales)
    };
    assert_eq!(
        with(|sales| sales.status = EventStatus::Cancelled),
        SaleStatus::Ended
    );
    assert_eq!(with(|sales| sales.is_archived = true), SaleStatus::Ended);
    assert_eq!(with(|sales| sales.now = sales.ends_at), SaleStatus::Ended);
    assert_eq!(
        with(|sales| sales.status = EventStatus::Draft),
        SaleStatus::NotYet
    );
}

proptest! {
    #[test]
    fn every_title_makes_an_address(title in "\\PC{1,120}") {
        let slug = slug(&title);
        prop_assert!(!slug.is_empty() && slug.len() <= 70);
        prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", slug);
    }
}
