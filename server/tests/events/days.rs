//! Whose days the list means: those of whoever asks.

use std::time::Duration;

use serde_json::json;
use testkit::TestApp;

use super::{listing::titles, published};

/// Midnight of the test's day is the same instant for nobody but UTC.
async fn events_around_midnight(app: &TestApp) {
    // Saturday, 5 December 2026, 21:30 in UTC: Berlin still has Saturday, Tokyo has Sunday.
    app.clock.set("2026-12-05T21:30:00Z".parse().unwrap());
    let org = app.organizer().await;
    for (title, starts_at) in [
        ("Late in UTC", "2026-12-05T22:15:00Z"),
        ("After Berlin's midnight", "2026-12-05T23:15:00Z"),
        ("Tokyo's evening", "2026-12-06T10:00:00Z"),
        ("Tokyo's Monday", "2026-12-06T20:00:00Z"),
    ] {
        let starts: jiff::Timestamp = starts_at.parse().unwrap();
        let ends = starts + jiff::SignedDuration::from_mins(20);
        let times = json!({"starts_at": starts_at, "ends_at": ends.to_string()});
        published(app, &org, title, times).await;
    }
}

/// What the browse page shows, in its order.
async fn shown(app: &TestApp, query: &str) -> Vec<&'static str> {
    let page = app
        .browser()
        .get(&format!("/events?{query}"))
        .send()
        .await
        .expect(200)
        .text();
    let page = page.replace("&#x27;", "'").replace("&#39;", "'");
    [
        "Late in UTC",
        "After Berlin's midnight",
        "Tokyo's evening",
        "Tokyo's Monday",
    ]
    .into_iter()
    .filter(|title| page.contains(title))
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn today_and_the_weekend_are_days_of_whoever_looks() {
    let app = TestApp::start().await;
    events_around_midnight(&app).await;
    let (late, after) = ("Late in UTC", "After Berlin's midnight");
    let (evening, monday) = ("Tokyo's evening", "Tokyo's Monday");
    assert_eq!(shown(&app, "when=today").await, [late, after]);
    for (query, expected) in [
        ("when=today&time_zone=Europe%2FBerlin", vec![late]),
        (
            "when=today&time_zone=Asia%2FTokyo",
            vec![late, after, evening],
        ),
        (
            "when=weekend&time_zone=Asia%2FTokyo",
            vec![late, after, evening],
        ),
        ("when=weekend", vec![late, after, evening, monday]),
        // A zone that only a newer browser knows must not spoil the page.
        ("when=today&time_zone=Mars%2FBase", vec![late, after]),
    ] {
        assert_eq!(shown(&app, query).await, expected, "{query}");
    }
    app.advance(Duration::from_hours(1));
    let berlin = shown(&app, "when=today&time_zone=Europe%2FBerlin").await;
    assert_eq!(berlin, [late], "still Saturday, 23:30");
    app.advance(Duration::from_mins(35));
    let berlin = shown(&app, "when=today&time_zone=Europe%2FBerlin").await;
    assert_eq!(berlin, [after, evening, monday], "Sunday, 00:05");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_zone_days_are_the_installations() {
    let app = TestApp::builder().time_zone("Europe/Berlin").start().await;
    events_around_midnight(&app).await;
    assert_eq!(shown(&app, "when=today").await, ["Late in UTC"]);
    let saturday = "from=2026-12-05&to=2026-12-05";
    assert_eq!(titles(&app, saturday).await, ["Late in UTC"]);
    assert_eq!(
        titles(&app, &format!("{saturday}&time_zone=UTC")).await,
        ["Late in UTC", "After Berlin's midnight"]
    );
    let answer = app.get("/api/v1/events?time_zone=Mars/Base").send().await;
    answer.expect_problem(422, "invalid");
    assert_eq!(answer.fields(), ["time_zone"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_form_keeps_the_zone_and_its_pages_do() {
    let app = TestApp::start().await;
    let page = |query: &str| app.browser().get(query).send();
    let text = page("/events?time_zone=Asia%2FTokyo")
        .await
        .expect(200)
        .text();
    let field = text
        .split("<input")
        .find(|input| input.contains("name=\"time_zone\""));
    let field = field.and_then(|rest| rest.split('>').next()).unwrap();
    assert!(
        field.contains("value=\"Asia/Tokyo\"") && !field.contains("disabled"),
        "{field}"
    );
    let text = page("/events").await.expect(200).text();
    let field = text
        .split("<input")
        .find(|input| input.contains("name=\"time_zone\""));
    let field = field.and_then(|rest| rest.split('>').next()).unwrap();
    assert!(
        field.contains("disabled"),
        "nothing to send without a script: {field}"
    );
}
