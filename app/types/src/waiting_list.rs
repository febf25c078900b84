//! Waiting in line for places of a ticket type that is sold out.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    EventId, HoldId, OrderId, TicketTypeId, WaitingListEntryId,
    events::text_enum,
    orders::{Buyer, EventBrief},
    tickets::TicketTypeBrief,
};

text_enum! {
    /// How it goes with somebody in line.
    WaitingStatus {
        /// In line; `position` says where.
        Waiting = "waiting",
        /// Places are held for them: pay `hold_id` before `offer_expires_at`.
        Offered = "offered",
        /// They took the places.
        Bought = "bought",
        /// The offer ran out, and went to the next.
        Expired = "expired",
        /// They left the line, or gave the offer back.
        Left = "left",
        /// Nothing is offered any more: the event is cancelled, over, or they have what one person may have.
        Closed = "closed",
    }
}

impl WaitingStatus {
    /// Is there something to wait for, or to take?
    pub fn is_live(self) -> bool {
        matches!(self, Self::Waiting | Self::Offered)
    }
}

/// Join the line for a ticket type.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinWaitingList {
    /// A type of the event that is sold out.
    #[garde(skip)]
    pub ticket_type_id: TicketTypeId,
    /// How many places together, 1–100; they are offered together.
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub quantity: u32,
}

/// A place in line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WaitingListEntry {
    /// For leaving the line.
    pub id: WaitingListEntryId,
    /// Of which event.
    pub event_id: EventId,
    /// The event in short.
    pub event: EventBrief,
    /// For which tickets.
    pub ticket_type: TicketTypeBrief,
    /// How many.
    pub quantity: u32,
    /// How it goes.
    pub status: WaitingStatus,
    /// 1 is next; null when not waiting, or when it could not be counted just now.
    #[schema(required)]
    pub position: Option<u64>,
    /// The places that are held for them, since they were offered.
    #[schema(required)]
    pub hold_id: Option<HoldId>,
    /// The order that they are being paid with, or were.
    #[serde(default)]
    #[schema(required)]
    pub order_id: Option<OrderId>,
    /// Until when the offer stands; null unless offered.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub offer_expires_at: Option<Timestamp>,
    /// The same for people, in the event's zone; empty unless offered.
    pub offer_expires_text: String,
    /// When they joined.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The same for people.
    pub created_text: String,
}

/// Somebody in line as the organizer sees them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventWaitingListEntry {
    /// Who waits.
    pub person: Buyer,
    /// For what.
    pub entry: WaitingListEntry,
}
