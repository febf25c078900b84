//! One place per account, and what proves it.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_has_one_place_however_often_and_wherever_it_joins() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    beat(&[&other]).await;
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let ben = join(&app, &ben, &event).await;
    let again = vec![ana.clone(); 20];
    let tokens = join_all_of(&[&app, &other], &again, &event).await;
    beat(&[&app, &other]).await;
    assert_eq!(look(&other, &event, &ben).await["waiting"], json!(2));
    open(&[&app, &other]).await;

    let mut places = vec![position(&look(&app, &event, &ben).await)];
    let anas: std::collections::BTreeSet<_> = look_all(&other, &event, &tokens)
        .await
        .iter()
        .map(position)
        .collect();
    places.extend(anas);
    places.sort_unstable();
    assert_eq!(places, [0, 1]);
    // Joining again keeps it, token or not.
    let before = position(&look(&app, &event, &tokens[0]).await);
    let token = join(&app, &ana, &event).await;
    assert_eq!(position(&look(&app, &event, &token).await), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_no_place_in_this_room_is_refused() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 10, 0).await;
    let elsewhere = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    armed(&app, &organizer, &elsewhere, 60).await;
    let token = join(&app, &ana, &event).await;
    let foreign = join(&app, &ana, &elsewhere).await;
    let (body, mac) = token.rsplit_once('.').unwrap();
    let other_mac = foreign.rsplit_once('.').unwrap().1;
    let tampered = [
        String::new(),
        "WR1".to_owned(),
        foreign.clone(),
        format!("{body}.{other_mac}"),
        format!("{body}.{}", "A".repeat(mac.len())),
        format!("{body}a.{mac}"),
        "x".repeat(5000),
    ];
    for token in tampered {
        ask(&app, &event, &token)
            .await
            .expect_problem(400, "bad_place_token");
    }
    look(&app, &event, &token).await;

    // A room that is set up again is another one.
    app.delete(&path(&event))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(204);
    ask(&app, &event, &foreign)
        .await
        .expect_problem(400, "bad_place_token");
    armed(&app, &organizer, &event, 60).await;
    ask(&app, &event, &token)
        .await
        .expect_problem(400, "bad_place_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_not_signed_in_sees_the_room_and_cannot_join() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    let room = app.get(&path(&event)).send().await.expect(200).json();
    assert_eq!(state(&room), "open");
    armed(&app, &organizer, &event, 60).await;
    let room = app.get(&path(&event)).send().await.expect(200).json();
    assert_eq!(
        (state(&room), &room["has_joined"]),
        ("early", &json!(false))
    );
    app.post(&path(&event))
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    open(&[&app]).await;
    app.advance(Duration::from_secs(30));
    let by_slug = format!("/api/v1/events/{}/waiting-room", event.slug);
    let room = app.get(&by_slug).send().await.expect(200).json();
    assert_eq!(
        (
            state(&room),
            &room["position"],
            &room["estimated_wait_seconds"]
        ),
        ("waiting", &Value::Null, &json!(1)),
        "nobody waits, so whoever joins now goes in within a second"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_turn_ends_and_a_new_one_comes_behind_everybody() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 1).await;
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let token = join(&app, &ana, &event).await;
    open(&[&app]).await;
    let behind = join(&app, &ben, &event).await;
    let room = look(&app, &event, &token).await;
    assert_eq!(
        (state(&room), &room["admitted_until"]),
        ("admitted", &json!(in_time(&app, Duration::from_mins(15))))
    );
    app.advance(Duration::from_mins(15));
    let ana = crate::orders::again(&app, &ana).await;
    assert_eq!(state(&look(&app, &event, &token).await), "expired");
    let refused = app.purchase(&ana, &event, 1).send().await;
    refused.expect_problem(409, "waiting_room_required");
    assert_eq!(refused.json()["state"], json!("expired"));

    let token = join(&app, &ana, &event).await;
    let room = look(&app, &event, &token).await;
    assert_eq!((state(&room), position(&room)), ("waiting", 1));
    assert_eq!(state(&look(&app, &event, &behind).await), "admitted");
    app.advance(Duration::from_mins(1));
    app.purchase(&ana, &event, 1).send().await.expect(201);
}
