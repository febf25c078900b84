//! Paying: accepted, declined, too late, twice.

use std::time::Duration;

use serde_json::json;
use service::ports::ChargeOutcome;
use testkit::TestApp;

use super::{
    HOLD_TIME, again, audit, available, get, held, pay, payment, provider::Provider, text,
};

#[tokio::test]
async fn a_paid_hold_becomes_an_order_with_a_ticket_per_place() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 3).await;

    let order = pay(&app, &ana, &hold, "ok").await.expect(201).json();

    assert_eq!(
        (
            text(&order, "status").as_str(),
            text(&order, "payment_state").as_str()
        ),
        ("paid", "succeeded")
    );
    assert_eq!(order["total"]["amount_minor"], 3600);
    assert_eq!(order["tickets"].as_array().unwrap().len(), 3);
    assert_eq!(
        get(
            &app,
            &ana,
            &format!("/api/v1/orders/{}", text(&order, "id"))
        )
        .await,
        order
    );
    assert_eq!(available(&app, &event).await, 2);
    audit(&app).await;
}

#[tokio::test]
async fn what_costs_needs_a_payment() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 1).await;
    let path = format!("/api/v1/holds/{hold}/pay");
    app.post(&path)
        .bearer(&ana.token)
        .json(json!({}))
        .send()
        .await
        .expect_problem(422, "payment_required");
    let cash = json!({"payment": {"method": "cash"}});
    let answer = app.post(&path).bearer(&ana.token).json(cash).send().await;
    answer.expect_problem(422, "invalid");
    assert_eq!(answer.fields(), ["payment.method"]);
    let path = format!("/api/v1/events/{}/purchase", event.event);
    app.post(&path)
        .bearer(&ana.token)
        .json(event.items(1))
        .send()
        .await
        .expect_problem(422, "payment_required");
    assert_eq!(available(&app, &event).await, 4, "nothing more was held");
    audit(&app).await;
}

#[tokio::test]
async fn a_declined_payment_keeps_the_hold_and_its_clock() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    let path = format!("/api/v1/holds/{hold}");
    let before = get(&app, &ana, &path).await;
    app.advance(Duration::from_mins(1));

    let refused = pay(&app, &ana, &hold, "decline").await;

    refused.expect_problem(402, "payment_declined");
    assert_eq!(text(&refused.json(), "hold_id"), hold);
    let after = get(&app, &ana, &path).await;
    assert_eq!(
        (&after["status"], &after["expires_at"]),
        (&json!("held"), &before["expires_at"])
    );
    let orders = get(&app, &ana, "/api/v1/orders").await;
    assert_eq!(
        (
            &orders["items"][0]["status"],
            &orders["items"][0]["tickets"]
        ),
        (&json!("cancelled"), &json!([]))
    );
    audit(&app).await;
    pay(&app, &ana, &hold, "ok").await.expect(201);
    audit(&app).await;
}

#[tokio::test]
async fn a_declined_purchase_leaves_a_hold_to_try_again() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let path = format!("/api/v1/events/{}/purchase", event.event);

    let refused = app
        .post(&path)
        .bearer(&ana.token)
        .json(event.paid_with(2, "decline"))
        .send()
        .await;

    refused.expect_problem(402, "payment_declined");
    assert_eq!(available(&app, &event).await, 3);
    let order = pay(&app, &ana, &text(&refused.json(), "hold_id"), "ok")
        .await
        .expect(201)
        .json();
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    audit(&app).await;
}

#[tokio::test]
async fn a_hold_that_ran_out_cannot_be_paid() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    let released = held(&app, &ana, &event, 1).await;
    app.delete(&format!("/api/v1/holds/{released}"))
        .bearer(&ana.token)
        .send()
        .await
        .expect(204);
    app.advance(HOLD_TIME);
    let ana = again(&app, &ana).await;

    pay(&app, &ana, &hold, "ok")
        .await
        .expect_problem(410, "hold_expired");
    pay(&app, &ana, &released, "ok")
        .await
        .expect_problem(410, "hold_expired");

    assert_eq!(available(&app, &event).await, 5);
    audit(&app).await;
}

#[tokio::test]
async fn a_hold_is_paid_once() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    let order = pay(&app, &ana, &hold, "ok").await.expect(201).json();

    let refused = pay(&app, &ana, &hold, "ok").await;

    refused.expect_problem(409, "illegal_state");
    assert_eq!(refused.json()["order_id"], order["id"]);
    let path = format!("/api/v1/holds/{hold}");
    app.delete(&path)
        .bearer(&ana.token)
        .send()
        .await
        .expect_problem(409, "illegal_state");
    audit(&app).await;
}

#[tokio::test]
async fn of_two_payments_at_once_one_goes_on() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    provider.be_silent();

    let path = format!("/api/v1/holds/{hold}/pay");
    let first = app
        .post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .send();
    let second = async {
        provider.was_asked().await;
        let refused = pay(&app, &ana, &hold, "ok").await;
        let kept = app
            .delete(&format!("/api/v1/holds/{hold}"))
            .bearer(&ana.token)
            .send()
            .await;
        audit(&app).await;
        provider.answer();
        (refused, kept)
    };
    let (first, (refused, kept)) = tokio::join!(first, second);

    first.expect(201);
    refused.expect_problem(409, "payment_pending");
    kept.expect_problem(409, "payment_pending");
    assert_eq!(provider.charges(), [1]);
    audit(&app).await;
}

#[tokio::test]
async fn while_a_payment_runs_the_hold_does_not_run_out() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 2, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    provider.be_silent();

    let path = format!("/api/v1/holds/{hold}/pay");
    let paying = app
        .post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .send();
    let waiting = async {
        provider.was_asked().await;
        app.advance(HOLD_TIME);
        service::orders::sweep_due_holds(&app.ctx()).await.unwrap();
        assert_eq!(available(&app, &event).await, 0);
        provider.answer();
    };
    let (paid, ()) = tokio::join!(paying, waiting);

    assert_eq!(text(&paid.expect(201).json(), "status"), "paid");
    audit(&app).await;
}

#[tokio::test]
async fn a_hold_whose_time_ran_out_during_a_declined_payment_is_over() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 2, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    provider.says(ChargeOutcome::Declined);
    provider.be_silent();

    let path = format!("/api/v1/holds/{hold}/pay");
    let paying = app
        .post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .send();
    let waiting = async {
        provider.was_asked().await;
        app.advance(HOLD_TIME);
        provider.answer();
    };
    let (refused, ()) = tokio::join!(paying, waiting);

    refused.expect_problem(402, "payment_declined");
    assert_eq!(available(&app, &event).await, 2);
    let ana = again(&app, &ana).await;
    assert_eq!(
        text(
            &get(&app, &ana, &format!("/api/v1/holds/{hold}")).await,
            "status"
        ),
        "expired"
    );
    audit(&app).await;
}
