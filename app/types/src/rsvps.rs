//! Answers to free events without ticket sales: going, interested, not going.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    EventId, RsvpId, TicketTypeId,
    events::text_enum,
    orders::{Buyer, EventBrief},
    waiting_list::WaitingListEntry,
};

/// What a place is called on its ticket.
pub const PLACE: &str = "Free place";

text_enum! {
    /// What somebody answers.
    RsvpAnswer {
        /// Comes, and takes a place for each of the party.
        Going = "going",
        /// May come; takes no place.
        Interested = "interested",
        /// Does not come.
        NotGoing = "not_going",
    }
}

text_enum! {
    /// Where somebody's answer stands.
    RsvpStatus {
        /// Has places.
        Going = "going",
        /// May come; has no place.
        Interested = "interested",
        /// Does not come.
        NotGoing = "not_going",
        /// Was going, and did not confirm in time: the places went to others.
        Lapsed = "lapsed",
    }
}

impl From<RsvpAnswer> for RsvpStatus {
    fn from(answer: RsvpAnswer) -> Self {
        match answer {
            RsvpAnswer::Going => Self::Going,
            RsvpAnswer::Interested => Self::Interested,
            RsvpAnswer::NotGoing => Self::NotGoing,
        }
    }
}

/// An answer, which replaces the one before. Answering "going" again confirms it.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRsvp {
    /// The answer.
    #[garde(skip)]
    pub answer: RsvpAnswer,
    /// How many come, oneself included, up to the event's `max_party`, or to as many as one has by
    /// now. When absent: as many as before, or 1. Counts for `going` alone.
    #[serde(default)]
    #[garde(inner(range(min = 1, max = 100)))]
    #[schema(minimum = 1, maximum = 100)]
    pub party: Option<u32>,
}

/// How many people answered what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RsvpCounts {
    /// People who are going, those whom somebody brings along included.
    pub going: u32,
    /// People who are interested.
    pub interested: u32,
    /// Places that are left; null when the event has no capacity.
    #[schema(required)]
    pub available: Option<u32>,
}

/// An event's RSVPs as one person sees them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rsvp {
    /// The event.
    pub event_id: EventId,
    /// For waiting in line when the event is full.
    pub ticket_type_id: TicketTypeId,
    /// How many one person may come with, themselves included.
    pub max_party: u32,
    /// How many answered what.
    pub counts: RsvpCounts,
    /// May it be answered now? Not before it is published, and not once it is over or cancelled.
    pub is_open: bool,
    /// My answer; null without one, or when nobody is signed in.
    #[schema(required)]
    pub status: Option<RsvpStatus>,
    /// How many places I have.
    pub party: u32,
    /// Until when I have to answer "going" again to keep them; null when I was not asked.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub confirm_until: Option<Timestamp>,
    /// The same for people, in the event's zone; empty when null.
    pub confirm_until_text: String,
    /// Where I wait, or what is kept for me.
    #[schema(required)]
    pub line: Option<WaitingListEntry>,
}

/// One of my answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MyRsvp {
    /// The answer.
    pub id: RsvpId,
    /// To which event.
    pub event: EventBrief,
    /// Where it stands.
    pub status: RsvpStatus,
    /// How many places I have.
    pub party: u32,
    /// See [`Rsvp::confirm_until`].
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub confirm_until: Option<Timestamp>,
    /// The same for people, in the event's zone; empty when null.
    pub confirm_until_text: String,
    /// When I answered last.
    #[schema(value_type = String, format = DateTime)]
    pub answered_at: Timestamp,
}

/// Somebody's answer as the organizer sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventRsvp {
    /// The answer.
    pub id: RsvpId,
    /// Who answered.
    pub person: Buyer,
    /// Where it stands.
    pub status: RsvpStatus,
    /// How many places they have.
    pub party: u32,
    /// Were they asked again without having answered yet?
    pub is_to_confirm: bool,
    /// When they answered last.
    #[schema(value_type = String, format = DateTime)]
    pub answered_at: Timestamp,
    /// The same for people, in the event's zone.
    pub answered_text: String,
}

/// Whoever is going is asked once more before the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reconfirm {
    /// Asked so many hours before the start, at most a year.
    #[garde(range(min = 1, max = 8760))]
    #[schema(minimum = 1, maximum = 8760)]
    pub ask_hours: u32,
    /// Whoever has not answered so many hours before the start loses the places; at least 1, and less
    /// than `ask_hours`.
    #[garde(range(min = 1, max = 8759))]
    #[schema(minimum = 1, maximum = 8759)]
    pub until_hours: u32,
}

/// Lets an event take RSVPs, or changes how.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRsvp {
    /// How many one person may come with, themselves included: 1–100.
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub max_party: u32,
    /// Whether those who are going are asked again; null: they are not.
    #[serde(default)]
    #[garde(dive)]
    pub reconfirm: Option<Reconfirm>,
}

/// How an event takes RSVPs. How many may come is the event's `capacity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RsvpSettings {
    /// See [`SetRsvp::max_party`].
    pub max_party: u32,
    /// See [`SetRsvp::reconfirm`].
    #[schema(required)]
    pub reconfirm: Option<Reconfirm>,
    /// When those who are going were asked, or should have been when the event moved since; null
    /// before.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub asked_at: Option<Timestamp>,
    /// The deadline they were told.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub asked_until: Option<Timestamp>,
}

/// The organizer's form: every field is the text that was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RsvpForm {
    /// A number.
    pub max_party: String,
    /// A number, or empty.
    pub ask_hours: String,
    /// A number, or empty.
    pub until_hours: String,
}
