//! Every call on an event, asked by everybody who may not.

use serde_json::json;
use testkit::{Answer, Ask, TestApp};

use super::{draft, published, tickets};

fn calls(app: &TestApp, event: &str, kind: &str) -> Vec<(&'static str, Ask)> {
    let at = |rest: &str| format!("/api/v1/events/{event}{rest}");
    vec![
        ("update", app.patch(&at("")).json(json!({"title": "x"}))),
        ("delete", app.delete(&at(""))),
        ("publish", app.post(&at("/publish"))),
        (
            "cancel",
            app.post(&at("/cancel")).json(json!({"reason": "x"})),
        ),
        ("archive", app.post(&at("/archive"))),
        ("duplicate", app.post(&at("/duplicate"))),
        ("put metadata", app.put(&at("/metadata")).json(json!({}))),
        (
            "add type",
            app.post(&at("/ticket-types")).json(tickets("T", 0, 1)),
        ),
        (
            "update type",
            app.patch(&at(&format!("/ticket-types/{kind}")))
                .json(json!({"name": "x"})),
        ),
        (
            "remove type",
            app.delete(&at(&format!("/ticket-types/{kind}"))),
        ),
        (
            "upload",
            app.post(&at("/media"))
                .multipart(&[("kind", "cover")], "x.png", "image/png", b"x"),
        ),
    ]
}

#[tokio::test]
async fn nobody_changes_events_of_others() {
    let app = TestApp::start().await;
    let (org, other, guest) = (
        app.organizer().await,
        app.organizer().await,
        app.attendee().await,
    );
    let types = json!({"ticket_types": [tickets("T", 0, 1)]});
    let public = published(&app, &org, "Public", types.clone()).await;
    let hidden = draft(&app, &org, "Hidden", types).await;
    let id = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap().to_owned();
    for key in ["id", "slug"] {
        let ask = |event: &serde_json::Value| {
            calls(
                &app,
                &id(event, key),
                event["ticket_types"][0]["id"].as_str().unwrap(),
            )
        };
        for (name, call) in ask(&public) {
            check(name, call.send().await, 401, "not_signed_in");
        }
        for (name, call) in ask(&hidden) {
            check(name, call.send().await, 401, "not_signed_in");
        }
        for person in [&other, &guest] {
            for (name, call) in ask(&public) {
                check(
                    name,
                    call.bearer(&person.token).send().await,
                    403,
                    "forbidden",
                );
            }
            for (name, call) in ask(&hidden) {
                check(
                    name,
                    call.bearer(&person.token).send().await,
                    404,
                    "not_found",
                );
            }
        }
    }
    for (name, call) in calls(&app, "00000000-0000-7000-8000-000000000000", "x") {
        check(name, call.bearer(&org.token).send().await, 404, "not_found");
    }
}

fn check(name: &str, answer: Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (status, code),
        "{name}: {}",
        answer.text()
    );
}
