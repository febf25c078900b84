use serde_json::{Value, json};
use testkit::TestApp;

const ME: &str = "/api/v1/me";

#[tokio::test]
async fn one_edits_what_one_sent_and_the_rest_stays() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let me = app.get(ME).bearer(&mira.token).send().await.expect(200);
    assert_eq!(me.header("etag"), "\"1\"");
    let patch = json!({"name": "  Mira \u{202e} M. ", "bio": "I sing.\nSometimes.", "time_zone": "Europe/Vienna", "locale": "de-AT"});
    let edited = app
        .patch(ME)
        .bearer(&mira.token)
        .if_match(1)
        .json(patch)
        .send()
        .await
        .expect(200);
    assert_eq!(edited.header("etag"), "\"2\"");
    let account = edited.json();
    assert_eq!(
        json!([
            account["name"],
            account["bio"],
            account["time_zone"],
            account["locale"]
        ]),
        json!(["Mira M.", "I sing.\nSometimes.", "Europe/Vienna", "de-AT"])
    );
    assert_eq!(
        (&account["handle"], &account["email"]),
        (&mira.account["handle"], &mira.account["email"])
    );
    let cleared = app
        .patch(ME)
        .bearer(&mira.token)
        .header("if-match", "*")
        .json(json!({"bio": null}))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&cleared["bio"], &cleared["name"]),
        (&Value::Null, &json!("Mira M."))
    );
}

#[tokio::test]
async fn checks_come_in_their_order() {
    let app = TestApp::start().await;
    let (mira, jo) = (app.attendee().await, app.attendee().await);
    let bad = json!({"time_zone": "Mars/Olympus", "unknown": 1});
    app.patch(ME)
        .json(bad.clone())
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.patch(ME)
        .bearer(&mira.token)
        .json(bad.clone())
        .send()
        .await
        .expect_problem(428, "precondition_required");
    app.patch(ME)
        .bearer(&mira.token)
        .if_match(7)
        .json(bad.clone())
        .send()
        .await
        .expect_problem(412, "stale");
    app.patch(ME)
        .bearer(&mira.token)
        .if_match(1)
        .json(bad)
        .send()
        .await
        .expect_problem(422, "invalid");
    let taken = json!({"handle": jo.handle().to_uppercase()});
    app.patch(ME)
        .bearer(&mira.token)
        .if_match(1)
        .json(taken)
        .send()
        .await
        .expect_problem(409, "handle_taken");
}

#[tokio::test]
async fn bad_edits_name_the_field() {
    let app = TestApp::start().await;
    let mira = app.attendee().await;
    let cases = [
        ("name", json!("")),
        ("name", Value::Null),
        ("name", json!(["x"])),
        ("handle", json!("x")),
        ("bio", json!("b".repeat(2001))),
        ("bio", json!("nul\u{0}")),
        ("time_zone", json!("Mars/Olympus")),
        ("time_zone", json!("../../etc/passwd")),
        ("locale", json!("klingon!")),
        ("email", json!("new@example.org")),
        ("role", json!("admin")),
        ("id", json!("x")),
    ];
    for (field, value) in cases {
        let answer = app
            .patch(ME)
            .bearer(&mira.token)
            .if_match(1)
            .json(json!({ field: value }))
            .send()
            .await;
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), [field], "{}", answer.text());
    }
}

#[tokio::test]
async fn others_see_a_person_without_the_email() {
    let app = TestApp::start().await;
    let mira = app.organizer().await;
    let path = format!("/api/v1/people/{}", mira.handle().to_uppercase());
    let person = app.get(&path).send().await.expect(200);
    assert!(!person.text().contains('@'), "{}", person.text());
    let person = person.json();
    assert_eq!(
        (&person["id"], &person["handle"], &person["is_organizer"]),
        (&mira.account["id"], &mira.account["handle"], &json!(true))
    );
    for nobody in [
        "nobody-here",
        "x",
        "%00abc",
        "a%20b",
        "%F0%9F%8E%89",
        &"x".repeat(5000),
    ] {
        app.get(&format!("/api/v1/people/{nobody}"))
            .send()
            .await
            .expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn who_am_i_tells_strangers_nothing() {
    let app = TestApp::start().await;
    app.get(ME)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    let answer = app.get(ME).bearer("nonsense").send().await;
    answer.expect_problem(401, "invalid_token");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}
