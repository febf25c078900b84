//! Payments whose outcome is not known at first.

use std::time::Duration;

use serde_json::json;
use service::ports::ChargeOutcome;
use testkit::{OnSale, Person, TestApp};

use super::{
    HOLD_TIME, again, audit, available, get, held, pay, payment, provider::Provider, text,
};

async fn order(app: &TestApp, person: &Person, id: &str) -> serde_json::Value {
    get(app, person, &format!("/api/v1/orders/{id}")).await
}

async fn settle(app: &TestApp) -> usize {
    service::orders::settle_open_payments(&app.ctx())
        .await
        .unwrap()
}

async fn cancel(app: &TestApp, organizer: &Person, event: &OnSale) {
    let path = format!("/api/v1/events/{}/cancel", event.event);
    app.post(&path)
        .bearer(&organizer.token)
        .json(json!({"reason": "storm"}))
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn an_unknown_outcome_is_pending_and_settles_as_paid() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;

    let answer = pay(&app, &ana, &hold, "timeout").await.expect(201).json();

    assert_eq!(
        (&answer["status"], &answer["tickets"]),
        (&json!("pending"), &json!([]))
    );
    assert_eq!(answer["payment_state"], "unknown");
    pay(&app, &ana, &hold, "ok")
        .await
        .expect_problem(409, "payment_pending");
    audit(&app).await;
    app.advance(Duration::from_secs(5));
    assert_eq!(settle(&app).await, 1);
    let settled = order(&app, &ana, &text(&answer, "id")).await;
    assert_eq!(
        (
            &settled["status"],
            settled["tickets"].as_array().unwrap().len()
        ),
        (&json!("paid"), 2)
    );
    assert_eq!(settle(&app).await, 0);
    audit(&app).await;
}

#[tokio::test]
async fn a_pending_purchase_keeps_its_places_however_long_it_takes() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 2, 1200).await;
    provider.says(ChargeOutcome::Unknown);
    provider.finds(ChargeOutcome::Unknown);
    let answer = app.buy(&ana, &event, 2).await.json();

    for _ in 0..20 {
        app.advance(Duration::from_mins(2));
        assert_eq!(settle(&app).await, 0);
    }
    assert_eq!(available(&app, &event).await, 0);
    audit(&app).await;
    provider.finds(ChargeOutcome::Declined);
    app.advance(Duration::from_mins(2));
    assert_eq!(settle(&app).await, 1);

    let ana = again(&app, &ana).await;
    assert_eq!(
        order(&app, &ana, &text(&answer, "id")).await["status"],
        "cancelled"
    );
    assert_eq!(
        available(&app, &event).await,
        2,
        "the hold was due long ago"
    );
    assert_eq!(provider.charges(), [1]);
    audit(&app).await;
}

#[tokio::test]
async fn several_workers_settle_a_payment_once() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 20, 1200).await;
    for _ in 0..5 {
        let path = format!("/api/v1/events/{}/purchase", event.event);
        app.post(&path)
            .bearer(&ana.token)
            .json(event.paid_with(2, "timeout"))
            .send()
            .await
            .expect(201);
    }
    app.advance(Duration::from_secs(5));

    let (a, b, c) = tokio::join!(settle(&app), settle(&other), settle(&app));

    assert_eq!(a + b + c, 5);
    assert_eq!(
        get(&app, &ana, "/api/v1/tickets").await["items"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    audit(&app).await;
}

#[tokio::test]
async fn a_call_that_died_while_paying_is_settled_by_the_worker_after_its_lease() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    provider.be_silent();
    let path = format!("/api/v1/holds/{hold}/pay");
    let call = app
        .post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .once("k")
        .send();
    tokio::select! {
        _ = call => panic!("the provider is silent"),
        () = provider.was_asked() => provider.askers_die(),
    }
    audit(&app).await;

    app.advance(Duration::from_secs(59));
    assert_eq!(settle(&app).await, 0, "somebody may still be asking");
    let in_flight = app
        .post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .once("k")
        .send()
        .await;
    in_flight.expect_problem(409, "request_in_flight");
    app.advance(Duration::from_secs(1));
    assert_eq!(settle(&app).await, 1);

    let answer = app
        .post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .once("k")
        .send()
        .await
        .expect(201);
    assert_eq!(answer.json()["status"], "paid");
    assert_eq!(provider.charges(), [1]);
    audit(&app).await;
}

#[tokio::test]
async fn who_hangs_up_while_paying_finds_the_answer_at_the_next_try() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    provider.be_silent();
    tokio::select! {
        _ = app.purchase(&ana, &event, 2).once("k").send() => panic!("the provider is silent"),
        () = provider.was_asked() => {}
    }
    provider.answer();
    app.services.tasks.close();
    app.services.tasks.wait().await;
    app.services.tasks.reopen();

    let answer = app.purchase(&ana, &event, 2).once("k").send().await;

    let answer = answer.expect(201);
    assert_eq!(answer.header("idempotent-replay"), "true");
    assert_eq!(answer.json()["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(provider.charges(), [1]);
    audit(&app).await;
}

#[tokio::test]
async fn a_retry_after_the_lease_takes_a_dead_call_over_and_charges_nothing_twice() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    provider.be_silent();
    tokio::select! {
        _ = app.purchase(&ana, &event, 2).once("k").send() => panic!("the provider is silent"),
        () = provider.was_asked() => provider.askers_die(),
    }
    app.advance(Duration::from_mins(1));

    let answer = app
        .purchase(&ana, &event, 2)
        .once("k")
        .send()
        .await
        .expect(201);

    assert_eq!(answer.json()["tickets"].as_array().unwrap().len(), 2);
    let again = app
        .purchase(&ana, &event, 2)
        .once("k")
        .send()
        .await
        .expect(201);
    assert_eq!(
        (again.header("idempotent-replay"), &again.bytes),
        ("true", &answer.bytes)
    );
    assert_eq!(provider.charges(), [1]);
    assert_eq!(available(&app, &event).await, 3);
    audit(&app).await;
}

#[tokio::test]
async fn a_retry_hears_of_an_order_that_the_worker_settled_though_a_take_over_died() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    provider.be_silent();
    tokio::select! {
        _ = app.purchase(&ana, &event, 2).once("k").send() => panic!("the provider is silent"),
        () = provider.was_asked() => provider.askers_die(),
    }
    app.advance(Duration::from_mins(1));
    // Whoever takes the call over dies too, and leaves another lease behind.
    provider.find_nothing();
    tokio::select! {
        _ = app.purchase(&ana, &event, 2).once("k").send() => panic!("the provider is silent"),
        () = provider.was_looked_up() => provider.askers_die(),
    }
    provider.find();
    assert_eq!(settle(&app).await, 1);

    let answer = app.purchase(&ana, &event, 2).once("k").send().await;
    let answer = answer.expect(201);
    assert_eq!(answer.json()["status"], "paid");
    let again = app.purchase(&ana, &event, 2).once("k").send().await;
    assert_eq!(again.bytes, answer.bytes);
    assert_eq!(provider.charges(), [1]);
    audit(&app).await;
}

#[tokio::test]
async fn a_taken_over_call_whose_payment_was_declined_says_so() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    provider.be_silent();
    let path = format!("/api/v1/holds/{hold}/pay");
    tokio::select! {
        _ = app.post(&path).bearer(&ana.token).json(payment("ok")).once("k").send() => panic!("the provider is silent"),
        () = provider.was_asked() => provider.askers_die(),
    }
    provider.finds(ChargeOutcome::Declined);
    app.advance(Duration::from_mins(1));
    assert_eq!(settle(&app).await, 1);
    // Meanwhile the buyer pays with another key; the old key still tells its own story.
    provider.answer();
    app.post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .once("other")
        .send()
        .await
        .expect(201);

    let answer = app
        .post(&path)
        .bearer(&ana.token)
        .json(payment("ok"))
        .once("k")
        .send()
        .await;

    answer.expect_problem(402, "payment_declined");
    audit(&app).await;
}

#[tokio::test]
async fn money_taken_for_an_event_that_was_cancelled_meanwhile_is_honoured() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let path = format!("/api/v1/events/{}/purchase", event.event);
    let pending = app
        .post(&path)
        .bearer(&ana.token)
        .json(event.paid_with(2, "timeout"))
        .send()
        .await
        .expect(201)
        .json();
    let waiting = held(&app, &ana, &event, 1).await;
    cancel(&app, &organizer, &event).await;

    app.advance(Duration::from_secs(5));
    assert_eq!(settle(&app).await, 1);

    let order = order(&app, &ana, &text(&pending, "id")).await;
    assert_eq!(order["status"], "paid");
    let states: Vec<_> = order["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| text(ticket, "status"))
        .collect();
    assert_eq!(states, ["cancelled", "cancelled"]);
    app.drain().await;
    let refunded = self::order(&app, &ana, &text(&pending, "id")).await;
    assert_eq!(refunded["refunds"][0]["state"], "succeeded");
    assert_eq!(refunded["refunds"][0]["amount"], refunded["total"]);
    pay(&app, &ana, &waiting, "ok")
        .await
        .expect_problem(409, "not_on_sale");
    audit(&app).await;
}

#[tokio::test]
async fn cancelling_an_event_cancels_its_tickets() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    app.buy(&ana, &event, 2).await;

    cancel(&app, &organizer, &event).await;

    let tickets = get(&app, &ana, "/api/v1/tickets").await;
    assert_eq!(tickets["items"][0]["status"], "cancelled");
    assert_eq!(tickets["items"][0]["event"]["status"], "cancelled");
    audit(&app).await;
}

#[tokio::test]
async fn a_due_hold_goes_while_another_is_being_paid() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 5, 1200).await;
    held(&app, &ben, &event, 3).await;
    let hold = held(&app, &ana, &event, 2).await;
    provider.says(ChargeOutcome::Unknown);
    pay(&app, &ana, &hold, "ok").await.expect(201);
    app.advance(HOLD_TIME);
    assert_eq!(settle(&app).await, 1);
    assert_eq!(available(&app, &event).await, 3);
    audit(&app).await;
}
