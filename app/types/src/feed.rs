//! What just happened on the platform, and the domain events it is made from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{AccountId, EventId, OrderId, TicketId};

/// A fact that left a transaction through the outbox. The schema of the topic
/// `domain-events`, version 1; `type` names the fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum DomainEvent {
    /// An event is out in the world.
    #[serde(rename = "event.published")]
    EventPublished(EventFact),
    /// Something that people read of an event changed.
    #[serde(rename = "event.updated")]
    EventUpdated(EventFact),
    /// An event will not take place.
    #[serde(rename = "event.cancelled")]
    EventCancelled(EventFact),
    /// Tickets were paid for.
    #[serde(rename = "ticket.paid")]
    TicketPaid {
        /// The event.
        #[serde(flatten)]
        event: EventFact,
        /// The purchase.
        order_id: OrderId,
        /// Who bought. Never shown to others.
        buyer_id: AccountId,
        /// How many tickets.
        quantity: u32,
    },
    /// A ticket belongs to somebody else now.
    #[serde(rename = "ticket.transferred")]
    TicketTransferred {
        /// The event.
        #[serde(flatten)]
        event: EventFact,
        /// The ticket that is void.
        ticket_id: TicketId,
        /// The one that replaced it.
        new_ticket_id: TicketId,
        /// Who gave it. Never shown to others.
        giver_id: AccountId,
        /// Who has it. Never shown to others.
        recipient_id: AccountId,
    },
}

/// An event as a fact tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFact {
    /// The event.
    pub event_id: EventId,
    /// In links.
    pub slug: String,
    /// One line, at that time.
    pub title: String,
    /// May everybody know about it?
    pub is_public: bool,
}

impl DomainEvent {
    /// The name of the fact: `ticket.paid`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EventPublished(_) => "event.published",
            Self::EventUpdated(_) => "event.updated",
            Self::EventCancelled(_) => "event.cancelled",
            Self::TicketPaid { .. } => "ticket.paid",
            Self::TicketTransferred { .. } => "ticket.transferred",
        }
    }

    /// The event it is about; its id is the message key.
    pub fn event(&self) -> &EventFact {
        match self {
            Self::EventPublished(event)
            | Self::EventUpdated(event)
            | Self::EventCancelled(event)
            | Self::TicketPaid { event, .. }
            | Self::TicketTransferred { event, .. } => event,
        }
    }
}

/// What an activity tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// Just published.
    EventPublished,
    /// Called off.
    EventCancelled,
    /// Tickets sold.
    TicketSold,
}

/// One line of the public feed. Names no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Activity {
    /// The message's id: the same fact is the same activity.
    #[schema(value_type = String, format = Uuid)]
    pub id: Uuid,
    /// What it tells.
    pub kind: ActivityKind,
    /// About which event.
    pub event_id: EventId,
    /// In links.
    pub event_slug: String,
    /// One line, at that time.
    pub event_title: String,
    /// How many tickets; 0 when it is not about tickets.
    pub quantity: u32,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How long ago, for people, when the answer was made: `3 minutes ago`.
    pub ago: String,
}
