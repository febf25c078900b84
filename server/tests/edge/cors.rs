//! Which other sites' pages may call the API.

use http::Method;
use testkit::{Ask, TestApp};

const FRIEND: &str = "https://app.example.org";

async fn app_with_friends() -> TestApp {
    TestApp::builder()
        .cors_origins("http://localhost:5173, https://app.example.org")
        .start()
        .await
}

fn preflight(app: &TestApp, path: &str, origin: &str) -> Ask {
    app.request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "authorization,content-type,idempotency-key,if-match",
        )
}

fn about_origins(answer: &testkit::Answer) -> Vec<String> {
    let names = answer.headers.keys().map(|name| name.as_str().to_owned());
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

/// A list in a header, in lower case.
fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(|item| item.trim().to_lowercase())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_let_in_unless_the_setting_says_so() {
    let app = TestApp::start().await;
    let answer = app
        .get("/api/v1/events")
        .header("origin", FRIEND)
        .send()
        .await
        .expect(200);
    assert_eq!(about_origins(&answer), [""; 0]);
    let answer = preflight(&app, "/api/v1/events", FRIEND).send().await;
    answer.expect_problem(405, "method_not_allowed");
    assert_eq!(about_origins(&answer), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_friend_may_ask_before_a_call() {
    let app = app_with_friends().await;
    for path in ["/api/v1/events/x", "/api/v1/nothing"] {
        let answer = preflight(&app, path, FRIEND).send().await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("access-control-max-age"), "3600");
        let methods = list(answer.header("access-control-allow-methods"));
        for method in ["get", "post", "put", "patch", "delete"] {
            assert!(methods.iter().any(|known| known == method), "{methods:?}");
        }
        let headers = list(answer.header("access-control-allow-headers"));
        for name in [
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "x-request-id",
        ] {
            assert!(headers.iter().any(|known| known == name), "{headers:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_friend_reads_answers_and_refusals() {
    let app = app_with_friends().await;
    for (path, status) in [
        ("/api/v1/events", 200),
        ("/api/openapi.json", 200),
        ("/api/v1/events/nothing", 404),
        ("/api/v1/me", 401),
    ] {
        let answer = app
            .get(path)
            .header("origin", FRIEND)
            .send()
            .await
            .expect(status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            FRIEND,
            "{path}"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let shown = list(answer.header("access-control-expose-headers"));
        for name in [
            "etag",
            "location",
            "retry-after",
            "idempotent-replay",
            "ratelimit",
            "ratelimit-policy",
            "x-request-id",
        ] {
            assert!(shown.iter().any(|known| known == name), "{name}: {shown:?}");
        }
    }
    let answer = app.get("/api/v1/events").send().await.expect(200);
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert!(
        vary.iter()
            .any(|value| value.to_str().unwrap().contains("origin")),
        "{vary:?}"
    );
    assert_eq!(about_origins(&answer), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_and_what_is_no_api_get_nothing() {
    let app = app_with_friends().await;
    for origin in [
        "https://evil.example",
        "https://app.example.org.evil.example",
        "http://app.example.org",
        "null",
    ] {
        let answer = app
            .get("/api/v1/events")
            .header("origin", origin)
            .send()
            .await;
        assert_eq!(about_origins(&answer), [""; 0], "{origin}");
        let answer = preflight(&app, "/api/v1/events", origin).send().await;
        answer.expect_problem(405, "method_not_allowed");
        assert_eq!(about_origins(&answer), [""; 0], "{origin}");
    }
    for path in [
        "/",
        "/events",
        "/rpc/browse_events",
        "/api/docs/",
        "/sitemap.xml",
    ] {
        let answer = app.get(path).header("origin", FRIEND).send().await;
        assert_eq!(about_origins(&answer), [""; 0], "{path}");
        let answer = preflight(&app, path, FRIEND).send().await;
        assert_eq!(about_origins(&answer), [""; 0], "{path}");
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_friends_page_cannot_use_the_cookie() {
    let app = app_with_friends().await;
    let ida = app.attendee().await;
    let browser = app.browser();
    let form = [
        ("form[email]", ida.email.as_str()),
        ("form[password]", &ida.password),
    ];
    browser
        .submit("/rpc/log_in", "/login", &form)
        .send()
        .await
        .expect(302);
    let answer = browser
        .request(Method::POST, "/api/v1/auth/logout")
        .header("origin", FRIEND)
        .header("sec-fetch-site", "cross-site")
        .send()
        .await;
    answer.expect_problem(403, "cross_origin");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}
