//! The browse page's form, as it stands in the page's address.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{EventQuery, text_enum};
use crate::{Currency, Money};

text_enum! {
    /// When an event should take place, in words.
    When {
        /// Today.
        Today = "today",
        /// Saturday and Sunday; on a Sunday what is left of it.
        Weekend = "weekend",
        /// The next seven days.
        Week = "week",
        /// Between two dates of the form.
        Custom = "custom",
        /// Over already.
        Past = "past",
    }
}

impl When {
    /// First and last day, seen from `today`; `None` for what is not a range of days.
    pub fn days(self, today: Date) -> Option<(Date, Date)> {
        let in_days = |days: i64| today.saturating_add(days.days());
        match self {
            Self::Today => Some((today, today)),
            Self::Week => Some((today, in_days(6))),
            Self::Weekend => {
                // Monday is 1, so Sunday is 0 days from the end of its weekend.
                let to_sunday = i64::from(7 - today.weekday().to_monday_one_offset());
                Some((in_days((to_sunday - 1).max(0)), in_days(to_sunday)))
            }
            Self::Custom | Self::Past => None,
        }
    }
}

/// The browse page's form: every value is text as it was chosen or typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrowseForm {
    /// Words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// A key of the categories.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// A tag.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tag: String,
    /// An organizer's handle.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub organizer: String,
    /// See [`When`]; empty is any time from now on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub when: String,
    /// A date, for [`When::Custom`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// A date, for [`When::Custom`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// Whose days they are: an IANA name, filled in by the browser; the installation's when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// `free`, an amount like `25`, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub price: String,
    /// See [`super::EventSort`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
    /// `next` of the page before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
    /// How many; the page's own choice when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub limit: String,
}

impl BrowseForm {
    /// The query this form means at `now`, in days of `zone`: the one it names, unless
    /// that is none.
    pub fn into_query(self, now: Timestamp, zone: &TimeZone) -> EventQuery {
        let when = When::from_text(&self.when);
        let (from, to) = match when.and_then(|when| when.days(now.to_zoned(zone.clone()).date())) {
            // What ended earlier today is over; nobody looks for it.
            Some((first, last)) => (first.to_string(), last.to_string()),
            None if when == Some(When::Custom) => (self.from, self.to),
            None => Default::default(),
        };
        let is_past = when == Some(When::Past);
        EventQuery {
            sort: chosen(&self.sort).or_else(|| is_past.then(|| "-starts_at".to_owned())),
            phase: is_past.then(|| "past".to_owned()),
            from: chosen(&from),
            to: chosen(&to),
            time_zone: zone.iana_name().map(str::to_owned),
            free: (self.price == "free").then(|| "true".to_owned()),
            price_max: price_max(&self.price),
            q: chosen(&self.q),
            category: chosen(&self.category),
            tag: chosen(&self.tag),
            organizer: chosen(&self.organizer),
            cursor: chosen(&self.cursor),
            limit: chosen(&self.limit),
            ..EventQuery::default()
        }
    }
}

/// An empty text box means that nothing was chosen.
fn chosen(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The typed amount in minor units. What is no amount goes on as it is, so that it
/// is refused with its name.
fn price_max(price: &str) -> Option<String> {
    if price.trim().is_empty() || price == "free" {
        return None;
    }
    let amount = Money::parse(price, Currency::default());
    Some(amount.map_or_else(
        || price.to_owned(),
        |amount| amount.amount_minor.to_string(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(when: When, today: &str) -> String {
        let (first, last) = when.days(today.parse().unwrap()).unwrap();
        format!("{first}..{last}")
    }

    #[test]
    fn the_weekend_is_the_next_one_or_what_is_left_of_this() {
        // 2026-12-05 is a Saturday.
        assert_eq!(days(When::Weekend, "2026-11-30"), "2026-12-05..2026-12-06");
        assert_eq!(days(When::Weekend, "2026-12-04"), "2026-12-05..2026-12-06");
        assert_eq!(days(When::Weekend, "2026-12-05"), "2026-12-05..2026-12-06");
        assert_eq!(days(When::Weekend, "2026-12-06"), "2026-12-06..2026-12-06");
        assert_eq!(days(When::Week, "2026-12-06"), "2026-12-06..2026-12-12");
    }

    #[test]
    fn empty_boxes_choose_nothing() {
        let now = "2026-12-05T10:00:00Z".parse().unwrap();
        let nothing = EventQuery {
            time_zone: Some("UTC".into()),
            ..EventQuery::default()
        };
        assert_eq!(
            BrowseForm::default().into_query(now, &TimeZone::UTC),
            nothing
        );
    }

    #[test]
    fn the_form_becomes_the_query_of_the_list() {
        let form = |when: &str, price: &str| BrowseForm {
            when: when.into(),
            price: price.into(),
            from: "2027-01-01".into(),
            ..BrowseForm::default()
        };
        let now: Timestamp = "2026-12-05T10:00:00Z".parse().unwrap();
        let query = form("today", "12,50").into_query(now, &TimeZone::UTC);
        assert_eq!(
            (query.from.as_deref(), query.to.as_deref()),
            (Some("2026-12-05"), Some("2026-12-05"))
        );
        assert_eq!(query.price_max.as_deref(), Some("1250"));
        let query = form("custom", "free").into_query(now, &TimeZone::UTC);
        assert_eq!(
            (query.from.as_deref(), query.to, query.free.as_deref()),
            (Some("2027-01-01"), None, Some("true"))
        );
        let query = form("past", "").into_query(now, &TimeZone::UTC);
        assert_eq!(
            (query.phase.as_deref(), query.sort.as_deref(), query.from),
            (Some("past"), Some("-starts_at"), None)
        );
    }
}
