//! Stripe: `PaymentIntent`s that are made first and confirmed second, so that asking what
//! became of a charge can never take money. `server/docs/PAYMENTS.md` tells the story.

mod amount;
mod api;
mod charges;
mod refunds;
mod signature;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use service::ports::{
    Charge, ChargeOutcome, Clock, Payments, PortError, Refund, RefundOutcome, WebhookError,
    WebhookEvent,
};
use uuid::Uuid;

use api::Api;

/// Where Stripe is.
pub const API_URL: &str = "https://api.stripe.com";

/// How Stripe is reached.
#[derive(Clone, Debug)]
pub struct StripeSettings {
    /// [`API_URL`], or a local server of the same protocol.
    pub api_url: String,
    /// `sk_…` or a restricted key, `rk_…`.
    pub secret_key: SecretString,
    /// `whsec_…`; without it calls of the webhook are not believed.
    pub webhook_secret: Option<SecretString>,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a whole question may take, which is up to four requests.
    pub patience: Duration,
}

impl StripeSettings {
    /// Stripe itself, without webhooks, with times that leave a buyer's request its answer.
    pub fn new(secret_key: SecretString) -> Self {
        Self {
            api_url: API_URL.into(),
            secret_key,
            webhook_secret: None,
            timeout: Duration::from_secs(20),
            patience: Duration::from_secs(30),
        }
    }

    /// Is the key one for tests, which moves no money?
    pub fn is_test(&self) -> bool {
        self.secret_key.expose_secret().contains("_test_")
    }
}

/// Stripe as a payment provider for cards. The token of a charge is the id of a
/// `PaymentMethod` (`pm_…`) that the buyer's client made with Stripe's own libraries: card
/// numbers never come here.
pub struct Stripe {
    api: Api,
    webhook_secret: Option<SecretString>,
    patience: Duration,
    clock: Arc<dyn Clock>,
}

impl Stripe {
    /// A provider that connects when it is asked.
    ///
    /// # Errors
    /// When there can be no client for https.
    pub fn new(settings: &StripeSettings, clock: Arc<dyn Clock>) -> Result<Self, PortError> {
        Ok(Self {
            api: Api::new(settings)?,
            webhook_secret: settings.webhook_secret.clone(),
            patience: settings.patience,
            clock,
        })
    }

    /// The answer, or `otherwise` when it takes too long.
    async fn patiently<T>(&self, asking: impl Future<Output = T>, otherwise: T) -> T {
        let answer = tokio::time::timeout(self.patience, asking).await;
        answer.unwrap_or_else(|_| {
            tracing::warn!("Stripe took too long");
            otherwise
        })
    }
}

#[async_trait]
impl Payments for Stripe {
    async fn charge(&self, charge: &Charge) -> ChargeOutcome {
        self.patiently(self.make_charge(charge), ChargeOutcome::Unknown)
            .await
    }

    async fn find(&self, charge: &Charge) -> ChargeOutcome {
        self.patiently(self.find_charge(charge), ChargeOutcome::Unknown)
            .await
    }

    async fn refund(&self, refund: &Refund) -> RefundOutcome {
        self.patiently(self.make_refund(refund), RefundOutcome::Unknown)
            .await
    }

    async fn find_refund(&self, refund: &Refund) -> RefundOutcome {
        self.patiently(self.look_for_refund(refund), RefundOutcome::Unknown)
            .await
    }

    fn read_webhook(
        &self,
        signature: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookError> {
        let secret = self.webhook_secret.as_ref();
        let secret = secret.ok_or(WebhookError::NotConfigured)?.expose_secret();
        if !signature::is_genuine(secret.as_bytes(), signature, body, now) {
            return Err(WebhookError::BadSignature);
        }
        let event = serde_json::from_slice::<Event>(body).map_err(|_| WebhookError::Malformed)?;
        Ok(event.meaning())
    }
}

/// An event as Stripe posts it, as far as it matters here.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: EventObject,
}

#[derive(Deserialize)]
struct EventObject {
    #[serde(default)]
    metadata: Option<Metadata>,
}

/// What we write on the objects that we make.
#[derive(Clone, Debug, Default, Deserialize)]
struct Metadata {
    payment_id: Option<String>,
    refund_id: Option<String>,
}

impl Event {
    fn meaning(self) -> WebhookEvent {
        let metadata = self.data.object.metadata.unwrap_or_default();
        let id = |text: Option<String>| Uuid::parse_str(&text?).ok();
        let meaning = match self.kind.as_str() {
            "payment_intent.succeeded"
            | "payment_intent.payment_failed"
            | "payment_intent.canceled" => id(metadata.payment_id).map(WebhookEvent::Charge),
            "refund.failed" => id(metadata.refund_id).map(WebhookEvent::RefundFailed),
            _ => None,
        };
        meaning.unwrap_or(WebhookEvent::Other)
    }
}
