//! How an event may be paid, and what is told of money that no provider takes.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{orders::PaymentMethod, validate};

/// How buyers may pay for an event: at least one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentMethods {
    /// By card, with the installation's provider.
    #[garde(skip)]
    pub card: bool,
    /// By bank transfer; absent or null: not.
    #[serde(default)]
    #[garde(dive)]
    pub bank_transfer: Option<BankTransfer>,
    /// At the door, until the event ends.
    #[serde(default)]
    #[garde(skip)]
    pub at_door: bool,
}

impl Default for PaymentMethods {
    fn default() -> Self {
        Self {
            card: true,
            bank_transfer: None,
            at_door: false,
        }
    }
}

impl PaymentMethods {
    /// May it be paid like this?
    pub fn has(&self, method: PaymentMethod) -> bool {
        match method {
            PaymentMethod::Simulated | PaymentMethod::Stripe => self.card,
            PaymentMethod::BankTransfer => self.bank_transfer.is_some(),
            PaymentMethod::AtDoor => self.at_door,
        }
    }

    /// Is there any way?
    pub fn has_any(&self) -> bool {
        self.card || self.bank_transfer.is_some() || self.at_door
    }
}

/// Where transfers go. Account and details are told to those who run the event and with each
/// order that waits for its transfer; to everybody else they are empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankTransfer {
    /// Whose account it is.
    #[garde(length(chars, max = 100), custom(validate::visible))]
    #[schema(max_length = 100)]
    pub account_holder: String,
    /// IBAN and whatever else a buyer's bank asks for, in some lines.
    #[garde(length(chars, max = 1000), custom(printable_details))]
    #[schema(max_length = 1000)]
    pub details: String,
    /// In how many days the money must be there; at the latest when the event begins.
    #[garde(range(min = 1, max = 60))]
    #[schema(minimum = 1, maximum = 60)]
    pub days: u32,
}

fn printable_details(value: &str, _: &()) -> garde::Result {
    if value.trim().is_empty() {
        return Err(garde::Error::new("must not be blank"));
    }
    validate::multi_line(value, &())
}

/// How an order is paid without a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfflinePayment {
    /// `bank_transfer` or `at_door`.
    pub method: PaymentMethod,
    /// Short and unique: the organizer finds the order by it.
    pub reference: String,
    /// Until when the places are kept for the money.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// The same for people: `5 Dec 2026, 20:00 CET`.
    pub due_text: String,
    /// Whose account it is; told while a transfer is awaited.
    #[schema(required)]
    pub account_holder: Option<String>,
    /// IBAN and what else is needed; told while a transfer is awaited.
    #[schema(required)]
    pub details: Option<String>,
}

/// The form of an event's payment methods, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaymentMethodsForm {
    /// By card?
    pub card: bool,
    /// By bank transfer?
    pub bank_transfer: bool,
    /// At the door?
    pub at_door: bool,
    /// See [`BankTransfer::account_holder`].
    pub account_holder: String,
    /// See [`BankTransfer::details`].
    pub details: String,
    /// See [`BankTransfer::days`]: a number.
    pub days: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer() -> BankTransfer {
        BankTransfer {
            account_holder: "The Hall".into(),
            details: "DE02 1203 0000 0000 2020 51\nBank of Somewhere".into(),
            days: 7,
        }
    }

    #[test]
    fn without_a_word_an_event_is_paid_by_card() {
        let methods = PaymentMethods::default();
        assert!(methods.has(PaymentMethod::Stripe) && methods.has(PaymentMethod::Simulated));
        assert!(!methods.has(PaymentMethod::BankTransfer) && !methods.has(PaymentMethod::AtDoor));
    }

    #[test]
    fn a_transfer_needs_an_account_and_days() {
        let faults = |change: fn(&mut BankTransfer)| {
            let mut transfer = transfer();
            change(&mut transfer);
            let faults = validate::check(&transfer).err().unwrap_or_default();
            faults
                .into_iter()
                .map(|fault| fault.field)
                .collect::<Vec<_>>()
        };
        assert!(faults(|_| {}).is_empty());
        assert_eq!(
            faults(|it| it.account_holder = " ".into()),
            ["account_holder"]
        );
        assert_eq!(faults(|it| it.details = "\n".into()), ["details"]);
        assert_eq!(faults(|it| it.days = 0), ["days"]);
    }
}
