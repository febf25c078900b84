use std::{net::IpAddr, time::Duration};

use serde_json::json;
use service::rate::{Limit, Limits};
use testkit::{Answer, TestApp, png};

use super::registration;

const LOGIN: &str = "/api/v1/auth/login";

/// Three calls a minute of one kind; the others as wide as ever, but shared.
async fn app(change: impl FnOnce(&mut Limits, Limit)) -> TestApp {
    let mut limits = Limits {
        is_shared: true,
        ..Limits::relaxed()
    };
    change(&mut limits, Limit::per_minute(3));
    TestApp::builder().limits(limits).start().await
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

async fn try_login(app: &TestApp, email: &str, from: IpAddr) -> Answer {
    let body = json!({"email": email, "password": "not the password"});
    app.post(LOGIN).from(from).json(body).send().await
}

fn assert_limited(answer: &Answer, policy: &str) {
    answer.expect_problem(429, "rate_limited");
    let seconds: u64 = answer.header("retry-after").parse().unwrap_or_default();
    assert!((1..=60).contains(&seconds), "{:?}", answer.headers);
    assert!(
        answer
            .header("ratelimit-policy")
            .contains(&format!("\"{policy}\";q=3;w=60")),
        "{:?}",
        answer.headers
    );
    assert!(
        answer
            .header("ratelimit")
            .contains(&format!("\"{policy}\";r=0;t=")),
        "{:?}",
        answer.headers
    );
}

#[tokio::test]
async fn logins_are_limited_by_address_over_all_processes() {
    let app = app(|limits, three| limits.login_by_address = three).await;
    let other = app.second_process().await;
    for (number, app) in [&app, &other, &app].into_iter().enumerate() {
        let answer = try_login(app, &format!("a{number}@example.org"), address(1)).await;
        answer.expect_problem(401, "invalid_credentials");
        assert!(
            answer
                .header("ratelimit")
                .contains(&format!("\"login\";r={};t=", 2 - number)),
            "{:?}",
            answer.headers
        );
    }
    assert_limited(
        &try_login(&other, "b@example.org", address(1)).await,
        "login",
    );
    assert_limited(&try_login(&app, "c@example.org", address(1)).await, "login");
    try_login(&app, "a0@example.org", address(2))
        .await
        .expect(401);
    app.advance(Duration::from_secs(20));
    try_login(&other, "b@example.org", address(1))
        .await
        .expect(401);
    assert_limited(&try_login(&app, "b@example.org", address(1)).await, "login");
}

#[tokio::test]
async fn nobody_locks_somebody_else_out() {
    let app = app(|limits, three| limits.login_by_account = three).await;
    let mira = app.attendee().await;
    for _ in 0..3 {
        try_login(&app, &mira.email, address(1)).await.expect(401);
    }
    assert_limited(
        &try_login(&app, &mira.email.to_uppercase(), address(1)).await,
        "login-account",
    );
    let body = json!({"email": mira.email, "password": mira.password});
    app.post(LOGIN)
        .from(address(2))
        .json(body)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn registrations_are_limited_by_address() {
    let app = app(|limits, three| limits.register = three).await;
    let path = "/api/v1/auth/register";
    for number in 0..3 {
        app.post(path)
            .json(registration(&format!("a{number}@example.org")))
            .send()
            .await
            .expect(201);
    }
    assert_limited(
        &app.post(path)
            .json(registration("a9@example.org"))
            .send()
            .await,
        "register",
    );
    app.post(path)
        .from(address(7))
        .json(registration("a9@example.org"))
        .send()
        .await
        .expect(201);
}

#[tokio::test]
async fn a_form_with_a_mistake_does_not_cost_a_registration() {
    let app = app(|limits, three| limits.register = three).await;
    let path = "/api/v1/auth/register";
    for _ in 0..5 {
        app.post(path)
            .json(registration("nobody"))
            .send()
            .await
            .expect(422);
    }
    app.post(path)
        .json(registration("a@example.org"))
        .send()
        .await
        .expect(201);
}

#[tokio::test]
async fn refreshes_are_limited_by_address() {
    let app = app(|limits, three| limits.refresh = three).await;
    let ask = || {
        app.post("/api/v1/auth/refresh")
            .json(json!({"refresh_token": "nonsense"}))
            .send()
    };
    for _ in 0..3 {
        ask().await.expect(401);
    }
    assert_limited(&ask().await, "refresh");
}

#[tokio::test]
async fn everything_is_limited_by_account_or_address() {
    let app = app(|limits, three| limits.general = three).await;
    let mira = app.attendee().await;
    let jo = app.attendee().await;
    for _ in 0..3 {
        app.get("/api/v1/me")
            .bearer(&mira.token)
            .send()
            .await
            .expect(200);
    }
    assert_limited(
        &app.get("/api/v1/me").bearer(&mira.token).send().await,
        "general",
    );
    app.get("/api/v1/me")
        .bearer(&jo.token)
        .send()
        .await
        .expect(200);
    for _ in 0..3 {
        app.get("/api/v1/me")
            .from(address(9))
            .bearer("guessed")
            .send()
            .await
            .expect(401);
    }
    assert_limited(
        &app.get("/api/v1/me")
            .from(address(9))
            .bearer("guessed")
            .send()
            .await,
        "general",
    );
}

#[tokio::test]
async fn purchases_are_limited_by_account() {
    let app = app(|limits, three| limits.purchase = three).await;
    let event = app.published_event(&app.organizer().await, 10, 0).await;
    let (mira, jo) = (app.attendee().await, app.attendee().await);
    for _ in 0..3 {
        app.purchase(&mira, &event, 1).send().await.expect(201);
    }
    assert_limited(&app.purchase(&mira, &event, 1).send().await, "purchase");
    assert_limited(
        &app.purchase(&mira, &event, 1).from(address(5)).send().await,
        "purchase",
    );
    app.purchase(&jo, &event, 1).send().await.expect(201);
}

#[tokio::test]
async fn uploads_are_limited_by_account() {
    let app = app(|limits, three| limits.upload = three).await;
    let mira = app.organizer().await;
    let event = app.published_event(&mira, 10, 0).await;
    let path = format!("/api/v1/events/{}/media", event.event);
    let upload = || {
        app.post(&path)
            .bearer(&mira.token)
            .multipart(&[("kind", "gallery")], "x.png", "image/png", &png(8))
            .send()
    };
    for _ in 0..3 {
        upload().await.expect(201);
    }
    assert_limited(&upload().await, "upload");
}

#[tokio::test]
async fn sessions_for_refused_forms_are_limited_by_address() {
    let app = app(|limits, three| limits.form = three).await;
    let refused = [
        ("form[email]", "a@example.org"),
        ("form[password]", "wrong"),
        ("next", "/"),
    ];
    let mut with_cookie = Vec::new();
    for _ in 0..5 {
        let browser = app.browser();
        browser
            .submit("/rpc/log_in", "/login", &refused)
            .from(address(1))
            .send()
            .await;
        with_cookie.push(!browser.cookies().is_empty());
    }
    assert_eq!(with_cookie, [true, true, true, false, false]);
}

#[tokio::test]
async fn parallel_calls_do_not_get_past_a_shared_limit() {
    let app = app(|limits, three| limits.login_by_address = three).await;
    let other = app.second_process().await;
    let tries = (0..12).map(|number| {
        let app = if number % 2 == 0 { &app } else { &other };
        async move {
            try_login(app, &format!("p{number}@example.org"), address(4))
                .await
                .status
                .as_u16()
        }
    });
    let mut statuses = futures::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[401; 3].as_slice(), &[429; 9]].concat());
}

#[tokio::test]
async fn relaxed_limits_cost_no_sql() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    try_login(&app, &mira.email, address(1)).await.expect(401);
    let mut conn = app
        .services
        .db
        .conn()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let rows = store::rate::delete_idle(&mut conn, jiff::Timestamp::MAX)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rows, 0);
}
