//! Those who come too late: refused from memory, and only while that is true.

use std::time::Duration;

use serde_json::json;
use testkit::{Answer, OnSale, Person, TestApp};

use crate::orders::{HOLD_TIME, again, audit, held, hold};

/// Half of the time that a sell-out is believed.
const HALF_A_SECOND: Duration = Duration::from_millis(500);

/// Tries to get one place, without a key.
async fn late(app: &TestApp, buyer: &Person, event: &OnSale) -> Answer {
    app.purchase(buyer, event, 1).send().await
}

#[tokio::test]
async fn a_sell_out_is_told_without_sql_unless_there_is_a_key() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 2, 0).await;
    app.buy(&ana, &event, 2).await.expect(201);
    late(&app, &ben, &event)
        .await
        .expect_problem(409, "sold_out");
    app.services.db.close().await;

    let refused = late(&app, &ben, &event).await;
    refused.expect_problem(409, "sold_out");
    assert_eq!(refused.json()["available"], 0);
    hold(&app, &ben, &event, 1)
        .await
        .expect_problem(409, "sold_out");

    // A key may own a ticket already: it has to be looked up.
    let keyed = app.purchase(&ana, &event, 2).once("k").send().await;
    assert_eq!(keyed.status.as_u16(), 503);
    // What is not valid is not sold out: the till says what is wrong with it.
    let too_many = app.purchase(&ben, &event, 101).send().await;
    assert_eq!(too_many.status.as_u16(), 503);
}

#[tokio::test]
async fn a_sell_out_is_forgotten_when_places_come_back() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 1, 0).await;
    let given = held(&app, &ana, &event, 1).await;
    late(&app, &ben, &event)
        .await
        .expect_problem(409, "sold_out");

    // Given back at this process: at once.
    let path = format!("/api/v1/holds/{given}");
    app.delete(&path)
        .bearer(&ana.token)
        .send()
        .await
        .expect(204);
    let taken = held(&app, &ben, &event, 1).await;
    late(&app, &ana, &event)
        .await
        .expect_problem(409, "sold_out");

    // At another one: within a second.
    let other = app.second_process().await;
    let path = format!("/api/v1/holds/{taken}");
    other
        .delete(&path)
        .bearer(&ben.token)
        .send()
        .await
        .expect(204);
    app.advance(Duration::from_secs(1));
    held(&app, &ana, &event, 1).await;
    late(&app, &ben, &event)
        .await
        .expect_problem(409, "sold_out");

    // Nobody gave it back, its time is over: at once, though the sell-out was just seen again.
    app.advance(HOLD_TIME.saturating_sub(HALF_A_SECOND));
    let (ana, ben) = (again(&app, &ana).await, again(&app, &ben).await);
    late(&app, &ben, &event)
        .await
        .expect_problem(409, "sold_out");
    app.advance(HALF_A_SECOND);
    late(&app, &ben, &event).await.expect(201);
    late(&app, &ana, &event)
        .await
        .expect_problem(409, "sold_out");

    // More places: at once.
    let organizer = again(&app, &organizer).await;
    let path = format!(
        "/api/v1/events/{}/ticket-types/{}",
        event.event, event.ticket_type
    );
    app.patch(&path)
        .bearer(&organizer.token)
        .header("if-match", "*")
        .json(json!({"quantity": 2}))
        .send()
        .await
        .expect(200);
    late(&app, &ana, &event).await.expect(201);
    audit(&app).await;
}
