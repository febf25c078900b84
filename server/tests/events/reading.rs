//! The combined view of one event, and who gets it.

use serde_json::{Value, json};
use testkit::TestApp;

use super::{draft, log_in_again, path, published, tickets};

#[tokio::test]
async fn the_combined_view_has_every_part_of_the_contract() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let fields = json!({
        "description": "# Hello\n\n<script>alert(1)</script>\n\n[us](https://example.org)", "category": "music", "tags": ["Jazz"],
        "capacity": 50, "metadata": {"line_up": ["A", "B"]}, "ticket_types": [tickets("Standard", 1500, 40)],
    });
    let event = published(&app, &org, "Jazz am See", fields).await;
    let answer = app
        .get("/api/v1/events/jazz-am-see")
        .send()
        .await
        .expect(200);
    let seen = answer.json();
    assert_eq!(answer.header("etag"), format!("\"{}\"", seen["version"]));
    assert_eq!(app.get(&path(&event)).send().await.json(), seen);
    for name in [
        "id",
        "slug",
        "title",
        "description",
        "description_html",
        "category",
        "tags",
        "status",
        "phase",
        "visibility",
        "starts_at",
        "ends_at",
        "time_zone",
        "venue",
        "online_url",
        "organizer",
        "ticket_types",
        "price_from",
        "metadata",
        "media",
        "capacity",
        "going_count",
        "created_at",
        "updated_at",
    ] {
        assert!(seen.get(name).is_some(), "{name}");
    }
    assert_eq!(
        (&seen["status"], &seen["phase"], &seen["visibility"]),
        (&json!("published"), &json!("upcoming"), &json!("public"))
    );
    assert_eq!(
        (&seen["metadata"], &seen["tags"]),
        (&json!({"line_up": ["A", "B"]}), &json!(["jazz"]))
    );
    let html = seen["description_html"].as_str().unwrap();
    assert!(
        html.contains("<h3>Hello</h3>")
            && html.contains("nofollow ugc")
            && !html.contains("script"),
        "{html}"
    );
    let kind = &seen["ticket_types"][0];
    assert_eq!(
        (
            &kind["status"],
            &kind["available"],
            &kind["quantity"],
            &kind["max_per_person"]
        ),
        (&json!("on_sale"), &json!(40), &json!(40), &json!(10))
    );
    assert!(kind.get("counts").is_none(), "counts are for the crew");
}

#[tokio::test]
async fn drafts_exist_only_for_their_crew() {
    let app = TestApp::start().await;
    let (org, other) = (app.organizer().await, app.attendee().await);
    let event = draft(&app, &org, "Secret", json!({})).await;
    assert_eq!(event["status"], "draft");
    app.get(&path(&event))
        .send()
        .await
        .expect_problem(404, "not_found");
    app.get(&path(&event))
        .bearer(&other.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    app.get("/api/v1/events/secret")
        .bearer(&other.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    assert_eq!(
        app.get("/api/v1/events/secret")
            .bearer(&org.token)
            .send()
            .await
            .expect(200)
            .json()["is_crew"],
        true
    );
}

#[tokio::test]
async fn members_and_archived_events_are_for_people_with_a_ticket() {
    let app = TestApp::start().await;
    let (org, guest, other) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&org, 10, 0).await;
    app.buy(&guest, &event, 1).await;
    let path = format!("/api/v1/events/{}", event.event);
    app.post(&format!("{path}/archive"))
        .bearer(&org.token)
        .send()
        .await
        .expect(200)
        .json();
    app.get(&path).send().await.expect_problem(404, "not_found");
    app.get(&path)
        .bearer(&other.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    let seen = app
        .get(&path)
        .bearer(&guest.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&seen["visibility"], &seen["ticket_types"][0]["status"]),
        (&json!("archived"), &json!("ended"))
    );
    app.post(&format!("{path}/archive"))
        .bearer(&org.token)
        .send()
        .await
        .expect_problem(409, "illegal_state");
    let hidden = published(&app, &org, "Members", json!({"visibility": "members"})).await;
    app.get(&super::path(&hidden))
        .bearer(&guest.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    let link = published(&app, &org, "Link", json!({"visibility": "unlisted"})).await;
    app.get(&super::path(&link)).send().await.expect(200).json();
}

#[tokio::test]
async fn what_is_no_event_is_not_found() {
    let app = TestApp::start().await;
    let long = "x".repeat(5000);
    for key in [
        "nope",
        "00000000-0000-7000-8000-000000000000",
        "%00",
        "a%2fb",
        "%F0%9F%8E%B7",
        "..",
        "'%20OR%201=1",
        long.as_str(),
    ] {
        app.get(&format!("/api/v1/events/{key}"))
            .send()
            .await
            .expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn availability_follows_sales_and_holds_and_forgets_due_ones_at_once() {
    let app = TestApp::start().await;
    let (org, guest, other) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&org, 5, 1000).await;
    let path = format!("/api/v1/events/{}", event.event);
    app.buy(&guest, &event, 2).await;
    app.post(&format!("{path}/holds"))
        .bearer(&other.token)
        .json(event.items(3))
        .send()
        .await
        .expect(201)
        .json();
    let seen = app.get(&path).send().await.json();
    assert_eq!(
        (
            &seen["ticket_types"][0]["available"],
            &seen["ticket_types"][0]["status"]
        ),
        (&json!(0), &json!("sold_out"))
    );
    assert_eq!(
        (&seen["sold_out"], &seen["going_count"]),
        (&json!(true), &json!(2))
    );
    let crew = app.get(&path).bearer(&org.token).send().await.json();
    assert_eq!(
        crew["ticket_types"][0]["counts"],
        json!({"sold": 2, "held": 3})
    );
    // The hold is due; nobody has swept it yet.
    app.advance(app.services.settings.hold_for);
    let seen = app.get(&path).send().await.json();
    assert_eq!(
        (&seen["ticket_types"][0]["available"], &seen["sold_out"]),
        (&json!(3), &json!(false))
    );
    let list = app.get("/api/v1/events").send().await.json();
    assert_eq!(
        (
            &list["items"][0]["sold_out"],
            &list["items"][0]["going_count"]
        ),
        (&json!(false), &json!(2))
    );
    let token = log_in_again(&app, &org).await;
    let crew = app.get(&path).bearer(&token).send().await.json();
    assert_eq!(
        crew["ticket_types"][0]["counts"],
        json!({"sold": 2, "held": 0})
    );
}

#[tokio::test]
async fn nobodys_personal_data_is_in_an_event() {
    let app = TestApp::start().await;
    let (org, guest) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&org, 5, 0).await;
    app.buy(&guest, &event, 1).await;
    let text = app
        .get(&format!("/api/v1/events/{}", event.event))
        .bearer(&org.token)
        .send()
        .await
        .text();
    for secret in [
        &org.email,
        &guest.email,
        guest.account["id"].as_str().unwrap(),
        guest.handle(),
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    let organizer: Value = serde_json::from_str::<Value>(&text).unwrap()["organizer"].clone();
    assert_eq!(organizer.as_object().unwrap().len(), 3);
}
