//! Passing tickets on: to an account, by a link, in a race, and not at all.

mod afterwards;
mod pages;
mod races;

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Ask, OnSale, Person, TestApp};

use super::{again, audit, available, get, returning::returnable, text};

const NOBODY: &str = "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11";

struct World {
    app: TestApp,
    organizer: Person,
    ana: Person,
    ben: Person,
    event: OnSale,
}

async fn world(price: i64) -> World {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = returnable(&app, &organizer, 9, price).await;
    World {
        app,
        organizer,
        ana,
        ben,
        event,
    }
}

impl World {
    /// Ana's new order of so many tickets.
    async fn bought(&self, quantity: u32) -> Value {
        self.app.buy(&self.ana, &self.event, quantity).await.json()
    }

    /// The id of Ana's only new ticket.
    async fn ticket(&self) -> String {
        text(&self.bought(1).await["tickets"][0], "id")
    }

    /// Ana's offer.
    async fn offer(&self, ticket: &str, to: &str) -> Value {
        let answer = offer(&self.app, &self.ana, ticket, to).send().await;
        answer.expect(201).json()
    }
}

fn offer(app: &TestApp, giver: &Person, ticket: &str, to: &str) -> Ask {
    app.post(&format!("/api/v1/tickets/{ticket}/transfer"))
        .bearer(&giver.token)
        .json(json!({"to": to}))
}

fn accept(app: &TestApp, who: &Person, transfer: &Value, key: Option<&str>) -> Ask {
    app.post(&format!(
        "/api/v1/transfers/{}/accept",
        text(transfer, "id")
    ))
    .bearer(&who.token)
    .json(json!({"key": key}))
}

async fn decline(app: &TestApp, who: &Person, transfer: &Value) -> Answer {
    app.post(&format!(
        "/api/v1/transfers/{}/decline",
        text(transfer, "id")
    ))
    .bearer(&who.token)
    .json(json!({}))
    .send()
    .await
}

async fn withdraw(app: &TestApp, who: &Person, transfer: &Value) -> Answer {
    let path = format!("/api/v1/transfers/{}", text(transfer, "id"));
    app.request(http::Method::DELETE, &path)
        .bearer(&who.token)
        .send()
        .await
}

async fn give_back(app: &TestApp, who: &Person, order: &str, body: Value) -> Answer {
    app.post(&format!("/api/v1/orders/{order}/refund"))
        .bearer(&who.token)
        .json(body)
        .send()
        .await
}

/// The key of the link that the giver was told.
fn key_of(transfer: &Value) -> String {
    let url = text(transfer, "accept_url");
    url.split_once("?key=").expect("a key").1.to_owned()
}

async fn status(app: &TestApp, who: &Person, transfer: &Value) -> String {
    let path = format!("/api/v1/transfers/{}", text(transfer, "id"));
    text(&get(app, who, &path).await, "status")
}

#[tokio::test]
async fn a_ticket_offered_to_a_handle_becomes_another_persons() {
    let w = world(1000).await;
    let order = w.bought(2).await;
    let ticket = text(&order["tickets"][0], "id");

    let offered = w.offer(&ticket, &format!("@{}", w.ben.handle())).await;

    assert_eq!(offered["status"], "offered");
    assert_eq!(offered["to"], w.ben.handle());
    assert_eq!(offered["ticket_id"], ticket);
    assert_eq!(offered["accept_url"], Value::Null, "nobody needs a link");
    assert_eq!(offered["expires_at"], w.app.in_hours(24 * 7));
    let old = get(&w.app, &w.ana, &format!("/api/v1/tickets/{ticket}")).await;
    assert_eq!(old["status"], "valid", "until somebody accepts");
    let list = get(&w.app, &w.ben, "/api/v1/transfers").await;
    assert_eq!(list["items"][0]["id"], offered["id"]);
    assert_eq!(list["items"][0]["from"]["handle"], w.ana.handle());
    assert_eq!(list["items"][0]["to"], Value::Null);

    let new = accept(&w.app, &w.ben, &offered, None).send().await;
    let new = new.expect(201).json();

    assert_eq!(
        (&new["status"], &new["order_id"]),
        (&json!("valid"), &order["id"])
    );
    assert_eq!(new["holder"]["name"], w.ben.account["name"]);
    assert_ne!((&new["code"], &new["id"]), (&old["code"], &old["id"]));
    let path = format!("/api/v1/tickets/{}", text(&new, "id"));
    assert_eq!(get(&w.app, &w.ben, &path).await, new);
    w.app
        .get(&path)
        .bearer(&w.ana.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    let old = get(&w.app, &w.ana, &format!("/api/v1/tickets/{ticket}")).await;
    assert_eq!(old["status"], "transferred");
    for dead in ["/qr.svg", ".pdf"] {
        let code = w.app.get(&format!("/api/v1/tickets/{ticket}{dead}"));
        let code = code.bearer(&w.ana.token).send().await;
        code.expect_problem(404, "not_found");
    }
    let mine = get(
        &w.app,
        &w.ana,
        &format!("/api/v1/orders/{}", text(&order, "id")),
    )
    .await;
    assert_eq!(mine["tickets"].as_array().unwrap().len(), 2, "not Ben's");
    let trail = get(
        &w.app,
        &w.ana,
        &format!("/api/v1/transfers/{}", text(&offered, "id")),
    )
    .await;
    assert_eq!(trail["status"], "accepted");
    assert_eq!(trail["recipient"]["handle"], w.ben.handle());
    assert_eq!(available(&w.app, &w.event).await, 7, "no place moved");
    audit(&w.app).await;
}

#[tokio::test]
async fn an_offer_by_address_is_for_whoever_has_the_link() {
    let w = world(0).await;
    let ticket = w.ticket().await;

    // Ben has an account with this very address; that alone is worth nothing.
    let offered = w.offer(&ticket, &w.ben.email).await;

    let unknown = w.offer(&w.ticket().await, "nobody@example.org").await;
    for (answer, to) in [
        (&offered, &w.ben.email[..]),
        (&unknown, "nobody@example.org"),
    ] {
        assert_eq!(answer["to"], to);
        assert_eq!(answer["recipient"], Value::Null, "tells of no account");
    }
    let list = get(&w.app, &w.ben, "/api/v1/transfers").await;
    assert_eq!(list["items"], json!([]));
    let path = format!("/api/v1/transfers/{}", text(&offered, "id"));
    let wrong = [
        None,
        Some(""),
        Some("x"),
        Some("00"),
        Some(&key_of(&unknown)[..]),
    ];
    let others = key_of(&unknown);
    for key in wrong.into_iter().chain([Some(&others[..])]) {
        accept(&w.app, &w.ben, &offered, key)
            .send()
            .await
            .expect_problem(404, "not_found");
    }
    w.app
        .get(&path)
        .bearer(&w.ben.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    let key = key_of(&offered);
    let seen = get(&w.app, &w.ben, &format!("{path}?key={key}")).await;
    assert_eq!(
        (&seen["to"], &seen["accept_url"]),
        (&Value::Null, &Value::Null)
    );
    let again = get(&w.app, &w.ana, &path).await;
    assert_eq!(again["accept_url"], offered["accept_url"], "told again");
    accept(&w.app, &w.ana, &offered, Some(&key))
        .send()
        .await
        .expect_problem(409, "illegal_state");

    accept(&w.app, &w.ben, &offered, Some(&key))
        .send()
        .await
        .expect(201);

    let cleo = w.app.attendee().await;
    let late = accept(&w.app, &cleo, &offered, Some(&key)).send().await;
    late.expect_problem(409, "illegal_state");
    let seen = get(&w.app, &cleo, &format!("{path}?key={key}")).await;
    assert_eq!(seen["recipient"], Value::Null, "strangers learn no name");
    audit(&w.app).await;
}

#[tokio::test]
async fn nothing_that_is_stored_tells_the_link() {
    let w = world(0).await;
    let ticket = w.ticket().await;
    let ask = || offer(&w.app, &w.ana, &ticket, "eve@example.org").once("t1");
    let first = ask().send().await.expect(201);
    let second = ask().send().await.expect(201);
    assert_eq!(first.bytes, second.bytes, "byte for byte");
    assert_eq!(second.header("idempotent-replay"), "true");
    let key = key_of(&first.json());

    let mut conn = w.app.services.db.conn().await.unwrap();
    let account = serde_json::from_value(w.ana.account["id"].clone()).unwrap();
    let operation = format!("POST /api/v1/tickets/{ticket}/transfer");
    let scope = store::idempotency::Scope {
        account,
        operation: &operation,
        key: "t1",
    };
    let stored = store::idempotency::lock(&mut conn, &[scope]).await.unwrap();
    let (_, body) = stored[0].clone().unwrap().answer.unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("\"accept_url\":null"), "{body}");
    assert!(!body.contains(&key));
}

#[tokio::test]
async fn what_cannot_be_offered_is_refused_with_its_reason() {
    let w = world(0).await;
    let ticket = w.ticket().await;
    let own = w.ana.handle().to_owned();
    for to in [
        "",
        " ",
        "no such handle",
        "x@",
        "nobody-has-this",
        &own,
        &w.ana.email,
    ] {
        let refused = offer(&w.app, &w.ana, &ticket, to).send().await;
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), ["to"], "{to:?}");
    }
    for (who, ticket) in [
        (&w.ben, &ticket[..]),
        (&w.organizer, &ticket),
        (&w.ana, NOBODY),
    ] {
        offer(&w.app, who, ticket, w.ben.handle())
            .send()
            .await
            .expect_problem(404, "not_found");
    }
    let anonymous = w.app.post(&format!("/api/v1/tickets/{ticket}/transfer"));
    let anonymous = anonymous.json(json!({"to": "x"})).send().await;
    anonymous.expect_problem(401, "not_signed_in");

    w.offer(&ticket, w.ben.handle()).await;
    let twice = offer(&w.app, &w.ana, &ticket, "a@example.org").send().await;
    twice.expect_problem(409, "illegal_state");

    let order = w.bought(1).await;
    give_back(&w.app, &w.ana, &text(&order, "id"), json!({}))
        .await
        .expect(201);
    let given_back = text(&order["tickets"][0], "id");
    offer(&w.app, &w.ana, &given_back, w.ben.handle())
        .send()
        .await
        .expect_problem(409, "illegal_state");
    let late = w.ticket().await;
    w.app.advance(Duration::from_hours(24 * 8));
    let ana = again(&w.app, &w.ana).await;
    let refused = offer(&w.app, &ana, &late, w.ben.handle()).send().await;
    refused.expect_problem(409, "illegal_state");
    assert!(refused.text().contains("over"), "{}", refused.text());
}

#[tokio::test]
async fn an_offer_ends_by_a_no_by_its_giver_and_by_time() {
    let w = world(0).await;
    let ticket = w.ticket().await;

    let declined = w.offer(&ticket, w.ben.handle()).await;
    for _ in 0..2 {
        let said = decline(&w.app, &w.ben, &declined).await.expect(200).json();
        assert_eq!(said["status"], "declined");
    }
    accept(&w.app, &w.ben, &declined, None)
        .send()
        .await
        .expect_problem(409, "illegal_state");

    let withdrawn = w.offer(&ticket, w.ben.handle()).await;
    for _ in 0..2 {
        withdraw(&w.app, &w.ana, &withdrawn).await.expect(204);
    }
    accept(&w.app, &w.ben, &withdrawn, None)
        .send()
        .await
        .expect_problem(409, "illegal_state");

    let expired = w.offer(&ticket, w.ben.handle()).await;
    let event_lives_on =
        json!({"starts_at": w.app.in_hours(24 * 30), "ends_at": w.app.in_hours(24 * 31)});
    w.app
        .patch(&format!("/api/v1/events/{}", w.event.event))
        .bearer(&w.organizer.token)
        .header("if-match", "*")
        .json(event_lives_on)
        .send()
        .await
        .expect(200);
    w.app.advance(Duration::from_hours(24 * 7));
    let (ana, ben) = (again(&w.app, &w.ana).await, again(&w.app, &w.ben).await);
    assert_eq!(status(&w.app, &ben, &expired).await, "expired");
    accept(&w.app, &ben, &expired, None)
        .send()
        .await
        .expect_problem(410, "offer_expired");
    let next = offer(&w.app, &ana, &ticket, ben.handle()).send().await;
    let next = next.expect(201).json();
    accept(&w.app, &ben, &next, None).send().await.expect(201);
    withdraw(&w.app, &ana, &next)
        .await
        .expect_problem(409, "illegal_state");
    audit(&w.app).await;
}

#[tokio::test]
async fn other_peoples_offers_do_not_exist() {
    let w = world(0).await;
    let ticket = w.ticket().await;
    let offered = w.offer(&ticket, w.ben.handle()).await;
    let cleo = w.app.attendee().await;
    let path = format!("/api/v1/transfers/{}", text(&offered, "id"));
    for who in [&cleo, &w.organizer] {
        w.app
            .get(&path)
            .bearer(&who.token)
            .send()
            .await
            .expect_problem(404, "not_found");
        accept(&w.app, who, &offered, None)
            .send()
            .await
            .expect_problem(404, "not_found");
        decline(&w.app, who, &offered)
            .await
            .expect_problem(404, "not_found");
        withdraw(&w.app, who, &offered)
            .await
            .expect_problem(404, "not_found");
    }
    withdraw(&w.app, &w.ben, &offered)
        .await
        .expect_problem(404, "not_found");
    assert_eq!(status(&w.app, &w.ana, &offered).await, "offered");
}

#[tokio::test]
async fn open_offers_come_first_and_pages_have_no_gaps() {
    let w = world(0).await;
    let mut made = Vec::new();
    for index in 0..5 {
        w.app.advance(Duration::from_millis(20));
        let offered = w.offer(&w.ticket().await, w.ben.handle()).await;
        if index % 2 == 1 {
            decline(&w.app, &w.ben, &offered).await.expect(200);
        }
        made.push(text(&offered, "id"));
    }
    let expected: Vec<_> = [4, 2, 0, 3, 1]
        .map(|index: usize| made[index].clone())
        .into();
    for who in [&w.ana, &w.ben] {
        let (mut seen, mut path) = (Vec::new(), "/api/v1/transfers?limit=2".to_owned());
        loop {
            let page = get(&w.app, who, &path).await;
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|offer| text(offer, "id")));
            let Some(next) = page["next"].as_str() else {
                break;
            };
            path = format!("/api/v1/transfers?limit=2&cursor={next}");
        }
        assert_eq!(seen, expected);
    }
    for query in ["limit=0", "cursor=x", "cursor="] {
        let path = format!("/api/v1/transfers?{query}");
        let refused = w.app.get(&path).bearer(&w.ana.token).send().await;
        refused.expect_problem(422, "invalid");
    }
}
