//! The organizer's side.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_room_is_set_up_by_the_crew_alone_and_within_bounds() {
    let app = TestApp::start().await;
    let (organizer, other) = (app.organizer().await, app.organizer().await);
    let event = app.published_event(&organizer, 10, 0).await;
    let rate = json!({"admits_per_minute": 60});
    app.put(&path(&event))
        .json(&rate)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    put(&app, &other, &event, rate.clone())
        .await
        .expect_problem(403, "forbidden");
    for wrong in [
        json!(0),
        json!(60_001),
        json!(-1),
        json!(1.5),
        json!("many"),
    ] {
        let answer = put(
            &app,
            &organizer,
            &event,
            json!({"admits_per_minute": wrong}),
        )
        .await;
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), ["admits_per_minute"], "{wrong}");
    }
    let too_late = in_time(&app, Duration::from_hours(24 * 30));
    for wrong in ["2020-01-01T00:00:00Z", &too_late] {
        let body = json!({"admits_per_minute": 60, "opens_at": wrong});
        let answer = put(&app, &organizer, &event, body).await;
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), ["opens_at"], "{wrong}");
    }
    let room = put(&app, &organizer, &event, rate).await.expect(200).json();
    assert_eq!(
        (state(&room), &room["admits_per_minute"], &room["opens_at"]),
        ("early", &json!(60), &json!(app.ctx().now().to_string())),
        "sales run already, so it opens at once"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_room_opens_with_the_first_sale_unless_told_and_never_before_it() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let mut body = app.event_body("Soon on sale");
    let kind = |name: &str, hours| {
        json!({"name": name, "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 5,
            "sales_from": app.in_hours(hours)})
    };
    body["ticket_types"] = json!([kind("Second", 30), kind("First", 20)]);
    let id = app.draft(&organizer, body).await["id"].clone();
    let path = format!("/api/v1/events/{}/waiting-room", id.as_str().unwrap());
    let put = |body: Value| app.put(&path).bearer(&organizer.token).json(body).send();

    let early = json!({"admits_per_minute": 5, "opens_at": app.in_hours(19)});
    assert_eq!(put(early).await.expect(422).fields(), ["opens_at"]);
    let room = put(json!({"admits_per_minute": 5}))
        .await
        .expect(200)
        .json();
    assert_eq!(room["opens_at"], json!(app.in_hours(20)));
    let later = json!({"admits_per_minute": 5, "opens_at": app.in_hours(21)});
    let room = put(later).await.expect(200).json();
    assert_eq!(room["opens_at"], json!(app.in_hours(21)));
    let room = put(json!({"admits_per_minute": 7}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&room["opens_at"], &room["admits_per_minute"]),
        (&json!(app.in_hours(21)), &json!(7))
    );
    // Nobody but its crew knows of a draft, or of its room.
    app.get(&path).send().await.expect_problem(404, "not_found");
    app.get(&path)
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_opening_of_a_line_that_moves_stays() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    open(&[&app]).await;
    let body = json!({"admits_per_minute": 60, "opens_at": in_time(&app, EARLY)});
    put(&app, &organizer, &event, body)
        .await
        .expect_problem(409, "illegal_state");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_event_that_is_closed_gets_no_room() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    app.post(&format!("/api/v1/events/{}/cancel", event.event))
        .bearer(&organizer.token)
        .json(json!({"reason": "Storm"}))
        .send()
        .await
        .expect(200);
    put(&app, &organizer, &event, json!({"admits_per_minute": 60}))
        .await
        .expect_problem(409, "illegal_state");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn letting_everybody_in_reaches_every_process() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 1).await;
    beat(&[&other]).await;
    let token = join(&other, &ana, &event).await;

    let let_in = |person: &Person| app.delete(&path(&event)).bearer(&person.token).send();
    let_in(&ana).await.expect_problem(403, "forbidden");
    let_in(&organizer).await.expect(204);
    let_in(&organizer).await.expect(204);
    beat(&[&other]).await;

    for process in [&app, &other] {
        let room = look(process, &event, &token).await;
        assert_eq!(
            (state(&room), &room["position"], &room["poll_after_seconds"]),
            ("open", &Value::Null, &json!(0))
        );
        process.purchase(&ana, &event, 1).send().await.expect(201);
    }
    let place = app.post(&path(&event)).bearer(&ana.token).send().await;
    let place = place.expect(200).json();
    assert_eq!(
        (&place["token"], state(&place["room"])),
        (&Value::Null, "open")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counts_are_those_of_people() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    join_all_of(&[&app], &people(&app, 10).await, &event).await;
    let counts = || async {
        app.beat().await;
        let room = app.get(&path(&event)).send().await.expect(200).json();
        (room["waiting"].as_u64(), room["admitted"].as_u64())
    };
    assert_eq!(counts().await, (Some(10), Some(0)));
    open(&[&app]).await;
    assert_eq!(counts().await, (Some(9), Some(1)));
    app.advance(Duration::from_secs(4));
    assert_eq!(counts().await, (Some(5), Some(5)));
    app.advance(Duration::from_mins(5));
    assert_eq!(counts().await, (Some(0), Some(10)));
}
