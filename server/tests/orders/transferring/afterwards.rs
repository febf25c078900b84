//! What becomes of a ticket that was passed on, and of its money.

use std::sync::Arc;

use adapters::fake::ScriptedPayments;
use serde_json::json;
use testkit::TestApp;

use super::{accept, audit, available, get, give_back, offer, returnable, status, text, world};

#[tokio::test]
async fn money_for_a_ticket_that_was_passed_on_goes_back_to_its_buyer_and_not_by_them() {
    let payments = Arc::new(ScriptedPayments::default());
    let app = TestApp::builder().payments(payments.clone()).start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = returnable(&app, &organizer, 9, 1000).await;
    let order = app.buy(&ana, &event, 2).await.json();
    let (id, first) = (text(&order, "id"), text(&order["tickets"][0], "id"));
    let offered = offer(&app, &ana, &first, ben.handle()).send().await;
    let offered = offered.expect(201).json();
    let new = accept(&app, &ben, &offered, None).send().await;
    let new = text(&new.expect(201).json(), "id");

    give_back(&app, &ana, &id, json!({"ticket_ids": [first]}))
        .await
        .expect_problem(409, "illegal_state");
    give_back(&app, &ana, &id, json!({"ticket_ids": [new]}))
        .await
        .expect_problem(422, "invalid");
    give_back(&app, &ben, &id, json!({}))
        .await
        .expect_problem(404, "not_found");
    let rest = give_back(&app, &ana, &id, json!({}))
        .await
        .expect(201)
        .json();
    assert_eq!(rest["status"], "paid", "Ben's ticket counts");
    assert_eq!(rest["refunds"][0]["amount"]["amount_minor"], 1000);
    audit(&app).await;

    let all = give_back(&app, &organizer, &id, json!({}))
        .await
        .expect(201)
        .json();
    assert_eq!(all["status"], "refunded");
    let ticket = get(&app, &ben, &format!("/api/v1/tickets/{new}")).await;
    assert_eq!(ticket["status"], "refunded");
    app.drain().await;
    let given: i64 = payments
        .refunded()
        .iter()
        .map(|refund| refund.amount.amount_minor)
        .sum();
    assert_eq!(given, 2000);
    assert_eq!(available(&app, &event).await, 9);
    audit(&app).await;
}

#[tokio::test]
async fn an_event_that_is_called_off_ends_offers_and_pays_for_what_was_passed_on() {
    let w = world(300).await;
    let order = w.bought(2).await;
    let ticket = |index: usize| text(&order["tickets"][index], "id");
    let taken = w.offer(&ticket(0), w.ben.handle()).await;
    accept(&w.app, &w.ben, &taken, None)
        .send()
        .await
        .expect(201);
    let open = w.offer(&ticket(1), w.ben.handle()).await;

    w.app
        .post(&format!("/api/v1/events/{}/cancel", w.event.event))
        .bearer(&w.organizer.token)
        .json(json!({"reason": "The roof leaks."}))
        .send()
        .await
        .expect(200);

    assert_eq!(status(&w.app, &w.ben, &open).await, "withdrawn");
    accept(&w.app, &w.ben, &open, None)
        .send()
        .await
        .expect_problem(409, "illegal_state");
    w.app.drain().await;
    let order = get(
        &w.app,
        &w.ana,
        &format!("/api/v1/orders/{}", text(&order, "id")),
    )
    .await;
    assert_eq!(order["status"], "refunded");
    assert_eq!(order["refunds"][0]["amount"]["amount_minor"], 600);
    audit(&w.app).await;
}

#[tokio::test]
async fn a_ticket_can_go_on_from_hand_to_hand_and_home_again() {
    let w = world(0).await;
    let order = w.bought(1).await;
    let first = w
        .offer(&text(&order["tickets"][0], "id"), w.ben.handle())
        .await;
    let bens = accept(&w.app, &w.ben, &first, None).send().await;
    let bens = text(&bens.expect(201).json(), "id");
    let back = offer(&w.app, &w.ben, &bens, w.ana.handle()).send().await;
    let back = back.expect(201).json();
    accept(&w.app, &w.ana, &back, None).send().await.expect(201);
    audit(&w.app).await;

    let given_back = give_back(&w.app, &w.ana, &text(&order, "id"), json!({})).await;

    assert_eq!(given_back.expect(201).json()["status"], "refunded");
    assert_eq!(available(&w.app, &w.event).await, 9);
    audit(&w.app).await;
}
