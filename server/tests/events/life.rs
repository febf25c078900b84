//! Create, publish, cancel, archive, duplicate, delete.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::TestApp;

use super::{draft, log_in_again, path, published, tickets};

#[tokio::test]
async fn an_event_is_created_as_a_draft_with_location_and_etag() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let mut body = app.event_body("Größe zählt!");
    body["ticket_types"] = json!([tickets("Free", 0, 10), tickets("VIP", 9900, 2)]);
    let answer = app
        .post("/api/v1/events")
        .bearer(&org.token)
        .json(body)
        .send()
        .await
        .expect(201);
    let event = answer.json();
    assert_eq!(answer.header("location"), path(&event));
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(
        (&event["status"], &event["slug"], &event["category"]),
        (&json!("draft"), &json!("grosse-zahlt"), &json!("other"))
    );
    let names: Vec<_> = event["ticket_types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Free", "VIP"]);
    let again = draft(&app, &org, "Größe zählt!", json!({})).await;
    assert_ne!(again["slug"], event["slug"]);
    assert!(again["slug"].as_str().unwrap().starts_with("grosse-zahlt-"));
}

#[tokio::test]
async fn many_events_of_one_title_at_once_get_different_addresses() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let create = || {
        app.post("/api/v1/events")
            .bearer(&org.token)
            .json(app.event_body("Twins"))
            .send()
    };
    let answers = [create(), create(), create(), create(), create(), create()];
    let mut slugs = Vec::new();
    for answer in futures_join(answers).await {
        slugs.push(
            answer.expect(201).json()["slug"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 6);
}

async fn futures_join<T>(calls: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(calls).await
}

#[tokio::test]
async fn every_wrong_field_of_a_new_event_is_named() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let wrong = [
        ("starts_at", json!("2020-01-01T00:00:00Z"), "starts_at"),
        ("starts_at", json!("soon"), "starts_at"),
        ("ends_at", json!(app.in_hours(1)), "ends_at"),
        ("time_zone", json!("Mars/Olympus"), "time_zone"),
        ("title", json!(""), "title"),
        ("title", json!("x".repeat(121)), "title"),
        ("title", json!(null), "title"),
        ("title", json!("a\u{0}b"), "title"),
        ("category", json!("cats"), "category"),
        ("visibility", json!("secret"), "visibility"),
        ("capacity", json!(0), "capacity"),
        ("capacity", json!(-1), "capacity"),
        ("online_url", json!("javascript:alert(1)"), "online_url"),
        (
            "venue",
            json!({"name": "Barn", "latitude": 52.5}),
            "venue.longitude",
        ),
        (
            "venue",
            json!({"name": "Barn", "latitude": 91, "longitude": 0}),
            "venue.latitude",
        ),
        (
            "ticket_types",
            json!([tickets("T", -1, 5)]),
            "ticket_types[0].price",
        ),
        (
            "ticket_types",
            json!([tickets("T", 1, 0)]),
            "ticket_types[0].quantity",
        ),
        (
            "ticket_types",
            json!([{"name": "T", "price": {"amount_minor": 1, "currency": "XXXX"}, "quantity": 1}]),
            "ticket_types[0].price.currency",
        ),
        ("metadata", json!([1, 2]), "metadata"),
        ("organizer_id", json!("someone"), "organizer_id"),
    ];
    for (name, value, field) in wrong {
        let mut body = app.event_body("Event");
        body[name] = value.clone();
        let answer = app
            .post("/api/v1/events")
            .bearer(&org.token)
            .json(body)
            .send()
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.fields()),
            (422, vec![field.to_owned()]),
            "{name}={value}: {}",
            answer.text()
        );
    }
    let mut body = app.event_body("Event");
    body["ticket_types"] = json!([tickets("A", 1, 1), {"name": "B", "price": {"amount_minor": 1, "currency": "USD"}, "quantity": 1}]);
    app.post("/api/v1/events")
        .bearer(&org.token)
        .json(body)
        .send()
        .await
        .expect_problem(422, "currency_mismatch");
}

#[tokio::test]
async fn only_organizers_create_events() {
    let app = TestApp::start().await;
    let guest = app.attendee().await;
    app.post("/api/v1/events")
        .json(app.event_body("E"))
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.post("/api/v1/events")
        .bearer(&guest.token)
        .json(app.event_body("E"))
        .send()
        .await
        .expect_problem(403, "forbidden");
    app.post("/api/v1/events")
        .bearer(&guest.token)
        .json(json!({"x": 1}))
        .send()
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn an_event_is_published_once_and_the_world_is_told() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(&app, &org, "Premiere", json!({})).await;
    let publish = format!("{}/publish", path(&event));
    let published = app
        .post(&publish)
        .bearer(&org.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(published["status"], "published");
    assert!(published["version"].as_i64() > event["version"].as_i64());
    app.post(&publish)
        .bearer(&org.token)
        .send()
        .await
        .expect_problem(409, "illegal_state");
    app.drain().await;
    let feed = service::feed::latest(&app.ctx(), 10).await.unwrap();
    assert_eq!(
        feed.iter()
            .map(|activity| activity.event_title.as_str())
            .collect::<Vec<_>>(),
        ["Premiere"]
    );
}

#[tokio::test]
async fn a_draft_whose_time_has_passed_is_not_published() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(&app, &org, "Late", json!({})).await;
    app.advance(Duration::from_hours(720));
    let token = log_in_again(&app, &org).await;
    app.post(&format!("{}/publish", path(&event)))
        .bearer(&token)
        .send()
        .await
        .expect_problem(409, "illegal_state");
}

#[tokio::test]
async fn cancelling_takes_a_reason_and_ends_sales() {
    let app = TestApp::start().await;
    let (org, guest) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&org, 5, 0).await;
    app.buy(&guest, &event, 1).await;
    let cancel = format!("/api/v1/events/{}/cancel", event.event);
    let ask = |body: Value| app.post(&cancel).bearer(&org.token).json(body).send();
    assert_eq!(ask(json!({})).await.fields(), ["reason"]);
    assert_eq!(ask(json!({"reason": "  "})).await.fields(), ["reason"]);
    let cancelled = ask(json!({"reason": "Storm warning"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&cancelled["status"], &cancelled["cancel_reason"]),
        (&json!("cancelled"), &json!("Storm warning"))
    );
    assert_eq!(cancelled["ticket_types"][0]["status"], "ended");
    ask(json!({"reason": "Again"}))
        .await
        .expect_problem(409, "illegal_state");
    app.purchase(&guest, &event, 1)
        .send()
        .await
        .expect_problem(409, "not_on_sale");
    let tickets = app
        .get("/api/v1/tickets")
        .bearer(&guest.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(tickets["items"][0]["status"], "cancelled");
    assert_eq!(
        app.get(&format!("/api/v1/events/{}", event.event))
            .send()
            .await
            .expect(200)
            .json()["status"],
        "cancelled"
    );
}

#[tokio::test]
async fn a_copy_is_a_draft_of_its_own() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let fields = json!({"capacity": 9, "tags": ["a"], "metadata": {"x": 1}, "ticket_types": [tickets("T", 700, 5)]});
    let event = published(&app, &org, "Original", fields).await;
    let account = json!({"account_holder": "The Hall", "details": "DE02 1203", "days": 3});
    app.put(&format!("{}/payment-methods", path(&event)))
        .bearer(&org.token)
        .json(json!({"card": false, "bank_transfer": account}))
        .send()
        .await
        .expect(200);
    let answer = app
        .post(&format!("{}/duplicate", path(&event)))
        .bearer(&org.token)
        .send()
        .await
        .expect(201);
    let copy = answer.json();
    assert_eq!(answer.header("location"), path(&copy));
    assert_ne!((&copy["id"], &copy["slug"]), (&event["id"], &event["slug"]));
    for same in [
        "title",
        "starts_at",
        "ends_at",
        "venue",
        "capacity",
        "tags",
        "metadata",
        "price_from",
    ] {
        assert_eq!(copy[same], event[same], "{same}");
    }
    assert_eq!(
        (&copy["status"], &copy["version"]),
        (&json!("draft"), &json!(1))
    );
    assert_ne!(
        copy["ticket_types"][0]["id"],
        event["ticket_types"][0]["id"]
    );
    let ways = app
        .get(&format!("{}/payment-methods", path(&copy)))
        .bearer(&org.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        ways,
        json!({"card": false, "bank_transfer": account, "at_door": false})
    );
}

#[tokio::test]
async fn a_draft_is_deleted_with_everything_that_belongs_to_it() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = draft(
        &app,
        &org,
        "Mistake",
        json!({"metadata": {"a": 1}, "ticket_types": [tickets("T", 0, 1)]}),
    )
    .await;
    let id = event["id"].as_str().unwrap().parse().unwrap();
    assert!(
        app.services
            .ports
            .documents
            .get_metadata(id)
            .await
            .unwrap()
            .is_some()
    );
    app.post(&format!("{}/media", path(&event)))
        .bearer(&org.token)
        .multipart(&[("kind", "cover")], "a.png", "image/png", &testkit::png(8))
        .send()
        .await
        .expect(201)
        .json();
    app.delete(&path(&event))
        .bearer(&org.token)
        .send()
        .await
        .expect_problem(428, "precondition_required");
    app.delete(&path(&event))
        .bearer(&org.token)
        .if_match(99)
        .send()
        .await
        .expect_problem(412, "stale");
    let gone = app
        .delete(&path(&event))
        .bearer(&org.token)
        .if_match(1)
        .send()
        .await;
    assert_eq!(gone.status, 204);
    app.get(&path(&event))
        .bearer(&org.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    assert_eq!(
        app.services.ports.documents.get_metadata(id).await.unwrap(),
        None
    );
    assert_eq!(
        app.services.ports.blobs.list("media/").await.unwrap(),
        [""; 0]
    );
}

#[tokio::test]
async fn what_was_published_is_archived_and_not_deleted() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = published(&app, &org, "Out", json!({})).await;
    let version = event["version"].as_i64().unwrap();
    app.delete(&path(&event))
        .bearer(&org.token)
        .if_match(version)
        .send()
        .await
        .expect_problem(409, "event_has_orders");
    let fresh = draft(&app, &org, "Draft", json!({})).await;
    app.post(&format!("{}/archive", path(&fresh)))
        .bearer(&org.token)
        .send()
        .await
        .expect_problem(409, "illegal_state");
}
