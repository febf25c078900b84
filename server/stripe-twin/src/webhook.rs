//! Webhooks as Stripe posts and signs them.

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The value of `Stripe-Signature` for a body sent at `seconds` since 1970.
pub fn signature(secret: &str, body: &str, seconds: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{seconds}.{body}").as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    format!("t={seconds},v1={signature}")
}

/// The body of an event about an object.
pub(crate) fn event(kind: &str, object: &Value) -> String {
    json!({
        "id": "evt_twin",
        "object": "event",
        "api_version": "2025-09-30.clover",
        "livemode": false,
        "type": kind,
        "data": {"object": object},
    })
    .to_string()
}
