//! Hidden ticket types: there for those whose code opens them, and for nobody else.

use serde_json::{Value, json};
use service::rate::{Limit, Limits};
use testkit::{OnSale, Person, TestApp};

use super::{audit, make, text};

/// An event whose second ticket type is hidden; the type's id.
async fn backstage(app: &TestApp, organizer: &Person) -> (OnSale, Value) {
    let event = app.published_event(organizer, 5, 1000).await;
    let kind = json!({
        "name": "Backstage", "price": {"amount_minor": 500, "currency": "EUR"}, "quantity": 2, "is_hidden": true,
    });
    let kind = app
        .post(&format!("/api/v1/events/{}/ticket-types", event.event))
        .bearer(&organizer.token)
        .json(kind)
        .send()
        .await
        .expect(201)
        .json();
    assert_eq!(kind["status"], "hidden");
    (event, kind["id"].clone())
}

async fn seen(app: &TestApp, event: &OnSale, query: &str) -> Value {
    app.get(&format!("/api/v1/events/{}{query}", event.event))
        .send()
        .await
        .expect(200)
        .json()
}

fn names(event: &Value) -> Vec<String> {
    let types = event["ticket_types"].as_array().unwrap();
    types.iter().map(|kind| text(kind, "name")).collect()
}

#[tokio::test]
async fn a_hidden_type_is_seen_and_bought_with_its_code_alone() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let (event, hidden) = backstage(&app, &organizer).await;
    let code = json!({"code": "CREW-ONLY", "kind": "access", "unlocks": [hidden]});
    make(&app, &organizer, &event, code).await.expect(201);

    let open = seen(&app, &event, "").await;
    assert_eq!(names(&open), ["Standard"]);
    assert_eq!(
        open["price_from"]["amount_minor"], 1000,
        "not that of the hidden one"
    );
    let opened = seen(&app, &event, "?code=crew-only").await;
    assert_eq!(names(&opened), ["Standard", "Backstage"]);
    assert_eq!(opened["ticket_types"][1]["status"], "on_sale");
    assert_eq!(opened["promo"]["code"], "CREW-ONLY");

    let buy = |code: &str| {
        let items = json!([{"ticket_type_id": hidden, "quantity": 1}]);
        app.post(&format!("/api/v1/events/{}/purchase", event.event))
            .bearer(&ana.token)
            .json(json!({"items": items, "promo_code": code, "payment": {"method": "simulated"}}))
            .send()
    };
    buy("").await.expect_problem(409, "not_on_sale");
    let order = buy("crew-only").await.expect(201).json();
    assert_eq!(order["total"]["amount_minor"], 500);
    assert_eq!(order["promo_code"], "CREW-ONLY");
    audit(&app).await;
}

#[tokio::test]
async fn a_code_that_opens_nothing_does_not_open_it() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let (event, hidden) = backstage(&app, &organizer).await;
    super::percent(&app, &organizer, &event, "SPRING", json!({})).await;
    assert_eq!(
        names(&seen(&app, &event, "?code=SPRING").await),
        ["Standard"]
    );
    let items = json!([{"ticket_type_id": hidden, "quantity": 1}]);
    app.post(&format!("/api/v1/events/{}/holds", event.event))
        .bearer(&ana.token)
        .json(json!({"items": items, "promo_code": "SPRING"}))
        .send()
        .await
        .expect_problem(409, "not_on_sale");
}

#[tokio::test]
async fn a_code_shows_what_tickets_cost_with_it() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let (event, _) = backstage(&app, &organizer).await;
    super::percent(&app, &organizer, &event, "QUARTER", json!({})).await;
    let kind = &seen(&app, &event, "?code=quarter").await["ticket_types"][0];
    assert_eq!(kind["price"]["amount_minor"], 1000);
    assert_eq!(kind["promo_price"]["amount_minor"], 750);
    assert_eq!(seen(&app, &event, "?code=").await["promo"], Value::Null);
    let path = format!("/api/v1/events/{}?code=nobody", event.event);
    app.get(&path)
        .send()
        .await
        .expect_problem(422, "unknown_promo_code");
}

#[tokio::test]
async fn an_event_is_sold_out_when_what_everybody_sees_is() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let (event, _) = backstage(&app, &organizer).await;
    app.buy(&ana, &event, 5).await;
    assert_eq!(seen(&app, &event, "").await["sold_out"], true);
}

#[tokio::test]
async fn guessing_codes_is_slow() {
    let limits = Limits {
        promo_code: Limit::per_minute(3),
        ..Limits::relaxed()
    };
    let app = TestApp::builder().limits(limits).start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let (event, hidden) = backstage(&app, &organizer).await;
    let code = json!({"code": "SECRET", "kind": "access", "unlocks": [hidden]});
    make(&app, &organizer, &event, code).await.expect(201);
    let path = |code: &str| format!("/api/v1/events/{}?code={code}", event.event);
    for guess in ["SECRET1", "SECRET2", "SECRET3"] {
        app.get(&path(guess))
            .send()
            .await
            .expect_problem(422, "unknown_promo_code");
    }
    let refused = app.get(&path("SECRET")).send().await;
    refused.expect_problem(429, "rate_limited");
    assert!(!refused.header("retry-after").is_empty());
    seen(&app, &event, "").await;
    for guess in ["SECRET1", "SECRET2", "SECRET3"] {
        super::hold(&app, &ana, &event, 1, guess)
            .await
            .expect_problem(422, "unknown_promo_code");
    }
    super::hold(&app, &ana, &event, 1, "SECRET")
        .await
        .expect_problem(429, "rate_limited");
    super::hold(&app, &ana, &event, 1, "").await.expect(201);
    let page = app
        .browser()
        .get(&format!("/events/{}?code=SECRET", event.slug))
        .send()
        .await
        .expect(200);
    assert!(!page.text().contains("Backstage"), "{}", page.text());
}
