//! What is in the demo world: who, what, when. Days count from today.

mod events;

pub use events::EVENTS;

use types::accounts::Role;

use crate::art::Scene;

/// The password of every demo account.
pub const PASSWORD: &str = "open the doors";

/// A demo account.
pub struct Someone {
    /// Also the local part of the e-mail address.
    pub handle: &'static str,
    /// As shown.
    pub name: &'static str,
    /// What they may do.
    pub role: Role,
    /// About them.
    pub bio: &'static str,
    /// Named when the server starts.
    pub is_guide: bool,
}

impl Someone {
    /// Addresses at `example.org` reach nobody (RFC 2606).
    pub fn email(&self) -> String {
        format!("{}@example.org", self.handle)
    }
}

/// All demo accounts.
pub const PEOPLE: &[Someone] = &[
    Someone {
        handle: "organizer",
        name: "Northlight Collective",
        role: Role::Organizer,
        bio: "Concerts, films and listening nights in rooms that were built for something else.",
        is_guide: true,
    },
    Someone {
        handle: "attendee",
        name: "Robin Vale",
        role: Role::Attendee,
        bio: "Front row when the strings come in, back row when the bass does.",
        is_guide: true,
    },
    Someone {
        handle: "admin",
        name: "Platform Desk",
        role: Role::Admin,
        bio: "Keeps the lights on.",
        is_guide: true,
    },
    Someone {
        handle: "harbour-kitchen",
        name: "Harbour Kitchen",
        role: Role::Organizer,
        bio: "Markets, long tables and workshops by the water.",
        is_guide: false,
    },
    Someone {
        handle: "open-field",
        name: "Open Field Club",
        role: Role::Organizer,
        bio: "We go outside. You can come.",
        is_guide: false,
    },
    Someone {
        handle: "juno",
        name: "Juno Marsh",
        role: Role::Attendee,
        bio: "",
        is_guide: false,
    },
    Someone {
        handle: "teo",
        name: "Teo Lindgren",
        role: Role::Attendee,
        bio: "",
        is_guide: false,
    },
];

/// How many one person may bring along to an event that takes RSVPs, themselves included.
pub const PARTY: u32 = 4;

/// The event that is paid by card, by bank transfer and at the door.
pub const PAID_IN_ALL_WAYS: &str = "Signals: Two Days on Calm Software";

/// How an event's story ends, seen from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Published.
    Published,
    /// Never published.
    Draft,
    /// Called off, with this reason.
    Cancelled(&'static str),
}

/// A demo event.
pub struct Happening {
    /// The organizer's handle.
    pub by: &'static str,
    /// One line.
    pub title: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// A category key.
    pub category: &'static str,
    /// Free words.
    pub tags: &'static [&'static str],
    /// Days from today; negative is over.
    pub day: i64,
    /// Local time of the start.
    pub start: (i8, i8),
    /// How long, in minutes.
    pub minutes: i64,
    /// IANA name.
    pub zone: &'static str,
    /// Name, address, latitude, longitude; `None` for online events.
    pub venue: Option<(&'static str, &'static str, f64, f64)>,
    /// For online events.
    pub online_url: Option<&'static str>,
    /// Name, price in cents, quantity, description. None at all: it takes RSVPs, for [`PARTY`] at most.
    pub types: &'static [(&'static str, i64, u32, &'static str)],
    /// Who bought how many of which type (by position), or is going with how many.
    pub sales: &'static [(&'static str, usize, u32)],
    /// JSON.
    pub metadata: &'static str,
    /// The cover and its alternative text.
    pub cover: (Scene, u64, &'static str),
    /// Over all types; `None` when the types say it all.
    pub capacity: Option<u32>,
    /// How it ends.
    pub ending: Ending,
}
