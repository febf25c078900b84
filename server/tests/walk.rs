//! Every route of the site and the API under wrong ids, wrong types, broken and
//! oversized bodies, with four worker threads and under a timeout: 4xx with a code,
//! never 5xx, and the server lives on.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, TestApp};

const PATIENCE: Duration = Duration::from_secs(20);
const NOBODY: &str = "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11";
/// What stands for ids in addresses.
const IDS: &[&str] = &[
    "nope",
    NOBODY,
    "%00",
    "..%2f..%2fetc",
    "%ff%fe",
    "0",
    "a'b;--",
    "%F0%9F%8E%89",
];

async fn answer(ask: Ask, what: &str) -> Answer {
    let answer = tokio::time::timeout(PATIENCE, ask.send()).await;
    let answer = answer.unwrap_or_else(|_| panic!("{what}: no answer in {PATIENCE:?}"));
    assert!(
        !answer.status.is_server_error(),
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    answer
}

async fn call(ask: Ask, what: &str) -> Answer {
    let answer = answer(ask, what).await;
    if answer.status.is_client_error() {
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{what}"
        );
        assert!(!answer.code().is_empty(), "{what}: {}", answer.text());
    }
    answer
}

/// Method, path and the schema of the body of every documented call.
fn calls() -> Vec<(Method, String, Value)> {
    let document = serde_json::to_value(server::api::openapi::document()).unwrap();
    let mut calls = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            let content = operation["requestBody"]["content"]["application/json"]["schema"].clone();
            let schema = content["$ref"]
                .as_str()
                .and_then(|reference| document.pointer(&reference[1..]))
                .cloned();
            calls.push((method, path.clone(), schema.unwrap_or(content)));
        }
    }
    assert!(!calls.is_empty());
    calls
}

/// The path with every parameter replaced.
fn filled(path: &str, id: &str) -> String {
    let fill = |part: &str| match part.find('}') {
        Some(end) if part.starts_with('{') => format!("{id}{}", &part[end + 1..]),
        _ => part.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// Bodies that are wrong in every way we know.
fn bad_bodies(schema: &Value) -> Vec<(String, Vec<u8>)> {
    let json = |value: Value| {
        (
            "application/json".to_owned(),
            value.to_string().into_bytes(),
        )
    };
    let mut bodies = vec![
        ("application/json".to_owned(), b"{".to_vec()),
        ("application/json".to_owned(), vec![0xff, 0xfe, 0x00]),
        (
            "application/json".to_owned(),
            "[".repeat(100_000).into_bytes(),
        ),
        (
            "application/json".to_owned(),
            format!("{{\"x\":\"{}\"}}", "a".repeat(700 * 1024)).into_bytes(),
        ),
        ("text/plain".to_owned(), b"{}".to_vec()),
        ("multipart/form-data".to_owned(), b"{}".to_vec()),
        (
            "multipart/form-data; boundary=x".to_owned(),
            b"--x\r\nnonsense".to_vec(),
        ),
        json(json!({})),
        json(json!([])),
        json(json!(null)),
        json(json!({"no_such_field": 1})),
    ];
    let names = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone());
    for name in names {
        let wrong = [
            json!(null),
            json!(-1),
            json!(1e300),
            json!("\u{0}"),
            json!("x".repeat(50_000)),
            json!([[[]]]),
            json!({"a": {"b": []}}),
        ];
        bodies.extend(wrong.into_iter().map(|value| json(json!({ &name: value }))));
    }
    bodies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn api_calls_survive_wrong_addresses() {
    let app = TestApp::start().await;
    for (method, path, _) in calls() {
        let person = app.organizer().await;
        for id in IDS {
            let (path, what) = (filled(&path, id), format!("{method} {path} with {id}"));
            call(app.request(method.clone(), &path), &what).await;
            call(
                app.request(method.clone(), &path).bearer(&person.token),
                &what,
            )
            .await;
        }
        for query in [
            "?limit=0",
            "?limit=x",
            "?cursor=%00",
            "?cursor=nonsense",
            "?limit=1&limit=2",
            "?q=%00",
            "?sort=;&near=1,2,3&from=x&price_min=-9e9",
        ] {
            let path = format!("{}{query}", filled(&path, NOBODY));
            call(
                app.request(method.clone(), &path).bearer(&person.token),
                &format!("{method} {path}"),
            )
            .await;
        }
    }
    app.get("/api/v1/events").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn api_calls_survive_wrong_bodies() {
    let app = TestApp::start().await;
    let owner = app.organizer().await;
    let event = app.published_event(&owner, 5, 100).await;
    let with_body = |method: &Method| [Method::POST, Method::PUT, Method::PATCH].contains(method);
    for (method, path, schema) in calls()
        .into_iter()
        .filter(|(method, _, _)| with_body(method))
    {
        for (content_type, body) in bad_bodies(&schema) {
            let path = filled(&path, &event.event.to_string());
            let what = format!(
                "{method} {path} with {content_type} {}",
                String::from_utf8_lossy(&body[..body.len().min(60)])
            );
            let ask = |person: Option<&Person>| {
                let ask = app
                    .request(method.clone(), &path)
                    .header("if-match", "*")
                    .body(&content_type, body.clone());
                person.map_or(
                    app.request(method.clone(), &path)
                        .body(&content_type, body.clone()),
                    |person| ask.bearer(&person.token),
                )
            };
            // Logging out would make the rest of the walk anonymous.
            if !path.ends_with("/logout") {
                call(ask(Some(&owner)), &what).await;
            }
            call(ask(None), &what).await;
        }
    }
    app.get("/api/v1/events").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn odd_headers_are_refused_politely() {
    let app = TestApp::start().await;
    let owner = app.organizer().await;
    let event = app.published_event(&owner, 5, 0).await;
    let purchase = format!("/api/v1/events/{}/purchase", event.event);
    for key in ["", "\u{e9}", &"k".repeat(129)] {
        let answer = call(
            app.post(&purchase)
                .bearer(&owner.token)
                .once(key)
                .json(event.items(1)),
            key,
        )
        .await;
        answer.expect_problem(400, "bad_idempotency_key");
    }
    let path = format!("/api/v1/events/{}", event.event);
    for (tag, status) in [("W/\"1\"", 412), ("x", 412), ("\"999\"", 412)] {
        let answer = call(
            app.patch(&path)
                .bearer(&owner.token)
                .header("if-match", tag)
                .json(json!({"title": "x"})),
            tag,
        )
        .await;
        assert_eq!(answer.status, status, "{tag}");
    }
    call(
        app.patch(&path)
            .bearer(&owner.token)
            .json(json!({"title": "x"})),
        "no If-Match",
    )
    .await
    .expect_problem(428, "precondition_required");
    for token in ["", "x", "a.b.c", &"x".repeat(5000)] {
        call(app.get("/api/v1/me").bearer(token), "a bad token")
            .await
            .expect_problem(401, "invalid_token");
    }
    call(
        app.get("/api/v1/me").header("authorization", "Basic eDp5"),
        "another scheme",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_survive_wrong_addresses() {
    let app = TestApp::start().await;
    let pages = server::web::pages();
    assert!(pages.len() > 5, "{pages:?}");
    for page in &pages {
        for id in IDS {
            // Leptos writes parameters as `{name}` for the router.
            let (path, what) = (filled(page, id), format!("page {page} with {id}"));
            answer(app.browser().get(&path), &what).await;
            answer(
                app.browser().get(&format!(
                    "{path}?cursor=%00&q=%00&limit=-1&next=//evil.example"
                )),
                &what,
            )
            .await;
        }
        answer(app.browser().get("/"), "the home page")
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn server_functions_survive_nonsense() {
    let app = TestApp::start().await;
    let functions = server::web::server_functions();
    assert!(!functions.is_empty());
    for (path, method) in functions {
        let ask = || {
            app.browser()
                .request(method.clone(), path)
                .same_origin()
                .header("accept", "application/json")
        };
        let bodies = [
            ("application/x-www-form-urlencoded", "%00=%00&a[b][c]=1"),
            ("application/json", "{"),
            ("text/plain", "x"),
            ("multipart/form-data", "x"),
        ];
        answer(ask(), path).await;
        for (content_type, body) in bodies {
            answer(
                ask().body(content_type, body),
                &format!("{method} {path} with {content_type}"),
            )
            .await;
        }
        answer(
            ask().body("application/x-www-form-urlencoded", vec![b'a'; 600 * 1024]),
            path,
        )
        .await;
    }
    answer(app.browser().get("/"), "the home page")
        .await
        .expect(200);
}
