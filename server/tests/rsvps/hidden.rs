//! Events that not everybody may see.

use serde_json::{Value, json};
use testkit::Person;

use super::{World, audit, change, published, settings, text, world};

/// What a stranger gets of an event that is hidden from them.
async fn is_hidden(w: &World, event: &str, stranger: &Person) {
    let at = |rest: &str| format!("/api/v1/events/{event}{rest}");
    let look = w.app.get(&at("/rsvp")).bearer(&stranger.token);
    look.send().await.expect_problem(404, "not_found");
    let body = json!({"answer": "going"});
    let answered = super::answer(&w.app, stranger, event, body).await;
    answered.expect_problem(404, "not_found");
    let list = w.app.get(&at("/rsvps")).bearer(&stranger.token);
    list.send().await.expect_problem(404, "not_found");
}

async fn own(w: &World, who: &Person) -> Vec<Value> {
    let list = w.app.get("/api/v1/rsvps").bearer(&who.token);
    let list = list.send().await.expect(200).json();
    list["items"].as_array().expect("answers").clone()
}

#[tokio::test]
async fn drafts_and_members_events_do_not_exist_for_strangers() {
    let w = world(None).await;
    let stranger = w.app.attendee().await;
    let draft = w.app.event_body("Not yet");
    let draft = text(&w.app.draft(&w.organizer, draft).await, "id");
    super::set(&w.app, &w.organizer, &draft, settings())
        .await
        .expect(200);
    is_hidden(&w, &draft, &stranger).await;
    let (members, _) = published(&w.app, &w.organizer, None).await;
    let path = format!("/api/v1/events/{members}");
    let patch = w.app.patch(&path).bearer(&w.organizer.token);
    let patch = patch.header("if-match", "*");
    let patch = patch.json(json!({"visibility": "members"}));
    patch.send().await.expect(200);
    is_hidden(&w, &members, &stranger).await;
}

#[tokio::test]
async fn who_leaves_a_members_event_is_told_so_and_sees_it_no_more() {
    let w = world(Some(4)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 2).await.expect(200);
    w.says(&ben, "interested").await.expect(200);
    change(&w, &w.organizer, json!({"visibility": "members"})).await;
    assert_eq!(own(&w, &ana).await.len(), 1);
    assert_eq!(own(&w, &ben).await, Vec::<Value>::new());

    let left = w.says(&ana, "not_going").await.expect(200).json();
    assert_eq!(
        (&left["status"], &left["counts"]["going"]),
        (&json!("not_going"), &json!(0))
    );
    is_hidden(&w, &w.event, &ana).await;
    assert_eq!(own(&w, &ana).await, Vec::<Value>::new());
    audit(&w.app).await;
}
