//! What costs nothing needs no payment.

use serde_json::json;
use testkit::TestApp;

use super::{audit, available, get, held, text};

#[tokio::test]
async fn a_free_purchase_is_paid_at_once() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    let path = format!("/api/v1/events/{}/purchase", event.slug);

    let order = app
        .post(&path)
        .bearer(&ana.token)
        .json(event.items(2))
        .send()
        .await
        .expect(201)
        .json();

    assert_eq!(
        (
            text(&order, "status").as_str(),
            text(&order, "payment_state").as_str()
        ),
        ("paid", "none")
    );
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(available(&app, &event).await, 3);
    let event = app
        .get(&format!("/api/v1/events/{}", event.event))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(event["going_count"], 2, "one buyer, two tickets: two come");
    audit(&app).await;
}

#[tokio::test]
async fn a_free_hold_is_paid_without_a_payment() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    let hold = held(&app, &ana, &event, 1).await;
    let path = format!("/api/v1/holds/{hold}/pay");

    let order = app
        .post(&path)
        .bearer(&ana.token)
        .json(json!({}))
        .send()
        .await
        .expect(201)
        .json();

    assert_eq!(text(&order, "status"), "paid");
    let hold = get(&app, &ana, &format!("/api/v1/holds/{hold}")).await;
    assert_eq!(
        (text(&hold, "status").as_str(), &hold["order_id"]),
        ("paid", &order["id"])
    );
    audit(&app).await;
}

#[tokio::test]
async fn the_fact_leaves_with_the_purchase() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    let path = format!("/api/v1/events/{}/purchase", event.event);
    app.post(&path)
        .bearer(&ana.token)
        .json(event.items(3))
        .send()
        .await
        .expect(201);

    app.drain().await;

    let feed = service::feed::latest(&app.ctx(), 10).await.unwrap();
    let sold: Vec<_> = feed
        .iter()
        .filter(|activity| activity.quantity > 0)
        .collect();
    assert_eq!(sold.len(), 1, "{feed:?}");
    assert_eq!((sold[0].event_id, sold[0].quantity), (event.event, 3));
}
