//! Which credential counts, and the proof that a request comes from our own pages.

use std::time::Duration;

use http::Method;
use serde_json::json;
use testkit::{Answer, Browser, Person, TestApp};

const ME: &str = "/api/v1/me";
const LOG_IN: &str = "/rpc/log_in";

/// A browser in which somebody is logged in.
async fn logged_in(app: &TestApp, person: &Person) -> Browser {
    let browser = app.browser();
    log_in(&browser, person).await;
    browser
}

async fn log_in(browser: &Browser, person: &Person) -> Answer {
    let fields = [
        ("form[email]", person.email.as_str()),
        ("form[password]", &person.password),
        ("next", "/"),
    ];
    let answer = browser.submit(LOG_IN, "/login", &fields).send().await;
    assert!(
        answer.status.is_redirection(),
        "{} {}",
        answer.status,
        answer.text()
    );
    answer
}

#[tokio::test]
async fn a_browser_logs_in_and_out_with_a_session() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let browser = app.browser();
    let answer = log_in(&browser, &mira).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("session=")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    assert!(
        cookie.contains("Path=/") && !cookie.contains("Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );
    assert_eq!(
        browser.get(ME).send().await.expect(200).json()["id"],
        mira.account["id"]
    );
    let answer = browser.submit("/rpc/log_out", "/", &[]).send().await;
    assert!(answer.status.is_redirection(), "{}", answer.text());
    assert!(browser.cookies().is_empty());
    browser
        .get(ME)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
}

#[tokio::test]
async fn with_https_the_cookie_is_bound_to_the_host() {
    let app = TestApp::builder()
        .public_url("https://tickets.example.org")
        .start()
        .await;
    let mira = app.attendee().await;
    let browser = app.browser();
    let answer = log_in(&browser, &mira).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-session=")
            && cookie.contains("Secure")
            && cookie.contains("Path=/"),
        "{cookie}"
    );
    browser.get(ME).send().await.expect(200);
    let answer = browser.submit("/rpc/log_out", "/", &[]).send().await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-session=;") && cookie.contains("Secure"),
        "a removal counts only with Secure: {cookie}"
    );
}

#[tokio::test]
async fn the_cookie_itself_is_not_stored_and_changes_with_the_login() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let browser = app.browser();
    // A session of before the login: what was typed into a refused form.
    let wrong = [
        ("form[email]", mira.email.as_str()),
        ("form[password]", "wrong"),
        ("next", "/"),
    ];
    browser.submit(LOG_IN, "/login", &wrong).send().await;
    let planted = browser.cookies();
    assert_eq!(planted.len(), 1, "the form is kept in a session");
    log_in(&browser, &mira).await;
    let own = browser.cookies();
    assert_ne!(planted["session"], own["session"]);
    let old = app
        .get(ME)
        .header("cookie", &format!("session={}", planted["session"]))
        .send()
        .await;
    old.expect_problem(401, "not_signed_in");
    let conn = &mut *app
        .services
        .db
        .conn()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let found =
        store::sessions::find_session(conn, own["session"].as_bytes(), app.ctx().now()).await;
    assert!(found.is_ok_and(|session| session.is_none()));
}

#[tokio::test]
async fn logging_in_again_ends_the_login_before() {
    let app = TestApp::start().await;
    let (mira, jo) = (app.attendee().await, app.attendee().await);
    let browser = logged_in(&app, &mira).await;
    let before = browser.cookies();
    log_in(&browser, &jo).await;
    assert_eq!(
        browser.get(ME).send().await.expect(200).json()["id"],
        jo.account["id"]
    );
    let old = app
        .get(ME)
        .header("cookie", &format!("session={}", before["session"]))
        .send()
        .await;
    old.expect_problem(401, "not_signed_in");
    let devices = app
        .get("/api/v1/me/devices")
        .bearer(&mira.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        devices["items"].as_array().map(Vec::len),
        Some(1),
        "only the app is left: {devices}"
    );
}

#[tokio::test]
async fn a_session_is_revoked_from_another_device() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let mira = app.attendee().await;
    let browser = logged_in(&app, &mira).await;
    let elsewhere = browser.at(other.router());
    elsewhere.get(ME).send().await.expect(200);
    let devices = app
        .get("/api/v1/me/devices")
        .bearer(&mira.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(devices["items"][0]["kind"], "web");
    let path = format!(
        "/api/v1/me/devices/{}",
        devices["items"][0]["id"].as_str().unwrap_or_default()
    );
    app.delete(&path)
        .bearer(&mira.token)
        .send()
        .await
        .expect(204);
    browser
        .get(ME)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    service::accounts::poll_revoked(&other.ctx())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    elsewhere
        .get(ME)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    assert!(browser.cookies().is_empty(), "the cookie is taken back");
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_used() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let browser = logged_in(&app, &mira).await;
    let most = app
        .services
        .settings
        .session_for
        .checked_sub(Duration::from_hours(1))
        .unwrap();
    for _ in 0..3 {
        app.advance(most);
        browser.get(ME).send().await.expect(200);
    }
    app.advance(app.services.settings.session_for);
    browser
        .get(ME)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
}

#[tokio::test]
async fn a_bad_token_never_falls_back_to_the_cookie() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let browser = logged_in(&app, &mira).await;
    for header in [
        "Bearer nonsense",
        "Bearer",
        "Basic bWlyYTpwYXNz",
        "nonsense",
    ] {
        browser
            .get(ME)
            .header("authorization", header)
            .send()
            .await
            .expect_problem(401, "invalid_token");
    }
    browser
        .get(ME)
        .header("x-api-key", "nonsense")
        .send()
        .await
        .expect_problem(401, "invalid_token");
    browser
        .get("/api/v1/events")
        .header("authorization", "Bearer nonsense")
        .send()
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_token_counts_before_the_cookie() {
    let app = TestApp::start().await;
    let (mira, jo) = (app.attendee().await, app.attendee().await);
    let browser = logged_in(&app, &mira).await;
    assert_eq!(
        browser
            .get(ME)
            .bearer(&jo.token)
            .send()
            .await
            .expect(200)
            .json()["id"],
        jo.account["id"]
    );
    browser
        .post("/api/v1/auth/logout")
        .bearer(&jo.token)
        .send()
        .await
        .expect(204);
    assert_eq!(
        browser.get(ME).send().await.expect(200).json()["id"],
        mira.account["id"]
    );
}

#[tokio::test]
async fn nonsense_in_the_cookie_is_nobody() {
    let app = TestApp::start().await;
    for cookie in [
        "session=",
        "session=nonsense",
        "session=AAAAAAAAAAAAAAAAAAAAAA",
        "session=\"; DROP TABLE",
        "=;=;;",
    ] {
        app.get(ME)
            .header("cookie", cookie)
            .send()
            .await
            .expect_problem(401, "not_signed_in");
    }
}

/// Headers that a browser sends, and whether they prove our own origin.
const PROOFS: [(&[(&str, &str)], bool); 9] = [
    (&[], false),
    (&[("sec-fetch-site", "same-origin")], true),
    (&[("origin", "http://127.0.0.1:3000")], true),
    (&[("sec-fetch-site", "cross-site")], false),
    (
        &[
            ("sec-fetch-site", "same-site"),
            ("origin", "http://127.0.0.1:9999"),
        ],
        false,
    ),
    (&[("sec-fetch-site", "none")], false),
    (&[("origin", "https://evil.example")], false),
    (&[("origin", "null")], false),
    (
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ],
        false,
    ),
];

#[tokio::test]
async fn unsafe_calls_with_the_cookie_need_a_same_origin_proof() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let browser = logged_in(&app, &mira).await;
    for (headers, is_proven) in PROOFS {
        let mut patch = browser
            .request(Method::PATCH, ME)
            .header("if-match", "*")
            .json(json!({"name": "Mira"}));
        for (name, value) in headers {
            patch = patch.header(name, value);
        }
        let answer = patch.send().await;
        if is_proven {
            answer.expect(200);
        } else {
            answer.expect_problem(403, "cross_origin");
        }
    }
    let cross_read = browser.get(ME).cross_origin().send().await;
    cross_read.expect(200);
}

#[tokio::test]
async fn unsafe_calls_with_a_token_need_no_proof() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    for (headers, _) in PROOFS {
        let mut patch = app
            .patch(ME)
            .bearer(&mira.token)
            .header("if-match", "*")
            .json(json!({"name": "Mira"}));
        for (name, value) in headers {
            patch = patch.header(name, value);
        }
        patch.send().await.expect(200);
    }
    let body = json!({"email": mira.email, "password": mira.password});
    app.post("/api/v1/auth/login")
        .cross_origin()
        .json(body)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn server_functions_always_need_the_proof_logging_in_too() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let fields = [
        ("form[email]", mira.email.as_str()),
        ("form[password]", &mira.password),
        ("next", "/"),
    ];
    for (headers, is_proven) in PROOFS {
        let browser = app.browser();
        let mut post = browser.post(LOG_IN).form(&fields);
        for (name, value) in headers {
            post = post.header(name, value);
        }
        let answer = post.send().await;
        assert_eq!(
            answer.status.as_u16() != 403,
            is_proven,
            "{headers:?}: {} {}",
            answer.status,
            answer.text()
        );
        assert_eq!(!browser.cookies().is_empty(), is_proven, "{headers:?}");
    }
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_once_and_never_the_password() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let fields = [
        ("form[email]", "typed@example.org"),
        ("form[password]", "typed-password"),
        ("next", "/"),
    ];
    let answer = browser.submit(LOG_IN, "/login", &fields).send().await;
    assert!(answer.status.is_redirection(), "{}", answer.text());
    assert!(
        !answer.header("location").contains("typed"),
        "{}",
        answer.header("location")
    );
    let kept = || {
        browser
            .post("/rpc/typed_log_in")
            .same_origin()
            .form(&[])
            .send()
    };
    let first = kept().await.expect(200).text();
    assert!(
        first.contains("typed@example.org") && !first.contains("typed-password"),
        "{first}"
    );
    let second = kept().await.expect(200).text();
    assert!(!second.contains("typed@example.org"), "{second}");
}

#[tokio::test]
async fn every_answer_says_what_is_left_of_the_limits() {
    let app = TestApp::start().await;
    let answer = app.get("/api/v1/events").send().await.expect(200);
    assert!(
        answer
            .header("ratelimit-policy")
            .starts_with("\"general\";q="),
        "{:?}",
        answer.headers
    );
    assert!(
        answer.header("ratelimit").starts_with("\"general\";r="),
        "{:?}",
        answer.headers
    );
}

#[tokio::test]
async fn without_its_database_the_session_says_unavailable() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let browser = logged_in(&app, &mira).await;
    let other = app.second_process().await;
    other.services.db.close().await;
    browser
        .at(other.router())
        .get(ME)
        .send()
        .await
        .expect_problem(503, "unavailable");
}
