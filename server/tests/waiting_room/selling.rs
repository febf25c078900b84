//! Nobody gets past the room.

use super::*;
use crate::orders::{audit, held, hold, pay, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn places_are_put_aside_by_those_whose_turn_it_is() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 1200).await;
    armed(&app, &organizer, &event, 60).await;
    beat(&[&other]).await;
    let pair = people(&app, 2).await;
    let stranger = app.attendee().await;
    let refused = |answer: &Answer, state: &str| {
        answer.expect_problem(409, "waiting_room_required");
        let way = format!("/events/{}/waiting-room", event.slug);
        let problem = answer.json();
        assert_eq!(
            (&problem["waiting_room"], &problem["state"]),
            (&json!(way), &json!(state))
        );
    };
    let tokens = join_all_of(&[&app], &pair, &event).await;
    for process in [&app, &other] {
        refused(&hold(process, &pair[0], &event, 1).await, "early");
        refused(
            &process.purchase(&stranger, &event, 1).send().await,
            "early",
        );
    }
    open(&[&app, &other]).await;
    let rooms = look_all(&app, &event, &tokens).await;
    let first = rooms
        .iter()
        .position(|room| state(room) == "admitted")
        .unwrap();
    let (first, second) = (&pair[first], &pair[1 - first]);
    for process in [&app, &other] {
        refused(&hold(process, second, &event, 1).await, "waiting");
        refused(
            &process.purchase(second, &event, 1).once("key").send().await,
            "waiting",
        );
        refused(&hold(process, &stranger, &event, 1).await, "waiting");
        // The same for everybody.
        refused(&hold(process, &organizer, &event, 1).await, "waiting");
        hold(process, first, &event, 1).await.expect(201);
        process.purchase(first, &event, 1).send().await.expect(201);
    }
    app.advance(Duration::from_secs(1));
    other.purchase(second, &event, 1).send().await.expect(201);
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_put_aside_is_paid_and_given_back_without_the_room() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 10, 1200).await;
    let (paid, kept) = (
        held(&app, &ana, &event, 1).await,
        held(&app, &ana, &event, 1).await,
    );
    armed(&app, &organizer, &event, 60).await;

    pay(&app, &ana, &paid, "ok").await.expect(201);
    app.advance(Duration::from_mins(1));
    let path = format!("/api/v1/holds/{kept}");
    app.post(&format!("{path}/extend"))
        .bearer(&ana.token)
        .send()
        .await
        .expect(200);
    app.delete(&path)
        .bearer(&ana.token)
        .send()
        .await
        .expect(204);
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_was_answered_is_answered_the_same_behind_a_room() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 10, 1200).await;
    let order = app.purchase(&ana, &event, 1).once("mine").send().await;
    let order = order.expect(201);
    armed(&app, &organizer, &event, 60).await;

    let again = app.purchase(&ana, &event, 1).once("mine").send().await;

    assert_eq!(again.header("idempotent-replay"), "true");
    assert_eq!(again.expect(201).bytes, order.bytes);
    let refused = app.purchase(&ana, &event, 1).once("new").send().await;
    refused.expect_problem(409, "waiting_room_required");
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_turn_gives_no_more_than_one_person_may_have() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let mut body = app.event_body("Two each");
    body["ticket_types"] = json!([{
        "name": "Standard", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 100, "max_per_person": 2,
    }]);
    let id = text(&app.draft(&organizer, body).await, "id");
    let publish = format!("/api/v1/events/{id}/publish");
    let event = app.post(&publish).bearer(&organizer.token).send().await;
    let event = event.expect(200).json();
    let event = OnSale {
        event: id.parse().unwrap(),
        slug: text(&event, "slug"),
        ticket_type: serde_json::from_value(event["ticket_types"][0]["id"].clone()).unwrap(),
        version: 1,
    };
    armed(&app, &organizer, &event, 60).await;
    join(&app, &ana, &event).await;
    open(&[&app]).await;

    let calls = join_all((0..10).map(|_| app.purchase(&ana, &event, 1).send())).await;

    let got = calls.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(got, 2);
    audit(&app).await;
}
