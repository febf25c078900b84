//! Charges: make an intent, then confirm it. Until an intent is confirmed it takes no
//! money, and after it was cancelled it never will.

use serde::Deserialize;
use service::ports::{Charge, ChargeOutcome};
use uuid::Uuid;

use super::{
    Metadata, Stripe,
    amount::in_stripe_units,
    api::{Answer, Field},
};

const INTENTS: &str = "/v1/payment_intents";

/// A `PaymentIntent`, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    metadata: Metadata,
}

/// One page of a search; a payment has one intent, seldom two.
#[derive(Deserialize)]
struct Found {
    data: Vec<Intent>,
}

impl Stripe {
    pub(super) async fn make_charge(&self, charge: &Charge) -> ChargeOutcome {
        let intent = match self.make_intent(charge).await {
            Answer::Done { object, .. } => object.id,
            Answer::Refused | Answer::CardDeclined => return ChargeOutcome::Declined,
            Answer::BrokeBefore | Answer::NotKnown => return ChargeOutcome::Unknown,
        };
        let key = format!("{}-confirm", charge.id);
        let path = format!("{INTENTS}/{intent}/confirm");
        let card = [("payment_method", charge.token.as_str())];
        match self.api.post::<Intent>(&path, Some(&key), &card).await {
            Answer::Done { object, .. } if object.status == "succeeded" => ChargeOutcome::Succeeded,
            Answer::CardDeclined => ChargeOutcome::Declined,
            Answer::BrokeBefore | Answer::NotKnown => ChargeOutcome::Unknown,
            // A replayed answer is as old as its key, and an intent may have moved on since.
            Answer::Done { .. } | Answer::Refused => self.end(&intent).await,
        }
    }

    /// Making the intent again gives its id as long as Stripe keeps the key, a day at
    /// least. After that it gives a new intent; then the old one is in the search index.
    pub(super) async fn find_charge(&self, charge: &Charge) -> ChargeOutcome {
        let mut intents = Vec::new();
        match self.make_intent(charge).await {
            Answer::Done {
                object,
                is_replayed: true,
            } => return self.end(&object.id).await,
            Answer::Done { object, .. } => intents.push(object.id),
            // Nobody was ever told an intent that could be confirmed.
            Answer::BrokeBefore => return ChargeOutcome::Declined,
            Answer::Refused | Answer::CardDeclined => {}
            Answer::NotKnown => return ChargeOutcome::Unknown,
        }
        let Some(older) = self.search(charge.id).await else {
            return ChargeOutcome::Unknown;
        };
        let older = older.into_iter().map(|intent| intent.id);
        let older: Vec<_> = older.filter(|id| !intents.contains(id)).collect();
        intents.extend(older);
        self.end_all(&intents).await
    }

    async fn make_intent(&self, charge: &Charge) -> Answer<Intent> {
        let Some(amount) = in_stripe_units(charge.amount) else {
            tracing::error!(payment.id = %charge.id, "Stripe cannot charge this amount");
            return Answer::Refused;
        };
        let (amount, payment_id) = (amount.to_string(), charge.id.to_string());
        let currency = charge.amount.currency.code().to_ascii_lowercase();
        let fields: [Field<'_>; 4] = [
            ("amount", &amount),
            ("currency", &currency),
            // Other methods would lead the buyer to other sites.
            ("payment_method_types[]", "card"),
            ("metadata[payment_id]", &payment_id),
        ];
        let key = format!("{payment_id}-create");
        self.api.post(INTENTS, Some(&key), &fields).await
    }

    /// The intents that were made for a payment, as the index knows them: up to a minute
    /// late, an hour when Stripe is unwell.
    pub(super) async fn search(&self, payment: Uuid) -> Option<Vec<Intent>> {
        let payment_id = payment.to_string();
        let query = format!("metadata['payment_id']:'{payment_id}'");
        let path = format!("{INTENTS}/search");
        let fields: [Field<'_>; 2] = [("query", &query), ("limit", "100")];
        let Answer::Done { object, .. } = self.api.get::<Found>(&path, &fields).await else {
            return None;
        };
        let of_payment = |intent: &Intent| intent.metadata.payment_id.as_ref() == Some(&payment_id);
        Some(object.data.into_iter().filter(of_payment).collect())
    }

    /// Took any of them money?
    async fn end_all(&self, intents: &[String]) -> ChargeOutcome {
        let mut outcome = ChargeOutcome::Declined;
        for intent in intents {
            match self.end(intent).await {
                ChargeOutcome::Succeeded => return ChargeOutcome::Succeeded,
                ChargeOutcome::Unknown => outcome = ChargeOutcome::Unknown,
                ChargeOutcome::Declined => {}
            }
        }
        outcome
    }

    /// Brings an intent to its end: what did not take money is cancelled and never will.
    async fn end(&self, intent: &str) -> ChargeOutcome {
        let path = format!("{INTENTS}/{intent}");
        let Answer::Done { object, .. } = self.api.get::<Intent>(&path, &[]).await else {
            return ChargeOutcome::Unknown;
        };
        match object.status.as_str() {
            "succeeded" => ChargeOutcome::Succeeded,
            "canceled" => ChargeOutcome::Declined,
            "processing" => ChargeOutcome::Unknown,
            status => self.cancel(intent, status).await,
        }
    }

    async fn cancel(&self, intent: &str, status: &str) -> ChargeOutcome {
        if status == "requires_action" {
            tracing::info!(
                stripe.intent = intent,
                "the bank wants the buyer to confirm, which has no page yet: declined"
            );
        }
        // Without a key: to cancel twice is harmless, and a stored failure would come back.
        let path = format!("{INTENTS}/{intent}/cancel");
        match self.api.post::<Intent>(&path, None, &[]).await {
            Answer::Done { object, .. } if object.status == "canceled" => ChargeOutcome::Declined,
            // It moved on at this very moment: ask again.
            _ => ChargeOutcome::Unknown,
        }
    }
}
