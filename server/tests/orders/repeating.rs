//! The same key gives the same answer and one effect.

use std::time::Duration;

use futures::future::join_all;
use testkit::{Answer, TestApp};

use super::{audit, available, get, held, hold, payment, text};

/// Is it the stored answer of `first`, byte for byte?
#[track_caller]
fn assert_replay(again: &Answer, first: &Answer) {
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(
        (
            first.header("idempotent-replay"),
            again.header("idempotent-replay")
        ),
        ("", "true")
    );
}

#[tokio::test]
async fn a_repeated_purchase_gives_the_same_bytes_and_sells_once() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let paid = app.published_event(&organizer, 5, 1200).await;
    let free = app.published_event(&organizer, 5, 0).await;
    for event in [paid, free] {
        let first = app
            .purchase(&ana, &event, 2)
            .once("key one")
            .send()
            .await
            .expect(201);
        app.advance(Duration::from_secs(30));
        let again = app.purchase(&ana, &event, 2).once("key one").send().await;
        assert_replay(&again, &first);
        assert_eq!(available(&app, &event).await, 3);
        app.purchase(&ana, &event, 2).send().await.expect(201);
        assert_eq!(
            available(&app, &event).await,
            1,
            "without a key every call is a new one"
        );
    }
    audit(&app).await;
}

#[tokio::test]
async fn a_repeated_hold_is_the_same_hold() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    let path = format!("/api/v1/events/{}/holds", event.event);
    let place = || {
        app.post(&path)
            .bearer(&ana.token)
            .json(event.items(2))
            .once("k")
            .send()
    };

    let first = place().await.expect(201);
    app.advance(Duration::from_secs(7));

    assert_replay(&place().await, &first);
    assert_eq!(available(&app, &event).await, 3);
    audit(&app).await;
}

#[tokio::test]
async fn refusals_of_the_use_case_are_answers_too() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 2, 1200).await;
    let path = format!("/api/v1/events/{}/purchase", event.event);
    let ask = |body: serde_json::Value, key: &str| {
        app.post(&path)
            .bearer(&ana.token)
            .json(body)
            .once(key)
            .send()
    };

    let declined = ask(event.paid_with(1, "decline"), "declined").await;
    declined.expect_problem(402, "payment_declined");
    let unpaid = ask(event.items(1), "unpaid").await;
    unpaid.expect_problem(422, "payment_required");
    held(&app, &ben, &event, 1).await;
    let late = ask(event.purchase(1), "late").await;
    late.expect_problem(409, "sold_out");
    // The world moves on; the answers do not.
    let holds = get(&app, &ana, "/api/v1/holds").await;
    let path = format!("/api/v1/holds/{}", text(&holds["items"][0], "id"));
    app.delete(&path)
        .bearer(&ana.token)
        .send()
        .await
        .expect(204);

    assert_replay(
        &ask(event.paid_with(1, "decline"), "declined").await,
        &declined,
    );
    assert_replay(&ask(event.items(1), "unpaid").await, &unpaid);
    assert_replay(&ask(event.purchase(1), "late").await, &late);
    ask(event.purchase(1), "new").await.expect(201);
    audit(&app).await;
}

#[tokio::test]
async fn what_is_not_there_stays_so_for_the_same_key() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    let path = format!("/api/v1/holds/{}/pay", uuid::Uuid::new_v4());
    let ask = || {
        app.post(&path)
            .bearer(&ana.token)
            .json(payment("ok"))
            .once("k")
            .send()
    };
    let first = ask().await;
    first.expect_problem(404, "not_found");
    assert_replay(&ask().await, &first);
}

#[tokio::test]
async fn another_body_with_the_key_is_refused() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1200).await;
    app.purchase(&ana, &event, 2)
        .once("k")
        .send()
        .await
        .expect(201);
    app.purchase(&ana, &event, 1)
        .once("k")
        .send()
        .await
        .expect_problem(422, "idempotency_mismatch");
    app.purchase(&ana, &event, 2)
        .once("k")
        .send()
        .await
        .expect(201);
    assert_eq!(available(&app, &event).await, 3);
}

#[tokio::test]
async fn keys_belong_to_account_and_path() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 9, 0).await;
    let other = app.published_event(&organizer, 9, 0).await;
    for (person, event) in [(&ana, &event), (&ben, &event), (&ana, &other)] {
        let answer = app
            .purchase(person, event, 1)
            .once("k")
            .send()
            .await
            .expect(201);
        assert_eq!(answer.header("idempotent-replay"), "");
    }
    let answer = hold(&app, &ana, &event, 1).await.expect(201);
    assert_eq!(answer.header("idempotent-replay"), "");
    assert_eq!(available(&app, &event).await, 6);
    audit(&app).await;
}

#[tokio::test]
async fn bad_keys_are_malformed_and_stop_everything() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    for key in ["", &"x".repeat(129), "naïve"] {
        app.purchase(&ana, &event, 1)
            .once(key)
            .send()
            .await
            .expect_problem(400, "bad_idempotency_key");
    }
    app.purchase(&ana, &event, 1)
        .once(&"x".repeat(128))
        .send()
        .await
        .expect(201);
    assert_eq!(available(&app, &event).await, 4);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_use_up_no_key() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    let path = format!("/api/v1/events/{}/purchase", event.event);
    let broken = app
        .post(&path)
        .bearer(&ana.token)
        .body("application/json", "{")
        .once("k")
        .send()
        .await;
    broken.expect_problem(400, "malformed");
    app.post(&path)
        .json(event.items(1))
        .once("k")
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.post(&path)
        .bearer(&ana.token)
        .json(event.items(1))
        .once("k")
        .send()
        .await
        .expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_identical_calls_at_once_one_has_an_effect() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    for price in [0, 1200] {
        let event = app.published_event(&organizer, 30, price).await;
        let calls = (0..24).map(|index| {
            let app = if index % 2 == 0 { &app } else { &other };
            app.purchase(&ana, &event, 1).once("same").send()
        });
        let answers = join_all(calls).await;

        let fresh: Vec<_> = answers
            .iter()
            .filter(|a| a.status == 201 && a.header("idempotent-replay").is_empty())
            .collect();
        assert_eq!(fresh.len(), 1);
        for answer in &answers {
            match answer.status.as_u16() {
                201 => assert_eq!(answer.text(), fresh[0].text()),
                _ => answer.expect_problem(409, "request_in_flight"),
            }
        }
        assert_eq!(available(&app, &event).await, 29);
        assert_replay(
            &other.purchase(&ana, &event, 1).once("same").send().await,
            fresh[0],
        );
    }
    audit(&app).await;
}

#[tokio::test]
async fn answers_are_kept_a_day_and_cleaned_then() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    app.purchase(&ana, &event, 1)
        .once("k")
        .send()
        .await
        .expect(201);
    app.advance(Duration::from_secs(24 * 3600 - 1));
    let ana = super::again(&app, &ana).await;
    assert_eq!(service::idempotency::clean(&app.ctx()).await.unwrap(), 0);
    assert_eq!(
        app.purchase(&ana, &event, 1)
            .once("k")
            .send()
            .await
            .header("idempotent-replay"),
        "true"
    );

    app.advance(Duration::from_secs(2));
    assert_eq!(
        app.purchase(&ana, &event, 1)
            .once("k")
            .send()
            .await
            .expect(201)
            .header("idempotent-replay"),
        ""
    );
    app.advance(Duration::from_secs(24 * 3600 + 1));
    assert_eq!(service::idempotency::clean(&app.ctx()).await.unwrap(), 1);
    assert_eq!(available(&app, &event).await, 3);
}

#[tokio::test]
async fn a_stored_answer_outlives_the_sold_out_event() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 1, 0).await;
    let first = app
        .purchase(&ana, &event, 1)
        .once("k")
        .send()
        .await
        .expect(201);
    app.purchase(&ben, &event, 1)
        .once("k")
        .send()
        .await
        .expect_problem(409, "sold_out");
    assert_replay(
        &app.purchase(&ana, &event, 1).once("k").send().await,
        &first,
    );
    assert_eq!(
        get(&app, &ana, "/api/v1/orders").await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
