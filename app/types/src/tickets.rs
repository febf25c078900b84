//! Tickets: one place for one person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{OrderId, TicketId, TicketTypeId, events::text_enum, orders::EventBrief};

text_enum! {
    /// Does a ticket open the door?
    TicketStatus {
        /// Yes.
        Valid = "valid",
        /// It did already.
        Used = "used",
        /// Its event or order was cancelled.
        Cancelled = "cancelled",
        /// It belongs to somebody else now.
        Transferred = "transferred",
        /// The money went back.
        Refunded = "refunded",
    }
}

/// The type of a ticket, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketTypeBrief {
    /// The type.
    pub id: TicketTypeId,
    /// Its name.
    pub name: String,
}

/// Who holds a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holder {
    /// As they call themselves.
    pub name: String,
}

/// One place for one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// Never changes.
    pub id: TicketId,
    /// Ten characters for typing at the door; empty for everybody but its holder.
    pub code: String,
    /// Does it open the door?
    pub status: TicketStatus,
    /// The event.
    pub event: EventBrief,
    /// The kind of ticket.
    pub ticket_type: TicketTypeBrief,
    /// Who holds it.
    pub holder: Holder,
    /// The purchase it came from.
    pub order_id: OrderId,
    /// Where its QR image is.
    pub qr_url: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}
