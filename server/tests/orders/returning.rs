//! Giving tickets back: by buyers, by organizers, because the event is called off.

use std::{sync::Arc, time::Duration};

use adapters::fake::ScriptedPayments;
use serde_json::{Value, json};
use service::ports::RefundOutcome;
use testkit::{Answer, OnSale, Person, TestApp};

use super::{again, audit, available, get, payment, text};

/// An event whose buyers may give tickets back until a day before.
pub(super) async fn returnable(
    app: &TestApp,
    organizer: &Person,
    places: u32,
    price: i64,
) -> OnSale {
    let event = app.published_event(organizer, places, price).await;
    set_refund_hours(app, organizer, &event, json!(24)).await;
    event
}

async fn set_refund_hours(app: &TestApp, organizer: &Person, event: &OnSale, hours: Value) {
    app.patch(&format!("/api/v1/events/{}", event.event))
        .bearer(&organizer.token)
        .header("if-match", "*")
        .json(json!({"refund_hours": hours}))
        .send()
        .await
        .expect(200);
}

async fn bought(app: &TestApp, buyer: &Person, event: &OnSale, quantity: u32) -> Value {
    let mut body = event.purchase(quantity);
    body["payment"] = payment("ok")["payment"].clone();
    app.post(&format!("/api/v1/events/{}/purchase", event.event))
        .bearer(&buyer.token)
        .json(body)
        .send()
        .await
        .expect(201)
        .json()
}

async fn give_back(app: &TestApp, who: &Person, order: &Value, body: Value) -> Answer {
    app.post(&format!("/api/v1/orders/{}/refund", text(order, "id")))
        .bearer(&who.token)
        .json(body)
        .send()
        .await
}

async fn order(app: &TestApp, who: &Person, order: &Value) -> Value {
    get(app, who, &format!("/api/v1/orders/{}", text(order, "id"))).await
}

fn statuses(order: &Value) -> Vec<String> {
    let tickets = order["tickets"].as_array().unwrap();
    tickets
        .iter()
        .map(|ticket| text(ticket, "status"))
        .collect()
}

#[tokio::test]
async fn a_part_and_then_the_rest_go_back_with_their_money() {
    let payments = Arc::new(ScriptedPayments::default());
    let app = TestApp::builder().payments(payments.clone()).start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = returnable(&app, &organizer, 3, 1250).await;
    let paid = bought(&app, &ana, &event, 3).await;
    assert_eq!(available(&app, &event).await, 0);

    let one = json!({"ticket_ids": [paid["tickets"][1]["id"]]});
    let part = give_back(&app, &ana, &paid, one.clone())
        .await
        .expect(201)
        .json();
    assert_eq!(statuses(&part), ["valid", "refunded", "valid"]);
    assert_eq!(part["status"], "paid");
    let refund = &part["refunds"][0];
    assert_eq!(
        (
            &refund["amount"]["amount_minor"],
            &refund["state"],
            &refund["reason"]
        ),
        (&json!(1250), &json!("asked"), &json!("buyer"))
    );
    assert_eq!(available(&app, &event).await, 1, "somebody else can come");
    audit(&app).await;
    give_back(&app, &ana, &paid, one)
        .await
        .expect_problem(409, "illegal_state");

    app.drain().await;
    assert_eq!(
        order(&app, &ana, &paid).await["refunds"][0]["state"],
        "succeeded"
    );

    let rest = give_back(&app, &ana, &paid, json!({}))
        .await
        .expect(201)
        .json();
    assert_eq!(rest["status"], "refunded");
    assert_eq!(rest["refunds"].as_array().unwrap().len(), 2);
    app.drain().await;
    let given: i64 = payments
        .refunded()
        .iter()
        .map(|refund| refund.amount.amount_minor)
        .sum();
    assert_eq!(given, 3750);
    assert_eq!(available(&app, &event).await, 3);
    give_back(&app, &ana, &paid, json!({}))
        .await
        .expect_problem(409, "illegal_state");
    audit(&app).await;
}

#[tokio::test]
async fn what_was_free_goes_back_without_money() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = returnable(&app, &organizer, 2, 0).await;
    let mine = bought(&app, &ana, &event, 2).await;
    let back = give_back(&app, &ana, &mine, json!({}))
        .await
        .expect(201)
        .json();
    assert_eq!(back["status"], "refunded");
    assert_eq!(back["refunds"], json!([]));
    assert_eq!(available(&app, &event).await, 2);
    bought(&app, &ana, &event, 2).await;
    audit(&app).await;
}

#[tokio::test]
async fn buyers_keep_to_the_policy_and_organizers_do_not_have_to() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let strict = app.published_event(&organizer, 5, 900).await;
    let kept = bought(&app, &ana, &strict, 1).await;
    let unknown = json!({"ticket_ids": [text(&kept, "id")]});
    give_back(&app, &ana, &kept, unknown)
        .await
        .expect_problem(422, "invalid");
    let refused = give_back(&app, &ana, &kept, json!({})).await;
    refused.expect_problem(409, "illegal_state");
    assert!(text(&refused.json(), "detail").contains("no tickets"));

    let event = returnable(&app, &organizer, 5, 900).await;
    let paid = bought(&app, &ana, &event, 2).await;
    assert_eq!(paid["event"]["is_refundable"], true);
    give_back(&app, &ben, &paid, json!({}))
        .await
        .expect_problem(404, "not_found");
    let stranger = bought(&app, &ben, &event, 1).await;
    let not_mine = json!({"ticket_ids": [stranger["tickets"][0]["id"]]});
    let wrong = give_back(&app, &ana, &paid, not_mine).await;
    wrong.expect_problem(422, "invalid");
    assert_eq!(wrong.fields(), ["ticket_ids"]);

    app.advance(Duration::from_hours(6 * 24));
    let (ana, organizer) = (again(&app, &ana).await, again(&app, &organizer).await);
    assert_eq!(
        order(&app, &ana, &paid).await["event"]["is_refundable"],
        false
    );
    give_back(&app, &ana, &paid, json!({}))
        .await
        .expect_problem(409, "illegal_state");
    let refunded = give_back(&app, &organizer, &paid, json!({}))
        .await
        .expect(201)
        .json();
    assert_eq!(refunded["refunds"][0]["reason"], "organizer");
    audit(&app).await;
}

#[tokio::test]
async fn an_event_that_is_called_off_pays_everybody_back() {
    let payments = Arc::new(ScriptedPayments::default());
    let app = TestApp::builder().payments(payments.clone()).start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 9, 700).await;
    let (of_ana, of_ben) = (
        bought(&app, &ana, &event, 2).await,
        bought(&app, &ben, &event, 3).await,
    );
    let base = format!("/api/v1/events/{}", event.event);
    let before = get(&app, &organizer, &format!("{base}/refunds")).await;
    assert_eq!(
        before,
        json!({"waiting": 0, "open": 0, "done": 0, "refused": 0, "due": 0})
    );
    app.post(&format!("{base}/cancel"))
        .bearer(&organizer.token)
        .json(json!({"reason": "The roof leaks."}))
        .send()
        .await
        .expect(200);
    let waiting = get(&app, &organizer, &format!("{base}/refunds")).await;
    assert_eq!(waiting["waiting"], 2);

    app.drain().await;

    let done = get(&app, &organizer, &format!("{base}/refunds")).await;
    assert_eq!(
        done,
        json!({"waiting": 0, "open": 0, "done": 2, "refused": 0, "due": 0})
    );
    for (who, mine, amount) in [(&ana, &of_ana, 1400), (&ben, &of_ben, 2100)] {
        let order = order(&app, who, mine).await;
        assert_eq!(order["status"], "refunded");
        assert_eq!(order["refunds"][0]["amount"]["amount_minor"], amount);
        assert_eq!(order["refunds"][0]["reason"], "event_cancelled");
    }
    let given: i64 = payments
        .refunded()
        .iter()
        .map(|refund| refund.amount.amount_minor)
        .sum();
    assert_eq!(given, 3500);
    audit(&app).await;
}

#[tokio::test]
async fn a_provider_that_hesitates_is_asked_again_and_one_that_refuses_is_shown() {
    let payments = Arc::new(ScriptedPayments::default());
    payments.will_answer_refunds([RefundOutcome::Unknown, RefundOutcome::Succeeded]);
    let app = TestApp::builder().payments(payments.clone()).start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = returnable(&app, &organizer, 4, 500).await;
    let paid = bought(&app, &ana, &event, 2).await;
    let first = json!({"ticket_ids": [paid["tickets"][0]["id"]]});
    give_back(&app, &ana, &paid, first).await.expect(201);
    app.drain().await;
    assert_eq!(
        order(&app, &ana, &paid).await["refunds"][0]["state"],
        "unknown"
    );
    app.advance(Duration::from_secs(10));
    app.drain().await;
    assert_eq!(
        order(&app, &ana, &paid).await["refunds"][0]["state"],
        "succeeded"
    );
    assert_eq!(payments.refunded().len(), 1);

    payments.will_answer_refunds([RefundOutcome::Refused]);
    give_back(&app, &ana, &paid, json!({})).await.expect(201);
    app.drain().await;
    assert_eq!(
        order(&app, &ana, &paid).await["refunds"][1]["state"],
        "refused"
    );
    let progress = get(
        &app,
        &organizer,
        &format!("/api/v1/events/{}/refunds", event.event),
    )
    .await;
    assert_eq!(
        (&progress["done"], &progress["refused"]),
        (&json!(1), &json!(1))
    );
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_often_it_is_asked_for_money_goes_back_once() {
    let payments = Arc::new(ScriptedPayments::default());
    let app = TestApp::builder().payments(payments.clone()).start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = returnable(&app, &organizer, 4, 1000).await;
    let paid = bought(&app, &ana, &event, 4).await;
    let path = format!("/api/v1/orders/{}/refund", text(&paid, "id"));
    let once = || async {
        let ask = app
            .post(&path)
            .bearer(&ana.token)
            .header("idempotency-key", "r1");
        ask.json(json!({})).send().await
    };
    let asked = futures::future::join_all((0..8).map(|number| {
        let (app, ana, paid) = (&app, &ana, &paid);
        let once = &once;
        async move {
            if number % 2 == 0 {
                once().await
            } else {
                give_back(app, ana, paid, json!({})).await
            }
        }
    }))
    .await;
    assert!(
        asked
            .iter()
            .all(|answer| [201, 409].contains(&answer.status.as_u16()))
    );
    let calls = payments.calls();
    // Two workers look at the same time; the lease keeps one of them away.
    let (one, other) = (app.ctx(), app.ctx());
    let (one, other) = tokio::join!(
        service::orders::settle_open_refunds(&one),
        service::orders::settle_open_refunds(&other)
    );
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(payments.calls(), calls + 1);
    let given: Vec<_> = payments.refunded();
    assert_eq!(given.len(), 1, "{given:?}");
    assert_eq!(given[0].amount.amount_minor, 4000);
    assert_eq!(available(&app, &event).await, 4);
    let (first, second) = (once().await, once().await);
    assert_eq!((first.status, &first.bytes), (second.status, &second.bytes));
    audit(&app).await;
}

#[tokio::test]
async fn organizers_see_who_bought_what_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (organizer, other, ana) = (
        app.organizer().await,
        app.organizer().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 9, 300).await;
    bought(&app, &ana, &event, 1).await;
    let latest = bought(&app, &ana, &event, 2).await;
    let path = format!("/api/v1/events/{}/orders", event.event);
    let page = get(&app, &organizer, &format!("{path}?limit=1")).await;
    assert_eq!(page["items"][0]["order"]["id"], latest["id"]);
    assert_eq!(page["items"][0]["buyer"]["name"], "Test attendee");
    assert_eq!(page["items"][0]["buyer"]["email"], Value::Null);
    let tickets = page["items"][0]["order"]["tickets"].as_array().unwrap();
    assert!(
        tickets.iter().all(|ticket| ticket["code"] == ""),
        "no code opens a door"
    );
    let next = text(&page, "next");
    let rest = get(&app, &organizer, &format!("{path}?limit=1&cursor={next}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next"], Value::Null);
    for (who, status) in [(&other, 403), (&ana, 403)] {
        for path in [
            path.clone(),
            format!("/api/v1/events/{}/refunds", event.event),
        ] {
            app.get(&path)
                .bearer(&who.token)
                .send()
                .await
                .expect(status);
        }
    }
    app.get(&path).send().await.expect(401);
}
