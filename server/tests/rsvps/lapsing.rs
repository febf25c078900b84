//! The places of those who do not confirm: all of them, once, and never of somebody who answered.

use futures::future::{join, join_all};
use serde_json::{Value, json};
use service::rsvps;

use super::{
    asking::{UNTIL_ASKED, UNTIL_DEADLINE, later},
    audit, world,
};
use crate::orders::again;

#[tokio::test]
async fn who_does_not_come_is_not_offered_the_own_place() {
    let w = world(Some(1)).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 1).await.expect(200);
    w.waits(&ana, 1).await.expect(201);
    later(&w, UNTIL_ASKED, []).await;
    let [ana] = later(&w, UNTIL_DEADLINE, [&ana]).await;
    let rsvp = w.look(&ana).await;
    assert_eq!(
        (&rsvp["status"], &rsvp["line"], &rsvp["counts"]["available"]),
        (&json!("lapsed"), &Value::Null, &json!(1))
    );
    audit(&w.app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_told_going_at_the_deadline_is_going() {
    let w = world(None).await;
    let people = join_all((0..12).map(|_| w.app.attendee())).await;
    for (who, answer) in people
        .iter()
        .zip(join_all(people.iter().map(|who| w.going(who, 2))).await)
    {
        assert_eq!(answer.status, 200, "{}", who.handle());
    }
    later(&w, UNTIL_ASKED, []).await;
    w.app.advance(UNTIL_DEADLINE);
    let people = join_all(people.iter().map(|who| again(&w.app, who))).await;
    let said = |index: usize| ["going", "interested", "not_going"][index % 3];
    let answers = people.iter().enumerate();
    let answers = answers.map(|(index, who)| w.says(who, said(index)));
    let platform = w.app.ctx();
    let lapses = join_all((0..4).map(|_| rsvps::release_unconfirmed(&platform)));
    let (answers, lapses) = join(join_all(answers), lapses).await;
    for (index, (who, answer)) in people.iter().zip(answers).enumerate() {
        answer.expect(200);
        assert_eq!(w.status(who).await, said(index));
    }
    assert!(lapses.iter().all(Result::is_ok));
    w.app.drain().await;
    audit(&w.app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn more_than_fit_into_one_turn_lapse_once_on_two_processes() {
    let w = world(None).await;
    let other = w.app.second_process().await;
    let people = join_all((0..105).map(|_| w.app.attendee())).await;
    for answer in join_all(people.iter().map(|who| w.going(who, 1))).await {
        answer.expect(200);
    }
    later(&w, UNTIL_ASKED, []).await;
    w.app.advance(UNTIL_DEADLINE);
    let (here, there) = (w.app.ctx(), other.ctx());
    loop {
        let turn = join(
            rsvps::release_unconfirmed(&here),
            rsvps::release_unconfirmed(&there),
        );
        let (events, others) = turn.await;
        if events.unwrap() + others.unwrap() == 0 {
            break;
        }
    }
    assert_eq!(w.counts().await, (0, 0));
    w.app.drain().await;
    let sent = w.app.mailer.sent();
    let told = sent
        .iter()
        .filter(|mail| mail.subject.ends_with("is free for others"));
    assert_eq!(told.count(), people.len());
    audit(&w.app).await;
}
