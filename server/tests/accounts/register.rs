use futures::future::join_all;
use serde_json::{Value, json};
use testkit::TestApp;

use super::{registration, with};

const PATH: &str = "/api/v1/auth/register";

#[tokio::test]
async fn registering_answers_the_account_and_tokens_that_work() {
    let app = TestApp::start().await;
    let body = with(
        with(registration("Mira@Example.org"), "handle", json!("mira")),
        "role",
        json!("organizer"),
    );
    let answer = app.post(PATH).json(body).send().await.expect(201);
    let signed_in = answer.json();
    assert_eq!(
        (&signed_in["token_type"], &signed_in["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    let account = &signed_in["account"];
    let named = [
        "handle",
        "name",
        "email",
        "email_verified",
        "role",
        "bio",
        "avatar_url",
        "time_zone",
        "locale",
    ]
    .map(|name| &account[name]);
    assert_eq!(
        json!(named),
        json!([
            "mira",
            "Mira Marlowe",
            "Mira@Example.org",
            false,
            "organizer",
            null,
            null,
            "UTC",
            "en"
        ])
    );
    assert!(
        account["created_at"].is_string()
            && !answer.text().contains("password")
            && !answer.text().contains("argon2")
    );
    let token = signed_in["access_token"].as_str().unwrap_or_default();
    let me = app.get("/api/v1/me").bearer(token).send().await.expect(200);
    assert_eq!(&me.json(), account);
}

#[tokio::test]
async fn a_handle_is_made_from_the_name_and_made_different_when_taken() {
    let app = TestApp::start().await;
    let mut handles = Vec::new();
    for number in 0..3 {
        let body = registration(&format!("mira{number}@example.org"));
        let signed_in = app.post(PATH).json(body).send().await.expect(201).json();
        handles.push(
            signed_in["account"]["handle"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    assert_eq!(handles[0], "mira-marlowe");
    assert!(
        handles[1].starts_with("mira-marlowe-") && handles[2].starts_with("mira-marlowe-"),
        "{handles:?}"
    );
    assert_ne!(handles[1], handles[2]);
}

#[tokio::test]
async fn email_and_handle_are_taken_in_every_case() {
    let app = TestApp::start().await;
    let first = with(registration("mira@example.org"), "handle", json!("Mira"));
    app.post(PATH).json(first).send().await.expect(201);
    app.post(PATH)
        .json(registration("MIRA@example.ORG"))
        .send()
        .await
        .expect_problem(409, "email_taken");
    let same_handle = with(registration("other@example.org"), "handle", json!("mIRA"));
    app.post(PATH)
        .json(same_handle)
        .send()
        .await
        .expect_problem(409, "handle_taken");
}

#[tokio::test]
async fn of_parallel_registrations_with_one_email_exactly_one_succeeds() {
    let app = TestApp::start().await;
    let spellings = [
        "a.b@example.org",
        "A.b@example.org",
        "a.B@example.org",
        "A.B@EXAMPLE.ORG",
        "a.b@Example.Org",
        "A.B@example.org",
    ];
    let answers =
        join_all(spellings.map(|email| app.post(PATH).json(registration(email)).send())).await;
    let mut outcomes: Vec<_> = answers
        .iter()
        .map(|answer| (answer.status.as_u16(), answer.code()))
        .collect();
    outcomes.sort();
    let lost = (409, "email_taken".to_owned());
    assert_eq!(
        outcomes,
        [
            (201, String::new()),
            lost.clone(),
            lost.clone(),
            lost.clone(),
            lost.clone(),
            lost
        ]
    );
}

#[tokio::test]
async fn parallel_registrations_with_one_name_all_get_a_handle() {
    let app = TestApp::start().await;
    let answers = join_all((0..6).map(|number| {
        app.post(PATH)
            .json(registration(&format!("m{number}@example.org")))
            .send()
    }))
    .await;
    let mut handles: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect(201).json()["account"]["handle"].to_string())
        .collect();
    handles.sort();
    handles.dedup();
    assert_eq!(handles.len(), 6);
}

#[tokio::test]
async fn bad_registrations_name_the_field() {
    let app = TestApp::start().await;
    let cases: [(&str, Value); 17] = [
        ("role", json!("admin")),
        ("role", json!(7)),
        ("role", Value::Null),
        ("email", json!("nobody")),
        ("email", json!("a@b")),
        ("email", json!(["a@example.org"])),
        ("email", Value::Null),
        ("email", json!("a b@example.org")),
        ("email", json!("nul\u{0}@example.org")),
        ("password", json!("short")),
        ("password", json!("password123")),
        ("password", json!("Mira Marlowe")),
        ("password", json!("x".repeat(201))),
        ("name", json!(" \u{202e} ")),
        ("name", json!("n".repeat(81))),
        ("handle", json!("no spaces")),
        ("admin", json!(true)),
    ];
    for (field, value) in cases {
        let body = with(registration("mira@example.org"), field, value.clone());
        let answer = app.post(PATH).json(body).send().await;
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), [field], "{value}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_before_anything_happens() {
    let app = TestApp::start().await;
    app.post(PATH)
        .body("application/json", "{")
        .send()
        .await
        .expect_problem(400, "malformed");
    app.post(PATH)
        .body("application/json", "[]")
        .send()
        .await
        .expect_problem(422, "invalid");
    app.post(PATH)
        .body("text/plain", "{}")
        .send()
        .await
        .expect_problem(415, "unsupported_media");
    let huge = with(
        registration("mira@example.org"),
        "name",
        json!("n".repeat(2_000_000)),
    );
    app.post(PATH)
        .json(huge)
        .send()
        .await
        .expect_problem(413, "payload_too_large");
}
