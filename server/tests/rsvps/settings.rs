//! How an event takes RSVPs: its organizer's side.

use serde_json::{Value, json};

use super::{audit, set, settings, text, world};

#[tokio::test]
async fn an_event_takes_rsvps_or_sells_tickets() {
    let w = world(Some(5)).await;
    let path = format!("/api/v1/events/{}", w.event);
    let event = w.app.get(&path).send().await.expect(200).json();
    assert_eq!(
        (
            &event["takes_rsvps"],
            &event["ticket_types"],
            &event["price_from"]["amount_minor"]
        ),
        (&json!(true), &json!([]), &json!(0))
    );
    let types = format!("/api/v1/events/{}/ticket-types", w.event);
    let price = json!({"amount_minor": 0, "currency": "EUR"});
    let kind = json!({"name": "Other", "price": price, "quantity": 1});
    let more = w.app.post(&types).bearer(&w.organizer.token).json(kind);
    more.send().await.expect_problem(409, "illegal_state");

    let mut dollars = w.app.event_body("A night in dollars");
    let price = json!({"amount_minor": 100, "currency": "USD"});
    dollars["ticket_types"] = json!([{"name": "Standard", "price": price, "quantity": 5}]);
    let dollars = text(&w.app.draft(&w.organizer, dollars).await, "id");
    let euros = w.app.published_event(&w.organizer, 5, 0).await;
    for id in [dollars, euros.event.to_string()] {
        let refused = set(&w.app, &w.organizer, &id, settings()).await;
        refused.expect_problem(409, "illegal_state");
    }
    // The type behind the places is not one to be edited.
    let kind = text(&w.look(&w.organizer).await, "ticket_type_id");
    let hidden = w.app.patch(&format!("{types}/{kind}"));
    let hidden = hidden.bearer(&w.organizer.token).header("if-match", "*");
    let hidden = hidden.json(json!({"quantity": 1}));
    hidden.send().await.expect_problem(404, "not_found");
    audit(&w.app).await;
}

#[tokio::test]
async fn who_may_set_what() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    let refused = set(&w.app, &ana, &w.event, settings()).await;
    refused.expect_problem(403, "forbidden");
    for (body, field) in [
        (json!({"max_party": 0}), "max_party"),
        (json!({"max_party": 101}), "max_party"),
        (
            json!({"max_party": 1, "reconfirm": {"ask_hours": 12, "until_hours": 12}}),
            "reconfirm.until_hours",
        ),
        (
            json!({"max_party": 1, "reconfirm": {"ask_hours": 9000, "until_hours": 1}}),
            "reconfirm.ask_hours",
        ),
        // Until the start: the places would never be taken.
        (
            json!({"max_party": 1, "reconfirm": {"ask_hours": 12, "until_hours": 0}}),
            "reconfirm.until_hours",
        ),
    ] {
        let refused = set(&w.app, &w.organizer, &w.event, body).await;
        assert_eq!(refused.expect(422).fields(), [field]);
    }
    let path = format!("/api/v1/events/{}/rsvp-settings", w.event);
    let kept = w.app.get(&path).bearer(&w.organizer.token);
    let kept = kept.send().await.expect(200).json();
    assert_eq!(
        (&kept["max_party"], &kept["reconfirm"]),
        (&settings()["max_party"], &settings()["reconfirm"])
    );
}

#[tokio::test]
async fn rsvps_end_as_long_as_nobody_was_going() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.says(&ana, "interested").await.expect(200);
    let path = format!("/api/v1/events/{}/rsvp-settings", w.event);
    let remove = || w.app.delete(&path).bearer(&w.organizer.token).send();
    remove().await.expect(204);
    remove().await.expect(204);
    w.says(&ana, "interested")
        .await
        .expect_problem(404, "not_found");
    set(&w.app, &w.organizer, &w.event, settings())
        .await
        .expect(200);
    // What was said before is forgotten.
    assert_eq!(w.status(&ana).await, Value::Null);
    w.going(&ana, 1).await.expect(200);
    remove().await.expect_problem(409, "illegal_state");
    audit(&w.app).await;
}

#[tokio::test]
async fn a_copy_takes_rsvps_as_the_event_does() {
    let w = world(Some(7)).await;
    let path = format!("/api/v1/events/{}/duplicate", w.event);
    let copy = w.app.post(&path).bearer(&w.organizer.token);
    let copy = copy.send().await.expect(201).json();
    assert_eq!(
        (
            &copy["takes_rsvps"],
            &copy["ticket_types"],
            &copy["capacity"]
        ),
        (&json!(true), &json!([]), &json!(7))
    );
    let path = format!("/api/v1/events/{}/rsvp-settings", text(&copy, "id"));
    let kept = w.app.get(&path).bearer(&w.organizer.token);
    let kept = kept.send().await.expect(200).json();
    assert_eq!(kept["reconfirm"], settings()["reconfirm"]);
    assert_eq!(kept["asked_at"], Value::Null);
}

#[tokio::test]
async fn a_capacity_stays_above_those_who_are_going() {
    let w = world(Some(5)).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 3).await.expect(200);
    let path = format!("/api/v1/events/{}", w.event);
    let change = |capacity: Value| {
        let change = w.app.patch(&path).bearer(&w.organizer.token);
        let change = change.header("if-match", "*");
        change.json(json!({"capacity": capacity})).send()
    };
    change(json!(2)).await.expect_problem(409, "below_sold");
    change(json!(3)).await.expect(200);
    assert_eq!(w.look(&ana).await["counts"]["available"], 0);
    change(Value::Null).await.expect(200);
    assert_eq!(w.look(&ana).await["counts"]["available"], Value::Null);
    change(json!(4)).await.expect(200);
    assert_eq!(w.look(&ana).await["counts"]["available"], 1);
    audit(&w.app).await;
}
