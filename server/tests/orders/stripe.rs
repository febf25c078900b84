//! Selling with Stripe: the server beside a local one of Stripe's protocol.

use std::{sync::Arc, time::Duration};

use adapters::{Stripe, StripeSettings, fake::MockClock};
use serde_json::{Value, json};
use stripe_twin::{Fault, SECRET_KEY, Step, StripeTwin, WEBHOOK_SECRET, signature};
use testkit::{Answer, Person, TestApp};

use super::{audit, get, held, text};

const WEBHOOK: &str = "/api/v1/webhooks/stripe";

async fn app() -> (TestApp, StripeTwin) {
    let stripe = StripeTwin::start().await;
    let settings = StripeSettings {
        api_url: stripe.url().into(),
        webhook_secret: Some(WEBHOOK_SECRET.into()),
        ..StripeSettings::new(SECRET_KEY.into())
    };
    let payments = Stripe::new(&settings, Arc::<MockClock>::default()).unwrap();
    let app = TestApp::builder()
        .payments(Arc::new(payments))
        .start()
        .await;
    (app, stripe)
}

async fn pay(app: &TestApp, buyer: &Person, hold: &str, card: &str) -> Answer {
    app.post(&format!("/api/v1/holds/{hold}/pay"))
        .bearer(&buyer.token)
        .json(json!({"payment": {"method": "stripe", "token": card}}))
        .send()
        .await
}

/// Posts an event as Stripe does.
async fn tell(app: &TestApp, body: &str, signature: &str) -> Answer {
    app.post(WEBHOOK)
        .header("stripe-signature", signature)
        .header("accept", "*/*; q=0.5, application/xml")
        .body("application/json; charset=utf-8", body.as_bytes().to_vec())
        .send()
        .await
}

fn signed(app: &TestApp, body: &str) -> String {
    signature(WEBHOOK_SECRET, body, app.ctx().now().as_second())
}

async fn settle(app: &TestApp) -> usize {
    let settled = service::orders::settle_open_payments(&app.ctx()).await;
    settled.unwrap()
}

#[tokio::test]
async fn a_ticket_is_bought_with_a_card() {
    let (app, stripe) = app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;

    pay(&app, &ana, &hold, "pm_card_chargeDeclined")
        .await
        .expect_problem(402, "payment_declined");
    pay(&app, &ana, &hold, "pm_card_authenticationRequired")
        .await
        .expect_problem(402, "payment_declined");
    let order = pay(&app, &ana, &hold, "pm_card_visa")
        .await
        .expect(201)
        .json();

    assert_eq!(order["status"], "paid");
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    let taken = stripe.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].amount, taken[0].currency.as_str()), (2400, "eur"));
    audit(&app).await;
}

/// A pending order of two places, and the id of its payment.
async fn pending(app: &TestApp, stripe: &StripeTwin, buyer: &Person) -> (Value, String) {
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(app, buyer, &event, 2).await;
    stripe.fail(Step::Confirm, Fault::DropAnswer);
    let order = pay(app, buyer, &hold, "pm_card_visa")
        .await
        .expect(201)
        .json();
    assert_eq!(order["status"], "pending");
    let payment = stripe.intents()[0].payment_id.clone();
    (order, payment)
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_settled_when_stripe_calls() {
    let (app, stripe) = app().await;
    let ana = app.attendee().await;
    let (order, payment) = pending(&app, &stripe, &ana).await;
    assert_eq!(settle(&app).await, 0, "it is not time to ask again");
    let body = stripe.event("payment_intent.succeeded", &payment);

    for _ in 0..2 {
        tell(&app, &body, &signed(&app, &body)).await.expect(200);
    }

    assert_eq!(settle(&app).await, 1);
    let path = format!("/api/v1/orders/{}", text(&order, "id"));
    let order = get(&app, &ana, &path).await;
    assert_eq!(order["status"], "paid");
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    tell(&app, &body, &signed(&app, &body)).await.expect(200);
    assert_eq!(settle(&app).await, 0);
    assert_eq!(stripe.taken().len(), 1);
    audit(&app).await;
}

#[tokio::test]
async fn a_lost_payment_is_settled_without_stripe_calling() {
    let (app, stripe) = app().await;
    let ana = app.attendee().await;
    pending(&app, &stripe, &ana).await;
    app.advance(Duration::from_secs(5));
    assert_eq!(settle(&app).await, 1);
    assert_eq!(stripe.taken().len(), 1);
    audit(&app).await;
}

/// What the call says is not believed: the provider is asked, and says something else.
#[tokio::test]
async fn a_false_claim_of_success_makes_nothing_paid() {
    let (app, stripe) = app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    stripe.fail(Step::Confirm, Fault::DropRequest);
    let order = pay(&app, &ana, &hold, "pm_card_visa")
        .await
        .expect(201)
        .json();
    let body = stripe.event("payment_intent.succeeded", &stripe.intents()[0].payment_id);

    tell(&app, &body, &signed(&app, &body)).await.expect(200);

    assert_eq!(settle(&app).await, 1);
    let path = format!("/api/v1/orders/{}", text(&order, "id"));
    assert_eq!(get(&app, &ana, &path).await["status"], "cancelled");
    assert_eq!(stripe.taken(), []);
    audit(&app).await;
}

#[tokio::test]
async fn calls_without_a_good_signature_are_refused() {
    let (app, stripe) = app().await;
    let ana = app.attendee().await;
    let (_, payment) = pending(&app, &stripe, &ana).await;
    let body = stripe.event("payment_intent.succeeded", &payment);
    let now = app.ctx().now().as_second();

    for bad in [
        String::new(),
        "t=1,v1=00".into(),
        signature("whsec_other", &body, now),
        signature(WEBHOOK_SECRET, &body, now - 301),
        signature(WEBHOOK_SECRET, "{}", now),
    ] {
        tell(&app, &body, &bad)
            .await
            .expect_problem(400, "bad_signature");
    }
    app.post(WEBHOOK)
        .json(json!({}))
        .send()
        .await
        .expect_problem(400, "bad_signature");
    assert_eq!(settle(&app).await, 0);
}

#[tokio::test]
async fn unknown_events_are_taken_and_long_ones_are_not() {
    let (app, _stripe) = app().await;
    let nobodys = json!({"metadata": {"payment_id": "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11"}});
    for (kind, object) in [
        ("customer.created", json!({})),
        ("payment_intent.succeeded", json!({})),
        ("payment_intent.succeeded", nobodys),
    ] {
        let body = json!({"type": kind, "data": {"object": object}}).to_string();
        tell(&app, &body, &signed(&app, &body)).await.expect(200);
    }
    let body = "not JSON";
    tell(&app, body, &signed(&app, body))
        .await
        .expect_problem(400, "malformed");
    let body = format!("{{\"x\":\"{}\"}}", "a".repeat(64 * 1024));
    tell(&app, &body, &signed(&app, &body))
        .await
        .expect_problem(413, "payload_too_large");
}

#[tokio::test]
async fn an_installation_without_stripe_takes_no_calls_of_it() {
    let app = TestApp::start().await;
    tell(&app, "{}", &signed(&app, "{}"))
        .await
        .expect_problem(404, "not_found");
}
