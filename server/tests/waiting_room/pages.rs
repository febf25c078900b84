//! The pages, without JavaScript.

use testkit::Browser;

use super::*;

pub async fn log_in(browser: &Browser, person: &Person) {
    let fields = [
        ("form[email]", person.email.as_str()),
        ("form[password]", person.password.as_str()),
    ];
    let answer = browser
        .submit("/rpc/log_in", "/login", &fields)
        .send()
        .await;
    assert_eq!(answer.status, 302, "{}", answer.text());
}

/// Presses the button that joins; where it leads.
pub async fn join(browser: &Browser, event: &OnSale) -> String {
    let page = format!("/events/{}", event.slug);
    let fields = [("event", event.slug.as_str())];
    let answer = browser
        .submit("/rpc/join_waiting_room", &page, &fields)
        .send()
        .await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    answer.header("location").to_owned()
}

async fn page(browser: &Browser, path: &str) -> String {
    browser.get(path).send().await.expect(200).text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_visitor_waits_and_goes_in_with_forms_alone() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 10, 1200).await;
    armed(&app, &organizer, &event, 60).await;
    let (event_page, room_page) = (
        format!("/events/{}", event.slug),
        format!("/events/{}/waiting-room", event.slug),
    );
    let browser = app.browser();
    let text = page(&browser, &event_page).await;
    assert!(text.contains("join_waiting_room") && !text.contains("form[items]"));
    assert!(join(&browser, &event).await.starts_with("/login?next="));
    log_in(&browser, &ana).await;
    assert_eq!(join(&browser, &event).await, room_page);
    for path in [&room_page, &event_page] {
        let text = page(&browser, path).await;
        assert!(
            text.contains("You are in the waiting room"),
            "{path}: {text}"
        );
    }
    // Somebody else comes, so that one of the two has to wait.
    let ben = app.attendee().await;
    let behind = app.browser();
    log_in(&behind, &ben).await;
    join(&behind, &event).await;
    open(&[&app]).await;

    let mut texts = Vec::new();
    for browser in [&browser, &behind] {
        texts.push(page(browser, &room_page).await);
    }
    let first = texts
        .iter()
        .position(|text| text.contains(">It is your turn<"));
    let first = first.expect("somebody's turn");
    assert!(
        texts[1 - first].contains("You are next"),
        "{}",
        texts[1 - first]
    );
    assert!(texts[1 - first].contains("http-equiv=\"refresh\""));
    assert!(
        texts
            .iter()
            .all(|text| text.contains("data-viewer=\"attendee\""))
    );
    let (first, second) = if first == 0 {
        (&browser, &behind)
    } else {
        (&behind, &browser)
    };
    assert!(page(first, &event_page).await.contains("form[items]"));
    assert!(!page(second, &event_page).await.contains("form[items]"));
    let hold = |browser: &Browser| {
        let id = event.ticket_type.to_string();
        let fields = [
            ("event", event.slug.as_str()),
            ("key", "a key of the page"),
            ("form[items][0][ticket_type_id]", id.as_str()),
            ("form[items][0][quantity]", "1"),
        ];
        browser.submit("/rpc/hold_places", &event_page, &fields)
    };
    let answer = hold(second).send().await;
    assert_eq!(answer.header("location"), room_page, "{}", answer.text());
    let answer = hold(first).send().await;
    assert!(
        answer.header("location").starts_with("/checkout/"),
        "{}",
        answer.text()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_place_of_a_room_that_is_gone_is_forgotten() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 10, 1200).await;
    let room_page = format!("/events/{}/waiting-room", event.slug);
    armed(&app, &organizer, &event, 60).await;
    let browser = app.browser();
    log_in(&browser, &ana).await;
    join(&browser, &event).await;
    let end = app.delete(&path(&event)).bearer(&organizer.token);
    end.send().await.expect(204);
    assert!(
        page(&browser, &room_page)
            .await
            .contains("everybody can buy")
    );
    armed(&app, &organizer, &event, 60).await;
    let text = page(&browser, &room_page).await;
    assert!(text.contains("Join the waiting room"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_organizer_sets_it_up_in_the_editor() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 1200).await;
    let editor = format!("/organizer/events/{}/edit", event.slug);
    let browser = app.browser();
    log_in(&browser, &organizer).await;
    assert!(
        page(&browser, &editor)
            .await
            .contains("Set up the waiting room")
    );
    let send = |opens_at: &str, rate: &str| {
        let fields = [
            ("event", event.slug.as_str()),
            ("form[opens_at]", opens_at),
            ("form[admits_per_minute]", rate),
        ];
        browser.submit("/rpc/arm_waiting_room", &editor, &fields)
    };
    let refused = send("soon", "many").send().await;
    let back = refused.header("location").to_owned();
    let text = page(
        &browser,
        back.strip_prefix("http://127.0.0.1:3000").unwrap_or(&back),
    )
    .await;
    assert!(text.contains("Use a number from 1 to 60,000."), "{text}");
    assert!(text.contains("Use a date and a time."), "{text}");
    assert!(text.contains("value=\"many\""), "what was typed stays");

    let done = send("", "90").send().await;
    assert_eq!(done.header("location"), format!("{editor}?done=room_armed"));
    let text = page(&browser, &editor).await;
    assert!(
        text.contains("Let everybody in") && text.contains("value=\"90\""),
        "{text}"
    );
    let fields = [("event", event.slug.as_str())];
    let answer = browser
        .submit("/rpc/disarm_waiting_room", &editor, &fields)
        .send()
        .await;
    assert_eq!(
        answer.header("location"),
        format!("{editor}?done=room_disarmed")
    );
    assert!(
        page(&browser, &editor)
            .await
            .contains("Set up the waiting room")
    );
}

/// The page of a second tab, made before everybody was let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_that_changes_a_room_that_is_gone_sets_none_up() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 10, 1200).await;
    armed(&app, &organizer, &event, 60).await;
    let editor = format!("/organizer/events/{}/edit", event.slug);
    let browser = app.browser();
    log_in(&browser, &organizer).await;
    let text = page(&browser, &editor).await;
    assert!(text.contains("name=\"form[is_change]\""), "{text}");
    let end = app.delete(&path(&event)).bearer(&organizer.token);
    end.send().await.expect(204);

    let fields = [
        ("event", event.slug.as_str()),
        ("form[opens_at]", ""),
        ("form[admits_per_minute]", "45"),
        ("form[is_change]", "true"),
    ];
    let refused = browser
        .submit("/rpc/arm_waiting_room", &editor, &fields)
        .send()
        .await;

    let back = refused.header("location").to_owned();
    let text = page(
        &browser,
        back.strip_prefix("http://127.0.0.1:3000").unwrap_or(&back),
    )
    .await;
    assert!(
        text.contains("Everybody was let in meanwhile, and the room is gone."),
        "{text}"
    );
    assert!(
        text.contains("Set up the waiting room") && !text.contains("name=\"form[is_change]\""),
        "it stands as it is now: {text}"
    );
    assert!(
        text.contains("value=\"45\""),
        "what was typed stays: {text}"
    );
    let room = app.get(&path(&event)).send().await.expect(200).json();
    assert_eq!(state(&room), "open");
}

/// A page that waits for its data goes on in whichever thread is free, its title included.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_look_at_the_page_at_once() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 10, 1200).await;
    armed(&app, &organizer, &event, 60).await;
    let browser = app.browser();
    log_in(&browser, &ana).await;
    let path = join(&browser, &event).await;

    let mut looking = tokio::task::JoinSet::new();
    for _ in 0..150 {
        let (browser, path) = (browser.clone(), path.clone());
        looking.spawn(async move { browser.get(&path).send().await.status });
    }
    let seen = looking.join_all().await;

    assert!(seen.iter().all(|status| *status == 200), "{seen:?}");
}
