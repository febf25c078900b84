//! Edits: merge patches, versions, capacity under sales.

use serde_json::{Value, json};
use testkit::{Person, TestApp};

use super::{draft, log_in_again, path, published, tickets};

async fn patch(
    app: &TestApp,
    org: &Person,
    event: &Value,
    version: i64,
    body: Value,
) -> testkit::Answer {
    app.patch(&path(event))
        .bearer(&org.token)
        .if_match(version)
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn a_merge_patch_sets_clears_and_keeps() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(
        &app,
        &org,
        "Before",
        json!({"description": "Old", "tags": ["a"], "category": "music", "capacity": 5}),
    )
    .await;
    let body = json!({"title": "After", "description": null, "tags": ["b", "B "], "category": null, "capacity": null, "venue": null});
    let answer = patch(&app, &org, &event, 1, body).await.expect(200);
    let after = answer.json();
    assert_eq!(
        (&after["title"], &after["description"], &after["tags"]),
        (&json!("After"), &json!(""), &json!(["b"]))
    );
    assert_eq!(
        (&after["category"], &after["capacity"], &after["venue"]),
        (&json!("other"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&after["slug"], &after["starts_at"]),
        (&event["slug"], &event["starts_at"])
    );
    assert_eq!(answer.header("etag"), "\"2\"");
    let nothing = patch(&app, &org, &event, 2, json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(nothing["title"], "After");
}

#[tokio::test]
async fn two_editors_never_overwrite_each_other() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(&app, &org, "E", json!({})).await;
    let (a, b) = tokio::join!(
        patch(&app, &org, &event, 1, json!({"title": "A"})),
        patch(&app, &org, &event, 1, json!({"title": "B"}))
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let unversioned = app
        .patch(&path(&event))
        .bearer(&org.token)
        .json(json!({"title": "C"}))
        .send()
        .await;
    unversioned.expect_problem(428, "precondition_required");
    let whatever = app
        .patch(&path(&event))
        .bearer(&org.token)
        .header("if-match", "*")
        .json(json!({"title": "C"}))
        .send()
        .await;
    assert_eq!(whatever.expect(200).json()["title"], "C");
    for odd in ["3", "W/\"3\"", "\"x\"", "\"3\", \"4\""] {
        let answer = app
            .patch(&path(&event))
            .bearer(&org.token)
            .header("if-match", odd)
            .json(json!({"title": "D"}))
            .send()
            .await;
        answer.expect_problem(412, "stale");
    }
}

#[tokio::test]
async fn checks_come_in_the_order_of_the_contract() {
    let app = TestApp::start().await;
    let (org, guest) = (app.organizer().await, app.attendee().await);
    let public = published(&app, &org, "Public", json!({})).await;
    let hidden = draft(&app, &org, "Hidden", json!({})).await;
    let bad = json!({"title": "", "nonsense": 1});
    let ask = |event: &Value| app.patch(&path(event)).json(&bad);
    ask(&public)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    ask(&hidden)
        .bearer(&guest.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    ask(&public)
        .bearer(&guest.token)
        .send()
        .await
        .expect_problem(403, "forbidden");
    ask(&public)
        .bearer(&org.token)
        .send()
        .await
        .expect_problem(428, "precondition_required");
    ask(&public)
        .bearer(&org.token)
        .if_match(99)
        .send()
        .await
        .expect_problem(412, "stale");
    ask(&public)
        .bearer(&org.token)
        .if_match(2)
        .send()
        .await
        .expect_problem(422, "invalid");
    let cancelled = published(&app, &org, "Cancelled", json!({})).await;
    let cancelled = app
        .post(&format!("{}/cancel", path(&cancelled)))
        .bearer(&org.token)
        .json(json!({"reason": "x"}))
        .send()
        .await
        .expect(200)
        .json();
    let version = cancelled["version"].as_i64().unwrap();
    assert_eq!(
        patch(&app, &org, &cancelled, version, json!({"title": ""}))
            .await
            .status,
        422
    );
    patch(&app, &org, &cancelled, version, json!({"title": "x"}))
        .await
        .expect_problem(409, "illegal_state");
}

#[tokio::test]
async fn wrong_values_of_a_patch_are_named() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(&app, &org, "E", json!({})).await;
    let wrong = [
        (json!({"title": null}), "title"),
        (json!({"title": " "}), "title"),
        (json!({"starts_at": "2020-01-01T00:00:00Z"}), "starts_at"),
        (json!({"ends_at": app.in_hours(1)}), "ends_at"),
        (json!({"time_zone": "X/Y"}), "time_zone"),
        (json!({"category": "cats"}), "category"),
        (json!({"visibility": "archived"}), "visibility"),
        (
            json!({"venue": {"name": "x", "latitude": 1.0}}),
            "venue.longitude",
        ),
        (
            json!({"venue": {"name": "", "latitude": 1.0, "longitude": 1.0}}),
            "venue.name",
        ),
        (json!({"capacity": 0}), "capacity"),
        (json!({"status": "published"}), "status"),
        (json!({"ticket_types": []}), "ticket_types"),
    ];
    for (body, field) in wrong {
        let answer = patch(&app, &org, &event, 1, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.fields()),
            (422, vec![field.to_owned()]),
            "{body}: {}",
            answer.text()
        );
    }
}

/// Available places by ticket type, as everybody sees them.
async fn available(app: &TestApp, event: &Value) -> Vec<i64> {
    let seen = app.get(&path(event)).send().await.expect(200).json();
    seen["ticket_types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["available"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_capacity_is_shared_by_all_ticket_types_and_can_change_while_it_sells() {
    let app = TestApp::start().await;
    let (org, guest) = (app.organizer().await, app.attendee().await);
    let event = published(
        &app,
        &org,
        "E",
        json!({"ticket_types": [tickets("A", 0, 10), tickets("B", 0, 4)]}),
    )
    .await;
    let buy = async |index: usize, quantity: u32| {
        let body = json!({"items": [{"ticket_type_id": event["ticket_types"][index]["id"], "quantity": quantity}]});
        app.post(&format!("{}/purchase", path(&event)))
            .bearer(&guest.token)
            .json(body)
            .send()
            .await
    };
    let mut token = org.token.clone();
    let set = async |token: &str, capacity: Value| {
        let body = json!({"capacity": capacity});
        app.patch(&path(&event))
            .bearer(token)
            .header("if-match", "*")
            .json(body)
            .send()
            .await
    };
    let held =
        json!({"items": [{"ticket_type_id": event["ticket_types"][1]["id"], "quantity": 1}]});
    buy(0, 3).await.expect(201).json();
    app.post(&format!("{}/holds", path(&event)))
        .bearer(&guest.token)
        .json(held)
        .send()
        .await
        .expect(201)
        .json();
    assert_eq!(available(&app, &event).await, [7, 3]);
    // Turned on: what was sold and held before counts.
    set(&token, json!(3))
        .await
        .expect_problem(409, "below_sold");
    set(&token, json!(6)).await.expect(200).json();
    assert_eq!(available(&app, &event).await, [2, 2]);
    buy(0, 3).await.expect_problem(409, "sold_out");
    buy(0, 1).await.expect(201).json();
    assert_eq!(available(&app, &event).await, [1, 1]);
    set(&token, json!(4))
        .await
        .expect_problem(409, "below_sold");
    set(&token, json!(5)).await.expect(200).json();
    assert_eq!(available(&app, &event).await, [0, 0]);
    // A due hold gives its place back before anything is decided.
    app.advance(app.services.settings.hold_for);
    token = log_in_again(&app, &org).await;
    set(&token, json!(4)).await.expect(200).json();
    assert_eq!(available(&app, &event).await, [0, 0]);
    set(&token, Value::Null).await.expect(200).json();
    assert_eq!(available(&app, &event).await, [6, 4]);
    set(&token, json!(100)).await.expect(200).json();
    assert_eq!(available(&app, &event).await, [6, 4]);
    let mut conn = app.services.db.conn().await.unwrap();
    assert_eq!(store::pools::audit::drifts(&mut conn).await.unwrap(), []);
}
