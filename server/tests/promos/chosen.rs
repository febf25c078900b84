//! Prices that buyers choose.

use serde_json::{Value, json};
use testkit::{Answer, OnSale, Person, TestApp};

use super::{audit, text};

async fn add(app: &TestApp, organizer: &Person, event: &OnSale, body: Value) -> Answer {
    app.post(&format!("/api/v1/events/{}/ticket-types", event.event))
        .bearer(&organizer.token)
        .json(body)
        .send()
        .await
}

fn chosen(pricing: &str, least: i64) -> Value {
    let price = json!({"amount_minor": least, "currency": "EUR"});
    json!({"name": "Chosen", "pricing": pricing, "price": price, "quantity": 5})
}

async fn buy(app: &TestApp, buyer: &Person, event: &OnSale, kind: &Value, amount: Value) -> Answer {
    let items = json!([{"ticket_type_id": kind["id"], "quantity": 2, "unit_price_minor": amount}]);
    app.post(&format!("/api/v1/events/{}/purchase", event.event))
        .bearer(&buyer.token)
        .json(json!({"items": items, "payment": {"method": "simulated"}}))
        .send()
        .await
}

#[tokio::test]
async fn a_buyer_pays_what_they_say_and_gets_it_back() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 5000).await;
    let kind = add(&app, &organizer, &event, chosen("pay_what_you_want", 500)).await;
    let kind = kind.expect(201).json();
    for (amount, code) in [(json!(499), "below_minimum"), (json!(null), "required")] {
        let refused = buy(&app, &ana, &event, &kind, amount).await;
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), ["items[0].unit_price_minor"]);
        assert_eq!(refused.json()["errors"][0]["code"], code);
    }
    let order = buy(&app, &ana, &event, &kind, json!(1234)).await;
    let order = order.expect(201).json();
    assert_eq!(order["items"][0]["unit_price"]["amount_minor"], 1234);
    assert_eq!(order["total"]["amount_minor"], 2468);

    let one = json!({"ticket_ids": [order["tickets"][0]["id"]]});
    let back = app
        .post(&format!("/api/v1/orders/{}/refund", text(&order, "id")))
        .bearer(&organizer.token)
        .json(one)
        .send()
        .await
        .expect(201)
        .json();
    assert_eq!(back["refunds"][0]["amount"]["amount_minor"], 1234);
    let shown = app
        .get(&format!("/api/v1/events/{}", event.event))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(shown["price_from"]["amount_minor"], 500);
    audit(&app).await;
}

#[tokio::test]
async fn a_donation_begins_at_nothing_and_comes_with_tickets() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 5000).await;
    let refused = add(&app, &organizer, &event, chosen("donation", 1)).await;
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.fields(), ["price"]);
    let mut body = chosen("donation", 0);
    body["suggested_price"] = json!({"amount_minor": 1500, "currency": "EUR"});
    let kind = add(&app, &organizer, &event, body).await.expect(201).json();
    assert_eq!(kind["suggested_price"]["amount_minor"], 1500);
    let nothing = buy(&app, &ana, &event, &kind, json!(0))
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&nothing["status"], &nothing["payment_state"]),
        (&json!("paid"), &json!("none"))
    );
    let gift = buy(&app, &ana, &event, &kind, json!(2000))
        .await
        .expect(201)
        .json();
    assert_eq!(gift["total"]["amount_minor"], 4000);
    assert_eq!(gift["tickets"].as_array().map(Vec::len), Some(2));
    audit(&app).await;
}

#[tokio::test]
async fn a_fixed_price_is_not_bargained_with() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1000).await;
    let kind = json!({"id": event.ticket_type});
    let refused = buy(&app, &ana, &event, &kind, json!(1)).await;
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.fields(), ["items[0].unit_price_minor"]);
    buy(&app, &ana, &event, &kind, json!(1000))
        .await
        .expect(201);
    audit(&app).await;
}

#[tokio::test]
async fn a_code_takes_nothing_off_what_buyers_choose() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1000).await;
    let kind = add(&app, &organizer, &event, chosen("pay_what_you_want", 500)).await;
    let kind = kind.expect(201).json();
    super::percent(&app, &organizer, &event, "SPRING", json!({})).await;
    let items = json!([{"ticket_type_id": kind["id"], "quantity": 1, "unit_price_minor": 900}]);
    app.post(&format!("/api/v1/events/{}/holds", event.event))
        .bearer(&ana.token)
        .json(json!({"items": items, "promo_code": "SPRING"}))
        .send()
        .await
        .expect_problem(422, "promo_code_not_for_these");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_form_carries_the_amount_to_the_checkout() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 5000).await;
    let kind = add(&app, &organizer, &event, chosen("pay_what_you_want", 500)).await;
    let id = text(&kind.expect(201).json(), "id");
    let browser = super::pages::signed_in(&app, &ana).await;
    let here = format!("/events/{}", event.slug);
    let page = browser.get(&here).send().await.expect(200).text();
    assert!(page.contains("What you pay for one, in EUR"), "{page}");
    let submit = async |key: &str, amount: &str| {
        let fields = [
            ("event", event.slug.as_str()),
            ("key", key),
            ("form[items][0][ticket_type_id]", ""),
            ("form[items][0][quantity]", "0"),
            ("form[items][1][ticket_type_id]", &id),
            ("form[items][1][quantity]", "2"),
            ("form[items][1][amount]", amount),
        ];
        browser
            .submit("/rpc/hold_places", &here, &fields)
            .send()
            .await
    };
    let low = submit("k1", "4.99").await;
    let page = super::pages::follow(&browser, &low).await;
    assert!(page.contains("Pay at least what is asked for."), "{page}");
    let held = submit("k2", "12,50").await;
    let page = super::pages::follow(&browser, &held).await;
    assert!(page.contains("€25.00"), "{page}");
    let basket = format!("/checkout/new?event={}&items={id}:2:12.50", event.slug);
    let page = browser.get(&basket).send().await.expect(200).text();
    assert!(
        page.contains("€25.00") && page.contains("value=\"12.50\""),
        "{page}"
    );
}
