//! What every answer has in common, whichever handler made it.

mod cors;
mod logging;
mod sitemap;

use std::time::Duration;

use axum::{Router, body::Body, routing::get};
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::json;
use testkit::TestApp;
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn addresses_that_nothing_stands_behind_are_problems_under_the_api() {
    let app = TestApp::start().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/events",
        "/api/v1/nothing/here",
    ] {
        app.get(path).send().await.expect_problem(404, "not_found");
    }
    let answer = app.get("/api/v1/nothing").send().await;
    assert_eq!(answer.json()["instance"], "/api/v1/nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::start().await;
    let answer = app
        .request(Method::PUT, "/api/v1/auth/login")
        .header("sec-fetch-site", "same-origin")
        .send()
        .await;
    answer.expect_problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_take_no_json_are_told_so() {
    let app = TestApp::start().await;
    app.get("/api/v1/events")
        .header("accept", "text/html")
        .send()
        .await
        .expect_problem(406, "not_acceptable");
    app.get("/api/v1/events")
        .header("accept", "text/html, */*;q=0.1")
        .send()
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_answer_has_a_request_id() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/api/v1/events",
        "/api/v1/nothing",
        "/livez",
        "/nothing",
    ] {
        let made = app.get(path).send().await;
        assert!(
            uuid(made.header("x-request-id")),
            "{path}: {:?}",
            made.headers
        );
        let given = app
            .get(path)
            .header("x-request-id", "trace-42")
            .send()
            .await;
        assert_eq!(given.header("x-request-id"), "trace-42", "{path}");
        let odd = app
            .get(path)
            .header("x-request-id", "not printable \u{e9}")
            .send()
            .await;
        assert!(uuid(odd.header("x-request-id")), "{path}");
    }
}

fn uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bodies_are_refused_with_the_reason() {
    let app = TestApp::start().await;
    let ask = || app.post("/api/v1/auth/login");
    ask()
        .body("application/json", "{")
        .send()
        .await
        .expect_problem(400, "malformed");
    ask()
        .body("text/plain", "{}")
        .send()
        .await
        .expect_problem(415, "unsupported_media");
    ask()
        .body("application/json", vec![b' '; 600 * 1024])
        .send()
        .await
        .expect_problem(413, "payload_too_large");
    let answer = ask()
        .json(json!({"email": "a@example.org", "password": 5}))
        .send()
        .await;
    answer.expect_problem(422, "invalid");
    assert_eq!(answer.fields(), ["password"]);
    let answer = ask()
        .json(json!({"email": "a@example.org", "password": "x", "admin": true}))
        .send()
        .await;
    assert_eq!(answer.fields(), ["admin"]);
    assert_eq!(ask().send().await.fields(), ["email"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_names_the_nonce_of_its_scripts_and_no_other() {
    let app = TestApp::start().await;
    let (first, second) = (
        app.browser().get("/").send().await.expect(200),
        app.browser().get("/").send().await,
    );
    let nonce = nonce(first.header("content-security-policy")).to_owned();
    let text = first.text();
    let scripts = text.matches("<script").count();
    let with_nonce = text
        .split("<script")
        .skip(1)
        .filter(|script| script.contains(&format!("nonce=\"{nonce}\"")))
        .count();
    assert!(
        scripts > 0 && scripts == with_nonce,
        "{scripts} scripts, {with_nonce} with the nonce"
    );
    assert_ne!(nonce, self::nonce(second.header("content-security-policy")));
    assert!(
        !text.contains(" style=\"") && !text.contains(" onclick="),
        "inline styles or handlers"
    );
}

fn nonce(policy: &str) -> &str {
    policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap_or_else(|| panic!("no nonce in {policy:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_answer_protects_its_reader() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/nothing",
        "/api/v1/events",
        "/api/v1/nothing",
        "/livez",
        "/media/nothing/here.webp",
    ] {
        let answer = app.get(path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(
            answer.header("referrer-policy"),
            "strict-origin-when-cross-origin",
            "{path}"
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
    let secure = TestApp::builder()
        .public_url("https://tickets.example.org")
        .start()
        .await;
    let answer = secure.get("/livez").send().await;
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_missing_page_is_the_apps_own_404() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/no/such/page").send().await.expect(404);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains("<html"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn failures_outside_the_api_are_pages_for_people_and_data_for_scripts() {
    let app = TestApp::start().await;
    let answer = app
        .post("/rpc/no_such_function")
        .header("accept", "application/json")
        .same_origin()
        .send()
        .await
        .expect(404);
    assert_eq!(
        (answer.code().as_str(), answer.header("content-type")),
        ("not_found", "application/json")
    );
    let answer = app
        .browser()
        .submit("/rpc/no_such_function", "/", &[])
        .send()
        .await
        .expect(404);
    assert!(
        answer.header("content-type").starts_with("text/html"),
        "{}",
        answer.text()
    );
    let answer = app
        .browser()
        .get("/media/..%2f..%2fetc/passwd")
        .send()
        .await
        .expect(404);
    assert!(answer.header("content-type").starts_with("text/html"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn operators_see_health_and_numbers() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/livez").send().await.expect(200).text(), "alive\n");
    let ready = app.get("/readyz").send().await.expect(200).json();
    assert_eq!(
        ready,
        json!({"ready": true, "postgres": "up", "mongodb": "up", "kafka": "up", "s3": "up"})
    );
    app.bus.switch().set_down(true);
    let degraded = app.get("/readyz").send().await.expect(200).json();
    assert_eq!(
        (&degraded["ready"], &degraded["kafka"]),
        (&json!(true), &json!("down"))
    );
    app.services.db.close().await;
    assert_eq!(
        app.get("/readyz").send().await.expect(503).json()["postgres"],
        "down"
    );
    assert!(
        app.get("/metrics")
            .send()
            .await
            .expect(200)
            .text()
            .contains("eventsphere_requests_total{status=\"5xx\"} 1")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_postgres_the_api_says_so() {
    let app = TestApp::start().await;
    app.services.db.close().await;
    let answer = app.get("/api/v1/events").send().await;
    answer.expect_problem(503, "unavailable");
    assert_ne!(answer.header("retry-after"), "");
    assert!(
        !answer.text().to_lowercase().contains("sql") && !answer.text().contains("pool"),
        "{}",
        answer.text()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_and_data_are_compressed_for_those_who_ask() {
    let app = TestApp::start().await;
    for path in ["/", "/api/openapi.json"] {
        assert_eq!(
            app.get(path)
                .header("accept-encoding", "br")
                .send()
                .await
                .header("content-encoding"),
            "br",
            "{path}"
        );
        assert_eq!(
            app.get(path).send().await.header("content-encoding"),
            "",
            "{path}"
        );
    }
}

/// A page that streams must reach the reader piece by piece, compressed or not.
#[tokio::test]
async fn compression_does_not_hold_back_a_stream() {
    for encoding in ["br", "gzip"] {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Result<String, std::io::Error>>(1);
        let receiver = std::sync::Mutex::new(Some(receiver));
        let handler = move || {
            let receiver = receiver.lock().unwrap().take().unwrap();
            let chunks = futures::stream::unfold(receiver, |mut receiver| async {
                receiver.recv().await.map(|chunk| (chunk, receiver))
            });
            async { ([("content-type", "text/html")], Body::from_stream(chunks)) }
        };
        let handler = std::sync::Arc::new(handler);
        let router = Router::new()
            .route("/", get(move || handler()))
            .layer(CompressionLayer::new());
        let request = Request::get("/")
            .header("accept-encoding", encoding)
            .body(Body::empty())
            .unwrap();
        let mut body = router.oneshot(request).await.unwrap().into_body();
        sender
            .send(Ok("<p>the first piece</p>".repeat(10)))
            .await
            .unwrap();
        let first = tokio::time::timeout(Duration::from_secs(5), body.frame()).await;
        assert!(
            first.is_ok(),
            "{encoding}: the first piece waits for the second"
        );
        drop(sender);
    }
}
