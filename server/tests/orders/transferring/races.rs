//! Who is first when many want the same.

use futures::future::join_all;
use serde_json::json;
use testkit::{Person, TestApp};

use super::{accept, audit, get, give_back, key_of, offer, status, text, world};

#[tokio::test]
async fn a_repeated_yes_has_one_effect_and_one_answer() {
    let w = world(500).await;
    let ticket = w.ticket().await;
    let offered = w.offer(&ticket, w.ben.handle()).await;
    let yes = || accept(&w.app, &w.ben, &offered, None).once("yes");

    let answers = join_all((0..4).map(|_| yes().send())).await;

    for answer in &answers {
        assert_eq!(
            (answer.status.as_u16(), &answer.bytes),
            (201, &answers[0].bytes)
        );
    }
    accept(&w.app, &w.ben, &offered, None)
        .send()
        .await
        .expect_problem(409, "illegal_state");
    let tickets = get(&w.app, &w.ben, "/api/v1/tickets").await;
    assert_eq!(tickets["items"].as_array().unwrap().len(), 1);
    audit(&w.app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_have_the_link_exactly_one_gets_the_ticket() {
    let w = world(0).await;
    let other = w.app.second_process().await;
    let people = join_all((0..8).map(|_| w.app.attendee())).await;
    for _ in 0..3 {
        let offered = w.offer(&w.ticket().await, "friends@example.org").await;
        let key = key_of(&offered);
        let calls = people.iter().enumerate().map(|(index, person)| {
            let process = if index % 2 == 0 { &w.app } else { &other };
            accept(process, person, &offered, Some(&key)).send()
        });

        let answers = join_all(calls).await;

        let won = answers.iter().filter(|answer| answer.status == 201);
        assert_eq!(won.count(), 1);
        for late in answers.iter().filter(|answer| answer.status != 201) {
            late.expect_problem(409, "illegal_state");
        }
        audit(&w.app).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_yes_and_a_refund_at_once_end_with_one_of_them() {
    let w = world(700).await;
    let other = w.app.second_process().await;
    for round in 0..6 {
        let order = w.bought(1).await;
        let offered = w
            .offer(&text(&order["tickets"][0], "id"), w.ben.handle())
            .await;
        let yes = accept(&other, &w.ben, &offered, None).send();
        let id = text(&order, "id");
        let back = give_back(&w.app, &w.ana, &id, json!({}));

        let (yes, back) = if round % 2 == 0 {
            tokio::join!(yes, back)
        } else {
            let (back, yes) = tokio::join!(back, yes);
            (yes, back)
        };

        let both = [yes.status.as_u16(), back.status.as_u16()];
        assert!(both == [201, 409] || both == [409, 201], "{both:?}");
        let expected = if yes.status == 201 {
            "accepted"
        } else {
            "withdrawn"
        };
        assert_eq!(status(&w.app, &w.ana, &offered).await, expected);
        audit(&w.app).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_limit_of_one_person_holds_for_what_they_are_given() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let other = app.second_process().await;
    let mut body = app.event_body("Two each");
    body["ticket_types"] = json!([{
        "name": "Standard", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 20, "max_per_person": 2,
    }]);
    let id = text(&app.draft(&organizer, body).await, "id");
    let event = app
        .post(&format!("/api/v1/events/{id}/publish"))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json();
    let items =
        json!({"items": [{"ticket_type_id": event["ticket_types"][0]["id"], "quantity": 1}]});
    let buy = |who: &Person| {
        app.post(&format!("/api/v1/events/{id}/purchase"))
            .bearer(&who.token)
            .json(&items)
            .send()
    };
    let mut offers = Vec::new();
    for _ in 0..4 {
        let giver = app.attendee().await;
        let ticket = text(&buy(&giver).await.expect(201).json()["tickets"][0], "id");
        let offered = offer(&app, &giver, &ticket, ben.handle()).send().await;
        offers.push(offered.expect(201).json());
    }
    // What is put aside counts too.
    app.post(&format!("/api/v1/events/{id}/holds"))
        .bearer(&ben.token)
        .json(&items)
        .send()
        .await
        .expect(201);

    let calls = offers.iter().enumerate().map(|(index, offered)| {
        let process = if index % 2 == 0 { &app } else { &other };
        accept(process, &ben, offered, None).send()
    });
    let answers = join_all(calls).await;

    let got = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(got, 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.expect_problem(409, "limit_reached");
        assert_eq!(refused.json()["own_holds"].as_array().unwrap().len(), 1);
    }
    // Who gave one away may buy one again.
    let kept = text(&buy(&ana).await.expect(201).json()["tickets"][0], "id");
    buy(&ana).await.expect(201);
    buy(&ana).await.expect_problem(409, "limit_reached");
    let cleo = app.attendee().await;
    let offered = offer(&app, &ana, &kept, cleo.handle()).send().await;
    accept(&app, &cleo, &offered.expect(201).json(), None)
        .send()
        .await
        .expect(201);
    buy(&ana).await.expect(201);
    audit(&app).await;
}
