//! Money that comes when its places were given back: honoured while places remain, otherwise it
//! goes back and its sender is the first in line.

use std::time::Duration;

use serde_json::{Value, json};
use service::ports::ChargeOutcome;
use testkit::{OnSale, Person, TestApp};

use super::{
    again, available, get, held,
    offline::{confirm, now, open_event, order_by, pair, stands, whole_audit},
    pay,
    provider::Provider,
    text,
};

/// An order by transfer that was awaited in vain.
async fn lapsed(app: &TestApp, buyer: &Person, event: &OnSale, quantity: u32) -> Value {
    let order = order_by(app, buyer, event, quantity, "bank_transfer").await;
    let order = order.expect(201).json();
    app.advance(Duration::from_hours(3 * 24));
    app.drain().await;
    order
}

/// Where somebody is in line.
async fn places_in_line(app: &TestApp, who: &Person) -> Vec<Value> {
    let mine = get(app, who, "/api/v1/waiting-list").await;
    mine["items"].as_array().unwrap().clone()
}

async fn join(app: &TestApp, who: &Person, event: &OnSale, quantity: u32) {
    let path = format!("/api/v1/events/{}/waiting-list", event.event);
    let body = json!({"ticket_type_id": event.ticket_type, "quantity": quantity});
    app.post(&path)
        .bearer(&who.token)
        .json(body)
        .send()
        .await
        .expect(201);
}

#[tokio::test]
async fn late_money_is_honoured_while_places_remain() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 3, 1200).await;
    let order = lapsed(&app, &ana, &event, 2).await;
    let (ana, organizer) = (again(&app, &ana).await, again(&app, &organizer).await);
    assert_eq!(
        stands(&now(&app, &ana, &order).await),
        pair("cancelled", "lapsed")
    );
    let listed = get(
        &app,
        &organizer,
        &format!("/api/v1/events/{}/orders", event.event),
    )
    .await;
    assert_eq!(
        listed["items"][0]["order"]["offline"]["reference"], order["offline"]["reference"],
        "the organizer finds it by its reference"
    );

    let paid = confirm(&app, &organizer, &order).await.expect(201).json();
    assert_eq!(stands(&paid), pair("paid", "succeeded"));
    assert_eq!(paid["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(available(&app, &event).await, 1);
    whole_audit(&app).await;
    let again = confirm(&app, &organizer, &order).await.expect(201).json();
    assert_eq!(again["tickets"], paid["tickets"]);
    app.drain().await;
    whole_audit(&app).await;
}

#[tokio::test]
async fn late_money_without_places_goes_back_and_its_sender_is_first_in_line() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 2, 1200).await;
    let order = lapsed(&app, &ana, &event, 2).await;
    let (ana, organizer) = (again(&app, &ana).await, again(&app, &organizer).await);
    let (ben, eva) = (app.attendee().await, app.attendee().await);
    let taken = app.buy(&ben, &event, 2).await.json();
    join(&app, &eva, &event, 1).await;
    // In line like everybody else, until the money comes.
    join(&app, &ana, &event, 1).await;

    let came = confirm(&app, &organizer, &order).await.expect(201).json();
    assert_eq!(stands(&came), pair("cancelled", "succeeded"));
    assert_eq!(came["tickets"], json!([]));
    let refund = &came["refunds"][0];
    assert_eq!(
        (&refund["state"], &refund["reason"], &refund["amount"]),
        (&json!("due"), &json!("late"), &came["total"])
    );
    let again = confirm(&app, &organizer, &order).await.expect(201).json();
    assert_eq!(again["refunds"], came["refunds"], "it goes back once");
    whole_audit(&app).await;

    let mine = places_in_line(&app, &ana).await;
    let waiting: Vec<_> = mine
        .iter()
        .filter(|entry| entry["status"] == "waiting")
        .collect();
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        (&waiting[0]["position"], &waiting[0]["quantity"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(places_in_line(&app, &eva).await[0]["position"], 2);

    let path = format!("/api/v1/orders/{}/refund", text(&taken, "id"));
    app.post(&path)
        .bearer(&organizer.token)
        .json(json!({}))
        .send()
        .await
        .expect(201);
    let offered = places_in_line(&app, &ana).await;
    let offered = offered
        .iter()
        .find(|entry| entry["status"] == "offered")
        .expect("an offer");
    pay(&app, &ana, &text(offered, "hold_id"), "ok")
        .await
        .expect(201);
    assert_eq!(places_in_line(&app, &eva).await[0]["status"], "waiting");
    whole_audit(&app).await;
}

#[tokio::test]
async fn who_came_late_first_is_before_who_came_late_next() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = open_event(&app, &organizer, 2, 1200).await;
    let of_ana = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    let of_ana = of_ana.expect(201).json();
    let of_ben = lapsed(&app, &ben, &event, 1).await;
    let organizer = again(&app, &organizer).await;
    let (ana, ben) = (again(&app, &ana).await, again(&app, &ben).await);
    let eva = app.attendee().await;
    held(&app, &eva, &event, 2).await;
    join(&app, &app.attendee().await, &event, 1).await;
    confirm(&app, &organizer, &of_ben).await.expect(201);
    confirm(&app, &organizer, &of_ana).await.expect(201);
    assert_eq!(places_in_line(&app, &ben).await[0]["position"], 1);
    assert_eq!(places_in_line(&app, &ana).await[0]["position"], 2);
    whole_audit(&app).await;
}

#[tokio::test]
async fn who_comes_late_twice_waits_for_the_places_of_both_orders() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 4, 1200).await;
    let first = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    let first = first.expect(201).json();
    let second = lapsed(&app, &ana, &event, 2).await;
    let (ana, organizer) = (again(&app, &ana).await, again(&app, &organizer).await);
    app.buy(&app.attendee().await, &event, 4).await;
    for order in [&first, &second] {
        let came = confirm(&app, &organizer, order).await.expect(201).json();
        assert_eq!(stands(&came), pair("cancelled", "succeeded"));
    }
    let line = places_in_line(&app, &ana).await;
    assert_eq!(line.len(), 1);
    assert_eq!(
        (&line[0]["position"], &line[0]["quantity"]),
        (&json!(1), &json!(3))
    );
    whole_audit(&app).await;
}

#[tokio::test]
async fn a_late_order_keeps_its_code_and_minds_the_limit_of_its_buyer() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 6, 1200).await;
    app.post(&format!("/api/v1/events/{}/promo-codes", event.event))
        .bearer(&organizer.token)
        .json(json!({"code": "early", "kind": "percent", "percent": 25, "max_uses": 1}))
        .send()
        .await
        .expect(201);
    let buy = async |who: &Person, code: Option<&str>, quantity: u32| {
        let mut body = event.items(quantity);
        body["payment"] = json!({"method": "bank_transfer"});
        body["promo_code"] = json!(code);
        let path = format!("/api/v1/events/{}/purchase", event.event);
        let ask = app.post(&path).bearer(&who.token).json(body);
        ask.send().await.expect(201).json()
    };
    let cheap = buy(&ana, Some("early"), 2).await;
    let full = buy(&ana, None, 2).await;
    assert_eq!(cheap["total"]["amount_minor"], 1800);
    app.advance(Duration::from_hours(3 * 24));
    app.drain().await;
    let (ana, organizer) = (again(&app, &ana).await, again(&app, &organizer).await);
    // Somebody else used the code up meanwhile.
    buy(&app.attendee().await, Some("early"), 1).await;
    let paid = confirm(&app, &organizer, &cheap).await.expect(201).json();
    assert_eq!(stands(&paid), pair("paid", "succeeded"));
    assert_eq!(paid["total"]["amount_minor"], 1800);
    // With the two that ana has, two more are over the limit now.
    limit(&app, &organizer, &event, 3).await;
    let over = confirm(&app, &organizer, &full).await.expect(201).json();
    assert_eq!(stands(&over), pair("cancelled", "succeeded"));
    assert_eq!(over["refunds"][0]["amount"], over["total"]);
    let line = places_in_line(&app, &ana).await;
    assert!(
        line.is_empty(),
        "nobody waits for more than they may have: {line:?}"
    );
    assert_eq!(available(&app, &event).await, 3);
    whole_audit(&app).await;
}

/// So many one person may have from now on.
async fn limit(app: &TestApp, organizer: &Person, event: &OnSale, most: u32) {
    let (event, kind) = (event.event, event.ticket_type);
    app.patch(&format!("/api/v1/events/{event}/ticket-types/{kind}"))
        .bearer(&organizer.token)
        .header("if-match", "*")
        .json(json!({"max_per_person": most}))
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn only_cash_at_the_door_still_comes_when_the_event_is_over() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 4, 1200).await;
    let door = order_by(&app, &ana, &event, 1, "at_door").await;
    let door = door.expect(201).json();
    let transfer = lapsed(&app, &ana, &event, 1).await;
    app.advance(Duration::from_hours(5 * 24));
    app.drain().await;
    let organizer = again(&app, &organizer).await;
    let came = confirm(&app, &organizer, &transfer)
        .await
        .expect(201)
        .json();
    assert_eq!(stands(&came), pair("cancelled", "succeeded"));
    assert_eq!(
        (&came["tickets"], &came["refunds"][0]["reason"]),
        (&json!([]), &json!("late"))
    );
    let noted = confirm(&app, &organizer, &door).await.expect(201).json();
    assert_eq!(stands(&noted), pair("paid", "succeeded"));
    let ana = again(&app, &ana).await;
    assert!(places_in_line(&app, &ana).await.is_empty());
    whole_audit(&app).await;
}

/// A purchase of two places whose provider was found to say no, and says yes now.
async fn declined_meanwhile(app: &TestApp, provider: &Provider, ana: &Person, event: &OnSale) {
    provider.be_silent();
    tokio::select! {
        _ = app.purchase(ana, event, 2).once("k").send() => panic!("the provider is silent"),
        () = provider.was_asked() => {}
    }
    provider.finds(ChargeOutcome::Declined);
    app.advance(Duration::from_mins(1));
    let settled = service::orders::settle_open_payments(&app.ctx()).await;
    assert_eq!(settled.unwrap(), 1);
}

async fn provider_says_yes(app: &TestApp, provider: &Provider) {
    provider.answer();
    app.services.tasks.close();
    app.services.tasks.wait().await;
    app.services.tasks.reopen();
}

async fn latest_order(app: &TestApp, who: &Person) -> Value {
    get(app, who, "/api/v1/orders").await["items"][0].clone()
}

#[tokio::test]
async fn a_provider_that_says_yes_after_its_no_is_honoured() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 3, 1200).await;
    declined_meanwhile(&app, &provider, &ana, &event).await;
    assert_eq!(
        stands(&latest_order(&app, &ana).await),
        pair("cancelled", "declined")
    );

    provider_says_yes(&app, &provider).await;

    let order = latest_order(&app, &ana).await;
    assert_eq!(stands(&order), pair("paid", "succeeded"));
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    whole_audit(&app).await;
}

#[tokio::test]
async fn a_providers_late_yes_goes_back_when_the_places_are_gone() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 3, 1200).await;
    declined_meanwhile(&app, &provider, &ana, &event).await;
    let kept = get(&app, &ana, "/api/v1/holds").await["items"][0].clone();
    app.delete(&format!("/api/v1/holds/{}", text(&kept, "id")))
        .bearer(&ana.token)
        .send()
        .await
        .expect(204);
    // The retry with the key hears the no that stands by now.
    let told = app.purchase(&ana, &event, 2).once("k").send().await;
    told.expect_problem(402, "payment_declined");
    let ben = app.attendee().await;
    held(&app, &ben, &event, 3).await;

    provider_says_yes(&app, &provider).await;

    let order = latest_order(&app, &ana).await;
    assert_eq!(stands(&order), pair("cancelled", "succeeded"));
    assert_eq!(order["refunds"][0]["reason"], "late");
    whole_audit(&app).await;
    app.drain().await;
    let order = latest_order(&app, &ana).await;
    assert_eq!(order["refunds"][0]["state"], "succeeded");
    let line = places_in_line(&app, &ana).await;
    assert_eq!(
        (&line[0]["position"], &line[0]["quantity"]),
        (&json!(1), &json!(2))
    );
    whole_audit(&app).await;
}

#[tokio::test]
async fn a_providers_late_yes_is_heard_also_when_the_call_was_answered_meanwhile() {
    let (app, provider) = Provider::app().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 3, 1200).await;
    provider.be_silent();
    tokio::select! {
        _ = app.purchase(&ana, &event, 2).once("k").send() => panic!("the provider is silent"),
        () = provider.was_asked() => {}
    }
    provider.finds(ChargeOutcome::Unknown);
    app.advance(Duration::from_mins(1));
    let settle = async || {
        let settled = service::orders::settle_open_payments(&app.ctx()).await;
        settled.unwrap()
    };
    assert_eq!(settle().await, 0);
    // The retry is told what is known, and that answer is kept.
    let told = app.purchase(&ana, &event, 2).once("k").send().await;
    assert_eq!(stands(&told.expect(201).json()), pair("pending", "unknown"));
    provider.finds(ChargeOutcome::Declined);
    app.advance(Duration::from_mins(1));
    assert_eq!(settle().await, 1);
    assert_eq!(
        stands(&latest_order(&app, &ana).await),
        pair("cancelled", "declined")
    );

    provider_says_yes(&app, &provider).await;

    let order = latest_order(&app, &ana).await;
    assert_eq!(stands(&order), pair("paid", "succeeded"));
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    whole_audit(&app).await;
}
