use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};

const REFRESH: &str = "/api/v1/auth/refresh";

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.post(REFRESH)
        .json(json!({"refresh_token": token}))
        .send()
        .await
}

async fn refresh_with_key(app: &TestApp, token: &str, key: &str) -> Answer {
    app.post(REFRESH)
        .once(key)
        .json(json!({"refresh_token": token}))
        .send()
        .await
}

fn text<'a>(pair: &'a Value, name: &str) -> &'a str {
    pair[name].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_refresh_token_gives_the_next_pair() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.advance(Duration::from_mins(15));
    app.get("/api/v1/me")
        .bearer(&mira.token)
        .send()
        .await
        .expect(401);
    let pair = refresh(&app, &mira.refresh_token).await.expect(200).json();
    assert_eq!(
        (&pair["token_type"], &pair["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    assert_ne!(text(&pair, "refresh_token"), mira.refresh_token);
    app.get("/api/v1/me")
        .bearer(text(&pair, "access_token"))
        .send()
        .await
        .expect(200);
    refresh(&app, text(&pair, "refresh_token"))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_stale_access_token_sent_along_does_not_keep_anybody_from_refreshing() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.advance(Duration::from_secs(901));
    let body = json!({"refresh_token": mira.refresh_token});
    app.post(REFRESH)
        .bearer(&mira.token)
        .json(body)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn an_old_refresh_token_kills_the_family() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let first = refresh(&app, &mira.refresh_token).await.expect(200).json();
    let second = refresh(&app, text(&first, "refresh_token"))
        .await
        .expect(200)
        .json();
    refresh(&app, &mira.refresh_token)
        .await
        .expect_problem(401, "refresh_reused");
    for token in [
        &mira.token,
        text(&first, "access_token"),
        text(&second, "access_token"),
    ] {
        app.get("/api/v1/me")
            .bearer(token)
            .send()
            .await
            .expect_problem(401, "invalid_token");
    }
    refresh(&app, text(&second, "refresh_token"))
        .await
        .expect_problem(401, "invalid_token");
    refresh(&app, text(&first, "refresh_token"))
        .await
        .expect_problem(401, "refresh_reused");
}

#[tokio::test]
async fn of_parallel_uses_of_one_token_at_most_one_wins_and_the_family_ends() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let mira = app.attendee().await;
    let apps = [&app, &other, &app, &other, &app, &other];
    let answers = join_all(apps.map(|app| refresh(app, &mira.refresh_token))).await;
    let won: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(won.len(), 1);
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        lost.expect_problem(401, "refresh_reused");
    }
    for app in [&app, &other] {
        service::accounts::poll_revoked(&app.ctx())
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        app.get("/api/v1/me")
            .bearer(text(&won[0].json(), "access_token"))
            .send()
            .await
            .expect(401);
    }
}

#[tokio::test]
async fn a_lost_answer_comes_again_with_its_key_for_a_minute() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let first = refresh_with_key(&app, &mira.refresh_token, "try-1")
        .await
        .expect(200);
    app.advance(Duration::from_mins(1));
    let again = refresh_with_key(&app, &mira.refresh_token, "try-1")
        .await
        .expect(200);
    assert_eq!(again.text(), first.text());
    app.get("/api/v1/me")
        .bearer(text(&again.json(), "access_token"))
        .send()
        .await
        .expect(200);
    app.advance(Duration::from_secs(1));
    refresh_with_key(&app, &mira.refresh_token, "try-1")
        .await
        .expect_problem(401, "refresh_reused");
    app.get("/api/v1/me")
        .bearer(text(&again.json(), "access_token"))
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn a_lost_answer_comes_again_from_another_process_too() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let mira = app.attendee().await;
    let first = refresh_with_key(&app, &mira.refresh_token, "k")
        .await
        .expect(200);
    assert_eq!(
        refresh_with_key(&other, &mira.refresh_token, "k")
            .await
            .expect(200)
            .text(),
        first.text()
    );
}

#[tokio::test]
async fn parallel_uses_with_one_key_all_get_the_same_pair() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let answers =
        join_all([(); 5].map(|()| refresh_with_key(&app, &mira.refresh_token, "k"))).await;
    for answer in &answers {
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, answers[0].text())
        );
    }
}

#[tokio::test]
async fn another_key_is_a_reuse() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    refresh_with_key(&app, &mira.refresh_token, "one")
        .await
        .expect(200);
    refresh_with_key(&app, &mira.refresh_token, "two")
        .await
        .expect_problem(401, "refresh_reused");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    for token in ["", "nonsense", &mira.token, &"x".repeat(10_000)] {
        refresh(&app, token)
            .await
            .expect_problem(401, "invalid_token");
    }
    app.post(REFRESH)
        .json(json!({"refresh_token": 5}))
        .send()
        .await
        .expect_problem(422, "invalid");
    app.post(REFRESH)
        .json(json!({}))
        .send()
        .await
        .expect_problem(422, "invalid");
    refresh_with_key(&app, &mira.refresh_token, &"k".repeat(129))
        .await
        .expect_problem(400, "bad_idempotency_key");
    refresh(&app, &mira.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_ends_unused_after_its_time() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    app.advance(app.services.settings.refresh_token_for);
    refresh(&app, &mira.refresh_token)
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn sweeping_removes_what_has_ended_and_nothing_else() {
    let app = TestApp::start().await;
    let (mira, jo) = (app.attendee().await, app.attendee().await);
    app.advance(app.services.settings.refresh_token_for / 2);
    let jo_next = refresh(&app, &jo.refresh_token).await.expect(200).json();
    app.advance(app.services.settings.refresh_token_for / 2);
    service::accounts::sweep(&app.ctx())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    refresh(&app, &mira.refresh_token)
        .await
        .expect_problem(401, "invalid_token");
    refresh(&app, text(&jo_next, "refresh_token"))
        .await
        .expect(200);
}
