//! Payment by bank transfer and at the door: places wait for the money, and the organizer says
//! that it is here.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, OnSale, Person, TestApp};

use super::{again, audit, available, get, held, text};

const DAY: Duration = Duration::from_hours(24);

/// All ways to pay; transfers have three days.
pub(super) fn all_ways() -> Value {
    json!({
        "card": true,
        "bank_transfer": {"account_holder": "The Hall", "details": "DE02 1203 0000", "days": 3},
        "at_door": true,
    })
}

pub(super) async fn set_ways(app: &TestApp, who: &Person, event: &OnSale, ways: Value) -> Answer {
    let path = format!("/api/v1/events/{}/payment-methods", event.event);
    app.put(&path).bearer(&who.token).json(ways).send().await
}

/// An event that is paid in all ways.
pub(super) async fn open_event(
    app: &TestApp,
    organizer: &Person,
    places: u32,
    price: i64,
) -> OnSale {
    let event = app.published_event(organizer, places, price).await;
    open_ways(app, organizer, &event).await;
    event
}

/// Lets an event be paid in all ways.
pub(super) async fn open_ways(app: &TestApp, organizer: &Person, event: &OnSale) {
    set_ways(app, organizer, event, all_ways())
        .await
        .expect(200);
}

/// Orders in a way that waits for money, whatever comes of it.
pub(super) async fn order_by(
    app: &TestApp,
    buyer: &Person,
    event: &OnSale,
    quantity: u32,
    method: &str,
) -> Answer {
    let mut body = event.items(quantity);
    body["payment"] = json!({"method": method});
    let path = format!("/api/v1/events/{}/purchase", event.event);
    app.post(&path).bearer(&buyer.token).json(body).send().await
}

/// The organizer says that the money of an order is here.
pub(super) async fn confirm(app: &TestApp, who: &Person, order: &Value) -> Answer {
    let path = format!("/api/v1/orders/{}/confirm-payment", text(order, "id"));
    app.post(&path).bearer(&who.token).send().await
}

/// Nobody waits for the money of an order any more.
pub(super) async fn call_off(app: &TestApp, who: &Person, order: &Value) -> Answer {
    let path = format!("/api/v1/orders/{}/call-off", text(order, "id"));
    app.post(&path).bearer(&who.token).send().await
}

/// An order as its buyer sees it now.
pub(super) async fn now(app: &TestApp, who: &Person, order: &Value) -> Value {
    get(app, who, &format!("/api/v1/orders/{}", text(order, "id"))).await
}

/// Status and state of the payment.
pub(super) fn stands(order: &Value) -> (String, String) {
    (text(order, "status"), text(order, "payment_state"))
}

pub(super) fn pair(status: &str, payment: &str) -> (String, String) {
    (status.to_owned(), payment.to_owned())
}

/// Every place and all money is where the orders say.
pub(super) async fn whole_audit(app: &TestApp) {
    audit(app).await;
    let mut conn = app.services.db.conn().await.unwrap();
    let misfits = store::pools::audit::money::misfits(&mut conn).await;
    assert_eq!(misfits.unwrap(), []);
}

#[tokio::test]
async fn a_transfer_keeps_its_places_until_its_due_date() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 2, 1200).await;

    let order = order_by(&app, &ana, &event, 2, "bank_transfer")
        .await
        .expect(201)
        .json();

    assert_eq!(stands(&order), pair("pending", "awaited"));
    assert_eq!(order["tickets"], json!([]));
    let offline = &order["offline"];
    assert_eq!(
        (&offline["method"], &offline["account_holder"]),
        (&json!("bank_transfer"), &json!("The Hall"))
    );
    assert_eq!(offline["details"], "DE02 1203 0000");
    let reference = text(offline, "reference");
    assert!(
        reference.starts_with("ES") && reference.len() == 10,
        "{reference}"
    );
    assert_eq!(now(&app, &ana, &order).await["offline"], *offline);
    let mine = get(&app, &ana, "/api/v1/holds").await;
    assert_eq!(
        (&mine["items"][0]["status"], &mine["items"][0]["order_id"]),
        (&json!("paying"), &order["id"])
    );
    whole_audit(&app).await;

    app.advance(Duration::from_secs(3 * 86_400 - 1));
    app.drain().await;
    assert_eq!(available(&app, &event).await, 0, "its time is not over");
    app.advance(Duration::from_secs(1));
    assert_eq!(available(&app, &event).await, 2, "swept or not");
    app.drain().await;
    let ana = again(&app, &ana).await;
    let lapsed = now(&app, &ana, &order).await;
    assert_eq!(stands(&lapsed), pair("cancelled", "lapsed"));
    assert_eq!(
        lapsed["offline"]["details"],
        Value::Null,
        "nobody is to send money any more"
    );
    app.buy(&ana, &event, 2).await;
    whole_audit(&app).await;
}

#[tokio::test]
async fn the_till_frees_due_places_without_a_sweeper() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 2, 1200).await;
    let order = order_by(&app, &ana, &event, 2, "bank_transfer").await;
    let order = order.expect(201).json();
    app.advance(3 * DAY);
    let ben = app.attendee().await;
    app.buy(&ben, &event, 2).await;
    let ana = again(&app, &ana).await;
    assert_eq!(
        stands(&now(&app, &ana, &order).await),
        pair("cancelled", "lapsed")
    );
    whole_audit(&app).await;
}

#[tokio::test]
async fn the_organizer_says_that_the_money_is_here_and_again_changes_nothing() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 5, 1200).await;
    let hold = held(&app, &ana, &event, 2).await;
    let path = format!("/api/v1/holds/{hold}/pay");
    let body = json!({"payment": {"method": "bank_transfer"}});
    let order = app
        .post(&path)
        .bearer(&ana.token)
        .json(&body)
        .once("k")
        .send()
        .await
        .expect(201);
    let repeated = app
        .post(&path)
        .bearer(&ana.token)
        .json(&body)
        .once("k")
        .send()
        .await;
    assert_eq!(repeated.bytes, order.bytes);
    let order = order.json();
    let other = app.post(&path).bearer(&ana.token).json(&body).send().await;
    other.expect_problem(409, "payment_pending");

    let paid = confirm(&app, &organizer, &order).await.expect(201).json();
    assert_eq!(stands(&paid), pair("paid", "succeeded"));
    assert_eq!(paid["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(
        paid["tickets"][0]["code"], "",
        "the code is its holder's alone"
    );
    let again = confirm(&app, &organizer, &order).await.expect(201).json();
    assert_eq!(again["tickets"], paid["tickets"]);
    call_off(&app, &organizer, &order)
        .await
        .expect_problem(409, "illegal_state");

    let mine = now(&app, &ana, &order).await;
    assert_eq!(mine["tickets"].as_array().unwrap().len(), 2);
    assert_ne!(mine["tickets"][0]["code"], "");
    app.drain().await;
    assert_eq!(available(&app, &event).await, 3);
    whole_audit(&app).await;
}

#[tokio::test]
async fn two_processes_that_confirm_at_once_issue_tickets_once() {
    let app = TestApp::start().await;
    let second = app.second_process().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 5, 1200).await;
    let order = order_by(&app, &ana, &event, 3, "bank_transfer").await;
    let order = order.expect(201).json();

    let answers = tokio::join!(
        confirm(&app, &organizer, &order),
        confirm(&second, &organizer, &order),
        confirm(&app, &organizer, &order),
        confirm(&second, &organizer, &order),
    );
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        assert_eq!(text(&answer.expect(201).json(), "status"), "paid");
    }
    let mine = get(&app, &ana, "/api/v1/tickets").await;
    assert_eq!(mine["items"].as_array().unwrap().len(), 3);
    whole_audit(&app).await;
}

#[tokio::test]
async fn only_the_organizer_confirms_and_strangers_see_no_order() {
    let app = TestApp::start().await;
    let (organizer, rival) = (app.organizer().await, app.organizer().await);
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let event = open_event(&app, &organizer, 5, 1200).await;
    let order = order_by(&app, &ana, &event, 1, "at_door").await;
    let order = order.expect(201).json();

    confirm(&app, &ana, &order)
        .await
        .expect_problem(403, "forbidden");
    for stranger in [&ben, &rival] {
        confirm(&app, stranger, &order)
            .await
            .expect_problem(404, "not_found");
        call_off(&app, stranger, &order)
            .await
            .expect_problem(404, "not_found");
    }
    let path = format!("/api/v1/orders/{}/confirm-payment", text(&order, "id"));
    app.post(&path).send().await.expect(401);
    assert_eq!(
        stands(&now(&app, &ana, &order).await),
        pair("pending", "awaited")
    );
    let by_card = app.buy(&ben, &event, 1).await.json();
    confirm(&app, &organizer, &by_card)
        .await
        .expect_problem(409, "illegal_state");
    set_ways(&app, &rival, &event, all_ways())
        .await
        .expect_problem(403, "forbidden");
    let ways = get(
        &app,
        &ana,
        &format!("/api/v1/events/{}/payment-methods", event.event),
    )
    .await;
    assert_eq!(
        (
            &ways["bank_transfer"]["days"],
            &ways["bank_transfer"]["details"]
        ),
        (&json!(3), &json!("")),
        "the account is told with an order"
    );
}

#[tokio::test]
async fn an_event_is_paid_in_its_own_ways_alone() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    for method in ["bank_transfer", "at_door"] {
        let refused = order_by(&app, &ana, &event, 1, method).await;
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), ["payment.method"]);
    }
    let door = json!({"card": false, "at_door": true});
    set_ways(&app, &organizer, &event, door).await.expect(200);
    let by_card = app.purchase(&ana, &event, 1).send().await;
    by_card.expect_problem(422, "invalid");
    assert_eq!(available(&app, &event).await, 5, "a refusal takes no place");
    let none = set_ways(&app, &organizer, &event, json!({"card": false})).await;
    none.expect_problem(422, "invalid");
    assert_eq!(none.fields(), ["card"]);
    let mut blank = all_ways();
    blank["bank_transfer"]["details"] = json!(" ");
    let blank = set_ways(&app, &organizer, &event, blank).await;
    assert_eq!(blank.fields(), ["bank_transfer.details"]);
    whole_audit(&app).await;
}

#[tokio::test]
async fn at_the_door_places_wait_until_the_event_ends_wherever_that_moves() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 2, 1200).await;
    let order = order_by(&app, &ana, &event, 1, "at_door").await;
    let order = order.expect(201).json();
    assert_eq!(order["offline"]["details"], Value::Null);
    let later = app.in_hours(24 * 9);
    app.patch(&format!("/api/v1/events/{}", event.event))
        .bearer(&organizer.token)
        .header("if-match", "*")
        .json(json!({"ends_at": later}))
        .send()
        .await
        .expect(200);

    app.advance(8 * DAY);
    app.drain().await;
    let (ana, organizer) = (again(&app, &ana).await, again(&app, &organizer).await);
    assert_eq!(
        stands(&now(&app, &ana, &order).await),
        pair("pending", "awaited")
    );
    let late = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    late.expect_problem(422, "invalid");
    confirm(&app, &organizer, &order).await.expect(201);
    whole_audit(&app).await;
}

#[tokio::test]
async fn an_order_that_waits_is_called_off_by_its_buyer_or_with_its_event() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 4, 1200).await;
    let first = order_by(&app, &ana, &event, 2, "bank_transfer").await;
    let (first, second) = (
        first.expect(201).json(),
        order_by(&app, &ana, &event, 2, "at_door").await,
    );
    let second = second.expect(201).json();
    for _ in 0..2 {
        let off = call_off(&app, &ana, &first).await.expect(201).json();
        assert_eq!(stands(&off), pair("cancelled", "lapsed"));
    }
    assert_eq!(available(&app, &event).await, 2);
    whole_audit(&app).await;
    app.post(&format!("/api/v1/events/{}/cancel", event.event))
        .bearer(&organizer.token)
        .json(json!({"reason": "storm"}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        stands(&now(&app, &ana, &second).await),
        pair("cancelled", "lapsed")
    );
    whole_audit(&app).await;
    // Money that comes all the same goes back.
    let came = confirm(&app, &organizer, &second).await.expect(201).json();
    assert_eq!(stands(&came), pair("cancelled", "succeeded"));
    assert_eq!(came["refunds"][0]["state"], "due");
    assert_eq!(came["refunds"][0]["reason"], "event_cancelled");
    whole_audit(&app).await;
}

#[tokio::test]
async fn what_was_paid_by_transfer_goes_back_from_the_organizer() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 4, 1200).await;
    let order = order_by(&app, &ana, &event, 2, "bank_transfer").await;
    let order = order.expect(201).json();
    confirm(&app, &organizer, &order).await.expect(201);
    let path = format!("/api/v1/orders/{}/refund", text(&order, "id"));
    let back = app
        .post(&path)
        .bearer(&organizer.token)
        .json(json!({}))
        .send()
        .await
        .expect(201)
        .json();
    assert_eq!(text(&back, "status"), "refunded");
    app.drain().await;
    let refund = now(&app, &ana, &order).await["refunds"][0].clone();
    assert_eq!(refund["state"], "due", "no provider is asked");
    let orders = format!("/api/v1/events/{}/orders", event.event);
    let listed = get(&app, &organizer, &orders).await;
    assert_eq!(listed["items"][0]["buyer"]["email"], ana.email);
    let refunds = format!("/api/v1/events/{}/refunds", event.event);
    assert_eq!(get(&app, &organizer, &refunds).await["due"], 1);
    app.post(&format!("{refunds}/{}/paid_otherwise", text(&refund, "id")))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(204);
    let done = now(&app, &ana, &order).await;
    assert_eq!(done["refunds"][0]["state"], "paid_otherwise");
    whole_audit(&app).await;
}
