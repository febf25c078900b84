//! Asking once more before the event, along the clock.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Person;

use super::{World, audit, change, settings, world};
use crate::orders::again;

/// The event begins after seven days, is asked about 48 hours before and until 12 hours before.
pub const UNTIL_ASKED: Duration = Duration::from_hours(24 * 7 - 48);
pub const UNTIL_DEADLINE: Duration = Duration::from_hours(48 - 12);

/// Moves the clock, does the worker's work, and logs everybody in again.
pub async fn later<const N: usize>(w: &World, by: Duration, people: [&Person; N]) -> [Person; N] {
    w.app.advance(by);
    w.app.drain().await;
    let mut fresh = people.map(Clone::clone);
    for person in &mut fresh {
        *person = again(&w.app, person).await;
    }
    fresh
}

#[tokio::test]
async fn who_does_not_confirm_loses_the_place_to_the_line() {
    let w = world(Some(2)).await;
    let (ana, ben, eva) = (
        w.app.attendee().await,
        w.app.attendee().await,
        w.app.attendee().await,
    );
    w.going(&ana, 1).await.expect(200);
    w.going(&ben, 1).await.expect(200);
    w.waits(&eva, 1).await.expect(201);
    w.app.drain().await;
    assert_eq!(w.look(&ana).await["confirm_until"], Value::Null);

    let [ana, ben, eva] = later(&w, UNTIL_ASKED, [&ana, &ben, &eva]).await;
    for who in [&ana, &ben] {
        assert!(w.look(who).await["confirm_until"].is_string());
    }
    assert_eq!(w.look(&eva).await["confirm_until"], Value::Null);
    w.going(&ana, 1).await.expect(200);
    assert_eq!(w.look(&ana).await["confirm_until"], Value::Null);

    let [ana, ben, eva] = later(&w, UNTIL_DEADLINE, [&ana, &ben, &eva]).await;
    assert_eq!(w.status(&ana).await, "going");
    assert_eq!(w.status(&ben).await, "lapsed");
    assert_eq!(w.look(&eva).await["line"]["status"], "offered");
    audit(&w.app).await;

    // Who comes this late has answered just now.
    w.going(&eva, 1).await.expect(200);
    w.app.drain().await;
    assert_eq!(w.status(&eva).await, "going");
    w.going(&ben, 1).await.expect_problem(409, "sold_out");
    audit(&w.app).await;
}

#[tokio::test]
async fn who_answers_after_the_question_is_not_asked() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    let [ana] = later(&w, UNTIL_ASKED + Duration::from_hours(1), [&ana]).await;
    w.going(&ana, 2).await.expect(200);
    assert_eq!(w.look(&ana).await["confirm_until"], Value::Null);
    let [ana] = later(&w, UNTIL_DEADLINE, [&ana]).await;
    assert_eq!(w.look(&ana).await["party"], 2);
    audit(&w.app).await;
}

#[tokio::test]
async fn nobody_loses_a_place_without_having_been_asked() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 1).await.expect(200);
    // No worker was there all the while.
    w.app.advance(UNTIL_ASKED + UNTIL_DEADLINE);
    w.app.drain().await;
    let ana = again(&w.app, &ana).await;
    assert_eq!(w.status(&ana).await, "going");
    audit(&w.app).await;
}

#[tokio::test]
async fn an_event_that_moves_on_is_asked_about_again() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 1).await.expect(200);
    let [ana, organizer] = later(&w, UNTIL_ASKED, [&ana, &w.organizer]).await;
    assert!(w.look(&ana).await["confirm_until"].is_string());
    let path = format!("/api/v1/events/{}", w.event);
    let moved = w.app.patch(&path).bearer(&organizer.token);
    let moved = moved.header("if-match", "*").json(json!({
        "starts_at": w.app.in_hours(24 * 14), "ends_at": w.app.in_hours(24 * 14 + 3),
    }));
    moved.send().await.expect(200);
    assert_eq!(w.look(&ana).await["confirm_until"], Value::Null);
    let [ana] = later(&w, UNTIL_DEADLINE, [&ana]).await;
    assert_eq!(w.status(&ana).await, "going");
    let to_question = Duration::from_hours(24 * 14 - 48 - (48 - 12));
    let [ana] = later(&w, to_question, [&ana]).await;
    assert!(w.look(&ana).await["confirm_until"].is_string());
}

#[tokio::test]
async fn a_confirmation_counts_when_the_event_moves_a_little() {
    let w = world(None).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 1).await.expect(200);
    w.going(&ben, 1).await.expect(200);
    later(&w, UNTIL_ASKED, []).await;
    let two_hours = Duration::from_hours(2);
    let [ana, ben, organizer] = later(&w, two_hours, [&ana, &ben, &w.organizer]).await;
    w.going(&ana, 1).await.expect(200);
    // An hour later than it was.
    let moved = json!({"starts_at": w.app.in_hours(47), "ends_at": w.app.in_hours(50)});
    change(&w, &organizer, moved).await;
    w.app.drain().await;
    assert_eq!(w.look(&ana).await["confirm_until"], Value::Null);
    assert!(w.look(&ben).await["confirm_until"].is_string());
    let [ana, ben] = later(&w, UNTIL_DEADLINE, [&ana, &ben]).await;
    assert_eq!(w.status(&ana).await, "going");
    assert_eq!(w.status(&ben).await, "lapsed");
    audit(&w.app).await;
}

#[tokio::test]
async fn other_hours_leave_a_question_and_its_deadline() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 1).await.expect(200);
    let [ana, organizer] = later(&w, UNTIL_ASKED, [&ana, &w.organizer]).await;
    let told = w.look(&ana).await["confirm_until"].clone();
    let hours = json!({"max_party": 4, "reconfirm": {"ask_hours": 72, "until_hours": 24}});
    super::set(&w.app, &organizer, &w.event, hours)
        .await
        .expect(200);
    w.app.drain().await;
    assert_eq!(w.look(&ana).await["confirm_until"], told);
}

#[tokio::test]
async fn an_archived_event_asks_nobody_and_takes_no_places() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 1).await.expect(200);
    let [ana, organizer] = later(&w, UNTIL_ASKED, [&ana, &w.organizer]).await;
    assert!(w.look(&ana).await["confirm_until"].is_string());
    let path = format!("/api/v1/events/{}/archive", w.event);
    let archive = w.app.post(&path).bearer(&organizer.token);
    archive.send().await.expect(200);
    assert_eq!(w.look(&ana).await["confirm_until"], Value::Null);
    w.going(&ana, 1).await.expect_problem(409, "not_on_sale");
    let [ana] = later(&w, UNTIL_DEADLINE, [&ana]).await;
    assert_eq!(w.status(&ana).await, "going");
    audit(&w.app).await;
}

#[tokio::test]
async fn without_the_setting_nobody_is_asked() {
    let w = world(None).await;
    let mut never = settings();
    never["reconfirm"] = Value::Null;
    super::set(&w.app, &w.organizer, &w.event, never)
        .await
        .expect(200);
    let ana = w.app.attendee().await;
    w.going(&ana, 1).await.expect(200);
    let [ana] = later(&w, UNTIL_ASKED, [&ana]).await;
    assert_eq!(w.look(&ana).await["confirm_until"], Value::Null);
    let [ana] = later(&w, UNTIL_DEADLINE, [&ana]).await;
    assert_eq!(w.status(&ana).await, "going");
}
