//! Promo codes: what they give, for which tickets, how often and when.

mod forms;

pub use forms::{PromoForm, PromoTypeRow};

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Money, Patch, PromoCodeId, TicketTypeId, events::text_enum, patch};

text_enum! {
    /// What a promo code gives.
    #[derive(Default)]
    PromoKind {
        /// A part of the price of each ticket.
        #[default]
        Percent = "percent",
        /// An amount off each ticket.
        Amount = "amount",
        /// No discount: it opens hidden ticket types.
        Access = "access",
    }
}

/// A code as it is kept and compared: upper case, without blanks around. `None` for a text
/// that no code can be: 3 to 40 letters, digits, `-` or `_`.
pub fn normal_code(typed: &str) -> Option<String> {
    let code = typed.trim().to_ascii_uppercase();
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    ((3..=40).contains(&code.len()) && code.bytes().all(is_known)).then_some(code)
}

/// A new promo code of an event.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePromoCode {
    /// 3 to 40 letters, digits, `-` or `_`, in any case; unique in the event.
    #[garde(custom(code_shape))]
    #[schema(min_length = 3, max_length = 40)]
    pub code: String,
    /// What it gives.
    #[garde(skip)]
    pub kind: PromoKind,
    /// 1–100, of `percent` alone. The discount of a ticket is rounded down to the minor unit.
    #[serde(default)]
    #[garde(inner(range(min = 1, max = 100)))]
    #[schema(minimum = 1, maximum = 100)]
    pub percent: Option<u32>,
    /// Off each ticket, at most its price; of `amount` alone, in the event's currency.
    #[serde(default)]
    #[garde(inner(custom(amount_range)))]
    pub amount: Option<Money>,
    /// How many holds and orders may carry it at once; absent: any number.
    #[serde(default)]
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub max_uses: Option<u32>,
    /// The same of one person.
    #[serde(default)]
    #[garde(inner(range(min = 1, max = 1_000)))]
    #[schema(minimum = 1, maximum = 1_000)]
    pub max_uses_per_person: Option<u32>,
    /// From when it counts; absent: at once.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_from: Option<Timestamp>,
    /// Until when; after `valid_from`.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_until: Option<Timestamp>,
    /// What it makes cheaper; empty: every ticket type.
    #[serde(default)]
    #[garde(length(max = 20))]
    #[schema(max_items = 20)]
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// Hidden ticket types that it opens. A code of kind `access` opens at least one.
    #[serde(default)]
    #[garde(length(max = 20))]
    #[schema(max_items = 20)]
    pub unlocks: Vec<TicketTypeId>,
}

fn code_shape(code: &str, (): &()) -> garde::Result {
    match normal_code(code) {
        Some(_) => Ok(()),
        None => Err(garde::Error::new("must be 3 to 40 letters, digits, - or _")),
    }
}

fn amount_range(amount: &Money, (): &()) -> garde::Result {
    match amount.amount_minor {
        1..=10_000_000 => Ok(()),
        _ => Err(garde::Error::new(
            "must be between 1 and 10000000 minor units",
        )),
    }
}

/// A merge patch of a promo code. What it is called and what it gives stay: people were told.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePromoCode {
    /// See [`CreatePromoCode::max_uses`]. Below what was used, nobody else gets it.
    #[serde(default)]
    #[garde(custom(patch_max_uses))]
    #[schema(value_type = Option<u32>)]
    pub max_uses: Patch<u32>,
    /// See [`CreatePromoCode::max_uses_per_person`].
    #[serde(default)]
    #[garde(custom(patch_max_uses_per_person))]
    #[schema(value_type = Option<u32>)]
    pub max_uses_per_person: Patch<u32>,
    /// See [`CreatePromoCode::valid_from`].
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_from: Patch<Timestamp>,
    /// See [`CreatePromoCode::valid_until`].
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_until: Patch<Timestamp>,
    /// See [`CreatePromoCode::ticket_type_ids`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(length(max = 20)))]
    pub ticket_type_ids: Option<Vec<TicketTypeId>>,
    /// See [`CreatePromoCode::unlocks`].
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(inner(length(max = 20)))]
    pub unlocks: Option<Vec<TicketTypeId>>,
    /// Off: new holds get it no more; those that have it keep it.
    #[serde(default, deserialize_with = "patch::set")]
    #[garde(skip)]
    pub is_active: Option<bool>,
}

fn patch_max_uses(uses: &Patch<u32>, (): &()) -> garde::Result {
    match uses {
        Patch::Set(1..=1_000_000) | Patch::Keep | Patch::Clear => Ok(()),
        Patch::Set(_) => Err(garde::Error::new("must be between 1 and 1000000")),
    }
}

fn patch_max_uses_per_person(uses: &Patch<u32>, (): &()) -> garde::Result {
    match uses {
        Patch::Set(1..=1_000) | Patch::Keep | Patch::Clear => Ok(()),
        Patch::Set(_) => Err(garde::Error::new("must be between 1 and 1000")),
    }
}

/// A promo code as its organizer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromoCode {
    /// Never changes.
    pub id: PromoCodeId,
    /// In upper case.
    pub code: String,
    /// What it gives.
    pub kind: PromoKind,
    /// Of `percent` alone.
    #[schema(required)]
    pub percent: Option<u32>,
    /// Of `amount` alone: off each ticket.
    #[schema(required)]
    pub amount: Option<Money>,
    /// See [`CreatePromoCode::max_uses`].
    #[schema(required)]
    pub max_uses: Option<u32>,
    /// See [`CreatePromoCode::max_uses_per_person`].
    #[schema(required)]
    pub max_uses_per_person: Option<u32>,
    /// See [`CreatePromoCode::valid_from`].
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub valid_from: Option<Timestamp>,
    /// The same for people, in the event's zone; empty when null.
    pub valid_from_text: String,
    /// See [`CreatePromoCode::valid_until`].
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub valid_until: Option<Timestamp>,
    /// The same for people, in the event's zone; empty when null.
    pub valid_until_text: String,
    /// See [`CreatePromoCode::ticket_type_ids`].
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// See [`CreatePromoCode::unlocks`].
    pub unlocks: Vec<TicketTypeId>,
    /// Can it be used?
    pub is_active: bool,
    /// Live holds, and orders that are paid or being paid, that carry it.
    pub uses: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A promo code as somebody sees it who knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Promo {
    /// In upper case.
    pub code: String,
    /// What it gives.
    pub kind: PromoKind,
    /// Of `percent` alone.
    #[schema(required)]
    pub percent: Option<u32>,
    /// Of `amount` alone: off each ticket.
    #[schema(required)]
    pub amount: Option<Money>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_same_in_any_case_and_with_blanks_around() {
        assert_eq!(
            normal_code(" early-Bird_7 ").as_deref(),
            Some("EARLY-BIRD_7")
        );
        for odd in ["", "ab", "two words", "ÄÖÜ", "a;b", &"x".repeat(41)] {
            assert_eq!(normal_code(odd), None, "{odd:?}");
        }
    }
}
