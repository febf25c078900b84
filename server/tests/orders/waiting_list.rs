//! Waiting in line: free places go to whoever waits, in their order, before they are on sale.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, OnSale, Person, TestApp};

use super::{again, audit, available, get, held, hold, pay, text};

/// Longer than an offer stands.
const OFFER_TIME: Duration = Duration::from_hours(1);

async fn join(app: &TestApp, who: &Person, event: &OnSale, quantity: u32) -> Answer {
    let path = format!("/api/v1/events/{}/waiting-list", event.event);
    let body = json!({"ticket_type_id": event.ticket_type, "quantity": quantity});
    app.post(&path).bearer(&who.token).json(body).send().await
}

/// Joins, and must be let in; the entry's id.
async fn joined(app: &TestApp, who: &Person, event: &OnSale, quantity: u32) -> String {
    text(
        &join(app, who, event, quantity).await.expect(201).json(),
        "id",
    )
}

async fn entry(app: &TestApp, who: &Person, id: &str) -> Value {
    get(app, who, &format!("/api/v1/waiting-list/{id}")).await
}

async fn status(app: &TestApp, who: &Person, id: &str) -> String {
    text(&entry(app, who, id).await, "status")
}

async fn leave(app: &TestApp, who: &Person, id: &str) -> Answer {
    let path = format!("/api/v1/waiting-list/{id}");
    app.delete(&path).bearer(&who.token).send().await
}

async fn release(app: &TestApp, who: &Person, hold: &str) {
    let path = format!("/api/v1/holds/{hold}");
    app.delete(&path)
        .bearer(&who.token)
        .send()
        .await
        .expect(204);
}

/// A sold-out event, and the hold that has all its places.
async fn sold_out(app: &TestApp, places: u32) -> (Person, OnSale, Person, String) {
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, places, 500).await;
    let buyer = app.attendee().await;
    let held = held(app, &buyer, &event, places).await;
    (organizer, event, buyer, held)
}

#[tokio::test]
async fn places_that_become_free_are_held_for_the_first_in_line() {
    let app = TestApp::start().await;
    let (_, event, buyer, kept) = sold_out(&app, 2).await;
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let first = join(&app, &ana, &event, 2).await.expect(201).json();
    assert_eq!(
        (&first["status"], &first["position"]),
        (&json!("waiting"), &json!(1))
    );
    let second = joined(&app, &ben, &event, 1).await;
    assert_eq!(entry(&app, &ben, &second).await["position"], 2);

    release(&app, &buyer, &kept).await;
    let offered = entry(&app, &ana, &text(&first, "id")).await;
    assert_eq!(
        (&offered["status"], &offered["position"]),
        (&json!("offered"), &Value::Null)
    );
    assert_eq!(available(&app, &event).await, 0);
    let sniper = app.attendee().await;
    let refused = hold(&app, &sniper, &event, 1).await.expect(409).json();
    assert_eq!(refused["code"], "sold_out");
    assert_eq!(entry(&app, &ben, &second).await["position"], 1);

    pay(&app, &ana, &text(&offered, "hold_id"), "ok")
        .await
        .expect(201);
    assert_eq!(status(&app, &ana, &text(&first, "id")).await, "bought");
    leave(&app, &ana, &text(&first, "id")).await.expect(409);
    audit(&app).await;
}

#[tokio::test]
async fn an_offer_that_runs_out_goes_to_the_next() {
    let app = TestApp::start().await;
    let (_, event, buyer, kept) = sold_out(&app, 1).await;
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let first = joined(&app, &ana, &event, 1).await;
    let second = joined(&app, &ben, &event, 1).await;
    release(&app, &buyer, &kept).await;
    assert_eq!(status(&app, &ana, &first).await, "offered");
    app.advance(OFFER_TIME);
    let (ana, ben) = (again(&app, &ana).await, again(&app, &ben).await);
    assert_eq!(status(&app, &ana, &first).await, "expired");
    app.drain().await;
    assert_eq!(status(&app, &ben, &second).await, "offered");
    // Whoever let it pass may wait again, behind the others.
    let waits = join(&app, &ana, &event, 1).await.expect(201).json();
    assert_eq!(waits["position"], 1);
    leave(&app, &ben, &second).await.expect(204);
    assert_eq!(status(&app, &ben, &second).await, "left");
    assert_eq!(status(&app, &ana, &text(&waits, "id")).await, "offered");
    audit(&app).await;
}

#[tokio::test]
async fn a_smaller_party_passes_one_that_does_not_fit_and_nothing_stays_empty() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 3, 500).await;
    let (one, two) = (app.attendee().await, app.attendee().await);
    let (single, pair) = (
        held(&app, &one, &event, 1).await,
        held(&app, &two, &event, 2).await,
    );
    let (ana, ben, eva) = (
        app.attendee().await,
        app.attendee().await,
        app.attendee().await,
    );
    let three = joined(&app, &ana, &event, 3).await;
    let lone = joined(&app, &ben, &event, 1).await;
    let last = joined(&app, &eva, &event, 2).await;
    release(&app, &one, &single).await;
    assert_eq!(status(&app, &ana, &three).await, "waiting");
    assert_eq!(entry(&app, &ana, &three).await["position"], 1);
    assert_eq!(status(&app, &ben, &lone).await, "offered");
    release(&app, &two, &pair).await;
    assert_eq!(status(&app, &eva, &last).await, "offered");
    // Nobody in line fits into what is left: it is on sale.
    leave(&app, &ben, &lone).await.expect(204);
    assert_eq!(status(&app, &ana, &three).await, "waiting");
    let other = held(&app, &ben, &event, 1).await;
    leave(&app, &eva, &last).await.expect(204);
    assert_eq!(status(&app, &ana, &three).await, "waiting");
    release(&app, &ben, &other).await;
    assert_eq!(status(&app, &ana, &three).await, "offered");
    audit(&app).await;
}

#[tokio::test]
async fn a_position_counts_those_who_wait_for_the_same_tickets() {
    let app = TestApp::start().await;
    let (organizer, event, ..) = sold_out(&app, 1).await;
    let types = format!("/api/v1/events/{}/ticket-types", event.event);
    let price = json!({"amount_minor": 0, "currency": "EUR"});
    let other = json!({"name": "Other", "price": price, "quantity": 1});
    let other = app.post(&types).bearer(&organizer.token).json(other);
    let other = other.send().await.expect(201).json();
    let other = OnSale {
        ticket_type: serde_json::from_value(other["id"].clone()).unwrap(),
        ..event.clone()
    };
    held(&app, &app.attendee().await, &other, 1).await;
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let eva = app.attendee().await;
    for (who, event, position) in [(&ana, &event, 1), (&ben, &other, 1), (&eva, &event, 2)] {
        let entry = join(&app, who, event, 1).await.expect(201).json();
        assert_eq!(entry["position"], position);
    }
    let path = format!("/api/v1/events/{}/waiting-list", event.event);
    let line = get(&app, &organizer, &path).await;
    let positions = [0, 1, 2].map(|at: usize| line["items"][at]["entry"]["position"].clone());
    assert_eq!(positions, [1, 1, 2]);
}

#[tokio::test]
async fn more_places_and_returned_tickets_go_to_the_line_first() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 1, 0).await;
    let buyer = app.attendee().await;
    let order = app.buy(&buyer, &event, 1).await.json();
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let first = joined(&app, &ana, &event, 1).await;
    let path = format!(
        "/api/v1/events/{}/ticket-types/{}",
        event.event, event.ticket_type
    );
    let more = app
        .patch(&path)
        .bearer(&organizer.token)
        .header("if-match", "*");
    more.json(json!({"quantity": 2, "max_per_person": 2}))
        .send()
        .await
        .expect(200);
    // Nobody was at the till since; whoever comes now is behind the line all the same.
    let refused = hold(&app, &ben, &event, 1).await.expect(409).json();
    assert_eq!(refused["code"], "sold_out");
    assert_eq!(status(&app, &ana, &first).await, "offered");

    let second = joined(&app, &ben, &event, 1).await;
    let path = format!("/api/v1/orders/{}/refund", text(&order, "id"));
    let back = app.post(&path).bearer(&organizer.token).json(json!({}));
    back.send().await.expect(201);
    assert_eq!(status(&app, &ben, &second).await, "offered");
    audit(&app).await;
}

#[tokio::test]
async fn who_may_join_and_who_may_not() {
    let app = TestApp::start().await;
    let (organizer, event, buyer, kept) = sold_out(&app, 2).await;
    let ana = app.attendee().await;
    let open = app.published_event(&organizer, 2, 0).await;
    let refusal = |answer: Answer| text(&answer.json(), "code");
    assert_eq!(
        refusal(join(&app, &ana, &open, 1).await.expect(409)),
        "places_available"
    );
    assert_eq!(
        refusal(join(&app, &ana, &event, 0).await.expect(422)),
        "invalid"
    );
    assert_eq!(
        refusal(join(&app, &ana, &event, 3).await.expect(409)),
        "limit_reached"
    );
    assert_eq!(
        refusal(join(&app, &buyer, &event, 1).await.expect(409)),
        "limit_reached"
    );
    let path = format!("/api/v1/events/{}/waiting-list", event.event);
    let body = json!({"ticket_type_id": open.ticket_type, "quantity": 1});
    let other = app
        .post(&path)
        .bearer(&ana.token)
        .json(body.clone())
        .send()
        .await
        .expect(422);
    assert_eq!(other.json()["errors"][0]["field"], "ticket_type_id");
    app.post(&path).json(body).send().await.expect(401);

    let id = joined(&app, &ana, &event, 1).await;
    let twice = join(&app, &ana, &event, 2).await.expect(409).json();
    assert_eq!(
        (&twice["code"], &twice["waiting_list_entry_id"]),
        (&json!("illegal_state"), &json!(id))
    );
    // The same call again has one effect and one answer, with the position of now.
    let ben = app.attendee().await;
    let once = || async {
        let body = json!({"ticket_type_id": event.ticket_type, "quantity": 1});
        let ask = app
            .post(&path)
            .bearer(&ben.token)
            .header("idempotency-key", "w1");
        ask.json(body).send().await.expect(201)
    };
    let (one, other) = (once().await, once().await);
    assert_eq!(
        (one.json()["position"].clone(), one.bytes),
        (json!(2), other.bytes)
    );

    // Places in line are private; the organizer sees who waits, without addresses.
    let entry = format!("/api/v1/waiting-list/{id}");
    app.get(&entry).bearer(&ben.token).send().await.expect(404);
    app.delete(&entry)
        .bearer(&ben.token)
        .send()
        .await
        .expect(404);
    app.get(&path).bearer(&ben.token).send().await.expect(403);
    let line = get(&app, &organizer, &path).await;
    let positions: Vec<_> = line["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["entry"]["position"].clone())
        .collect();
    assert_eq!(positions, [1, 2]);
    assert_eq!(line["items"][0]["person"]["email"], Value::Null);
    leave(&app, &ana, &id).await.expect(204);
    leave(&app, &ana, &id).await.expect(204);
    assert_eq!(once().await.json()["position"], 1);
    release(&app, &buyer, &kept).await;
    assert_eq!(status(&app, &ana, &id).await, "left");
    audit(&app).await;
}

#[tokio::test]
async fn who_bought_elsewhere_is_passed_over_and_a_cancelled_event_closes_the_line() {
    let app = TestApp::start().await;
    let (organizer, event, buyer, kept) = sold_out(&app, 2).await;
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let big = joined(&app, &ana, &event, 2).await;
    let small = joined(&app, &ben, &event, 1).await;
    // The limit was lowered while they waited.
    let path = format!(
        "/api/v1/events/{}/ticket-types/{}",
        event.event, event.ticket_type
    );
    let lower = app
        .patch(&path)
        .bearer(&organizer.token)
        .header("if-match", "*");
    lower
        .json(json!({"max_per_person": 1}))
        .send()
        .await
        .expect(200);
    release(&app, &buyer, &kept).await;
    assert_eq!(status(&app, &ana, &big).await, "closed");
    assert_eq!(status(&app, &ben, &small).await, "offered");
    held(&app, &buyer, &event, 1).await;
    let late = joined(&app, &ana, &event, 1).await;
    let path = format!("/api/v1/events/{}/cancel", event.event);
    let cancel = app.post(&path).bearer(&organizer.token);
    cancel
        .json(json!({"reason": "Flooded"}))
        .send()
        .await
        .expect(200);
    for (who, id) in [(&ana, &late), (&ben, &small)] {
        assert_eq!(status(&app, who, id).await, "closed");
    }
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_two_processes_every_freed_place_goes_to_the_line_in_its_order() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 6, 100).await;
    let mut holders = Vec::new();
    for _ in 0..6 {
        let who = app.attendee().await;
        let id = held(&app, &who, &event, 1).await;
        holders.push((who, id));
    }
    let mut line = Vec::new();
    for _ in 0..9 {
        let who = app.attendee().await;
        let id = joined(&app, &who, &event, 1).await;
        line.push((who, id));
    }
    let mut snipers = Vec::new();
    for _ in 0..12 {
        snipers.push(app.attendee().await);
    }
    let releases = holders.iter().enumerate().map(|(at, (who, id))| {
        let process = if at % 2 == 0 { &app } else { &other };
        release(process, who, id)
    });
    let tries = snipers.iter().enumerate().map(|(at, who)| {
        let process = if at % 2 == 0 { &app } else { &other };
        hold(process, who, &event, 1)
    });
    let (_, tried) = futures::join!(
        futures::future::join_all(releases),
        futures::future::join_all(tries)
    );
    assert!(tried.iter().all(|answer| answer.status == 409));
    for (at, (who, id)) in line.iter().enumerate() {
        let expected = if at < 6 { "offered" } else { "waiting" };
        assert_eq!(status(&app, who, id).await, expected, "number {at} in line");
    }
    audit(&app).await;
}

#[tokio::test]
async fn the_organizer_sees_where_every_place_is() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 0).await;
    let (ana, ben, eva) = (
        app.attendee().await,
        app.attendee().await,
        app.attendee().await,
    );
    app.buy(&ana, &event, 2).await;
    let kept = held(&app, &ben, &event, 1).await;
    held(&app, &ben, &event, 2).await;
    joined(&app, &eva, &event, 1).await;
    joined(&app, &ana, &event, 3).await;
    release(&app, &ben, &kept).await;
    let path = format!("/api/v1/events/{}/places", event.event);
    let places = get(&app, &organizer, &path).await;
    let pool = &places["pools"][0];
    let numbers = ["capacity", "sold", "held", "offered", "paying", "free"]
        .map(|name| pool[name].as_i64().unwrap());
    assert_eq!(numbers, [5, 2, 2, 1, 0, 0]);
    assert_eq!(
        (&places["is_right"], &places["awaited"]),
        (&json!(true), &json!(3))
    );
    assert_eq!(
        (&pool["sold_difference"], &pool["repair"]),
        (&json!(0), &Value::Null)
    );
    app.get(&path).bearer(&ana.token).send().await.expect(403);
    audit(&app).await;
}

#[tokio::test]
async fn an_offer_counts_what_somebody_got_in_the_meantime() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 2, 0).await;
    let (ana, buyer) = (app.attendee().await, app.attendee().await);
    let (one, other) = (
        held(&app, &buyer, &event, 1).await,
        held(&app, &buyer, &event, 1).await,
    );
    let pair = joined(&app, &ana, &event, 2).await;
    // The pair does not fit; a single place is on sale, and is bought.
    release(&app, &buyer, &one).await;
    app.buy(&ana, &event, 1).await;
    release(&app, &buyer, &other).await;
    let more = format!(
        "/api/v1/events/{}/ticket-types/{}",
        event.event, event.ticket_type
    );
    let more = app
        .patch(&more)
        .bearer(&organizer.token)
        .header("if-match", "*");
    more.json(json!({"quantity": 4})).send().await.expect(200);
    app.drain().await;
    assert_eq!(status(&app, &ana, &pair).await, "closed");
    audit(&app).await;
}

#[tokio::test]
async fn whoever_leaves_as_places_become_free_keeps_none() {
    let app = TestApp::start().await;
    let (_, event, buyer, _) = sold_out(&app, 1).await;
    let ana = app.attendee().await;
    let id = joined(&app, &ana, &event, 1).await;
    app.advance(super::HOLD_TIME);
    let (ana, buyer) = (again(&app, &ana).await, again(&app, &buyer).await);
    leave(&app, &ana, &id).await.expect(204);
    assert_eq!(status(&app, &ana, &id).await, "left");
    held(&app, &buyer, &event, 1).await;
    audit(&app).await;
}

#[tokio::test]
async fn a_line_longer_than_one_transaction_reads_is_served_before_anybody_else() {
    const LINE: u32 = 300;
    const FREE: u32 = 280;
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 1, 0).await;
    let (buyer, sniper) = (app.attendee().await, app.attendee().await);
    app.buy(&buyer, &event, 1).await;
    let people = format!(
        "INSERT INTO accounts (id, handle, name, email, password_hash, role, created_at, updated_at)
        SELECT gen_random_uuid(), 'line' || n, 'In line', 'line' || n || '@example.org', '', 'attendee', now(), now()
        FROM generate_series(1, {LINE}) n"
    );
    app.database().execute(&people).await;
    let line = format!(
        "INSERT INTO waiting_list_entries (id, event_id, ticket_type_id, account_id, quantity, status, created_at)
        SELECT gen_random_uuid(), '{}', '{}', id, 1, 'waiting', now() FROM accounts WHERE name = 'In line'",
        event.event, event.ticket_type
    );
    app.database().execute(&line).await;
    let path = format!(
        "/api/v1/events/{}/ticket-types/{}",
        event.event, event.ticket_type
    );
    let more = app
        .patch(&path)
        .bearer(&organizer.token)
        .header("if-match", "*");
    let more = more.json(json!({"quantity": FREE + 1}));
    more.send().await.expect(200);

    let refused = hold(&app, &sniper, &event, 1).await.expect(409).json();
    assert_eq!(refused["code"], "sold_out");
    app.drain().await;

    let places = get(
        &app,
        &organizer,
        &format!("/api/v1/events/{}/places", event.event),
    )
    .await;
    let pool = &places["pools"][0];
    assert_eq!((&pool["offered"], &pool["free"]), (&json!(FREE), &json!(0)));
    assert_eq!(places["awaited"], LINE - FREE);
    audit(&app).await;
}
