//! Who comes when.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn early_visitors_get_a_random_order_that_all_processes_agree_on() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    beat(&[&other]).await;
    let people = people(&app, 24).await;
    let tokens = join_all_of(&[&app, &other], &people, &event).await;
    for room in look_all(&app, &event, &tokens).await {
        assert_eq!(
            (state(&room), &room["position"], &room["has_joined"]),
            ("early", &Value::Null, &json!(true))
        );
    }
    // Not before the opening, however often a process looks.
    app.advance(EARLY);
    beat(&[&app, &other]).await;
    assert_eq!(state(&look(&app, &event, &tokens[0]).await), "early");
    app.advance(DRAW);
    beat(&[&other, &app]).await;

    let here: Vec<_> = look_all(&app, &event, &tokens).await;
    let there: Vec<_> = look_all(&other, &event, &tokens).await;
    assert_eq!(here, there);
    let order: Vec<_> = here.iter().map(position).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..24).collect::<Vec<_>>());
    assert_ne!(order, sorted, "nobody gets a place by coming first");

    let third = app.second_process().await;
    third.beat().await;
    assert_eq!(
        look_all(&third, &event, &tokens).await,
        here,
        "a process that starts later knows the line"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_draw_gives_another_order() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let people = people(&app, 24).await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        let event = app.published_event(&organizer, 10, 0).await;
        armed(&app, &organizer, &event, 60).await;
        let tokens = join_all_of(&[&app], &people, &event).await;
        open(&[&app]).await;
        let order: Vec<_> = look_all(&app, &event, &tokens).await;
        orders.push(order.iter().map(position).collect::<Vec<_>>());
    }
    assert_ne!(orders[0], orders[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn people_go_in_at_the_rate_and_no_place_ever_gets_worse() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 30).await;
    beat(&[&other]).await;
    let tokens = join_all_of(&[&app, &other], &people(&app, 12).await, &event).await;
    open(&[&app, &other]).await;

    let mut before: Vec<_> = tokens.iter().map(|_| u64::MAX).collect();
    for step in 0_usize..14 {
        let process = [&app, &other][step % 2];
        let rooms = look_all(process, &event, &tokens).await;
        let admitted = rooms.iter().filter(|room| state(room) == "admitted");
        assert_eq!(admitted.count(), (step * 2 / 2 + 1).min(12), "step {step}");
        for (before, room) in before.iter_mut().zip(&rooms) {
            let now = position(room);
            assert!(now <= *before, "{now} after {before}");
            let wait = room["estimated_wait_seconds"].as_u64().unwrap();
            assert_eq!(wait, now * 2, "one goes in every two seconds");
            *before = now;
        }
        app.advance(Duration::from_secs(2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn late_visitors_come_behind_early_ones_in_the_order_they_came() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    beat(&[&other]).await;
    let early = join_all_of(&[&app, &other], &people(&app, 5).await, &event).await;
    open(&[&app, &other]).await;
    let late_people = people(&app, 6).await;
    let mut late = Vec::new();
    for (index, person) in late_people.iter().enumerate() {
        late.push(join([&app, &other][index % 2], person, &event).await);
    }
    beat(&[&app, &other]).await;

    for process in [&app, &other] {
        let worst_early = look_all(process, &event, &early).await;
        let worst_early = worst_early.iter().map(position).max().unwrap();
        let late = look_all(process, &event, &late).await;
        let late: Vec<_> = late.iter().map(position).collect();
        assert_eq!(worst_early, 4);
        assert_eq!(late, [5, 6, 7, 8, 9, 10]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_that_comes_late_to_two_processes_at_once_gets_every_place_once() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    open(&[&app, &other]).await;
    let crowd = people(&app, 40).await;

    let tokens = join_all_of(&[&app, &other], &crowd, &event).await;
    beat(&[&app, &other]).await;

    let mut places: Vec<_> = look_all(&other, &event, &tokens).await;
    places.sort_by_key(position);
    let places: Vec<_> = places.iter().map(position).collect();
    assert_eq!(places, (1..=40).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn turns_that_nobody_wanted_are_not_given_to_a_crowd_at_once() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    let crowd = people(&app, 10).await;
    open(&[&app]).await;
    app.advance(Duration::from_mins(5));
    app.beat().await;

    let tokens = join_all_of(&[&app], &crowd, &event).await;
    let mut places: Vec<_> = look_all(&app, &event, &tokens).await;
    places.sort_by_key(position);
    let places: Vec<_> = places.iter().map(position).collect();
    assert_eq!(places, (1..=10).collect::<Vec<_>>());
    app.advance(Duration::from_secs(3));
    let rooms = look_all(&app, &event, &tokens).await;
    assert_eq!(
        rooms
            .iter()
            .filter(|room| state(room) == "admitted")
            .count(),
        3
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changing_the_rate_takes_nothing_back() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    beat(&[&other]).await;
    let tokens = join_all_of(&[&app], &people(&app, 30).await, &event).await;
    open(&[&app, &other]).await;
    let admitted = |process: &TestApp| {
        let ctx = process.get(&path(&event)).send();
        async { ctx.await.expect(200).json()["admitted"].as_u64().unwrap() }
    };
    let (mut before, mut last) = (vec![u64::MAX; 30], 0);
    for per_minute in [60, 1, 1, 600, 30] {
        put(
            &app,
            &organizer,
            &event,
            json!({"admits_per_minute": per_minute}),
        )
        .await
        .expect(200);
        // The other process hears of it within the two seconds that it has.
        for wait in [500, 400, 1100, 1500] {
            app.advance(Duration::from_millis(wait));
            for process in [&other, &app] {
                for (before, room) in before
                    .iter_mut()
                    .zip(look_all(process, &event, &tokens).await)
                {
                    let now = position(&room);
                    assert!(
                        now <= *before,
                        "{per_minute} a minute: {now} after {before}"
                    );
                    *before = now;
                }
                let now = admitted(process).await;
                assert!(now >= last, "{per_minute} a minute: {now} after {last}");
                last = now;
            }
            beat(&[&other]).await;
        }
    }
    assert_eq!(admitted(&app).await, admitted(&other).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asking_needs_no_postgres_however_many_ask() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 0).await;
    armed(&app, &organizer, &event, 60).await;
    let crowd = people(&app, 5).await;
    let tokens = join_all_of(&[&app], &crowd, &event).await;
    let browser = app.browser();
    super::pages::log_in(&browser, &crowd[0]).await;
    let page = format!("/events/{}/waiting-room", event.slug);
    super::pages::join(&browser, &event).await;
    open(&[&app]).await;
    let (session, token) = (browser.cookies(), crowd[1].token.clone());
    assert!(session.contains_key("session"));

    // Every further statement would be answered 503.
    app.services.db.close().await;
    for round in 0..50 {
        app.advance(Duration::from_millis(100));
        for room in look_all(&app, &event, &tokens).await {
            assert!(
                ["waiting", "admitted"].contains(&state(&room)),
                "{round}: {room}"
            );
        }
        let both = app.get(&path(&event)).bearer(&token);
        both.header("waiting-room-token", &tokens[1])
            .send()
            .await
            .expect(200);
        browser.get(&page).send().await.expect(200);
        let question = format!("/rpc/look_at_room?key={}", event.slug);
        browser
            .request(http::Method::GET, &question)
            .header("accept", "application/json")
            .send()
            .await
            .expect(200);
    }
    app.get(&format!("/api/v1/events/{}", event.event))
        .send()
        .await
        .expect(503);
}
