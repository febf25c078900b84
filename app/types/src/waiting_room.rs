//! The waiting room of a rush sale: who may choose tickets when.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{EventId, events::text_enum};

/// The slowest and the fastest that a room admits people, per minute.
pub const RATES: std::ops::RangeInclusive<u32> = 1..=60_000;

text_enum! {
    /// Where somebody stands.
    RoomState {
        /// It has not opened; places are drawn when it does.
        Early = "early",
        /// The line is moving.
        Waiting = "waiting",
        /// It is their turn, until `admitted_until`.
        Admitted = "admitted",
        /// Their turn is over; they can join again at the end of the line.
        Expired = "expired",
        /// There is no room: everybody can buy.
        Open = "open",
    }
}

/// Sets a waiting room up, or changes it.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRoom {
    /// When the line begins to move; when absent, the earliest start of sales, or now if
    /// that has been. It cannot change once the line moves.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// How many people a minute may choose tickets.
    #[garde(range(min = *RATES.start(), max = *RATES.end()))]
    #[schema(minimum = 1, maximum = 60000)]
    pub admits_per_minute: u32,
}

/// The same as the editor's form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomForm {
    /// `2026-12-05T20:00` in the event's zone, or empty.
    #[serde(default)]
    pub opens_at: String,
    /// A number.
    #[serde(default)]
    pub admits_per_minute: String,
    /// Was a room there when the form was made? Whoever changes one sets none up.
    #[serde(default)]
    pub is_change: bool,
}

/// The event that people wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoomEvent {
    /// The event.
    pub id: EventId,
    /// In links.
    pub slug: String,
    /// One line.
    pub title: String,
}

/// A waiting room as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingRoom {
    /// What for.
    pub event: RoomEvent,
    /// Where they stand; of somebody without a place: where the room stands.
    pub state: RoomState,
    /// Do they have a place?
    pub has_joined: bool,
    /// Their place counted from the front, the next one being 1. It never rises. Null before
    /// the draw, and for a second or two after joining at another server.
    #[schema(required)]
    pub position: Option<u64>,
    /// How many people come before them.
    #[schema(required)]
    pub ahead: Option<u64>,
    /// Seconds until it is their turn at the rate of now; without a place: if they joined now.
    #[schema(required)]
    pub estimated_wait_seconds: Option<u64>,
    /// When the line begins to move; null without a room.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// The same for people, in the event's zone; empty without a room.
    pub opens_at_text: String,
    /// Seconds until then; 0 when it has been.
    pub opens_in_seconds: u64,
    /// Until when they may put places aside; null when it is not their turn.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub admitted_until: Option<Timestamp>,
    /// The same for people, in the event's zone; empty when it is not their turn.
    pub admitted_until_text: String,
    /// How many people a minute may choose tickets; null without a room.
    #[schema(required)]
    pub admits_per_minute: Option<u32>,
    /// How many people wait.
    pub waiting: u64,
    /// How many had their turn.
    pub admitted: u64,
    /// When asking again makes sense; 0: never.
    pub poll_after_seconds: u32,
}

/// A place in a waiting room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// Proves the place: send it as `Waiting-Room-Token` when asking how far the line is.
    /// Null when there is no room.
    #[schema(required)]
    pub token: Option<String>,
    /// The room from there.
    pub room: WaitingRoom,
}
