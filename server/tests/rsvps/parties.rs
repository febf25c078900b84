//! Who comes with how many, and what that does to their place in line.

use serde_json::{Value, json};

use super::{audit, set, text, world};

#[tokio::test]
async fn confirming_keeps_the_party_whatever_is_allowed_by_now() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 3).await.expect(200);
    set(&w.app, &w.organizer, &w.event, json!({"max_party": 2}))
        .await
        .expect(200);
    // Without a number for as many as before, and with the number they have.
    assert_eq!(w.says(&ana, "going").await.expect(200).json()["party"], 3);
    assert_eq!(w.going(&ana, 3).await.expect(200).json()["party"], 3);
    let refused = w.going(&ana, 4).await;
    assert_eq!(refused.expect(422).fields(), ["party"]);
    assert_eq!(w.going(&ana, 1).await.expect(200).json()["party"], 1);
    let refused = w.going(&ana, 3).await;
    assert_eq!(refused.expect(422).fields(), ["party"]);
    let ben = w.app.attendee().await;
    assert_eq!(w.says(&ben, "going").await.expect(200).json()["party"], 1);
    audit(&w.app).await;
}

#[tokio::test]
async fn confirming_leaves_the_wait_and_the_offer() {
    let w = world(Some(2)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 1).await.expect(200);
    w.going(&ben, 1).await.expect(200);
    w.waits(&ana, 1).await.expect(201);
    w.going(&ana, 1).await.expect(200);
    assert_eq!(w.look(&ana).await["line"]["status"], "waiting");
    w.says(&ben, "not_going").await.expect(200);
    w.says(&ana, "going").await.expect(200);
    assert_eq!(w.look(&ana).await["line"]["status"], "offered");
    assert_eq!(w.going(&ana, 2).await.expect(200).json()["party"], 2);
    audit(&w.app).await;
}

#[tokio::test]
async fn giving_up_gives_every_offer_back() {
    let w = world(Some(3)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 1).await.expect(200);
    w.going(&ben, 2).await.expect(200);
    w.waits(&ana, 1).await.expect(201);
    w.going(&ben, 1).await.expect(200);
    w.waits(&ana, 1).await.expect(201);
    // What is kept is shown before what is waited for.
    assert_eq!(w.look(&ana).await["line"]["status"], "offered");
    w.says(&ben, "not_going").await.expect(200);
    w.says(&ana, "not_going").await.expect(200);
    let rsvp = w.look(&ana).await;
    assert_eq!(
        (&rsvp["line"], &rsvp["counts"]["available"]),
        (&Value::Null, &json!(3))
    );
    audit(&w.app).await;
}

#[tokio::test]
async fn one_of_two_places_can_be_passed_on() {
    let w = world(Some(2)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 2).await.expect(200);
    w.pass_on(&ana, &ben).await;
    for who in [&ana, &ben] {
        let rsvp = w.look(who).await;
        assert_eq!(
            (&rsvp["status"], &rsvp["party"]),
            (&json!("going"), &json!(1))
        );
    }
    audit(&w.app).await;
}

#[tokio::test]
async fn who_is_in_already_gives_no_place_up() {
    let w = world(Some(2)).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 2).await.expect(200);
    let scan =
        "UPDATE tickets SET status = 'used' WHERE id = (SELECT min(id::text)::uuid FROM tickets)";
    w.app.database().execute(scan).await;
    let refused = w.says(&ana, "not_going").await;
    refused.expect_problem(409, "illegal_state");
    assert_eq!(w.going(&ana, 1).await.expect(200).json()["party"], 1);
    let refused = w.says(&ana, "interested").await;
    refused.expect_problem(409, "illegal_state");
    assert_eq!(w.status(&ana).await, "going");
    audit(&w.app).await;
}

#[tokio::test]
async fn an_organizer_may_take_the_tickets_back() {
    let w = world(Some(2)).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 2).await.expect(200);
    let orders = w.app.get("/api/v1/orders").bearer(&ana.token);
    let order = text(&orders.send().await.expect(200).json()["items"][0], "id");
    let path = format!("/api/v1/orders/{order}/refund");
    let refund = w.app.post(&path).bearer(&w.organizer.token);
    refund.json(json!({})).send().await.expect(201);
    assert_eq!(w.status(&ana).await, "not_going");
    assert_eq!(w.counts().await, (0, 0));
    audit(&w.app).await;
}
