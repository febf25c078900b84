//! Making, changing, removing codes, and every way one is refused.

use std::time::Duration;

use serde_json::json;
use testkit::TestApp;

use super::{buy, change, hold, make, path, percent, text, uses};

#[tokio::test]
async fn an_organizer_makes_a_code_and_sees_how_often_it_is_used() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1000).await;

    let made = percent(
        &app,
        &organizer,
        &event,
        " Early-Bird ",
        json!({"max_uses": 3}),
    )
    .await;

    assert_eq!(text(&made, "code"), "EARLY-BIRD");
    assert_eq!(
        (&made["uses"], &made["is_active"]),
        (&json!(0), &json!(true))
    );
    buy(&app, &ana, &event, 1, "early-bird").await.expect(201);
    assert_eq!(uses(&app, &organizer, &event).await, 1);
}

#[tokio::test]
async fn a_code_without_limits_is_counted_for_its_organizer() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1000).await;
    percent(&app, &organizer, &event, "OFTEN", json!({})).await;
    for _ in 0..3 {
        buy(&app, &ana, &event, 1, "OFTEN").await.expect(201);
    }
    assert_eq!(uses(&app, &organizer, &event).await, 3);
}

#[tokio::test]
async fn codes_are_for_the_crew_alone() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1000).await;
    let body = json!({"code": "SPRING", "kind": "percent", "percent": 10});
    make(&app, &ana, &event, body.clone())
        .await
        .expect_problem(403, "forbidden");
    let made = make(&app, &organizer, &event, body)
        .await
        .expect(201)
        .json();
    let list = format!("/api/v1/events/{}/promo-codes", event.event);
    app.get(&list)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.get(&list)
        .bearer(&ana.token)
        .send()
        .await
        .expect_problem(403, "forbidden");
    change(&app, &ana, &event, &made, json!({"is_active": false}))
        .await
        .expect_problem(403, "forbidden");
    app.delete(&path(&event, &made))
        .bearer(&ana.token)
        .send()
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn what_a_code_cannot_be_is_named() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 1000).await;
    let other = app.published_event(&organizer, 5, 1000).await;
    let wrong = [
        (
            json!({"code": "a b", "kind": "percent", "percent": 10}),
            "code",
        ),
        (json!({"code": "SPRING", "kind": "percent"}), "percent"),
        (
            json!({"code": "SPRING", "kind": "percent", "percent": 101}),
            "percent",
        ),
        (json!({"code": "SPRING", "kind": "amount"}), "amount"),
        (
            json!({"code": "SPRING", "kind": "percent", "percent": 5, "amount": {"amount_minor": 1, "currency": "EUR"}}),
            "amount",
        ),
        (
            json!({"code": "SPRING", "kind": "amount", "amount": {"amount_minor": 0, "currency": "EUR"}}),
            "amount",
        ),
        (json!({"code": "SPRING", "kind": "access"}), "unlocks"),
        (
            json!({"code": "SPRING", "kind": "percent", "percent": 5, "max_uses": 0}),
            "max_uses",
        ),
        (
            json!({"code": "SPRING", "kind": "percent", "percent": 5, "ticket_type_ids": [other.ticket_type]}),
            "ticket_type_ids",
        ),
        (
            json!({"code": "SPRING", "kind": "percent", "percent": 5,
            "valid_from": app.in_hours(2), "valid_until": app.in_hours(1)}),
            "valid_until",
        ),
    ];
    for (body, field) in wrong {
        let refused = make(&app, &organizer, &event, body.clone()).await;
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [field], "{body}");
    }
    let francs = json!({"code": "SPRING", "kind": "amount", "amount": {"amount_minor": 1, "currency": "CHF"}});
    make(&app, &organizer, &event, francs)
        .await
        .expect_problem(422, "currency_mismatch");
    percent(&app, &organizer, &event, "SPRING", json!({})).await;
    let again = json!({"code": "spring", "kind": "percent", "percent": 5});
    make(&app, &organizer, &event, again.clone())
        .await
        .expect_problem(409, "promo_code_taken");
    make(&app, &organizer, &other, again).await.expect(201);
}

#[tokio::test]
async fn a_used_code_is_switched_off_and_not_deleted() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1000).await;
    let (used, unused) = (
        percent(&app, &organizer, &event, "USED", json!({})).await,
        percent(&app, &organizer, &event, "UNUSED", json!({})).await,
    );
    let kept = hold(&app, &ana, &event, 1, "USED").await.expect(201).json();
    let remove = |code| {
        app.delete(&path(&event, code))
            .bearer(&organizer.token)
            .send()
    };
    remove(&used).await.expect_problem(409, "promo_code_in_use");
    remove(&unused).await.expect(204);
    hold(&app, &ana, &event, 1, "UNUSED")
        .await
        .expect_problem(422, "unknown_promo_code");

    let off = change(&app, &organizer, &event, &used, json!({"is_active": false})).await;
    assert_eq!(off.expect(200).json()["is_active"], false);
    hold(&app, &ana, &event, 1, "USED")
        .await
        .expect_problem(422, "unknown_promo_code");
    let pay = format!("/api/v1/holds/{}/pay", text(&kept, "id"));
    let paid = app
        .post(&pay)
        .bearer(&ana.token)
        .json(json!({"payment": {"method": "simulated"}}))
        .send()
        .await
        .expect(201)
        .json();
    assert_eq!(paid["total"]["amount_minor"], 750, "who has it keeps it");
    change(&app, &organizer, &event, &used, json!({"is_active": true}))
        .await
        .expect(200);
    hold(&app, &ana, &event, 1, "used").await.expect(201);
}

#[tokio::test]
async fn a_code_that_names_a_removed_ticket_type_is_changed_all_the_same() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 1000).await;
    let types = format!("/api/v1/events/{}/ticket-types", event.event);
    let early =
        json!({"name": "Early", "price": {"amount_minor": 500, "currency": "EUR"}, "quantity": 5});
    let early = app.post(&types).bearer(&organizer.token).json(early);
    let early = text(&early.send().await.expect(201).json(), "id");
    let for_early = json!({"ticket_type_ids": [early]});
    let code = percent(&app, &organizer, &event, "EARLY", for_early).await;
    app.delete(&format!("{types}/{early}"))
        .bearer(&organizer.token)
        .header("if-match", "*")
        .send()
        .await
        .expect(204);

    let off = change(&app, &organizer, &event, &code, json!({"is_active": false})).await;
    let off = off.expect(200).json();
    assert_eq!(
        (&off["is_active"], &off["ticket_type_ids"]),
        (&json!(false), &json!([early]))
    );
    let both = json!({"ticket_type_ids": [early, event.ticket_type]});
    let both = change(&app, &organizer, &event, &code, both).await;
    both.expect(200);
    // What is named anew must be there.
    let refused = change(&app, &organizer, &event, &code, json!({"unlocks": [early]})).await;
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.fields(), ["unlocks"]);
}

#[tokio::test]
async fn every_refusal_has_its_code_and_names_the_field() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 9, 1000).await;
    let refused = async |buyer, code, status, expected| {
        let answer = hold(&app, buyer, &event, 1, code).await;
        answer.expect_problem(status, expected);
        assert_eq!(answer.fields(), ["promo_code"]);
    };
    refused(&ana, "NOBODY", 422, "unknown_promo_code").await;
    refused(&ana, "not a code", 422, "unknown_promo_code").await;

    let window = json!({"valid_from": app.in_hours(1), "valid_until": app.in_hours(2)});
    percent(&app, &organizer, &event, "HOUR", window).await;
    refused(&ana, "HOUR", 409, "promo_code_not_valid").await;

    percent(
        &app,
        &organizer,
        &event,
        "ONCE",
        json!({"max_uses_per_person": 1}),
    )
    .await;
    hold(&app, &ana, &event, 1, "ONCE").await.expect(201);
    refused(&ana, "ONCE", 409, "promo_code_used_by_you").await;
    hold(&app, &ben, &event, 1, "ONCE").await.expect(201);

    percent(&app, &organizer, &event, "FIRST", json!({"max_uses": 1})).await;
    hold(&app, &ana, &event, 1, "FIRST").await.expect(201);
    refused(&ben, "FIRST", 409, "promo_code_used_up").await;

    let free =
        json!({"name": "Free", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 5});
    let free = app
        .post(&format!("/api/v1/events/{}/ticket-types", event.event))
        .bearer(&organizer.token)
        .json(free)
        .send()
        .await
        .expect(201)
        .json();
    percent(
        &app,
        &organizer,
        &event,
        "FREE",
        json!({"ticket_type_ids": [free["id"]]}),
    )
    .await;
    refused(&ana, "FREE", 422, "promo_code_not_for_these").await;
    hold(&app, &ana, &event, 1, "  ").await.expect(201);

    app.advance(Duration::from_hours(1));
    let ana = super::again(&app, &ana).await;
    hold(&app, &ana, &event, 1, "HOUR").await.expect(201);
    app.advance(Duration::from_hours(1));
    let ana = super::again(&app, &ana).await;
    let over = hold(&app, &ana, &event, 1, "HOUR").await;
    over.expect_problem(409, "promo_code_not_valid");
    assert!(
        text(&over.json(), "detail").contains("until"),
        "{}",
        over.text()
    );
}

#[tokio::test]
async fn the_code_is_part_of_a_repeated_call() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1000).await;
    percent(&app, &organizer, &event, "SPRING", json!({"max_uses": 1})).await;
    let call = |code: &str| {
        let mut body = event.purchase(1);
        body["promo_code"] = json!(code);
        app.post(&format!("/api/v1/events/{}/purchase", event.event))
            .bearer(&ana.token)
            .once("one")
            .json(body)
            .send()
    };
    let first = call("SPRING").await.expect(201);
    let again = call("SPRING").await.expect(201);
    assert_eq!(again.header("idempotent-replay"), "true");
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(uses(&app, &organizer, &event).await, 1);
    call("").await.expect_problem(422, "idempotency_mismatch");
}
