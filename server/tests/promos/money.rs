//! What is paid with a code, and that just this goes back.

use std::sync::Arc;

use adapters::fake::ScriptedPayments;
use serde_json::{Value, json};
use testkit::{OnSale, Person, TestApp};

use super::{audit, buy, hold, make, percent, text, uses};

async fn set_refundable(app: &TestApp, organizer: &Person, event: &OnSale) {
    app.patch(&format!("/api/v1/events/{}", event.event))
        .bearer(&organizer.token)
        .header("if-match", "*")
        .json(json!({"refund_hours": 24}))
        .send()
        .await
        .expect(200);
}

async fn give_back(app: &TestApp, who: &Person, order: &Value, body: Value) -> Value {
    app.post(&format!("/api/v1/orders/{}/refund", text(order, "id")))
        .bearer(&who.token)
        .json(body)
        .send()
        .await
        .expect(201)
        .json()
}

#[tokio::test]
async fn the_discount_is_shown_and_kept() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 999).await;
    percent(&app, &organizer, &event, "QUARTER", json!({})).await;

    let held = hold(&app, &ana, &event, 2, "quarter")
        .await
        .expect(201)
        .json();

    // 25% of 9.99 is 2.4975, rounded down for each ticket.
    assert_eq!(held["items"][0]["unit_price"]["amount_minor"], 999);
    assert_eq!(held["items"][0]["unit_discount"]["amount_minor"], 249);
    assert_eq!(held["discount"]["amount_minor"], 498);
    assert_eq!(held["total"]["amount_minor"], 1500);
    assert_eq!(held["promo_code"], "QUARTER");
    let paid = app
        .post(&format!("/api/v1/holds/{}/pay", text(&held, "id")))
        .bearer(&ana.token)
        .json(json!({"payment": {"method": "simulated"}}))
        .send()
        .await
        .expect(201)
        .json();
    for field in ["items", "discount", "total", "promo_code"] {
        assert_eq!(paid[field], held[field], "{field}");
    }
    let orders = app
        .get(&format!("/api/v1/events/{}/orders", event.event))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(orders["items"][0]["order"]["promo_code"], "QUARTER");
    assert_eq!(orders["items"][0]["order"]["discount"]["amount_minor"], 498);
    audit(&app).await;
}

#[tokio::test]
async fn parts_that_go_back_add_up_to_what_was_paid() {
    let payments = Arc::new(ScriptedPayments::default());
    let app = TestApp::builder().payments(payments.clone()).start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 9, 999).await;
    set_refundable(&app, &organizer, &event).await;
    percent(&app, &organizer, &event, "QUARTER", json!({"max_uses": 1})).await;
    let paid = buy(&app, &ana, &event, 3, "QUARTER")
        .await
        .expect(201)
        .json();
    assert_eq!(paid["total"]["amount_minor"], 2250);

    let one = json!({"ticket_ids": [paid["tickets"][1]["id"]]});
    let part = give_back(&app, &ana, &paid, one).await;
    assert_eq!(part["refunds"][0]["amount"]["amount_minor"], 750);
    assert_eq!(
        uses(&app, &organizer, &event).await,
        1,
        "a part of it stays"
    );
    buy(&app, &ana, &event, 1, "QUARTER")
        .await
        .expect_problem(409, "promo_code_used_up");
    audit(&app).await;

    give_back(&app, &ana, &paid, json!({})).await;
    app.drain().await;
    let given: i64 = payments
        .refunded()
        .iter()
        .map(|refund| refund.amount.amount_minor)
        .sum();
    assert_eq!(given, 2250);
    assert_eq!(
        uses(&app, &organizer, &event).await,
        0,
        "the use is free again"
    );
    buy(&app, &ana, &event, 1, "QUARTER").await.expect(201);
    audit(&app).await;
}

#[tokio::test]
async fn a_discount_to_nothing_is_a_free_order() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 9, 999).await;
    set_refundable(&app, &organizer, &event).await;
    let more_than_it_costs = json!({"code": "FRIENDS", "kind": "amount", "amount": {"amount_minor": 5000, "currency": "EUR"}});
    make(&app, &organizer, &event, more_than_it_costs)
        .await
        .expect(201);
    let mut body = event.items(2);
    body["promo_code"] = json!("FRIENDS");
    let order = app
        .post(&format!("/api/v1/events/{}/purchase", event.event))
        .bearer(&ana.token)
        .json(body)
        .send()
        .await
        .expect(201)
        .json();
    assert_eq!(order["total"]["amount_minor"], 0);
    assert_eq!(order["discount"]["amount_minor"], 1998);
    assert_eq!(
        (&order["status"], &order["payment_state"]),
        (&json!("paid"), &json!("none"))
    );
    let back = give_back(&app, &ana, &order, json!({})).await;
    assert_eq!(
        (&back["status"], &back["refunds"]),
        (&json!("refunded"), &json!([]))
    );
    audit(&app).await;
}

#[tokio::test]
async fn a_code_for_some_types_leaves_the_others_at_their_price() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 9, 1000).await;
    let other = json!({"name": "Balcony", "price": {"amount_minor": 2000, "currency": "EUR"}, "quantity": 5});
    let other = app
        .post(&format!("/api/v1/events/{}/ticket-types", event.event))
        .bearer(&organizer.token)
        .json(other)
        .send()
        .await
        .expect(201)
        .json();
    percent(
        &app,
        &organizer,
        &event,
        "BALCONY",
        json!({"ticket_type_ids": [other["id"]]}),
    )
    .await;
    let items = json!([
        {"ticket_type_id": event.ticket_type, "quantity": 1},
        {"ticket_type_id": other["id"], "quantity": 2},
    ]);
    let held = app
        .post(&format!("/api/v1/events/{}/holds", event.event))
        .bearer(&ana.token)
        .json(json!({"items": items, "promo_code": "balcony"}))
        .send()
        .await
        .expect(201)
        .json();
    assert_eq!(held["total"]["amount_minor"], 1000 + 2 * 1500);
    assert_eq!(held["items"][0]["unit_discount"]["amount_minor"], 0);
    audit(&app).await;
}
