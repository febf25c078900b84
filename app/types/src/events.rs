//! Events: what is on, when, where, and what a ticket costs.

mod browse;
mod commands;
mod json_ld;
mod query;

pub use browse::{BrowseForm, When};
pub use commands::{
    CancelEvent, CreateEvent, CreateTicketType, EventForm, TicketTypeForm, UpdateEvent,
    UpdateTicketType, VenueInput,
};
pub use json_ld::{json_ld, json_ld_script};
pub use query::{EventQuery, EventSort};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AccountId, EventId, Money, TicketTypeId, media::Media, promos::Promo};

/// The categories an event can be in. Free text elsewhere is a tag.
pub const CATEGORIES: &[(&str, &str)] = &[
    ("music", "Music"),
    ("arts", "Arts & theatre"),
    ("food", "Food & drink"),
    ("tech", "Tech & science"),
    ("business", "Business"),
    ("sports", "Sports & outdoors"),
    ("community", "Community"),
    ("family", "Family"),
    ("film", "Film"),
    ("other", "Other"),
];

/// The name of a category for people.
pub fn category_name(category: &str) -> &str {
    CATEGORIES
        .iter()
        .find(|(key, _)| *key == category)
        .map_or(category, |(_, name)| name)
}

// `$text` is a token, not a literal: derives cannot look into a literal that a macro hands on.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// The text in the database and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value with this text.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use text_enum;

text_enum! {
    /// What the organizer decided.
    EventStatus {
        /// Seen by its crew alone.
        Draft = "draft",
        /// Out in the world.
        Published = "published",
        /// Will not take place.
        Cancelled = "cancelled",
        /// Has taken place and was closed.
        Completed = "completed",
    }
}

impl EventStatus {
    /// Draft → published.
    pub fn may_publish(self) -> bool {
        self == Self::Draft
    }

    /// Published → cancelled.
    pub fn may_cancel(self) -> bool {
        self == Self::Published
    }

    /// May its fields still be edited?
    pub fn may_edit(self) -> bool {
        matches!(self, Self::Draft | Self::Published)
    }
}

text_enum! {
    /// Where an event stands in time.
    Phase {
        /// Has not begun.
        Upcoming = "upcoming",
        /// Is on now.
        Ongoing = "ongoing",
        /// Is over.
        Past = "past",
    }
}

impl Phase {
    /// The phase at `now` of something between two instants.
    pub fn at(now: Timestamp, starts_at: Timestamp, ends_at: Timestamp) -> Self {
        if now < starts_at {
            Self::Upcoming
        } else if now < ends_at {
            Self::Ongoing
        } else {
            Self::Past
        }
    }
}

text_enum! {
    /// Who finds an event.
    #[derive(Default)]
    Visibility {
        /// Everybody, in lists and search.
        #[default]
        Public = "public",
        /// Whoever has the link.
        Unlisted = "unlisted",
        /// Its crew and people with a ticket.
        Members = "members",
        /// Its crew and people with a ticket; no longer in lists.
        Archived = "archived",
    }
}

text_enum! {
    /// Can a ticket type be bought now?
    SaleStatus {
        /// Yes.
        OnSale = "on_sale",
        /// No places left.
        SoldOut = "sold_out",
        /// Sales begin later.
        NotYet = "not_yet",
        /// Sales are over, or the event is.
        Ended = "ended",
        /// Not offered to everybody.
        Hidden = "hidden",
    }
}

text_enum! {
    /// Who says what a ticket costs.
    #[derive(Default)]
    Pricing {
        /// The organizer.
        #[default]
        Fixed = "fixed",
        /// The buyer, from the price on.
        PayWhatYouWant = "pay_what_you_want",
        /// The buyer, from nothing on: a gift that comes with a ticket.
        Donation = "donation",
    }
}

impl Pricing {
    /// Does the buyer choose?
    pub fn is_chosen(self) -> bool {
        self != Self::Fixed
    }
}

/// Where an event takes place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Venue {
    /// What the place is called.
    pub name: String,
    /// Street, city.
    #[schema(required)]
    pub address: Option<String>,
    /// WGS 84 degrees; both or none.
    #[schema(required)]
    pub latitude: Option<f64>,
    /// WGS 84 degrees; both or none.
    #[schema(required)]
    pub longitude: Option<f64>,
}

/// Who runs an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organizer {
    /// Their account.
    pub id: AccountId,
    /// In links.
    pub handle: String,
    /// As they call themselves.
    pub name: String,
}

/// An event's times for people, in the event's own zone, made on the server
/// (the browser has no zone database of ours).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LocalTimes {
    /// `Saturday, 5 December 2026`.
    pub date: String,
    /// `Sat 5 Dec`, with the year when it is not this one.
    pub short_date: String,
    /// `DEC`, for the calendar leaf on a card.
    pub month: String,
    /// `5`.
    pub day: String,
    /// `20:00 – 23:30 CET`; over several days `Sat 5 Dec, 20:00 – Sun 6 Dec, 02:00 CET`.
    pub time: String,
    /// `20:00`.
    pub start_time: String,
    /// `2026-12-05T20:00` for `datetime-local` fields.
    pub starts_input: String,
    /// `2026-12-05T23:30` for `datetime-local` fields.
    pub ends_input: String,
}

/// A kind of ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketType {
    /// For holds and purchases.
    pub id: TicketTypeId,
    /// `Early bird`.
    pub name: String,
    /// What it includes.
    #[schema(required)]
    pub description: Option<String>,
    /// Of one ticket; zero is free. The least, where buyers choose.
    pub price: Money,
    /// Who says what a ticket costs.
    #[serde(default)]
    pub pricing: Pricing,
    /// What buyers who choose are proposed.
    #[serde(default)]
    #[schema(required)]
    pub suggested_price: Option<Money>,
    /// How many there are in all.
    pub quantity: u32,
    /// How many can be bought now: capacity − sold − live holds, the least over its pools.
    pub available: u32,
    /// How many one person may have.
    pub max_per_person: u32,
    /// When sales begin; null: at once.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub sales_from: Option<Timestamp>,
    /// When sales end; null: when the event ends.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub sales_until: Option<Timestamp>,
    /// Whether it can be bought now.
    pub status: SaleStatus,
    /// Of one with the promo code that was given; absent when it takes nothing off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_price: Option<Money>,
    /// `sales_from` for people in the event's zone; empty when null.
    pub sales_from_text: String,
    /// Counts for the event's crew; absent for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<PlaceCounts>,
}

/// Where the places of a ticket type are. For the event's crew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlaceCounts {
    /// Paid for.
    pub sold: u32,
    /// In somebody's basket or being paid.
    pub held: u32,
}

/// An event, combined from all stores. Nobody's personal data is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Never changes.
    pub id: EventId,
    /// In links; also accepted wherever an event id is.
    pub slug: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: String,
    /// The description as sanitized HTML; absent in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_html: Option<String>,
    /// One of [`CATEGORIES`].
    pub category: String,
    /// Free words, lower case.
    pub tags: Vec<String>,
    /// What the organizer decided.
    pub status: EventStatus,
    /// Why it was cancelled.
    #[schema(required)]
    pub cancel_reason: Option<String>,
    /// Where it stands in time.
    pub phase: Phase,
    /// Who finds it.
    pub visibility: Visibility,
    /// First instant.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// First instant after.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// IANA name of the zone the event lives in.
    pub time_zone: String,
    /// The same for people.
    pub local: LocalTimes,
    /// Where; null for online events.
    #[schema(required)]
    pub venue: Option<Venue>,
    /// Where online.
    #[schema(required)]
    pub online_url: Option<String>,
    /// Who runs it.
    pub organizer: Organizer,
    /// Its ticket types; absent in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_types: Option<Vec<TicketType>>,
    /// The promo code that was given; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo: Option<Promo>,
    /// The lowest price; null without ticket types.
    #[schema(required)]
    pub price_from: Option<Money>,
    /// True when it has ticket types and none of them has a place left.
    pub sold_out: bool,
    /// The metadata document; null without one or while MongoDB is away; absent in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<serde_json::Value>,
    /// Its images; in lists the cover alone.
    pub media: Vec<Media>,
    /// Places over all ticket types.
    #[schema(required)]
    pub capacity: Option<u32>,
    /// Buyers may give tickets back until so many hours before the start; null: not at all.
    #[schema(required)]
    pub refund_hours: Option<u32>,
    /// Tickets sold, each for somebody who comes.
    pub going_count: u32,
    /// True for whoever may edit it.
    pub is_crew: bool,
    /// Kilometres from the place asked for; only in lists with `near`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last edited.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Rises with every edit of the event or its ticket types; its `ETag`.
    pub version: i64,
}

impl Event {
    /// The image for cards and the top of the page.
    pub fn cover(&self) -> Option<&Media> {
        self.media
            .iter()
            .find(|media| media.kind == crate::media::MediaKind::Cover)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_meet_without_a_gap() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let phase = |now| Phase::at(at(now), at(10), at(20));
        assert_eq!(
            [phase(9), phase(10), phase(19), phase(20)],
            [Phase::Upcoming, Phase::Ongoing, Phase::Ongoing, Phase::Past]
        );
    }
}
