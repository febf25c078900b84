//! The list: what is in it, filters, orders, pages.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::TestApp;

use super::{draft, path, published, tickets};

pub(super) async fn titles(app: &TestApp, query: &str) -> Vec<String> {
    let page = app
        .get(&format!("/api/v1/events?{query}"))
        .send()
        .await
        .expect(200)
        .json();
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn only_public_published_events_that_are_not_over_are_listed() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    draft(&app, &org, "Draft", json!({})).await;
    published(&app, &org, "Unlisted", json!({"visibility": "unlisted"})).await;
    published(&app, &org, "Members", json!({"visibility": "members"})).await;
    published(
        &app,
        &org,
        "Soon over",
        json!({"starts_at": app.in_hours(1), "ends_at": app.in_hours(2)}),
    )
    .await;
    published(&app, &org, "Public", json!({})).await;
    let gone = published(&app, &org, "Cancelled", json!({})).await;
    app.post(&format!("{}/cancel", path(&gone)))
        .bearer(&org.token)
        .json(json!({"reason": "Storm"}))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(titles(&app, "").await, ["Soon over", "Public"]);
    app.advance(Duration::from_mins(90));
    assert_eq!(titles(&app, "").await, ["Soon over", "Public"]);
    assert_eq!(titles(&app, "phase=ongoing").await, ["Soon over"]);
    assert_eq!(titles(&app, "phase=upcoming").await, ["Public"]);
    app.advance(Duration::from_hours(1));
    assert_eq!(titles(&app, "").await, ["Public"]);
    assert_eq!(titles(&app, "phase=past").await, ["Soon over"]);
    assert_eq!(
        titles(&app, "from=2000-01-01").await,
        ["Soon over", "Public"]
    );
}

#[tokio::test]
async fn an_item_is_a_card_without_the_parts_of_the_whole_view() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    published(&app, &org, "Jazz", json!({"metadata": {"a": 1}, "ticket_types": [tickets("Late", 2500, 5), tickets("Early", 1000, 5)]})).await;
    let page = app.get("/api/v1/events").send().await.expect(200).json();
    let card = &page["items"][0];
    assert_eq!(page["next"], Value::Null);
    for absent in ["description_html", "metadata", "ticket_types"] {
        assert!(card.get(absent).is_none(), "{absent}");
    }
    assert_eq!(
        card["price_from"],
        json!({"amount_minor": 1000, "currency": "EUR"})
    );
    assert_eq!(card["organizer"]["handle"], org.account["handle"]);
    assert_eq!(
        (&card["going_count"], &card["sold_out"], &card["media"]),
        (&json!(0), &json!(false), &json!([]))
    );
    assert!(!page.to_string().contains(&org.email));
}

#[tokio::test]
async fn a_search_forgives_one_wrong_letter() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    published(
        &app,
        &org,
        "Zauberflöte am Müggelsee",
        json!({"tags": ["opera"], "description": "With picnic."}),
    )
    .await;
    published(
        &app,
        &org,
        "Robotics meetup",
        json!({"venue": {"name": "Foundry"}}),
    )
    .await;
    let opera = ["Zauberflöte am Müggelsee"];
    for query in [
        "zauberflote",
        "Zauberflöte",
        "zauber",
        "zaubrflöte",
        "zuaberflöte",
        "zauberflötte",
        "muggelsee",
        "oprea",
        "zauberflote+picnic",
    ] {
        assert_eq!(titles(&app, &format!("q={query}")).await, opera, "{query}");
    }
    assert_eq!(titles(&app, "q=foundri").await, ["Robotics meetup"]);
    assert_eq!(
        titles(&app, "q=robotics+meetup&sort=relevance").await,
        ["Robotics meetup"]
    );
    for nothing in [
        "q=xylophone",
        "q=opera+robotics",
        "q=%27%27%3A%2A+%26+xyz",
        "q=%C5%89qqq",
    ] {
        assert_eq!(titles(&app, nothing).await, [""; 0], "{nothing}");
    }
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.organizer().await, app.organizer().await);
    published(&app, &ada, "A", json!({"category": "music", "tags": ["Jazz", "live"], "ticket_types": [tickets("T", 0, 9)]})).await;
    let later = json!({"category": "food", "starts_at": "2099-06-01T18:00:00Z", "ends_at": "2099-06-01T20:00:00Z", "ticket_types": [tickets("T", 1500, 9)]});
    published(&app, &bob, "B", later).await;
    published(&app, &bob, "C", json!({})).await;
    assert_eq!(titles(&app, "category=music").await, ["A"]);
    assert_eq!(titles(&app, "tag=JAZZ").await, ["A"]);
    assert_eq!(
        titles(&app, &format!("organizer={}", bob.handle())).await,
        ["C", "B"]
    );
    assert_eq!(
        titles(
            &app,
            &format!("organizer={}", ada.account["id"].as_str().unwrap())
        )
        .await,
        ["A"]
    );
    assert_eq!(titles(&app, "organizer=nobody-here").await, [""; 0]);
    assert_eq!(titles(&app, "from=2099-06-01").await, ["B"]);
    assert_eq!(
        titles(&app, "from=2099-06-01T19:00:00Z&to=2099-06-01").await,
        ["B"]
    );
    assert_eq!(titles(&app, "to=2099-05-31").await, ["A", "C"]);
    assert_eq!(titles(&app, "free=true").await, ["A"]);
    assert_eq!(titles(&app, "free=false").await, ["A", "C", "B"]);
    assert_eq!(titles(&app, "price_min=1").await, ["B"]);
    assert_eq!(titles(&app, "price_max=1500").await, ["A", "B"]);
    assert_eq!(titles(&app, "price_min=1&price_max=1499").await, [""; 0]);
    assert_eq!(titles(&app, "utm_source=x").await.len(), 3);
}

#[tokio::test]
async fn near_adds_the_distance_and_orders_by_it() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let at = |name: &str, latitude: f64, longitude: f64| json!({"venue": {"name": name, "latitude": latitude, "longitude": longitude}});
    published(&app, &org, "Potsdam", at("P", 52.4, 13.06)).await;
    published(&app, &org, "Mitte", at("M", 52.52, 13.4)).await;
    published(&app, &org, "Hamburg", at("H", 53.55, 10.0)).await;
    published(
        &app,
        &org,
        "Online",
        json!({"venue": null, "online_url": "https://example.org"}),
    )
    .await;
    assert_eq!(
        titles(&app, "near=52.52,13.41&sort=distance").await,
        ["Mitte"]
    );
    assert_eq!(
        titles(&app, "near=52.52,13.41&radius_km=50&sort=distance").await,
        ["Mitte", "Potsdam"]
    );
    let page = app
        .get("/api/v1/events?near=52.52,13.41&radius_km=500&sort=distance")
        .send()
        .await
        .expect(200)
        .json();
    let distance: Vec<f64> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["distance_km"].as_f64().unwrap())
        .collect();
    assert!(
        (0.5..1.0).contains(&distance[0])
            && (24.0..29.0).contains(&distance[1])
            && (250.0..260.0).contains(&distance[2]),
        "{distance:?}"
    );
    assert!(
        app.get("/api/v1/events").send().await.json()["items"][0]
            .get("distance_km")
            .is_none()
    );
}

#[tokio::test]
async fn pages_of_every_order_hold_each_event_once() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    for index in 0..9 {
        let start = 24 + index / 3;
        let types = if index % 4 == 3 {
            json!([])
        } else {
            json!([tickets("T", i64::from(index % 4) * 500, 9)])
        };
        let place = json!({"name": "Hall", "latitude": 52.5 + f64::from(index / 2) / 100.0, "longitude": 13.4});
        let fields = json!({"starts_at": app.in_hours(i64::from(start)), "ends_at": app.in_hours(50), "ticket_types": types, "venue": place});
        published(&app, &org, &format!("Jazz {}", index % 5), fields).await;
    }
    for sort in [
        "starts_at",
        "-starts_at",
        "title",
        "price",
        "-price",
        "-created_at",
        "distance",
        "relevance",
    ] {
        let base = format!("/api/v1/events?q=jaz&near=52.5,13.4&sort={sort}");
        let whole = app
            .get(&format!("{base}&limit=100"))
            .send()
            .await
            .expect(200)
            .json();
        let ids = |page: &Value| {
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["id"].clone())
                .collect::<Vec<_>>()
        };
        let (mut walked, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app
                .get(&format!("{base}&limit=2{cursor}"))
                .send()
                .await
                .expect(200)
                .json();
            walked.extend(ids(&page));
            let Some(next) = page["next"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(walked, ids(&whole), "{sort}");
        assert_eq!(walked.len(), 9, "{sort}");
    }
    let prices = app.get("/api/v1/events?sort=-price").send().await.json();
    let amounts: Vec<_> = prices["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["price_from"]["amount_minor"].as_i64())
        .collect();
    assert!(
        amounts.is_sorted_by(|a, b| a >= b),
        "dearest first, without a price last: {amounts:?}"
    );
}

#[tokio::test]
async fn a_cursor_keeps_its_place_while_events_come_and_go() {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let mut events = Vec::new();
    for index in 1..=4 {
        let fields =
            json!({"starts_at": app.in_hours(10 * index), "ends_at": app.in_hours(10 * index + 1)});
        events.push(published(&app, &org, &format!("E{index}"), fields).await);
    }
    let first = app
        .get("/api/v1/events?limit=2")
        .send()
        .await
        .expect(200)
        .json();
    let cursor = first["next"].as_str().unwrap();
    published(
        &app,
        &org,
        "E0",
        json!({"starts_at": app.in_hours(1), "ends_at": app.in_hours(2)}),
    )
    .await;
    app.post(&format!("{}/archive", path(&events[1])))
        .bearer(&org.token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        titles(&app, &format!("limit=2&cursor={cursor}")).await,
        ["E3", "E4"]
    );
    let other_order = app
        .get(&format!("/api/v1/events?sort=title&cursor={cursor}"))
        .send()
        .await;
    other_order.expect_problem(422, "invalid");
    assert_eq!(other_order.fields(), ["cursor"]);
}

#[tokio::test]
async fn bad_values_are_named() {
    let app = TestApp::start().await;
    let bad = [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "x"),
        ("cursor", "nope"),
        ("sort", "best"),
        ("sort", "distance"),
        ("sort", "relevance"),
        ("category", "cats"),
        ("phase", "soon"),
        ("from", "tomorrow"),
        ("to", "2027-02-30"),
        ("price_min", "-1"),
        ("price_max", "1.5"),
        ("free", "maybe"),
        ("near", "1"),
        ("near", "91,0"),
        ("near", "NaN,NaN"),
        ("radius_km", "-5"),
        ("from", "-009999-01-02T00:00:00Z"),
    ];
    for (name, value) in bad {
        let answer = app
            .get(&format!("/api/v1/events?{name}={value}"))
            .send()
            .await;
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), [name], "{name}={value}");
    }
    for (name, value) in [("q", "%00"), ("tag", "%07"), ("cursor", "%00")] {
        app.get(&format!("/api/v1/events?{name}={value}"))
            .send()
            .await
            .expect_problem(422, "invalid");
    }
}

#[tokio::test]
async fn an_organizer_sees_all_of_their_own_events() {
    let app = TestApp::start().await;
    let (org, other) = (app.organizer().await, app.organizer().await);
    published(&app, &org, "Out", json!({})).await;
    draft(&app, &org, "Draft", json!({})).await;
    draft(&app, &other, "Foreign", json!({})).await;
    let mine = app
        .get("/api/v1/me/events")
        .bearer(&org.token)
        .send()
        .await
        .expect(200)
        .json();
    let titles: Vec<_> = mine["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Draft", "Out"]);
    app.get("/api/v1/me/events")
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.get("/api/v1/me/events?limit=0")
        .bearer(&org.token)
        .send()
        .await
        .expect_problem(422, "invalid");
}
