//! Buying: hold → pay → order with tickets.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Currency, EventId, HoldId, Money, OrderId, RefundId, TicketId, TicketTypeId,
    WaitingListEntryId,
    events::text_enum,
    payments::OfflinePayment,
    tickets::{Ticket, TicketStatus},
};

text_enum! {
    /// The life of places put aside.
    HoldStatus {
        /// Put aside until `expires_at`.
        Held = "held",
        /// A payment is under way: the order says how far. Does not expire until its outcome is
        /// known, or until `expires_at` where the organizer takes the money.
        Paying = "paying",
        /// An order waits for money that no provider takes, until `expires_at`; told as `paying`.
        #[serde(skip)]
        Awaiting = "awaiting",
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
        matches!(self, Self::Held | Self::Paying | Self::Awaiting)
    }
}

text_enum! {
    /// The life of an order, as clients branch on it.
    OrderStatus {
        /// Paid, or free: the tickets are there.
        Paid = "paid",
        /// The payment's outcome is not known yet.
        Pending = "pending",
        /// All its tickets were given back, and with them the money.
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
        /// A bank transfer, or cash at the door, is awaited: see `offline`.
        Awaited = "awaited",
        /// It was awaited in vain, or the order was called off before it came.
        Lapsed = "lapsed",
    }
}

text_enum! {
    /// Why tickets were given back.
    RefundReason {
        /// Their buyer asked, within the organizer's policy.
        Buyer = "buyer",
        /// The organizer gave the money back.
        Organizer = "organizer",
        /// The event does not take place.
        EventCancelled = "event_cancelled",
        /// The money came when the places were gone, or the event over.
        Late = "late",
    }
}

text_enum! {
    /// What is known of money on its way back.
    RefundState {
        /// The provider is being asked.
        Asked = "asked",
        /// The provider did not answer in time; it is asked again.
        Unknown = "unknown",
        /// The provider sends it back.
        Succeeded = "succeeded",
        /// The provider cannot send it back, the card may be gone: the organizer has to.
        Refused = "refused",
        /// It came without a provider: the organizer has to pay it back.
        Due = "due",
        /// The organizer paid it back in another way.
        PaidOtherwise = "paid_otherwise",
    }
}

/// Give tickets of an order back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveBack {
    /// Which of them; all that are still valid when absent.
    #[serde(default)]
    #[garde(inner(length(min = 1, max = 2000)))]
    #[schema(min_items = 1, max_items = 2000)]
    pub ticket_ids: Option<Vec<TicketId>>,
}

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refund {
    /// What the payment provider knows it by.
    pub id: RefundId,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: RefundReason,
    /// How far it is.
    pub state: RefundState,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
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
    /// What the buyer pays for one, where buyers choose: the type's price at least, in its
    /// currency. Elsewhere absent, or the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 0, max = 10_000_000)))]
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub unit_price_minor: Option<i64>,
}

/// Put places aside.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceHold {
    /// 1–20 rows, each ticket type once.
    #[garde(length(min = 1, max = 20), dive)]
    #[schema(min_items = 1, max_items = 20)]
    pub items: Vec<Item>,
    /// A promo code of the event, in any case; an empty text is none.
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
        /// The organizer, on their bank account.
        BankTransfer = "bank_transfer",
        /// The organizer, at the door.
        AtDoor = "at_door",
    }
}

impl PaymentMethod {
    /// Does the organizer take the money, and no provider?
    pub fn is_offline(self) -> bool {
        matches!(self, Self::BankTransfer | Self::AtDoor)
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
    /// Without a provider it means nothing.
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
    /// What the promo code takes off one; zero without a code.
    #[serde(default)]
    pub unit_discount: Money,
}

impl Line {
    /// What one ticket costs its buyer: the one rule for the price of tickets. What goes back
    /// for a ticket is this too.
    pub fn ticket_price(&self) -> Option<Money> {
        if self.unit_discount.is_free() {
            return Some(self.unit_price);
        }
        self.unit_price.minus(self.unit_discount)
    }

    /// What all of them cost together.
    pub fn cost(&self) -> Option<Money> {
        self.ticket_price()?.times(self.quantity)
    }
}

/// What a promo code takes off lines in all; nothing when it cannot be told.
pub fn discount_of(lines: &[Line], currency: Currency) -> Money {
    let nothing = Money::new(0, currency);
    let off = |line: &Line| line.unit_discount.times(line.quantity);
    let discounted = lines.iter().filter(|line| !line.unit_discount.is_free());
    let sum = discounted
        .map(off)
        .try_fold(nothing, |sum, off| sum.plus(off?));
    sum.unwrap_or(nothing)
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
    /// Until when buyers may give tickets back; null: not at all.
    #[serde(default)]
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub refundable_until: Option<Timestamp>,
    /// The same for people; empty when not at all.
    #[serde(default)]
    pub refundable_text: String,
    /// May they now?
    #[serde(default)]
    pub is_refundable: bool,
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
    /// The promo code it was made with.
    #[serde(default)]
    #[schema(required)]
    pub promo_code: Option<String>,
    /// What the code takes off all lines together.
    #[serde(default)]
    pub discount: Money,
    /// What it costs: the lines without the discount.
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
    /// The place in line that it was offered to, if it was.
    #[serde(default)]
    #[schema(required)]
    pub waiting_list_entry_id: Option<WaitingListEntryId>,
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
    /// The promo code it was bought with.
    #[serde(default)]
    #[schema(required)]
    pub promo_code: Option<String>,
    /// What the code took off all lines together.
    #[serde(default)]
    pub discount: Money,
    /// What it cost: the lines without the discount.
    pub total: Money,
    /// One per place; empty until it is paid.
    pub tickets: Vec<Ticket>,
    /// What went back of the total, or is on its way.
    #[serde(default)]
    pub refunds: Vec<Refund>,
    /// How it is paid without a provider, if it is.
    #[serde(default)]
    #[schema(required)]
    pub offline: Option<OfflinePayment>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The same for people: `5 Dec 2026, 20:00 CET`.
    pub created_text: String,
}

impl Order {
    /// What was paid for the tickets that are valid still; `None` when a line is missing.
    pub fn valid_price(&self) -> Option<Money> {
        let valid = |ticket: &&Ticket| ticket.status == TicketStatus::Valid;
        let valid = self.tickets.iter().filter(valid);
        let kinds = valid.map(|ticket| ticket.ticket_type.id);
        price_of(&self.items, kinds, Money::new(0, self.total.currency))
    }

    /// What went back, or is on its way; `None` when nothing does.
    pub fn refunded(&self) -> Option<Money> {
        let open =
            |refund: &&Refund| !matches!(refund.state, RefundState::Refused | RefundState::Due);
        let mut amounts = self.refunds.iter().filter(open).map(|refund| refund.amount);
        let first = amounts.next()?;
        amounts.try_fold(first, Money::plus)
    }
}

/// What was paid for tickets of these types, one each, added to `free`; `None` when a type has no
/// line, or the sum cannot be told.
pub fn price_of(
    lines: &[Line],
    mut kinds: impl Iterator<Item = TicketTypeId>,
    free: Money,
) -> Option<Money> {
    kinds.try_fold(free, |sum, kind| {
        let line = lines.iter().find(|line| line.ticket_type_id == kind)?;
        sum.plus(line.ticket_price()?)
    })
}

/// An order as the organizer sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventOrder {
    /// Who bought.
    pub buyer: Buyer,
    /// What.
    pub order: Order,
}

/// Who bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Buyer {
    /// As others see it.
    pub name: String,
    /// Of the profile.
    pub handle: String,
    /// Where the buyer is reached; told only when the organizer has to pay them back.
    #[schema(required)]
    pub email: Option<String>,
}

/// The form that gives tickets back: one row per ticket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GiveBackForm {
    /// Those that could be given back.
    pub tickets: Vec<GiveBackRow>,
}

/// A ticket that could be given back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GiveBackRow {
    /// The ticket's id.
    pub id: String,
    /// Is it?
    pub is_meant: bool,
}

/// The ticket picker's form: one quantity per ticket type, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HoldForm {
    /// One row per ticket type.
    pub items: Vec<ItemForm>,
    /// As typed; empty is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub promo_code: String,
}

/// One row of the ticket picker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemForm {
    /// The type's id.
    pub ticket_type_id: String,
    /// A number; empty is none.
    pub quantity: String,
    /// What the buyer pays for one, where buyers choose: `12.50`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub amount: String,
}

/// How far the refunds of an event are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefundProgress {
    /// Orders of a cancelled event whose turn comes.
    pub waiting: u64,
    /// Refunds that the payment provider has not answered yet.
    pub open: u64,
    /// Refunds that were made, by the provider or in another way.
    pub done: u64,
    /// Refunds that the provider could not make: the organizer has to pay these buyers back.
    pub refused: u64,
    /// Refunds of what came without a provider: the organizer pays them back.
    #[serde(default)]
    pub due: u64,
}
