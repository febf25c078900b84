use std::time::Duration;

use serde_json::{Value, json};
use testkit::TestApp;

const DEVICES: &str = "/api/v1/me/devices";

async fn log_in(app: &TestApp, email: &str, password: &str, agent: &str) -> Value {
    let body = json!({"email": email, "password": password});
    app.post("/api/v1/auth/login")
        .header("user-agent", agent)
        .json(body)
        .send()
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn devices_are_listed_and_logged_out_one_by_one() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.advance(Duration::from_secs(5));
    let phone = log_in(&app, &mira.email, &mira.password, "Phone/1.0").await;
    let listed = app
        .get(DEVICES)
        .bearer(&mira.token)
        .send()
        .await
        .expect(200)
        .json();
    let seen: Vec<_> = listed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|device| json!([device["kind"], device["user_agent"], device["is_current"]]))
        .collect();
    assert_eq!(
        seen,
        [json!(["app", "Phone/1.0", false]), json!(["app", "", true])]
    );
    assert!(listed["next"].is_null());
    let path = format!(
        "{DEVICES}/{}",
        listed["items"][0]["id"].as_str().unwrap_or_default()
    );
    app.delete(&path)
        .bearer(&mira.token)
        .send()
        .await
        .expect(204);
    let token = phone["access_token"].as_str().unwrap_or_default();
    app.get("/api/v1/me")
        .bearer(token)
        .send()
        .await
        .expect_problem(401, "invalid_token");
    app.get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect(200);
    app.delete(&path)
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn devices_of_others_are_not_there() {
    let app = TestApp::start().await;
    let (mira, jo) = (app.attendee().await, app.attendee().await);
    let listed = app
        .get(DEVICES)
        .bearer(&jo.token)
        .send()
        .await
        .expect(200)
        .json();
    let of_jo = listed["items"][0]["id"].as_str().unwrap_or_default();
    app.delete(&format!("{DEVICES}/{of_jo}"))
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    app.delete(&format!("{DEVICES}/nonsense"))
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    app.delete(&format!("{DEVICES}/{of_jo}"))
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.get("/api/v1/me")
        .bearer(&jo.token)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn the_last_use_is_noted_give_or_take_a_minute() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.advance(Duration::from_mins(10));
    app.get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect(200);
    let listed = app
        .get(DEVICES)
        .bearer(&mira.token)
        .send()
        .await
        .expect(200)
        .json();
    let device = &listed["items"][0];
    assert_eq!(device["last_seen_at"], json!(app.in_hours(0)));
    assert_ne!(device["created_at"], device["last_seen_at"]);
}

#[tokio::test]
async fn logins_that_lapsed_are_not_listed() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.advance(app.services.settings.refresh_token_for + Duration::from_secs(1));
    let again = log_in(&app, &mira.email, &mira.password, "").await;
    let token = again["access_token"].as_str().unwrap_or_default();
    let listed = app
        .get(DEVICES)
        .bearer(token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}
