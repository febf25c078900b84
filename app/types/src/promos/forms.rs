//! The form of a new promo code: every field is the text that was typed.

use serde::{Deserialize, Serialize};

/// The form of a new promo code. Works from a plain HTML form; `service::promos` parses it
/// with the field names used here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromoForm {
    /// See [`CreatePromoCode::code`](super::CreatePromoCode::code).
    pub code: String,
    /// `percent`, `amount` or `access`.
    pub kind: String,
    /// `20` percent, or `5.00`; nothing for `access`.
    pub value: String,
    /// A number, or empty.
    pub max_uses: String,
    /// A number, or empty.
    pub max_uses_per_person: String,
    /// `datetime-local` in the event's zone, or empty.
    pub valid_from: String,
    /// `datetime-local` in the event's zone, or empty.
    pub valid_until: String,
    /// The ticket types that everybody sees and those that are hidden: what it makes cheaper.
    pub types: Vec<PromoTypeRow>,
    /// The hidden ticket types: what it opens.
    pub unlocks: Vec<PromoTypeRow>,
}

/// A ticket type that can be ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromoTypeRow {
    /// The type's id.
    pub id: String,
    /// Is it ticked?
    pub is_meant: bool,
}
