use std::time::{Duration, Instant};

use serde_json::json;
use testkit::TestApp;

const LOGIN: &str = "/api/v1/auth/login";

#[tokio::test]
async fn logging_in_works_with_the_email_in_any_case() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let body =
        json!({"email": format!(" {} ", mira.email.to_uppercase()), "password": mira.password});
    let signed_in = app.post(LOGIN).json(body).send().await.expect(200).json();
    assert_eq!(signed_in["account"], mira.account);
    let token = signed_in["access_token"].as_str().unwrap_or_default();
    app.get("/api/v1/me").bearer(token).send().await.expect(200);
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_email_are_the_same_answer() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let wrong_password = json!({"email": mira.email, "password": "not the password"});
    let wrong_email = json!({"email": "nobody@example.org", "password": mira.password});
    let strange = json!({"email": "%_' OR 1=1 --", "password": "x"});
    let answers = [
        app.post(LOGIN).json(wrong_password).send().await,
        app.post(LOGIN).json(wrong_email).send().await,
        app.post(LOGIN).json(strange).send().await,
    ];
    for answer in &answers {
        answer.expect_problem(401, "invalid_credentials");
        assert_eq!(answer.text(), answers[0].text());
    }
}

#[tokio::test]
async fn bad_logins_are_refused_with_the_field() {
    let app = TestApp::start().await;
    let fields = |body| {
        let asking = app.post(LOGIN).json(body).send();
        async {
            let answer = asking.await;
            answer.expect_problem(422, "invalid");
            answer.fields()
        }
    };
    assert_eq!(
        fields(json!({"email": "a@example.org"})).await,
        ["password"]
    );
    assert_eq!(
        fields(json!({"email": 5, "password": "x"})).await,
        ["email"]
    );
    assert_eq!(
        fields(json!({"email": "a@example.org", "password": "x", "remember": true})).await,
        ["remember"]
    );
    assert_eq!(
        fields(json!({"email": "a@example.org", "password": "x".repeat(201)})).await,
        ["password"]
    );
}

#[tokio::test]
async fn an_unknown_email_takes_as_long_as_a_wrong_password() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let median = |email: String| {
        let app = &app;
        async move {
            let mut times = Vec::new();
            for _ in 0..9 {
                let body = json!({"email": email, "password": "not the password"});
                let begun = Instant::now();
                app.post(LOGIN).json(body).send().await.expect(401);
                times.push(begun.elapsed());
            }
            times.sort();
            times[4]
        }
    };
    let (known, unknown) = (
        median(mira.email).await,
        median("nobody@example.org".to_owned()).await,
    );
    // Without the hash of nobody it would be a twentieth.
    assert!(
        unknown > known / 3 && known > unknown / 3,
        "known {known:?}, unknown {unknown:?}"
    );
    assert!(unknown > Duration::from_millis(3), "{unknown:?}");
}

#[tokio::test]
async fn logging_out_ends_access_and_refresh_tokens_at_once() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.post("/api/v1/auth/logout")
        .bearer(&mira.token)
        .send()
        .await
        .expect(204);
    app.get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(401, "invalid_token");
    let body = json!({"refresh_token": mira.refresh_token});
    app.post("/api/v1/auth/refresh")
        .json(body)
        .send()
        .await
        .expect_problem(401, "invalid_token");
    app.post("/api/v1/auth/logout")
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn logging_out_ends_one_login_and_leaves_the_others() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let body = json!({"email": mira.email, "password": mira.password});
    let phone = app.post(LOGIN).json(body).send().await.expect(200).json();
    app.post("/api/v1/auth/logout")
        .bearer(&mira.token)
        .send()
        .await
        .expect(204);
    app.get("/api/v1/me")
        .bearer(phone["access_token"].as_str().unwrap_or_default())
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn an_access_token_ends_after_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.advance(Duration::from_secs(899));
    app.get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect(200);
    app.advance(Duration::from_secs(1));
    app.get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_logout_in_one_process_holds_in_the_others_after_a_poll() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let mira = app.attendee().await;
    other
        .get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect(200);
    app.post("/api/v1/auth/logout")
        .bearer(&mira.token)
        .send()
        .await
        .expect(204);
    // Every process does this four times a second.
    service::accounts::poll_revoked(&other.ctx())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    other
        .get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(401, "invalid_token");
    // One that starts later knows it from its first poll.
    let late = app.second_process().await;
    service::accounts::poll_revoked(&late.ctx())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    late.get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect_problem(401, "invalid_token");
}
