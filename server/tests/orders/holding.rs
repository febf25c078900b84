//! Putting places aside.

use std::time::Duration;

use serde_json::json;
use testkit::TestApp;
use uuid::Uuid;

use super::{HOLD_TIME, again, audit, available, get, held, hold, text};

#[tokio::test]
async fn a_hold_keeps_its_places_from_others() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 5, 2550).await;

    let answer = hold(&app, &ana, &event, 3).await.expect(201).json();

    assert_eq!(text(&answer, "status"), "held");
    assert_eq!(
        answer["total"],
        json!({"amount_minor": 7650, "currency": "EUR"})
    );
    assert_eq!(answer["event_id"], json!(event.event));
    assert_eq!(answer["items"][0]["quantity"], 3);
    assert_eq!(answer["expires_in"], 15 * 60);
    assert_eq!(available(&app, &event).await, 2);
    let refused = hold(&app, &ben, &event, 3).await;
    refused.expect_problem(409, "sold_out");
    assert_eq!(refused.json()["available"], 2);
    audit(&app).await;
}

#[tokio::test]
async fn a_hold_that_ran_out_gives_its_places_back_exactly_once() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 4, 100).await;
    let id = held(&app, &ana, &event, 4).await;

    app.advance(HOLD_TIME.checked_sub(Duration::from_secs(1)).unwrap());
    assert_eq!(available(&app, &event).await, 0);
    app.advance(Duration::from_secs(1));
    assert_eq!(
        available(&app, &event).await,
        4,
        "shown before anybody swept"
    );
    let (ana, ben) = (again(&app, &ana).await, again(&app, &ben).await);
    assert_eq!(
        text(
            &get(&app, &ana, &format!("/api/v1/holds/{id}")).await,
            "status"
        ),
        "expired"
    );
    assert_eq!(get(&app, &ana, "/api/v1/holds").await["items"], json!([]));

    held(&app, &ben, &event, 2).await;
    app.drain().await;
    app.drain().await;

    assert_eq!(available(&app, &event).await, 2);
    audit(&app).await;
}

#[tokio::test]
async fn the_worker_alone_returns_places_too() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 4, 100).await;
    held(&app, &ana, &event, 4).await;
    app.advance(HOLD_TIME);

    let ctx = app.ctx();
    assert_eq!(service::orders::sweep_due_holds(&ctx).await.unwrap(), 1);
    assert_eq!(service::orders::sweep_due_holds(&ctx).await.unwrap(), 0);

    let mut conn = app.services.db.conn().await.unwrap();
    let pools = store::pools::lock_event(&mut conn, event.event)
        .await
        .unwrap();
    assert!(
        pools.iter().all(|pool| (pool.sold, pool.held) == (0, 0)),
        "{pools:?}"
    );
    drop(conn);
    audit(&app).await;
}

#[tokio::test]
async fn releasing_gives_back_once_and_again_is_fine() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 4, 100).await;
    let id = held(&app, &ana, &event, 3).await;
    let path = format!("/api/v1/holds/{id}");

    app.delete(&path)
        .bearer(&ben.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    for _ in 0..2 {
        app.delete(&path)
            .bearer(&ana.token)
            .send()
            .await
            .expect(204);
    }

    assert_eq!(available(&app, &event).await, 4);
    assert_eq!(text(&get(&app, &ana, &path).await, "status"), "released");
    audit(&app).await;
}

#[tokio::test]
async fn live_holds_count_towards_the_limit_and_are_named() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 3, 100).await;
    let id = held(&app, &ana, &event, 2).await;

    let refused = hold(&app, &ana, &event, 2).await;

    refused.expect_problem(409, "limit_reached");
    assert_eq!(refused.json()["own_holds"], json!([id]));
    app.advance(HOLD_TIME);
    let ana = again(&app, &ana).await;
    hold(&app, &ana, &event, 3).await.expect(201);
    audit(&app).await;
}

#[tokio::test]
async fn only_published_events_sell_and_only_while_they_last() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 3, 100).await;
    let mut body = app.event_body("Not yet");
    body["ticket_types"] = json!([{"name": "Standard", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 5}]);
    let draft = app.draft(&organizer, body).await;
    let path = format!("/api/v1/events/{}/holds", text(&draft, "id"));
    let items =
        json!({"items": [{"ticket_type_id": draft["ticket_types"][0]["id"], "quantity": 1}]});

    let to = |token: &str| app.post(&path).bearer(token).json(&items);
    to(&ana.token).send().await.expect_problem(404, "not_found");
    to(&organizer.token)
        .send()
        .await
        .expect_problem(409, "not_on_sale");

    let cancel = format!("/api/v1/events/{}/cancel", event.event);
    app.post(&cancel)
        .bearer(&organizer.token)
        .json(json!({"reason": "storm"}))
        .send()
        .await
        .expect(200);
    hold(&app, &ana, &event, 1)
        .await
        .expect_problem(409, "not_on_sale");

    let event = app.published_event(&organizer, 3, 100).await;
    app.advance(Duration::from_hours(192));
    let ana = again(&app, &ana).await;
    hold(&app, &ana, &event, 1)
        .await
        .expect_problem(409, "not_on_sale");
    audit(&app).await;
}

#[tokio::test]
async fn sales_windows_are_kept() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let mut body = app.event_body("Soon");
    body["ticket_types"] = json!([{
        "name": "Early", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 5,
        "sales_from": app.in_hours(1), "sales_until": app.in_hours(2),
    }]);
    let id = text(&app.draft(&organizer, body).await, "id");
    let event = app
        .post(&format!("/api/v1/events/{id}/publish"))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json();
    let items =
        json!({"items": [{"ticket_type_id": event["ticket_types"][0]["id"], "quantity": 1}]});
    let path = format!("/api/v1/events/{id}/holds");

    app.post(&path)
        .bearer(&ana.token)
        .json(&items)
        .send()
        .await
        .expect_problem(409, "not_on_sale");
    app.advance(Duration::from_hours(1));
    let ana = again(&app, &ana).await;
    app.post(&path)
        .bearer(&ana.token)
        .json(&items)
        .send()
        .await
        .expect(201);
    app.advance(Duration::from_hours(1));
    let ana = again(&app, &ana).await;
    app.post(&path)
        .bearer(&ana.token)
        .json(&items)
        .send()
        .await
        .expect_problem(409, "not_on_sale");
    audit(&app).await;
}

#[tokio::test]
async fn bad_wishes_are_refused_with_the_field() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 9, 100).await;
    let other = app.published_event(&organizer, 9, 100).await;
    let item =
        |id: serde_json::Value, quantity: i64| json!({"ticket_type_id": id, "quantity": quantity});
    let own = json!(event.ticket_type);
    let path = format!("/api/v1/events/{}/holds", event.event);
    let cases = [
        (json!({"items": []}), "items"),
        (
            json!({"items": [item(own.clone(), 0)]}),
            "items[0].quantity",
        ),
        (
            json!({"items": [item(own.clone(), 101)]}),
            "items[0].quantity",
        ),
        (
            json!({"items": [item(own.clone(), 1), item(own.clone(), 1)]}),
            "items[1].ticket_type_id",
        ),
        (
            json!({"items": [item(json!(other.ticket_type), 1)]}),
            "items[0].ticket_type_id",
        ),
        (
            json!({"items": [item(json!(Uuid::new_v4()), 1)]}),
            "items[0].ticket_type_id",
        ),
        (
            json!({"items": [item(own.clone(), 1)], "surprise": 1}),
            "surprise",
        ),
    ];
    for (body, field) in cases {
        let answer = app.post(&path).bearer(&ana.token).json(&body).send().await;
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), [field], "{body}");
    }
    let coded = json!({"items": [item(own, 1)], "promo_code": "SUMMER"});
    app.post(&path)
        .bearer(&ana.token)
        .json(coded)
        .send()
        .await
        .expect_problem(422, "unknown_promo_code");
    app.post(&path)
        .json(event.items(1))
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    let nowhere = format!("/api/v1/events/{}/holds", Uuid::new_v4());
    app.post(&nowhere)
        .bearer(&ana.token)
        .json(json!({"items": 5}))
        .send()
        .await
        .expect_problem(404, "not_found");
    audit(&app).await;
}

#[tokio::test]
async fn types_share_the_capacity_of_their_event() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let mut body = app.event_body("Two doors");
    let kind = |name: &str| json!({"name": name, "price": {"amount_minor": 100, "currency": "EUR"}, "quantity": 8});
    body["ticket_types"] = json!([kind("Floor"), kind("Balcony")]);
    body["capacity"] = json!(10);
    let id = text(&app.draft(&organizer, body).await, "id");
    let event = app
        .post(&format!("/api/v1/events/{id}/publish"))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json();
    let item = |index: usize, quantity: u32| json!({"ticket_type_id": event["ticket_types"][index]["id"], "quantity": quantity});
    let path = format!("/api/v1/events/{id}/holds");

    let refused = app
        .post(&path)
        .bearer(&ana.token)
        .json(json!({"items": [item(0, 6), item(1, 6)]}))
        .send()
        .await;
    refused.expect_problem(409, "sold_out");
    app.post(&path)
        .bearer(&ana.token)
        .json(json!({"items": [item(0, 6), item(1, 2)]}))
        .send()
        .await
        .expect(201);
    let refused = app
        .post(&path)
        .bearer(&ben.token)
        .json(json!({"items": [item(1, 3)]}))
        .send()
        .await;
    refused.expect_problem(409, "sold_out");
    assert_eq!(
        refused.json()["available"],
        2,
        "the event's pool is the tighter one"
    );
    audit(&app).await;
}

#[tokio::test]
async fn holds_are_private() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 3, 100).await;
    let id = held(&app, &ana, &event, 1).await;
    for path in [
        format!("/api/v1/holds/{id}"),
        "/api/v1/holds/nonsense".into(),
    ] {
        app.get(&path)
            .bearer(&ben.token)
            .send()
            .await
            .expect_problem(404, "not_found");
        app.get(&path)
            .send()
            .await
            .expect_problem(401, "not_signed_in");
    }
    assert_eq!(get(&app, &ben, "/api/v1/holds").await["items"], json!([]));
    let pay = format!("/api/v1/holds/{id}/pay");
    app.post(&pay)
        .bearer(&ben.token)
        .json(super::payment("ok"))
        .send()
        .await
        .expect_problem(404, "not_found");
    assert_eq!(
        get(&app, &ana, "/api/v1/holds").await["items"][0]["id"],
        json!(id)
    );
}

async fn extend(app: &TestApp, who: &testkit::Person, id: &str) -> testkit::Answer {
    let path = format!("/api/v1/holds/{id}/extend");
    app.post(&path).bearer(&who.token).send().await
}

#[tokio::test]
async fn a_hold_can_be_kept_for_three_times_its_time_and_no_longer() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 4, 100).await;
    let id = held(&app, &ana, &event, 4).await;

    extend(&app, &ben, &id)
        .await
        .expect_problem(404, "not_found");
    let mut ana = ana;
    for _ in 0..3 {
        app.advance(HOLD_TIME.checked_sub(Duration::from_mins(5)).unwrap());
        ana = again(&app, &ana).await;
        let hold = extend(&app, &ana, &id).await.expect(200).json();
        assert_eq!(hold["expires_in"], 15 * 60);
    }
    app.advance(HOLD_TIME.checked_sub(Duration::from_secs(1)).unwrap());
    ana = again(&app, &ana).await;
    extend(&app, &ana, &id)
        .await
        .expect_problem(409, "illegal_state");
    assert_eq!(available(&app, &event).await, 0);

    app.advance(Duration::from_secs(1));
    ana = again(&app, &ana).await;
    extend(&app, &ana, &id)
        .await
        .expect_problem(410, "hold_expired");
    assert_eq!(available(&app, &event).await, 4);
    audit(&app).await;
}
