//! Ticket types: added, changed, removed, beside sales.

use serde_json::{Value, json};
use testkit::TestApp;

use super::{draft, log_in_again, path, published, tickets};

#[tokio::test]
async fn a_ticket_type_is_added_changed_and_removed_under_the_events_version() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(&app, &org, "E", json!({})).await;
    let types = format!("{}/ticket-types", path(&event));
    let added = app
        .post(&types)
        .bearer(&org.token)
        .json(tickets("Standard", 2000, 10))
        .send()
        .await
        .expect(201);
    assert_eq!(added.header("etag"), "\"2\"");
    let kind = format!("{types}/{}", added.json()["id"].as_str().unwrap());
    let body = json!({"name": "Early bird", "price": {"amount_minor": 1500, "currency": "EUR"}, "max_per_person": 4, "description": "Until May"});
    app.patch(&kind)
        .bearer(&org.token)
        .json(&body)
        .send()
        .await
        .expect_problem(428, "precondition_required");
    app.patch(&kind)
        .bearer(&org.token)
        .if_match(1)
        .json(&body)
        .send()
        .await
        .expect_problem(412, "stale");
    let changed = app
        .patch(&kind)
        .bearer(&org.token)
        .if_match(2)
        .json(&body)
        .send()
        .await
        .expect(200);
    assert_eq!(
        (changed.header("etag"), &changed.json()["name"]),
        ("\"3\"", &json!("Early bird"))
    );
    assert_eq!(changed.json()["description"], "Until May");
    let seen = app
        .get(&path(&event))
        .bearer(&org.token)
        .send()
        .await
        .json();
    assert_eq!(
        (&seen["version"], &seen["price_from"]["amount_minor"]),
        (&json!(3), &json!(1500))
    );
    let gone = app
        .delete(&kind)
        .bearer(&org.token)
        .if_match(3)
        .send()
        .await;
    assert_eq!(gone.status, 204);
    let seen = app
        .get(&path(&event))
        .bearer(&org.token)
        .send()
        .await
        .json();
    assert_eq!(
        (&seen["ticket_types"], &seen["price_from"]),
        (&json!([]), &Value::Null)
    );
    app.delete(&kind)
        .bearer(&org.token)
        .if_match(4)
        .send()
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_quantity_never_goes_below_what_is_sold_and_held() {
    let app = TestApp::start().await;
    let (org, guest) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&org, 10, 1000).await;
    let kind = format!(
        "/api/v1/events/{}/ticket-types/{}",
        event.event, event.ticket_type
    );
    app.buy(&guest, &event, 3).await;
    app.post(&format!("/api/v1/events/{}/holds", event.event))
        .bearer(&guest.token)
        .json(event.items(2))
        .send()
        .await
        .expect(201)
        .json();
    let set = async |token: &str, quantity: u32| {
        app.patch(&kind)
            .bearer(token)
            .header("if-match", "*")
            .json(json!({"quantity": quantity}))
            .send()
            .await
    };
    set(&org.token, 4).await.expect_problem(409, "below_sold");
    assert_eq!(set(&org.token, 5).await.expect(200).json()["available"], 0);
    app.advance(app.services.settings.hold_for);
    let token = log_in_again(&app, &org).await;
    assert_eq!(set(&token, 4).await.expect(200).json()["available"], 1);
    set(&token, 2).await.expect_problem(409, "below_sold");
    let remove = app
        .delete(&kind)
        .bearer(&token)
        .header("if-match", "*")
        .send()
        .await;
    remove.expect_problem(409, "below_sold");
}

#[tokio::test]
async fn an_event_keeps_one_currency() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(
        &app,
        &org,
        "E",
        json!({"ticket_types": [tickets("A", 1, 1), tickets("B", 1, 1)]}),
    )
    .await;
    let dollars =
        json!({"name": "C", "price": {"amount_minor": 5, "currency": "USD"}, "quantity": 1});
    let types = format!("{}/ticket-types", path(&event));
    app.post(&types)
        .bearer(&org.token)
        .json(&dollars)
        .send()
        .await
        .expect_problem(422, "currency_mismatch");
    let kind = format!(
        "{types}/{}",
        event["ticket_types"][0]["id"].as_str().unwrap()
    );
    let answer = app
        .patch(&kind)
        .bearer(&org.token)
        .if_match(1)
        .json(json!({"price": dollars["price"]}))
        .send()
        .await;
    answer.expect_problem(422, "currency_mismatch");
    let alone = draft(
        &app,
        &org,
        "F",
        json!({"ticket_types": [tickets("A", 1, 1)]}),
    )
    .await;
    let kind = format!(
        "{}/ticket-types/{}",
        path(&alone),
        alone["ticket_types"][0]["id"].as_str().unwrap()
    );
    app.patch(&kind)
        .bearer(&org.token)
        .if_match(1)
        .json(json!({"price": dollars["price"]}))
        .send()
        .await
        .expect(200)
        .json();
}

#[tokio::test]
async fn wrong_values_and_wrong_addresses_are_refused() {
    let app = TestApp::start().await;
    let (org, other) = (app.organizer().await, app.organizer().await);
    let event = published(
        &app,
        &org,
        "E",
        json!({"ticket_types": [tickets("A", 1, 1)]}),
    )
    .await;
    let foreign = published(
        &app,
        &other,
        "F",
        json!({"ticket_types": [tickets("A", 1, 1)]}),
    )
    .await;
    let types = format!("{}/ticket-types", path(&event));
    for (name, value, field) in [
        ("name", json!(""), "name"),
        (
            "price",
            json!({"amount_minor": -1, "currency": "EUR"}),
            "price",
        ),
        (
            "price",
            json!({"amount_minor": 1.5, "currency": "EUR"}),
            "price.amount_minor",
        ),
        ("quantity", json!(0), "quantity"),
        ("quantity", json!(5_000_000_000u64), "quantity"),
        ("max_per_person", json!(0), "max_per_person"),
        ("sales_until", json!("x"), "sales_until"),
        ("available", json!(5), "available"),
    ] {
        let mut body = tickets("T", 1, 1);
        body[name] = value.clone();
        let answer = app.post(&types).bearer(&org.token).json(body).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.fields()),
            (422, vec![field.to_owned()]),
            "{name}={value}"
        );
    }
    let window = json!({"name": "T", "price": {"amount_minor": 1, "currency": "EUR"}, "quantity": 1, "sales_from": app.in_hours(5), "sales_until": app.in_hours(4)});
    assert_eq!(
        app.post(&types)
            .bearer(&org.token)
            .json(window)
            .send()
            .await
            .fields(),
        ["sales_until"]
    );
    let foreign_type = foreign["ticket_types"][0]["id"].as_str().unwrap();
    for id in [foreign_type, "x", "00000000-0000-7000-8000-000000000000"] {
        let kind = format!("{types}/{id}");
        app.patch(&kind)
            .bearer(&org.token)
            .if_match(2)
            .json(json!({"name": "x"}))
            .send()
            .await
            .expect_problem(404, "not_found");
        app.delete(&kind)
            .bearer(&org.token)
            .if_match(2)
            .send()
            .await
            .expect_problem(404, "not_found");
    }
    let own_type = event["ticket_types"][0]["id"].as_str().unwrap();
    app.delete(&format!("{types}/{own_type}"))
        .bearer(&other.token)
        .send()
        .await
        .expect_problem(403, "forbidden");
    app.post(&types)
        .bearer(&other.token)
        .json(json!({}))
        .send()
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn sales_windows_show_in_the_status() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let window = |from: i64, until: i64| {
        let mut kind = tickets("T", 0, 5);
        kind["sales_from"] = json!(app.in_hours(from));
        kind["sales_until"] = json!(app.in_hours(until));
        kind
    };
    let event = published(
        &app,
        &org,
        "E",
        json!({"ticket_types": [window(-2, -1), window(-1, 1), window(1, 2)]}),
    )
    .await;
    let statuses: Vec<_> = event["ticket_types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["ended", "on_sale", "not_yet"]);
    assert!(
        !event["ticket_types"][2]["sales_from_text"]
            .as_str()
            .unwrap()
            .is_empty()
    );
}
