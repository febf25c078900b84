//! Answers, and that there are never more places taken than there are.

use futures::future::join_all;
use serde_json::{Value, json};
use service::rate::{Limit, Limits};
use testkit::TestApp;

use super::{audit, published, text, world};
use crate::orders::again;

const PLACES: u32 = 10;

#[tokio::test]
async fn an_answer_replaces_the_one_before_and_counts_follow() {
    let w = world(Some(5)).await;
    let ana = w.app.attendee().await;
    assert_eq!(w.look(&ana).await["status"], Value::Null);
    w.says(&ana, "interested").await.expect(200);
    assert_eq!(w.counts().await, (0, 1));

    let rsvp = w.going(&ana, 3).await.expect(200).json();
    assert_eq!(
        (&rsvp["status"], &rsvp["party"], &rsvp["counts"]),
        (
            &json!("going"),
            &json!(3),
            &json!({"going": 3, "interested": 0, "available": 2})
        )
    );
    assert_eq!(w.going(&ana, 1).await.expect(200).json()["party"], 1);
    assert_eq!(w.going(&ana, 4).await.expect(200).json()["party"], 4);
    assert_eq!(w.counts().await, (4, 0));
    // The same again changes nothing.
    assert_eq!(w.going(&ana, 4).await.expect(200).json()["party"], 4);
    audit(&w.app).await;

    w.says(&ana, "not_going").await.expect(200);
    assert_eq!(w.counts().await, (0, 0));
    let path = format!("/api/v1/events/{}/rsvp", w.event);
    for _ in 0..2 {
        let gone = w.app.delete(&path).bearer(&ana.token);
        gone.send().await.expect(204);
    }
    assert_eq!(w.look(&ana).await["status"], Value::Null);
    audit(&w.app).await;
}

#[tokio::test]
async fn who_is_going_has_a_ticket_for_each_of_the_party() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 2).await.expect(200);
    let valid = || async {
        let tickets = w.app.get("/api/v1/tickets").bearer(&ana.token);
        let tickets = tickets.send().await.expect(200).json();
        let items = tickets["items"].as_array().expect("tickets").clone();
        let valid = items.iter().filter(|ticket| ticket["status"] == "valid");
        valid.count()
    };
    assert_eq!(valid().await, 2);
    w.says(&ana, "interested").await.expect(200);
    assert_eq!(valid().await, 0);
    assert_eq!(w.look(&ana).await["counts"]["available"], Value::Null);
    audit(&w.app).await;
}

#[tokio::test]
async fn a_place_that_is_passed_on_takes_the_answer_along() {
    let w = world(Some(2)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 1).await.expect(200);
    w.pass_on(&ana, &ben).await;
    assert_eq!(w.status(&ana).await, "not_going");
    assert_eq!(w.status(&ben).await, "going");
    audit(&w.app).await;
    // Who got it may free it.
    w.says(&ben, "not_going").await.expect(200);
    assert_eq!(w.counts().await, (0, 0));
    audit(&w.app).await;
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_and_changes_nothing() {
    let w = world(Some(3)).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 2).await.expect(200);
    let ben = w.app.attendee().await;
    let refused = w.going(&ben, 2).await.expect(409).json();
    assert_eq!(
        (&refused["code"], &refused["available"]),
        (&json!("sold_out"), &json!(1))
    );
    for body in [
        json!({"answer": "going", "party": 5}),
        json!({"answer": "going", "party": 0}),
        json!({"answer": "lapsed"}),
        json!({"answer": "going", "extra": 1}),
        json!({}),
    ] {
        let refused = super::answer(&w.app, &ben, &w.event, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}");
    }
    let path = format!("/api/v1/events/{}/rsvp", w.event);
    let body = json!({"answer": "going"});
    let nobody = w.app.put(&path).json(&body).send().await;
    nobody.expect_problem(401, "not_signed_in");
    let other = w.app.published_event(&w.organizer, 5, 0).await;
    let path = format!("/api/v1/events/{}/rsvp", other.event);
    let none = w.app.put(&path).bearer(&ben.token).json(&body);
    none.send().await.expect_problem(404, "not_found");
    assert_eq!(w.counts().await, (2, 0));

    let path = format!("/api/v1/events/{}/cancel", w.event);
    let cancel = w.app.post(&path).bearer(&w.organizer.token);
    let cancel = cancel.json(json!({"reason": "Rain"}));
    cancel.send().await.expect(200);
    w.going(&ben, 1).await.expect_problem(409, "not_on_sale");
    w.app.drain().await;
    audit(&w.app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_times_as_many_as_there_are_places_never_pass_the_capacity() {
    let w = world(None).await;
    let other = w.app.second_process().await;
    let people = join_all((0..PLACES * 3).map(|_| w.app.attendee())).await;
    for round in 0..4_u32 {
        let (event, _) = published(&w.app, &w.organizer, Some(PLACES)).await;
        let party = round % 2 + 1;
        let body = json!({"answer": "going", "party": party});
        let calls = people.iter().enumerate().map(|(index, who)| {
            let process = if index % 2 == 0 { &w.app } else { &other };
            super::answer(process, who, &event, body.clone())
        });
        let answers = join_all(calls).await;
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            refused.expect_problem(409, "sold_out");
        }
        let going = answers.iter().filter(|answer| answer.status == 200);
        assert_eq!(going.count(), (PLACES / party) as usize, "round {round}");
        audit(&w.app).await;

        // Everybody changes their mind at once: those who come in and those who go out.
        let calls = people.iter().enumerate().map(|(index, who)| {
            let process = if index % 2 == 0 { &other } else { &w.app };
            let said = if index % 3 == 0 { "not_going" } else { "going" };
            super::answer(process, who, &event, json!({"answer": said}))
        });
        let answers = join_all(calls).await;
        for (who, answer) in people.iter().zip(answers) {
            if answer.status != 200 {
                answer.expect_problem(409, "sold_out");
                continue;
            }
            let path = format!("/api/v1/events/{event}/rsvp");
            let kept = w.app.get(&path).bearer(&who.token).send().await;
            assert_eq!(kept.json()["status"], answer.json()["status"]);
        }
        let path = format!("/api/v1/events/{event}/rsvp");
        let rsvp = w.app.get(&path).send().await.expect(200).json();
        assert!(rsvp["counts"]["going"].as_u64() <= Some(PLACES.into()));
        audit(&w.app).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_person_from_many_devices_has_one_answer() {
    let w = world(Some(PLACES)).await;
    let other = w.app.second_process().await;
    let ana = w.app.attendee().await;
    let body = json!({"answer": "going", "party": 3});
    let calls = (0..8).map(|index| {
        let process = if index % 2 == 0 { &w.app } else { &other };
        super::answer(process, &ana, &w.event, body.clone())
    });
    for answer in join_all(calls).await {
        assert_eq!(answer.expect(200).json()["party"], 3);
    }
    assert_eq!(w.counts().await, (3, 0));
    audit(&w.app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn different_answers_of_one_person_at_once_are_settled_one_after_the_other() {
    let w = world(Some(PLACES)).await;
    let ana = w.app.attendee().await;
    for _ in 0..4 {
        let calls = (0..12).map(|index| w.says(&ana, ["going", "interested"][index % 2]));
        for answer in join_all(calls).await {
            answer.expect(200);
        }
        audit(&w.app).await;
    }
}

#[tokio::test]
async fn answering_again_and_again_is_slow() {
    let limits = Limits {
        rsvp: Limit::per_minute(3),
        ..Limits::relaxed()
    };
    let app = TestApp::builder().limits(limits).start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let (event, _) = published(&app, &organizer, None).await;
    for said in ["going", "not_going", "going"] {
        let body = json!({"answer": said});
        super::answer(&app, &ana, &event, body).await.expect(200);
    }
    let refused = super::answer(&app, &ana, &event, json!({"answer": "not_going"})).await;
    refused.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn every_change_leaves_through_the_outbox() {
    let w = world(Some(2)).await;
    let ana = w.app.attendee().await;
    w.says(&ana, "interested").await.expect(200);
    w.going(&ana, 1).await.expect(200);
    // More of the same: a place for somebody else, and a confirmation.
    w.going(&ana, 2).await.expect(200);
    w.going(&ana, 2).await.expect(200);
    let mut conn = w.app.services.db.conn().await.unwrap();
    let rows = store::outbox::unpublished(&mut conn, 100).await.unwrap();
    let changes = rows.iter().filter(|row| row.kind == "rsvp.changed");
    let changes: Vec<_> = changes.map(|row| row.payload["status"].clone()).collect();
    assert_eq!(changes, ["interested", "going"]);
    // The public feed tells of each person once.
    assert_eq!(
        rows.iter().filter(|row| row.kind == "ticket.paid").count(),
        1
    );
    drop(conn);
    w.app.drain().await;
}

#[tokio::test]
async fn own_answers_and_those_to_an_event_are_listed() {
    let w = world(Some(5)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 2).await.expect(200);
    w.says(&ben, "interested").await.expect(200);
    let mine = w.app.get("/api/v1/rsvps").bearer(&ana.token);
    let mine = mine.send().await.expect(200).json();
    assert_eq!(mine["items"][0]["event"]["slug"], json!(w.slug));

    let path = format!("/api/v1/events/{}/rsvps?limit=1", w.event);
    let list = |path: String| {
        let list = w.app.get(&path).bearer(&w.organizer.token);
        async move { list.send().await.expect(200).json() }
    };
    let first = list(path.clone()).await;
    assert_eq!(first["items"][0]["status"], "interested");
    let next = text(&first, "next");
    let second = list(format!("{path}&cursor={next}")).await;
    assert_eq!(
        (&second["items"][0]["party"], &second["next"]),
        (&json!(2), &Value::Null)
    );
    assert_eq!(second["items"][0]["person"]["email"], Value::Null);
    let stranger = again(&w.app, &ben).await;
    let peek = w.app.get(&path).bearer(&stranger.token);
    peek.send().await.expect_problem(403, "forbidden");
}
