//! Buying: hold → pay → order with tickets.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{EventId, HoldId, Money, OrderId, TicketTypeId, events::text_enum, tickets::Ticket};

text_enum! {
    /// The life of places put aside.
    HoldStatus {
        /// Put aside until `expires_at`.
        Held = "held",
        /// A payment is under way; does not expire until its outcome is known.
        Paying = "paying",
        /// Turned into an order.
        Paid = "paid",
        /// Ran out.
        Expired = "expired",
        /// Given back by the buyer.
        Released = "released",
    }
}

impl HoldStatus {
    /// Does it keep places from others (unless it ran out)?
    pub fn is_live(self) -> bool {
        matches!(self, Self::Held | Self::Paying)
    }
}

text_enum! {
    /// The life of an order, as clients branch on it.
    OrderStatus {
        /// Paid, or free: the tickets are there.
        Paid = "paid",
        /// The payment's outcome is not known yet.
        Pending = "pending",
        /// The money went back.
        Refunded = "refunded",
        /// Not paid in the end.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What is known of an order's payment.
    PaymentState {
        /// Nothing to pay.
        None = "none",
        /// The provider was asked.
        Asked = "asked",
        /// The provider did not answer in time; it is asked again.
        Unknown = "unknown",
        /// The money is there.
        Succeeded = "succeeded",
        /// The provider said no.
        Declined = "declined",
    }
}

/// How many of which ticket type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// A type of the event.
    #[garde(skip)]
    pub ticket_type_id: TicketTypeId,
    /// 1–100.
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub quantity: u32,
}

/// Put places aside.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceHold {
    /// 1–20 rows, each ticket type once.
    #[garde(length(min = 1, max = 20), dive)]
    #[schema(min_items = 1, max_items = 20)]
    pub items: Vec<Item>,
    /// Refused as unknown: there are no codes yet.
    #[serde(default)]
    #[garde(inner(length(chars, max = 60)))]
    pub promo_code: Option<String>,
}

text_enum! {
    /// Who takes the money.
    PaymentMethod {
        /// A provider that moves no money.
        Simulated = "simulated",
        /// Cards, by Stripe.
        Stripe = "stripe",
    }
}

/// How to pay.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentInput {
    /// Who takes the money.
    #[garde(skip)]
    pub method: PaymentMethod,
    /// For Stripe: the id of a payment method (`pm_…`) that was made with Stripe's own libraries.
    /// For the simulator: `ok` (default), `decline`, `timeout`, `slow:<ms>` (at most 30,000).
    #[serde(default)]
    #[garde(inner(length(chars, max = 100)))]
    pub token: Option<String>,
}

/// Pay a hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayHold {
    /// Needed unless the total is zero.
    #[serde(default)]
    #[garde(dive)]
    pub payment: Option<PaymentInput>,
}

/// Hold and pay in one call.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// See [`PlaceHold::items`].
    #[garde(length(min = 1, max = 20), dive)]
    #[schema(min_items = 1, max_items = 20)]
    pub items: Vec<Item>,
    /// Needed unless the total is zero.
    #[serde(default)]
    #[garde(dive)]
    pub payment: Option<PaymentInput>,
    /// See [`PlaceHold::promo_code`].
    #[serde(default)]
    #[garde(inner(length(chars, max = 60)))]
    pub promo_code: Option<String>,
}

/// What a hold or an order is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// A type of the event.
    pub ticket_type_id: TicketTypeId,
    /// Its name when it was put aside.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Of one, when it was put aside.
    pub unit_price: Money,
}

/// The event of a hold or an order, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventBrief {
    /// The event.
    pub id: EventId,
    /// In links.
    pub slug: String,
    /// One line.
    pub title: String,
    /// First instant.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// IANA name.
    pub time_zone: String,
    /// Where.
    #[schema(required)]
    pub venue: Option<crate::events::Venue>,
    /// The times for people.
    pub local: crate::events::LocalTimes,
    /// What the organizer decided.
    pub status: crate::events::EventStatus,
    /// Where it stands in time.
    pub phase: crate::events::Phase,
    /// A small cover, if there is one.
    #[schema(required)]
    pub cover_url: Option<String>,
}

/// Places put aside for a buyer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// For paying it.
    pub id: HoldId,
    /// Of which event.
    pub event_id: EventId,
    /// The event in short.
    pub event: EventBrief,
    /// What is put aside.
    pub items: Vec<Line>,
    /// What it costs.
    pub total: Money,
    /// Where it stands.
    pub status: HoldStatus,
    /// Until when; a failed payment never moves it.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Seconds from the answer until then, not below zero; for a countdown without a right clock.
    pub expires_in: i64,
    /// The order it became or is becoming.
    #[schema(required)]
    pub order_id: Option<OrderId>,
}

/// A purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// Never changes.
    pub id: OrderId,
    /// Of which event.
    pub event_id: EventId,
    /// The event in short.
    pub event: EventBrief,
    /// Where it stands.
    pub status: OrderStatus,
    /// What is known of the payment.
    pub payment_state: PaymentState,
    /// What was bought.
    pub items: Vec<Line>,
    /// What it cost.
    pub total: Money,
    /// One per place; empty until it is paid.
    pub tickets: Vec<Ticket>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The same for people: `5 Dec 2026, 20:00 CET`.
    pub created_text: String,
}

/// The ticket picker's form: one quantity per ticket type, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HoldForm {
    /// One row per ticket type.
    pub items: Vec<ItemForm>,
}

/// One row of the ticket picker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemForm {
    /// The type's id.
    pub ticket_type_id: String,
    /// A number; empty is none.
    pub quantity: String,
}
