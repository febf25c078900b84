//! The pages as a browser without JavaScript uses them.

use serde_json::json;
use testkit::{Answer, Browser, Person, TestApp};

use super::percent;

pub(super) async fn signed_in(app: &TestApp, person: &Person) -> Browser {
    let browser = app.browser();
    let form = [
        ("form[email]", person.email.as_str()),
        ("form[password]", &person.password),
    ];
    browser
        .submit("/rpc/log_in", "/login", &form)
        .send()
        .await
        .expect(302);
    browser
}

/// Where a redirect leads, without the origin.
fn path_of(answer: &Answer) -> String {
    let location = answer.header("location");
    let location = location
        .strip_prefix("http://127.0.0.1:3000")
        .unwrap_or(location);
    location.to_owned()
}

pub(super) async fn follow(browser: &Browser, answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text());
    browser
        .get(&path_of(answer))
        .send()
        .await
        .expect(200)
        .text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_organizer_makes_switches_off_and_deletes_a_code() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 1000).await;
    let browser = signed_in(&app, &organizer).await;
    let here = format!("/organizer/events/{}/promo-codes", event.slug);
    let empty = browser.get(&here).send().await.expect(200).text();
    assert!(empty.contains("No promo codes yet"), "{empty}");

    let wrong = [
        ("event", event.slug.as_str()),
        ("form[code]", "spring"),
        ("form[kind]", "percent"),
        ("form[value]", "200"),
    ];
    let refused = browser
        .submit("/rpc/create_promo", &here, &wrong)
        .send()
        .await;
    let page = follow(&browser, &refused).await;
    assert!(page.contains("Use 1 to 100 percent"), "{page}");
    assert!(
        page.contains("value=\"spring\""),
        "what was typed is there: {page}"
    );

    let right = [
        wrong[0],
        wrong[1],
        wrong[2],
        ("form[value]", "20"),
        ("form[max_uses]", "3"),
    ];
    let made = browser
        .submit("/rpc/create_promo", &here, &right)
        .send()
        .await;
    let page = follow(&browser, &made).await;
    assert!(
        page.contains("The code is there.") && page.contains("Used 0 of 3 times"),
        "{page}"
    );

    let codes = browser
        .get(&format!("/api/v1/events/{}/promo-codes", event.event))
        .send()
        .await
        .expect(200)
        .json();
    let id = super::text(&codes["items"][0], "id");
    let mut fields = vec![("event", event.slug.as_str()), ("code", id.as_str())];
    fields.push(("is_active", "false"));
    let off = browser
        .submit("/rpc/switch_promo", &here, &fields)
        .send()
        .await;
    let page = follow(&browser, &off).await;
    assert!(page.contains("The code is switched off."), "{page}");
    fields.pop();
    let deleted = browser
        .submit("/rpc/delete_promo", &here, &fields)
        .send()
        .await;
    let page = follow(&browser, &deleted).await;
    assert!(page.contains("The code is deleted."), "{page}");
    let stranger = signed_in(&app, &app.attendee().await).await;
    stranger.get(&here).send().await.expect(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_survives_from_the_event_to_the_order() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 1000).await;
    percent(&app, &organizer, &event, "QUARTER", json!({"max_uses": 1})).await;
    let ana = app.attendee().await;
    let browser = app.browser();
    // The form's own button sends everything; one address with the code is enough.
    let clumsy = format!(
        "/events/{}?event=x&form%5Bpromo_code%5D=quarter",
        event.slug
    );
    let applied = browser.get(&clumsy).send().await;
    let here = path_of(&applied);
    assert_eq!(here, format!("/events/{}?code=quarter#tickets", event.slug));
    let here = here.split('#').next().unwrap_or_default().to_owned();
    let page = browser.get(&here).send().await.expect(200).text();
    assert!(
        page.contains("Code QUARTER counts.") && page.contains("€7.50"),
        "{page}"
    );

    let kind = event.ticket_type.to_string();
    let choice = |key: &'static str, code: &'static str| {
        [
            ("event", event.slug.clone()),
            ("key", key.to_owned()),
            ("form[items][0][ticket_type_id]", kind.clone()),
            ("form[items][0][quantity]", "2".to_owned()),
            ("form[promo_code]", code.to_owned()),
        ]
    };
    let submit = async |browser: &Browser, fields: [(&str, String); 5]| {
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        browser
            .submit("/rpc/hold_places", &here, &fields)
            .send()
            .await
    };
    let to_log_in = submit(&browser, choice("k1", "quarter")).await;
    assert!(
        path_of(&to_log_in).contains("code%3Dquarter"),
        "{}",
        path_of(&to_log_in)
    );

    let browser = signed_in(&app, &ana).await;
    let basket = format!(
        "/checkout/new?event={}&items={kind}:2&code=quarter",
        event.slug
    );
    let page = browser.get(&basket).send().await.expect(200).text();
    assert!(page.contains("−") && page.contains("€15.00"), "{page}");
    let wrong = submit(&browser, choice("k2", "nobody")).await;
    let page = follow(&browser, &wrong).await;
    assert!(
        page.contains("This code is not known for this event."),
        "{page}"
    );
    let held = submit(&browser, choice("k3", "quarter")).await;
    let page = follow(&browser, &held).await;
    assert!(
        page.contains("QUARTER") && page.contains("€15.00"),
        "{page}"
    );

    let late = browser.get(&here).send().await.expect(200).text();
    assert!(
        late.contains("This code was used as often as it can be."),
        "{late}"
    );
}

/// The page shows its prices with the code of its address; the form sends the one that is typed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_says_which_code_it_shows_and_which_was_refused() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 1000).await;
    percent(&app, &organizer, &event, "QUARTER", json!({})).await;
    let browser = signed_in(&app, &app.attendee().await).await;
    let here = format!("/events/{}?code=quarter", event.slug);
    let kind = event.ticket_type.to_string();
    let fields = [
        ("event", event.slug.as_str()),
        ("key", "k"),
        ("form[items][0][ticket_type_id]", kind.as_str()),
        ("form[items][0][quantity]", "2"),
        ("form[promo_code]", "nobody"),
    ];

    let refused = browser
        .submit("/rpc/hold_places", &here, &fields)
        .send()
        .await;
    let page = follow(&browser, &refused).await;

    assert!(!page.contains("Code QUARTER counts."), "{page}");
    for text in [
        "You see the tickets with code QUARTER.",
        "Code NOBODY was refused. This code is not known for this event.",
        "€7.50",
        "value=\"nobody\"",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let anew = browser.get(&here).send().await.expect(200).text();
    assert!(
        anew.contains("Code QUARTER counts.") && !anew.contains("was refused"),
        "{anew}"
    );
}
