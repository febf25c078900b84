//! When it is full: waiting in line, and that freed places go there first.

use serde_json::{Value, json};
use testkit::Person;

use super::{World, audit, text, world};

async fn line(w: &World, who: &Person) -> Value {
    w.look(who).await["line"].clone()
}

#[tokio::test]
async fn freed_places_are_kept_for_the_first_in_line() {
    let w = world(Some(2)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    let sniper = w.app.attendee().await;
    w.waits(&ben, 1)
        .await
        .expect_problem(409, "places_available");
    w.going(&ana, 2).await.expect(200);
    let refused = w.going(&ben, 1).await.expect(409).json();
    assert_eq!(
        refused["ticket_type_id"],
        w.look(&ben).await["ticket_type_id"]
    );
    w.waits(&ben, 1).await.expect(201);
    assert_eq!(line(&w, &ben).await["position"], 1);

    w.going(&ana, 1).await.expect(200);
    assert_eq!(line(&w, &ben).await["status"], "offered");
    w.going(&sniper, 1).await.expect_problem(409, "sold_out");
    // Only what is kept can be taken; nothing else is free.
    w.going(&ben, 2).await.expect_problem(409, "illegal_state");
    w.going(&ben, 1).await.expect(200);
    assert_eq!(w.status(&ben).await, "going");
    assert_eq!(line(&w, &ben).await, Value::Null);
    assert_eq!(w.counts().await, (2, 0));
    audit(&w.app).await;
}

#[tokio::test]
async fn an_offer_can_be_taken_at_the_checkout_too() {
    let w = world(Some(1)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 1).await.expect(200);
    w.waits(&ben, 1).await.expect(201);
    w.says(&ana, "not_going").await.expect(200);
    let hold = text(&line(&w, &ben).await, "hold_id");
    let path = format!("/api/v1/holds/{hold}/pay");
    let pay = w.app.post(&path).bearer(&ben.token).json(json!({}));
    pay.send().await.expect(201);
    assert_eq!(w.status(&ben).await, "going");
    audit(&w.app).await;
}

#[tokio::test]
async fn an_answer_ends_the_wait_and_gives_an_offer_back() {
    let w = world(Some(1)).await;
    let ana = w.app.attendee().await;
    let (ben, eva) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 1).await.expect(200);
    w.waits(&ben, 1).await.expect(201);
    w.waits(&eva, 1).await.expect(201);
    w.says(&ana, "not_going").await.expect(200);
    assert_eq!(line(&w, &ben).await["status"], "offered");
    w.says(&ben, "interested").await.expect(200);
    assert_eq!(line(&w, &ben).await, Value::Null);
    assert_eq!(line(&w, &eva).await["status"], "offered");
    audit(&w.app).await;

    w.waits(&ben, 1).await.expect(201);
    w.says(&ben, "not_going").await.expect(200);
    assert_eq!(line(&w, &ben).await, Value::Null);
    audit(&w.app).await;
}

#[tokio::test]
async fn more_places_go_to_the_line_first() {
    let w = world(Some(1)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 1).await.expect(200);
    w.waits(&ben, 2).await.expect_problem(422, "invalid");
    w.waits(&ben, 1).await.expect(201);
    let path = format!("/api/v1/events/{}", w.event);
    let more = w.app.patch(&path).bearer(&w.organizer.token);
    let more = more.header("if-match", "*").json(json!({"capacity": 2}));
    more.send().await.expect(200);
    w.app.drain().await;
    assert_eq!(line(&w, &ben).await["status"], "offered");
    audit(&w.app).await;
}
