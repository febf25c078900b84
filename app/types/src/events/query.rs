//! What a list of events can be asked.

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{Phase, text_enum};

text_enum! {
    /// The order of a list of events.
    EventSort {
        /// Soonest first.
        StartsAt = "starts_at",
        /// Latest first.
        StartsAtDesc = "-starts_at",
        /// By title.
        Title = "title",
        /// Cheapest first.
        Price = "price",
        /// Dearest first.
        PriceDesc = "-price",
        /// Newest first.
        CreatedAtDesc = "-created_at",
        /// Nearest first; needs `near`.
        Distance = "distance",
        /// Best match first; needs `q`.
        Relevance = "relevance",
    }
}

/// The query string of the list of events, as it came: every value is text, so
/// that one wrong filter is reported with its name (`service::events` parses it).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Words, with typo tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// One of the categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// A tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// `upcoming`, `ongoing` or `past`; by default everything not over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<Phase>)]
    pub phase: Option<String>,
    /// An organizer's handle or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizer: Option<String>,
    /// RFC 3339 instant or a date (that day's beginning in `time_zone`): events that end after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// RFC 3339 instant or a date (that day included): events that start before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whose days the dates of `from` and `to` are: an IANA name like `Europe/Berlin`, by default the installation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Lowest price from, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<i64>)]
    pub price_min: Option<String>,
    /// Lowest price up to, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<i64>)]
    pub price_max: Option<String>,
    /// `true`: only events with a free ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<bool>)]
    pub free: Option<String>,
    /// `latitude,longitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<String>,
    /// Kilometres around `near`, 25 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<f64>)]
    pub radius_km: Option<String>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<EventSort>)]
    pub sort: Option<String>,
    /// 1–100, by default 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<u32>)]
    pub limit: Option<String>,
    /// `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
