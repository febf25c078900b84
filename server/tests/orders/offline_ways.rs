//! In which ways an event is paid: switched on and off, while there is time, in the right order of
//! refusals; and how orders that wait are found.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::TestApp;

use super::{
    again, available, get, held, hold,
    offline::{
        all_ways, call_off, confirm, now, open_event, order_by, pair, set_ways, stands, whole_audit,
    },
    text,
};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn who_owes_a_transfer_is_told_the_account_also_when_none_are_offered_any_more() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 5, 1200).await;
    let order = order_by(&app, &ana, &event, 2, "bank_transfer").await;
    let order = order.expect(201).json();
    let ways = format!("/api/v1/events/{}/payment-methods", event.event);

    let set = set_ways(&app, &organizer, &event, json!({"card": true})).await;

    assert_eq!(set.expect(200).json()["bank_transfer"], Value::Null);
    assert_eq!(
        get(&app, &organizer, &ways).await["bank_transfer"],
        Value::Null
    );
    let offline = &now(&app, &ana, &order).await["offline"];
    assert_eq!(
        (&offline["account_holder"], &offline["details"]),
        (&json!("The Hall"), &json!("DE02 1203 0000"))
    );
    let refused = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    assert_eq!(refused.fields(), ["payment.method"]);
    let paid = confirm(&app, &organizer, &order).await.expect(201).json();
    assert_eq!(stands(&paid), pair("paid", "succeeded"));
    set_ways(&app, &organizer, &event, all_ways())
        .await
        .expect(200);
    let again = get(&app, &organizer, &ways).await;
    assert_eq!(again["bank_transfer"]["details"], "DE02 1203 0000");
    whole_audit(&app).await;
}

#[tokio::test]
async fn no_answer_keeps_the_account() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 5, 1200).await;
    let mut body = event.items(1);
    body["payment"] = json!({"method": "bank_transfer"});
    let path = format!("/api/v1/events/{}/purchase", event.event);
    let buy = || {
        app.post(&path)
            .bearer(&ana.token)
            .json(&body)
            .once("k")
            .send()
    };
    let first = buy().await.expect(201);
    assert_eq!(first.json()["offline"]["details"], "DE02 1203 0000");
    app.database()
        .execute(
            "DO $$ BEGIN IF EXISTS (SELECT FROM idempotency_keys WHERE position('DE02' IN convert_from(body, 'UTF8')) > 0) \
             THEN RAISE EXCEPTION 'the account is kept'; END IF; END $$",
        )
        .await;
    assert_eq!(buy().await.bytes, first.bytes);
    call_off(&app, &ana, &first.json()).await.expect(201);
    let repeated = buy().await.expect(201).json();
    assert_eq!(
        repeated["offline"]["details"],
        Value::Null,
        "nobody waits for it any more"
    );
    whole_audit(&app).await;
}

#[tokio::test]
async fn orders_that_wait_count_towards_the_limit_and_are_named() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 3, 1200).await;
    order_by(&app, &ana, &event, 2, "at_door").await.expect(201);
    let mine = get(&app, &ana, "/api/v1/holds").await;
    let refused = hold(&app, &ana, &event, 2).await;
    refused.expect_problem(409, "limit_reached");
    assert_eq!(refused.json()["own_holds"], json!([mine["items"][0]["id"]]));
    let document = app.get("/api/openapi.json").send().await.expect(200).json();
    let states = &document["components"]["schemas"]["HoldStatus"]["enum"];
    assert_eq!(
        *states,
        json!(["held", "paying", "paid", "expired", "released"])
    );
}

#[tokio::test]
async fn a_transfer_ends_when_its_event_begins_also_when_that_moves_forward() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = open_event(&app, &organizer, 4, 1200).await;
    let transfer = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    let transfer = transfer.expect(201).json();
    let door = order_by(&app, &ana, &event, 1, "at_door").await;
    let door = door.expect(201).json();
    let sooner = app.in_hours(48);
    app.patch(&format!("/api/v1/events/{}", event.event))
        .bearer(&organizer.token)
        .header("if-match", "*")
        .json(json!({"starts_at": sooner}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        now(&app, &ana, &transfer).await["offline"]["due_at"],
        json!(sooner)
    );
    assert_eq!(
        now(&app, &ana, &door).await["offline"]["due_at"],
        door["offline"]["due_at"]
    );
    app.advance(48 * HOUR);
    app.drain().await;
    let ana = again(&app, &ana).await;
    assert_eq!(
        stands(&now(&app, &ana, &transfer).await),
        pair("cancelled", "lapsed")
    );
    assert_eq!(
        stands(&now(&app, &ana, &door).await),
        pair("pending", "awaited")
    );
    whole_audit(&app).await;
}

#[tokio::test]
async fn a_transfer_is_offered_as_long_as_there_is_time_for_one() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = open_event(&app, &organizer, 5, 1200).await;
    app.advance(6 * 24 * HOUR);
    let ana = app.attendee().await;
    let last = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    last.expect(201);
    app.advance(Duration::from_secs(1));
    let refused = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.json()["errors"][0]["code"], "too_late");
    let ana = again(&app, &ana).await;
    order_by(&app, &ana, &event, 1, "at_door").await.expect(201);
    assert_eq!(available(&app, &event).await, 3);
    whole_audit(&app).await;
}

#[tokio::test]
async fn a_way_that_is_not_offered_is_refused_before_anything_that_may_pass() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 3, 1200).await;
    let place = held(&app, &ana, &event, 2).await;
    let full = order_by(&app, &ana, &event, 2, "at_door").await;
    full.expect_problem(422, "invalid");
    let pay = format!("/api/v1/holds/{place}/pay");
    app.delete(&format!("/api/v1/holds/{place}"))
        .bearer(&ana.token)
        .send()
        .await
        .expect(204);
    let body = json!({"payment": {"method": "at_door"}});
    let gone = app.post(&pay).bearer(&ana.token).json(body).send().await;
    gone.expect_problem(422, "invalid");
    assert_eq!(gone.fields(), ["payment.method"]);
    let body = json!({"payment": {"method": "simulated"}});
    let gone = app.post(&pay).bearer(&ana.token).json(body).send().await;
    gone.expect_problem(410, "hold_expired");
}

#[tokio::test]
async fn an_order_is_found_by_its_reference_or_the_name_of_its_buyer() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    app.patch("/api/v1/me")
        .bearer(&ben.token)
        .header("if-match", "*")
        .json(json!({"name": "Änne Bergström"}))
        .send()
        .await
        .expect(200);
    let event = open_event(&app, &organizer, 5, 1200).await;
    let of_ana = order_by(&app, &ana, &event, 1, "bank_transfer").await;
    let of_ana = of_ana.expect(201).json();
    let of_ben = order_by(&app, &ben, &event, 1, "at_door").await;
    let of_ben = of_ben.expect(201).json();
    let found = async |text: &str| {
        let list = format!("/api/v1/events/{}/orders?q={text}", event.event);
        let page = get(&app, &organizer, &list).await;
        let ids = page["items"].as_array().unwrap().iter();
        ids.map(|row| text_of(&row["order"])).collect::<Vec<_>>()
    };
    let reference = text(&of_ana["offline"], "reference").to_lowercase();
    let (start, end) = reference.split_at(4);
    assert_eq!(found(&reference).await, [text_of(&of_ana)]);
    assert_eq!(
        found(&format!("{start}%20{end}")).await,
        [text_of(&of_ana)],
        "as banks print it"
    );
    assert_eq!(found("bergstr%C3%B6m").await, [text_of(&of_ben)]);
    assert!(found("%25").await.is_empty(), "no pattern");
    assert_eq!(found("").await.len(), 2);
    let list = format!("/api/v1/events/{}/orders", event.event);
    app.get(&format!("{list}?q={}", "x".repeat(101)))
        .bearer(&organizer.token)
        .send()
        .await
        .expect_problem(422, "invalid");
}

fn text_of(order: &Value) -> String {
    text(order, "id")
}

#[tokio::test]
async fn an_offer_from_the_line_may_be_paid_by_transfer() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = open_event(&app, &organizer, 1, 1200).await;
    let taken = held(&app, &ben, &event, 1).await;
    let join = json!({"ticket_type_id": event.ticket_type, "quantity": 1});
    app.post(&format!("/api/v1/events/{}/waiting-list", event.event))
        .bearer(&ana.token)
        .json(join)
        .send()
        .await
        .expect(201);
    app.delete(&format!("/api/v1/holds/{taken}"))
        .bearer(&ben.token)
        .send()
        .await
        .expect(204);
    let entry = async || get(&app, &ana, "/api/v1/waiting-list").await["items"][0].clone();
    let offered = entry().await;
    assert_eq!(
        (&offered["status"], &offered["order_id"]),
        (&json!("offered"), &Value::Null)
    );
    let pay = format!("/api/v1/holds/{}/pay", text(&offered, "hold_id"));
    let order = app
        .post(&pay)
        .bearer(&ana.token)
        .json(json!({"payment": {"method": "bank_transfer"}}))
        .send()
        .await
        .expect(201)
        .json();

    let waits = entry().await;
    assert_eq!(
        (&waits["status"], &waits["order_id"]),
        (&json!("offered"), &order["id"])
    );
    let give_back = async |path: String| app.delete(&path).bearer(&ana.token).send().await;
    let left = give_back(format!("/api/v1/waiting-list/{}", text(&waits, "id"))).await;
    let released = give_back(format!("/api/v1/holds/{}", text(&waits, "hold_id"))).await;
    for refused in [left, released] {
        refused.expect_problem(409, "payment_pending");
        let detail = text(&refused.json(), "detail");
        assert!(
            detail.contains("Cancel the order") && detail.contains("wait"),
            "it says what to do: {detail}"
        );
    }
    whole_audit(&app).await;
    confirm(&app, &organizer, &order).await.expect(201);
    assert_eq!(entry().await["status"], "bought");
    whole_audit(&app).await;
}
