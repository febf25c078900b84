//! Limits hold however many buyers come at once; what is given back can be used again.

use futures::future::join_all;
use serde_json::json;
use testkit::{Person, TestApp};

use super::{audit, buy, hold, percent, text, uses};

const BUYERS: usize = 24;
const USES: usize = 5;

async fn buyers(app: &TestApp, count: usize) -> Vec<Person> {
    join_all((0..count).map(|_| app.attendee())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn so_many_buyers_at_once_get_exactly_the_uses_there_are() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let buyers = buyers(&app, BUYERS).await;
    // What is paid for, and what becomes free.
    for off in [25, 100] {
        let event = app.published_event(&organizer, 100, 1000).await;
        let limits = json!({"max_uses": USES, "percent": off});
        percent(&app, &organizer, &event, "FEW", limits).await;
        let calls = buyers.iter().enumerate().map(|(index, buyer)| {
            let process = if index % 2 == 0 { &app } else { &other };
            buy(process, buyer, &event, 1, "few")
        });
        let answers = join_all(calls).await;

        let sold = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(sold, USES);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            refused.expect_problem(409, "promo_code_used_up");
        }
        assert_eq!(uses(&app, &organizer, &event).await, USES as u64);
        audit(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_person_stays_within_the_uses_however_many_calls_run() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 100, 1000).await;
    percent(
        &app,
        &organizer,
        &event,
        "TWICE",
        json!({"max_uses_per_person": 2}),
    )
    .await;
    let calls = (0..16).map(|index| {
        let process = if index % 2 == 0 { &app } else { &other };
        hold(process, &ana, &event, 1, "TWICE")
    });
    let answers = join_all(calls).await;

    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        2
    );
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.expect_problem(409, "promo_code_used_by_you");
    }
    audit(&app).await;
}

#[tokio::test]
async fn a_hold_that_ends_gives_the_use_back() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 9, 1000).await;
    percent(&app, &organizer, &event, "ONE", json!({"max_uses": 1})).await;

    let held = hold(&app, &ana, &event, 1, "ONE").await.expect(201).json();
    hold(&app, &ben, &event, 1, "ONE")
        .await
        .expect_problem(409, "promo_code_used_up");
    app.delete(&format!("/api/v1/holds/{}", text(&held, "id")))
        .bearer(&ana.token)
        .send()
        .await
        .expect(204);
    hold(&app, &ben, &event, 1, "ONE").await.expect(201);

    app.advance(super::HOLD_TIME);
    assert_eq!(
        uses(&app, &super::again(&app, &organizer).await, &event).await,
        0
    );
    let ana = super::again(&app, &ana).await;
    buy(&app, &ana, &event, 1, "ONE").await.expect(201);
    audit(&app).await;
}

#[tokio::test]
async fn a_declined_payment_keeps_the_use_with_its_hold() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 9, 1000).await;
    percent(&app, &organizer, &event, "ONE", json!({"max_uses": 1})).await;
    let held = hold(&app, &ana, &event, 1, "ONE").await.expect(201).json();
    let pay = |token: &str| {
        app.post(&format!("/api/v1/holds/{}/pay", text(&held, "id")))
            .bearer(&ana.token)
            .json(json!({"payment": {"method": "simulated", "token": token}}))
            .send()
    };
    pay("decline").await.expect_problem(402, "payment_declined");
    hold(&app, &ben, &event, 1, "ONE")
        .await
        .expect_problem(409, "promo_code_used_up");
    let paid = pay("ok").await.expect(201).json();
    assert_eq!(paid["total"]["amount_minor"], 750);
    assert_eq!(uses(&app, &organizer, &event).await, 1);
    audit(&app).await;
}
