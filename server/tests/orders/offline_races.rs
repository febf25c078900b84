//! Money that is noted while something else happens to its order, in another process.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{OnSale, Person, TestApp};

use super::{
    again, get,
    offline::{call_off, confirm, now, open_event, order_by, pair, stands, whole_audit},
};

const ROUNDS: u32 = 6;

/// So many orders that wait for a transfer, of somebody each.
async fn awaited(app: &TestApp, event: &OnSale) -> Vec<(Person, Value)> {
    let mut orders = Vec::new();
    for _ in 0..ROUNDS {
        let buyer = app.attendee().await;
        let order = order_by(app, &buyer, event, 2, "bank_transfer").await;
        orders.push((buyer, order.expect(201).json()));
    }
    orders
}

/// The order is paid, with its two tickets.
async fn is_paid(app: &TestApp, buyer: &Person, order: &Value) {
    let order = now(app, buyer, order).await;
    assert_eq!(stands(&order), pair("paid", "succeeded"));
    assert_eq!(order["tickets"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn money_that_comes_as_its_order_is_called_off() {
    let app = TestApp::start().await;
    let second = app.second_process().await;
    let organizer = app.organizer().await;
    let event = open_event(&app, &organizer, 2 * ROUNDS, 1200).await;
    for (buyer, order) in awaited(&app, &event).await {
        let (noted, off) = tokio::join!(
            confirm(&app, &organizer, &order),
            call_off(&second, &buyer, &order)
        );
        noted.expect(201);
        assert!(matches!(off.status.as_u16(), 201 | 409), "{}", off.text());
        // Called off first, it came late, and the places were free.
        is_paid(&app, &buyer, &order).await;
        whole_audit(&app).await;
    }
}

#[tokio::test]
async fn money_that_comes_as_its_time_is_over() {
    let app = TestApp::start().await;
    let second = app.second_process().await;
    let organizer = app.organizer().await;
    let event = open_event(&app, &organizer, 2 * ROUNDS, 1200).await;
    let orders = awaited(&app, &event).await;
    app.advance(Duration::from_hours(3 * 24));
    let organizer = again(&app, &organizer).await;
    let platform = second.ctx();
    for (buyer, order) in orders {
        let (noted, swept) = tokio::join!(
            confirm(&app, &organizer, &order),
            service::orders::sweep_due_holds(&platform)
        );
        noted.expect(201);
        swept.unwrap();
        let buyer = again(&app, &buyer).await;
        is_paid(&app, &buyer, &order).await;
        whole_audit(&app).await;
    }
}

#[tokio::test]
async fn money_that_comes_as_its_event_is_cancelled() {
    let app = TestApp::start().await;
    let second = app.second_process().await;
    let organizer = app.organizer().await;
    for _ in 0..ROUNDS {
        let event = open_event(&app, &organizer, 2, 1200).await;
        let buyer = app.attendee().await;
        let order = order_by(&app, &buyer, &event, 2, "bank_transfer").await;
        let order = order.expect(201).json();
        let cancel = second
            .post(&format!("/api/v1/events/{}/cancel", event.event))
            .bearer(&organizer.token)
            .json(json!({"reason": "storm"}))
            .send();
        let (noted, cancelled) = tokio::join!(confirm(&app, &organizer, &order), cancel);
        noted.expect(201);
        cancelled.expect(200);
        app.drain().await;
        let order = now(&app, &buyer, &order).await;
        let refund = &order["refunds"][0];
        assert_eq!(
            (&refund["state"], &refund["reason"], &refund["amount"]),
            (&json!("due"), &json!("event_cancelled"), &order["total"])
        );
        let tickets = get(&app, &buyer, "/api/v1/tickets").await;
        let tickets = tickets["items"].as_array().unwrap();
        assert!(tickets.iter().all(|ticket| ticket["status"] != "valid"));
        whole_audit(&app).await;
    }
}
