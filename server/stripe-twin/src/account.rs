//! What an account holds: intents, refunds, remembered answers.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{answers::Answer, calls::Form, faults::Faults, front::Seen};

/// Everything the server knows.
#[derive(Default)]
pub(crate) struct Account {
    intents: Vec<Value>,
    refunds: Vec<Value>,
    /// The intents that search finds, while it is behind.
    indexed: Option<Vec<Value>>,
    /// By idempotency key: what was asked, and the answer.
    pub(crate) keys: HashMap<String, (String, Form, Answer)>,
    pub(crate) faults: Faults,
    pub(crate) seen: Vec<Seen>,
    pub(crate) is_slow: bool,
    pub(crate) leaves_refunds_pending: bool,
}

/// Money that a payment took, without what went back, in Stripe's units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenMoney {
    /// `metadata[payment_id]`
    pub payment_id: String,
    /// How much is left.
    pub amount: i64,
    /// Three lower-case letters.
    pub currency: String,
}

/// An intent, for a test that looks behind the scenes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentState {
    /// `metadata[payment_id]`
    pub payment_id: String,
    /// Stripe's word: `succeeded`, `canceled`, …
    pub status: String,
}

impl Account {
    pub(crate) fn add_intent(&mut self, mut intent: Value) -> Value {
        intent["id"] = json!(format!("pi_{:04}", self.intents.len() + 1));
        self.intents.push(intent.clone());
        intent
    }

    pub(crate) fn intent(&mut self, id: &str) -> Option<&mut Value> {
        self.intents.iter_mut().find(|intent| intent["id"] == id)
    }

    /// The last intent of a payment.
    pub(crate) fn intent_of(&self, payment_id: &str) -> Option<Value> {
        let mut found = self.intents.iter().rev();
        found
            .find(|intent| intent["metadata"]["payment_id"] == payment_id)
            .cloned()
    }

    pub(crate) fn add_refund(&mut self, mut refund: Value) -> Value {
        refund["id"] = json!(format!("re_{:04}", self.refunds.len() + 1));
        self.refunds.push(refund.clone());
        refund
    }

    /// The refunds of an intent, newest first.
    pub(crate) fn refunds_of(&self, intent: &str) -> Vec<Value> {
        let refunds = self.refunds.iter().rev();
        refunds
            .filter(|refund| refund["payment_intent"] == intent)
            .cloned()
            .collect()
    }

    /// How much of an intent went back, or is on its way.
    pub(crate) fn refunded(&self, intent: &str) -> i64 {
        let refunds = self.refunds_of(intent);
        refunds
            .iter()
            .filter_map(|refund| refund["amount"].as_i64())
            .sum()
    }

    /// What search finds by a metadata field, newest first.
    pub(crate) fn search(&self, field: &str, value: &str) -> Vec<Value> {
        let intents = self.indexed.as_ref().unwrap_or(&self.intents);
        intents
            .iter()
            .rev()
            .filter(|intent| intent["metadata"][field] == value)
            .cloned()
            .collect()
    }

    pub(crate) fn stop_indexing(&mut self) {
        self.indexed = Some(self.intents.clone());
    }

    pub(crate) fn index(&mut self) {
        self.indexed = None;
    }

    pub(crate) fn finish_processing(&mut self) {
        self.is_slow = false;
        for intent in &mut self.intents {
            if intent["status"] == "processing" {
                intent["status"] = json!("succeeded");
            }
        }
    }

    pub(crate) fn taken(&self) -> Vec<TakenMoney> {
        let taken = self
            .intents
            .iter()
            .filter(|intent| intent["status"] == "succeeded");
        taken
            .map(|intent| TakenMoney {
                payment_id: text(&intent["metadata"]["payment_id"]),
                amount: intent["amount"].as_i64().unwrap_or_default()
                    - self.refunded(&text(&intent["id"])),
                currency: text(&intent["currency"]),
            })
            .collect()
    }

    pub(crate) fn intents(&self) -> Vec<IntentState> {
        let intents = self.intents.iter();
        intents
            .map(|intent| IntentState {
                payment_id: text(&intent["metadata"]["payment_id"]),
                status: text(&intent["status"]),
            })
            .collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
