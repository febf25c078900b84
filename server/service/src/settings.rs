//! The settings that rules depend on. The server's configuration fills them.

use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::SecretString;

/// What the use cases need to know of the installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach the site, without a trailing slash: `https://tickets.example.org`.
    pub public_url: String,
    /// Where media are served from, without a trailing slash: `/media` or a CDN.
    pub media_url: String,
    /// The installation's secret; the key that signs tickets is derived from it.
    pub secret: SecretString,
    /// How long a hold keeps its places.
    pub hold_for: Duration,
    /// How long places are kept that were offered to somebody in line.
    pub offer_for: Duration,
    /// How long those who join a waiting room gather before they are written down together.
    pub waiting_room_pause: Duration,
    /// How long an access token lives.
    pub access_token_for: Duration,
    /// How long a refresh token lives.
    pub refresh_token_for: Duration,
    /// How long a web session lives without being used.
    pub session_for: Duration,
    /// Whose days `today` and dates mean when nobody names a zone.
    pub time_zone: TimeZone,
    /// Does a purchase send its receipt, and are people written to about their answers? Not while
    /// the demo world is made: its people have bought long ago.
    pub sends_receipts: bool,
    /// Put before every topic and consumer group, so that installations can share a broker.
    pub topic_prefix: String,
    /// The limits of calls; see [`crate::rate`].
    pub limits: crate::rate::Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:3000".into(),
            media_url: "/media".into(),
            secret: "for tests and development alone".into(),
            hold_for: Duration::from_mins(15),
            offer_for: Duration::from_hours(1),
            waiting_room_pause: Duration::from_secs(1),
            access_token_for: Duration::from_mins(15),
            refresh_token_for: Duration::from_hours(60 * 24),
            session_for: Duration::from_hours(30 * 24),
            time_zone: TimeZone::UTC,
            sends_receipts: true,
            topic_prefix: String::new(),
            limits: crate::rate::Limits::default(),
        }
    }
}
