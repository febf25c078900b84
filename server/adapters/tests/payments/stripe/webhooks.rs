use jiff::Timestamp;
use serde_json::{Value, json};
use service::ports::{WebhookError, WebhookEvent};
use stripe_twin::signature;
use uuid::Uuid;

use super::*;

const SECONDS: i64 = 1_780_315_200;

fn read(payments: &Stripe, signed: &str, body: &str) -> Result<WebhookEvent, WebhookError> {
    let signature = signature(WEBHOOK_SECRET, signed, SECONDS);
    let now = Timestamp::from_second(SECONDS).unwrap();
    payments.read_webhook(&signature, body.as_bytes(), now)
}

fn event(kind: &str, object: Value) -> String {
    json!({"type": kind, "data": {"object": object}}).to_string()
}

#[tokio::test]
async fn events_of_a_payment_name_it() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let charge = paid(&payments, 7).await;
    for kind in [
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
    ] {
        let body = server.event(kind, &charge.id.to_string());
        let ours = Ok(WebhookEvent::Charge(charge.id));
        assert_eq!(read(&payments, &body, &body), ours, "{kind}");
        let other_bytes = format!("{body} ");
        assert_eq!(
            read(&payments, &body, &other_bytes),
            Err(WebhookError::BadSignature)
        );
    }
}

#[tokio::test]
async fn other_events_mean_nothing() {
    let payments = client(&StripeTwin::start().await);
    let id = Uuid::from_u128(7);
    let succeeded = "payment_intent.succeeded";
    for body in [
        event(
            "payment_intent.created",
            json!({"metadata": {"payment_id": id.to_string()}}),
        ),
        event(succeeded, json!({"metadata": {}})),
        event(succeeded, json!({"metadata": null})),
        event(succeeded, json!({})),
        event(succeeded, json!({"metadata": {"payment_id": "x"}})),
        event("customer.created", json!({"id": "cus_1"})),
    ] {
        assert_eq!(
            read(&payments, &body, &body),
            Ok(WebhookEvent::Other),
            "{body}"
        );
    }
    let failed = event(
        "refund.failed",
        json!({"metadata": {"refund_id": id.to_string()}}),
    );
    assert_eq!(
        read(&payments, &failed, &failed),
        Ok(WebhookEvent::RefundFailed(id))
    );
}

#[tokio::test]
async fn a_signed_body_of_another_form_is_malformed() {
    let payments = client(&StripeTwin::start().await);
    for body in ["", "[]", "{", "{\"type\":1}"] {
        assert_eq!(
            read(&payments, body, body),
            Err(WebhookError::Malformed),
            "{body}"
        );
    }
}

#[tokio::test]
async fn without_a_secret_nobody_is_believed() {
    let silent = StripeSettings {
        webhook_secret: None,
        ..settings(&StripeTwin::start().await)
    };
    let payments = Stripe::new(&silent, Arc::<MockClock>::default()).unwrap();
    assert_eq!(
        read(&payments, "{}", "{}"),
        Err(WebhookError::NotConfigured)
    );
}
