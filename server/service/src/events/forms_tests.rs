use super::*;

fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn form() -> EventForm {
    EventForm {
        title: "Jazz".into(),
        starts: "2026-12-05T20:00".into(),
        ends: "2026-12-05T23:30".into(),
        time_zone: "Europe/Berlin".into(),
        ..EventForm::default()
    }
}

fn row(name: &str, price: &str, quantity: &str) -> TicketTypeForm {
    TicketTypeForm {
        name: name.into(),
        price: price.into(),
        quantity: quantity.into(),
        ..TicketTypeForm::default()
    }
}

fn read(form: &EventForm) -> Result<(EventFields, Vec<TypedType>)> {
    let mut typed = Typed::read(form, &Before::nothing(now()));
    let fields = rules::fields_of(&typed.create_command(), now());
    let fields = typed.merge(fields);
    typed.finish(fields)
}

fn wrong(form: &EventForm) -> Vec<String> {
    read(form)
        .err()
        .map(|error| error.fields.into_iter().map(|field| field.field).collect())
        .unwrap_or_default()
}

#[test]
fn typed_times_are_those_of_the_events_zone() {
    let (fields, _) = read(&form()).unwrap();
    assert_eq!(fields.starts_at.to_string(), "2026-12-05T19:00:00Z");
}

#[test]
fn an_hour_that_is_skipped_moves_on_and_of_one_twice_it_is_the_first() {
    let starts = |starts: &str, ends: &str| {
        let form = EventForm {
            starts: starts.into(),
            ends: ends.into(),
            ..form()
        };
        read(&form).unwrap().0.starts_at.to_string()
    };
    assert_eq!(
        starts("2026-03-29T02:30", "2026-03-29T12:00"),
        "2026-03-29T01:30:00Z"
    );
    assert_eq!(
        starts("2026-10-25T02:30", "2026-10-25T12:00"),
        "2026-10-25T00:30:00Z"
    );
}

#[test]
fn an_untouched_field_keeps_the_second_of_two_equal_hours() {
    let before: Timestamp = "2026-10-25T01:30:45Z".parse().unwrap();
    let clock = Clock {
        zone: text::zone("Europe/Berlin").unwrap(),
        is_unchanged: true,
    };
    assert_eq!(
        clock.optional("starts", "2026-10-25T02:30", Some(before), &mut Vec::new()),
        Some(before)
    );
}

#[test]
fn rows_without_a_name_are_not_meant_and_errors_keep_the_rows_number() {
    let form = EventForm {
        ticket_types: vec![
            row("", "x", ""),
            row("Early bird", "12,505", "ten"),
            row("Late", "", "5"),
        ],
        ..form()
    };
    assert_eq!(
        wrong(&form),
        ["ticket_types[1].quantity", "ticket_types[1].price"]
    );
    let form = EventForm {
        ticket_types: vec![row("", "", ""), row("Early bird", "12,50", "10")],
        ..form
    };
    let (_, types) = read(&form).unwrap();
    assert_eq!(
        (
            types.len(),
            types[0].fields.price_minor,
            types[0].fields.max_per_person
        ),
        (1, 1250, 10)
    );
}

#[test]
fn every_wrong_field_has_the_forms_name() {
    let form = EventForm {
        title: String::new(),
        starts: "soon".into(),
        ends: String::new(),
        time_zone: "Nowhere".into(),
        category: "cats".into(),
        visibility: "secret".into(),
        venue_latitude: "north".into(),
        venue_longitude: "13.4".into(),
        online_url: "ftp://x".into(),
        capacity: "-1".into(),
        ..EventForm::default()
    };
    let wrong = wrong(&form);
    for name in [
        "title",
        "starts",
        "ends",
        "time_zone",
        "category",
        "visibility",
        "venue_latitude",
        "venue_name",
        "online_url",
        "capacity",
    ] {
        assert!(
            wrong.iter().any(|field| field == name),
            "{name} in {wrong:?}"
        );
    }
}

#[test]
fn currencies_of_a_form_are_one() {
    let jpy = |name: &str, price: &str, currency: &str| TicketTypeForm {
        currency: currency.into(),
        ..row(name, price, "5")
    };
    let form = EventForm {
        ticket_types: vec![jpy("A", "500", "jpy"), jpy("B", "700", "")],
        ..form()
    };
    let (_, types) = read(&form).unwrap();
    assert!(types.iter().all(|kind| kind.fields.currency == "JPY"));
    assert_eq!(types[1].fields.price_minor, 700);
}
