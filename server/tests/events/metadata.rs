//! The free document.

use serde_json::{Value, json};
use testkit::TestApp;

use super::{draft, path, published};

#[tokio::test]
async fn the_document_has_a_version_of_its_own() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = published(&app, &org, "E", json!({})).await;
    let at = format!("{}/metadata", path(&event));
    let empty = app.get(&at).send().await.expect(200);
    assert_eq!((empty.json(), empty.header("etag")), (json!({}), "\"0\""));
    let document = json!({"line_up": [{"name": "A", "at": "20:00"}], "unicode": "ü🎷", "nothing": null, "number": 1.5, "big": 9_007_199_254_740_993_i64, "$odd.key": true});
    let first = app
        .put(&at)
        .bearer(&org.token)
        .json(&document)
        .send()
        .await
        .expect(200);
    assert_eq!(
        (first.json(), first.header("etag")),
        (document.clone(), "\"1\"")
    );
    assert_eq!(app.get(&at).send().await.expect(200).json(), document);
    app.put(&at)
        .bearer(&org.token)
        .json(json!({"b": 1}))
        .send()
        .await
        .expect_problem(428, "precondition_required");
    app.put(&at)
        .bearer(&org.token)
        .if_match(9)
        .json(json!({"b": 1}))
        .send()
        .await
        .expect_problem(412, "stale");
    let second = app
        .put(&at)
        .bearer(&org.token)
        .if_match(1)
        .json(json!({"b": 1}))
        .send()
        .await
        .expect(200);
    assert_eq!(second.header("etag"), "\"2\"");
    let seen = app.get(&path(&event)).send().await.expect(200).json();
    assert_eq!(
        (&seen["metadata"], &seen["version"]),
        (&json!({"b": 1}), &event["version"])
    );
}

#[tokio::test]
async fn of_two_editors_of_the_document_one_is_told() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(&app, &org, "E", json!({"metadata": {"v": 0}})).await;
    let at = format!("{}/metadata", path(&event));
    let put = |value: i64| {
        app.put(&at)
            .bearer(&org.token)
            .if_match(1)
            .json(json!({"v": value}))
            .send()
    };
    let (a, b) = tokio::join!(put(1), put(2));
    let winner = if a.status == 200 { 1 } else { 2 };
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(
        app.get(&at).bearer(&org.token).send().await.json(),
        json!({"v": winner})
    );
}

#[tokio::test]
async fn the_document_is_a_bounded_object() {
    let app = TestApp::start().await;
    let (org, other) = (app.organizer().await, app.attendee().await);
    let event = published(&app, &org, "E", json!({})).await;
    let at = format!("{}/metadata", path(&event));
    let put = |body: Value| app.put(&at).bearer(&org.token).json(body).send();
    for wrong in [json!([1]), json!("x"), json!(5), Value::Null] {
        put(wrong).await.expect_problem(422, "invalid");
    }
    put(json!({"a": "x".repeat(256 * 1024)}))
        .await
        .expect_problem(413, "payload_too_large");
    put(json!({"a": "x".repeat(600 * 1024)}))
        .await
        .expect_problem(413, "payload_too_large");
    put(json!({"a": "x".repeat(255 * 1024)}))
        .await
        .expect(200)
        .json();
    let deep = format!("{}1{}", "{\"a\":".repeat(60), "}".repeat(60));
    app.put(&at)
        .bearer(&org.token)
        .if_match(1)
        .body("application/json", deep)
        .send()
        .await
        .expect_problem(422, "invalid");
    app.put(&at)
        .bearer(&other.token)
        .json(json!({}))
        .send()
        .await
        .expect_problem(403, "forbidden");
    app.put(&at)
        .json(json!({}))
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.put(&at)
        .bearer(&org.token)
        .if_match(1)
        .body("text/plain", "x")
        .send()
        .await
        .expect_problem(415, "unsupported_media");
}

#[tokio::test]
async fn without_the_document_store_events_are_read_and_documents_are_not_written() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = published(&app, &org, "E", json!({"metadata": {"a": 1}})).await;
    let at = format!("{}/metadata", path(&event));
    app.documents.switch.set_down(true);
    let seen = app.get(&path(&event)).send().await.expect(200).json();
    assert_eq!(seen["metadata"], Value::Null);
    app.get(&at)
        .send()
        .await
        .expect_problem(503, "documents_unavailable");
    app.put(&at)
        .bearer(&org.token)
        .if_match(1)
        .json(json!({"a": 2}))
        .send()
        .await
        .expect_problem(503, "documents_unavailable");
    let mut body = app.event_body("New");
    body["metadata"] = json!({"a": 1});
    app.post("/api/v1/events")
        .bearer(&org.token)
        .json(body)
        .send()
        .await
        .expect_problem(503, "documents_unavailable");
    app.documents.switch.set_down(false);
    assert_eq!(
        app.get("/api/v1/me/events")
            .bearer(&org.token)
            .send()
            .await
            .json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    app.put(&at)
        .bearer(&org.token)
        .if_match(1)
        .json(json!({"a": 2}))
        .send()
        .await
        .expect(200)
        .json();
}
