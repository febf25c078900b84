//! What a list of events is asked, read from the words of the query string. Every
//! wrong value is reported with its name, all at once.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use store::search::{Circle, Filter, OrganizerKey};
use types::{
    FieldError, Limit,
    events::{CATEGORIES, EventQuery, EventSort, Phase},
};

use super::cursor::{self, Place};
use crate::{Error, Result, text};

/// Around `near` without `radius_km`, in kilometres.
const DEFAULT_RADIUS_KM: f64 = 25.0;
/// Half of the way around the earth.
const MAX_RADIUS_KM: f64 = 20_038.0;
/// More words than this do not make a search narrower.
const MAX_WORDS: usize = 10;

/// A question, understood.
#[derive(Clone, Debug)]
pub struct Question {
    /// The words of `q`.
    pub words: Vec<String>,
    /// Everything but the words.
    pub filter: Filter,
    /// The order.
    pub sort: EventSort,
    /// How many.
    pub limit: Limit,
    /// After which item.
    pub after: Option<Place>,
    /// What cursors of this list belong to.
    pub binding: u32,
}

impl Question {
    /// Reads a query. Dates are days of the zone it names, else of `default_zone`.
    ///
    /// # Errors
    /// [`types::Code::Invalid`] with every field that is wrong.
    pub fn read(query: &EventQuery, now: Timestamp, default_zone: &TimeZone) -> Result<Self> {
        let mut reader = Reader::default();
        let words = words(query.q.as_deref().unwrap_or_default(), &mut reader);
        let zone = reader.read("time_zone", query.time_zone.as_ref(), "unknown", text::zone);
        let zone = zone.unwrap_or_else(|| default_zone.clone());
        let filter = filter(query, now, &zone, &mut reader);
        let sort = reader
            .read("sort", query.sort.as_ref(), "unknown", EventSort::from_text)
            .unwrap_or(EventSort::StartsAt);
        if sort == EventSort::Distance && query.near.is_none() {
            reader.wrong("sort", "range", "distance needs near");
        }
        if sort == EventSort::Relevance && words.is_empty() {
            reader.wrong("sort", "range", "relevance needs q");
        }
        let limit = reader
            .read("limit", query.limit.as_ref(), "range", |text| {
                Limit::new(text.parse().ok()?)
            })
            .unwrap_or_default();
        let depends_on = match sort {
            EventSort::Distance => query.near.clone().unwrap_or_default(),
            EventSort::Relevance => words.join(" "),
            _ => String::new(),
        };
        let binding = cursor::binding(sort, &depends_on);
        let after = reader.read("cursor", query.cursor.as_ref(), "format", |text| {
            cursor::read(sort, binding, text)
        });
        reader.finish(Self {
            words,
            filter,
            sort,
            limit,
            after,
            binding,
        })
    }
}

/// Collects what is wrong.
#[derive(Default)]
struct Reader {
    errors: Vec<FieldError>,
}

impl Reader {
    fn read<T>(
        &mut self,
        name: &str,
        value: Option<&String>,
        code: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(value?);
        if parsed.is_none() {
            self.wrong(name, code, message(name));
        }
        parsed
    }

    fn wrong(&mut self, name: &str, code: &str, message: &str) {
        self.errors.push(FieldError::new(name, code, message));
    }

    fn finish<T>(self, value: T) -> Result<T> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(Error::invalid(self.errors))
        }
    }
}

fn message(name: &str) -> &'static str {
    match name {
        "category" => "is not one of the categories",
        "phase" => "must be upcoming, ongoing or past",
        "from" | "to" => "must be a date like 2027-06-01 or an instant like 2027-06-01T18:00:00Z",
        "time_zone" => "must be an IANA time zone like Europe/Berlin",
        "price_min" | "price_max" => "must be an amount in minor units, not negative",
        "free" => "must be true or false",
        "near" => "must be latitude,longitude in degrees",
        "radius_km" => "must be a number of kilometres above 0",
        "sort" => "is not one of the orders",
        "limit" => "must be between 1 and 100",
        "cursor" => "is not a cursor of this list",
        _ => "must be plain text of reasonable length",
    }
}

fn filter(query: &EventQuery, now: Timestamp, zone: &TimeZone, reader: &mut Reader) -> Filter {
    let phase = reader.read("phase", query.phase.as_ref(), "unknown", Phase::from_text);
    let from = reader.read("from", query.from.as_ref(), "format", |text| {
        instant(text, zone, 0)
    });
    let to = reader.read("to", query.to.as_ref(), "format", |text| {
        instant(text, zone, 1)
    });
    let free = reader.read("free", query.free.as_ref(), "format", |text| {
        text.parse::<bool>().ok()
    });
    let price_min = reader.read("price_min", query.price_min.as_ref(), "range", amount);
    let price_max = reader.read("price_max", query.price_max.as_ref(), "range", amount);
    let circle = reader.read("near", query.near.as_ref(), "format", coordinates);
    let radius = reader
        .read("radius_km", query.radius_km.as_ref(), "range", radius)
        .unwrap_or(DEFAULT_RADIUS_KM);
    let is_free = free == Some(true);
    Filter {
        matches: None,
        category: reader.read("category", query.category.as_ref(), "unknown", category),
        tag: reader.read("tag", query.tag.as_ref(), "format", |text| {
            plain(text).map(str::to_lowercase)
        }),
        phase,
        now,
        // Who asks for a phase or a beginning says what may be over.
        ends_after: from.or_else(|| phase.is_none().then_some(now)),
        starts_before: to,
        organizer: reader.read("organizer", query.organizer.as_ref(), "format", organizer),
        price_min,
        price_max: if is_free { Some(0) } else { price_max },
        near: circle.map(|(latitude, longitude)| Circle {
            latitude,
            longitude,
            radius: radius * 1000.0,
        }),
    }
}

/// The words of a search: runs of letters and digits, in lower case, each once.
fn words(text: &str, reader: &mut Reader) -> Vec<String> {
    if plain(text).is_none() && !text.is_empty() {
        reader.wrong("q", "format", message("q"));
        return Vec::new();
    }
    let mut words: Vec<String> = Vec::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let word: String = word.to_lowercase().chars().take(40).collect();
        if words.len() < MAX_WORDS && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

fn plain(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_plain =
        !text.is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    is_plain.then_some(text)
}

fn category(text: &str) -> Option<String> {
    CATEGORIES
        .iter()
        .find(|(key, _)| *key == text)
        .map(|(key, _)| (*key).to_owned())
}

fn organizer(text: &str) -> Option<OrganizerKey> {
    let text = plain(text)?;
    Some(
        text.parse()
            .map_or_else(|_| OrganizerKey::Handle(text.to_owned()), OrganizerKey::Id),
    )
}

/// An instant, or the beginning of a day of the zone, `days` later.
fn instant(text: &str, zone: &TimeZone, days: i64) -> Option<Timestamp> {
    let at = text.parse::<Timestamp>().ok().or_else(|| {
        let date: Date = (text.len() == 10).then(|| text.parse().ok()).flatten()?;
        let date = date.checked_add(jiff::Span::new().days(days)).ok()?;
        Some(date.to_zoned(zone.clone()).ok()?.timestamp())
    })?;
    // Years 1 to 9999: what every store can keep.
    (at.as_second() > -62_135_596_800).then_some(at)
}

fn amount(text: &str) -> Option<i64> {
    text.parse().ok().filter(|amount| *amount >= 0)
}

fn coordinates(text: &str) -> Option<(f64, f64)> {
    let (latitude, longitude) = text.split_once(',')?;
    let degrees = |text: &str, most: f64| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|value| value.abs() <= most)
    };
    Some((degrees(latitude, 90.0)?, degrees(longitude, 180.0)?))
}

fn radius(text: &str) -> Option<f64> {
    text.parse::<f64>()
        .ok()
        .filter(|km| *km > 0.0 && km.is_finite())
        .map(|km| km.min(MAX_RADIUS_KM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fill: impl FnOnce(&mut EventQuery)) -> Result<Question> {
        let mut query = EventQuery::default();
        fill(&mut query);
        let now = "2026-12-05T10:00:00Z".parse().unwrap();
        Question::read(&query, now, &TimeZone::UTC)
    }

    fn wrong_fields(fill: impl FnOnce(&mut EventQuery)) -> Vec<String> {
        read(fill)
            .err()
            .map(|error| error.fields.into_iter().map(|field| field.field).collect())
            .unwrap_or_default()
    }

    #[test]
    fn every_wrong_value_is_named() {
        let bad = |text: &str| Some(text.to_owned());
        let wrong = wrong_fields(|q| {
            q.category = bad("nope");
            q.phase = bad("soon");
            q.from = bad("tomorrow");
            q.to = bad("2027-13-01");
            q.price_min = bad("-1");
            q.price_max = bad("1.5");
            q.free = bad("yes");
            q.near = bad("91,0");
            q.radius_km = bad("0");
            q.sort = bad("best");
            q.limit = bad("101");
            q.cursor = bad("x");
            q.tag = bad("a\u{0}b");
            q.organizer = bad("");
            q.q = bad("\u{7}");
            q.time_zone = bad("Berlin");
        });
        for name in [
            "category",
            "phase",
            "from",
            "to",
            "price_min",
            "price_max",
            "free",
            "near",
            "radius_km",
            "sort",
            "limit",
            "cursor",
            "tag",
            "organizer",
            "q",
            "time_zone",
        ] {
            assert!(
                wrong.iter().any(|field| field == name),
                "{name} in {wrong:?}"
            );
        }
    }

    #[test]
    fn orders_need_what_they_order_by() {
        assert_eq!(wrong_fields(|q| q.sort = Some("distance".into())), ["sort"]);
        assert_eq!(
            wrong_fields(|q| q.sort = Some("relevance".into())),
            ["sort"]
        );
        assert!(
            read(|q| {
                q.sort = Some("relevance".into());
                q.q = Some("jazz".into());
            })
            .is_ok()
        );
    }

    #[test]
    fn a_last_day_is_included_and_numbers_are_finite() {
        let question = read(|q| {
            q.to = Some("2027-06-01".into());
            q.near = Some("52.5, 13.4".into());
        })
        .unwrap();
        assert_eq!(
            question.filter.starts_before,
            Some("2027-06-02T00:00:00Z".parse().unwrap())
        );
        assert!((question.filter.near.unwrap().radius - 25_000.0).abs() < f64::EPSILON);
        assert_eq!(wrong_fields(|q| q.near = Some("NaN,0".into())), ["near"]);
        assert_eq!(
            wrong_fields(|q| q.radius_km = Some("inf".into())),
            ["radius_km"]
        );
        assert_eq!(
            wrong_fields(|q| q.from = Some("-009999-01-02T00:00:00Z".into())),
            ["from"]
        );
    }

    #[test]
    fn dates_are_days_of_the_zone_asked_for_else_of_the_installation() {
        let days = |time_zone: Option<&str>, default_zone: &str| {
            let query = EventQuery {
                from: Some("2027-03-28".into()),
                to: Some("2027-03-28".into()),
                time_zone: time_zone.map(str::to_owned),
                ..EventQuery::default()
            };
            let default_zone = text::zone(default_zone).unwrap();
            let filter = Question::read(&query, Timestamp::UNIX_EPOCH, &default_zone)
                .unwrap()
                .filter;
            let (from, to) = (filter.ends_after.unwrap(), filter.starts_before.unwrap());
            format!("{from} {to}")
        };
        // The clocks of Berlin go forward on this day: it has 23 hours.
        let berlin = "2027-03-27T23:00:00Z 2027-03-28T22:00:00Z";
        assert_eq!(days(Some("Europe/Berlin"), "UTC"), berlin);
        assert_eq!(days(None, "Europe/Berlin"), berlin);
        assert_eq!(
            days(Some("UTC"), "Europe/Berlin"),
            "2027-03-28T00:00:00Z 2027-03-29T00:00:00Z"
        );
    }

    #[test]
    fn what_is_over_is_left_out_unless_asked_for() {
        assert_eq!(
            read(|_| {}).unwrap().filter.ends_after,
            Some("2026-12-05T10:00:00Z".parse().unwrap())
        );
        assert_eq!(
            read(|q| q.phase = Some("past".into()))
                .unwrap()
                .filter
                .ends_after,
            None
        );
        let from = read(|q| q.from = Some("2020-01-01".into()))
            .unwrap()
            .filter
            .ends_after;
        assert_eq!(from, Some("2020-01-01T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn words_are_letters_and_digits() {
        let question = read(|q| q.q = Some("  Jazz & 'Soul' -- jazz (2027):*".into())).unwrap();
        assert_eq!(question.words, ["jazz", "soul", "2027"]);
    }
}
