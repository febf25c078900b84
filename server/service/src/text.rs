//! Words for people: times in a zone, time passed, Markdown.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use jiff::{Timestamp, Zoned, civil::DateTime, tz::TimeZone};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use types::events::LocalTimes;

/// What user text may consist of. No images (they would tell a stranger's server who
/// reads), no styles, no scripts.
static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(
            [
                ("a", HashSet::from(["href", "title"])),
                ("ol", HashSet::from(["start"])),
            ]
            .into(),
        )
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow ugc noopener"));
    builder
});

/// Markdown of a user as HTML that is safe to show. Headings begin at the third
/// level, below the page's own.
pub fn markdown(text: &str) -> String {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
        .map(lower_heading);
    let mut unsafe_html = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut unsafe_html, events);
    SANITIZER.clean(&unsafe_html).to_string()
}

fn lower_heading(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: lower(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// Text for HTML, in content and in quoted attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The zone with this IANA name in any case, or `None`.
pub fn zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok()?;
    (zone.iana_name().is_some() && !zone.is_unknown()).then_some(zone)
}

/// The zone of a stored name. A name that a later zone database dropped is UTC.
pub fn zone_or_utc(name: &str) -> TimeZone {
    zone(name).unwrap_or(TimeZone::UTC)
}

/// An event's times for people, in its own zone. `now` decides whether the year is
/// worth a word.
pub fn local_times(
    starts_at: Timestamp,
    ends_at: Timestamp,
    time_zone: &str,
    now: Timestamp,
) -> LocalTimes {
    let zone = zone_or_utc(time_zone);
    let (start, end) = (
        starts_at.to_zoned(zone.clone()),
        ends_at.to_zoned(zone.clone()),
    );
    LocalTimes {
        date: print("%A, %-d %B %Y", &start),
        short_date: short_date(&start, now.to_zoned(zone).year()),
        month: print("%b", &start).to_uppercase(),
        day: print("%-d", &start),
        time: span(&start, &end),
        start_time: print("%H:%M", &start),
        starts_input: input(&start),
        ends_input: input(&end),
    }
}

fn short_date(at: &Zoned, this_year: i16) -> String {
    print(
        if at.year() == this_year {
            "%a %-d %b"
        } else {
            "%a %-d %b %Y"
        },
        at,
    )
}

fn span(start: &Zoned, end: &Zoned) -> String {
    let days = if start.date() == end.date() {
        "%H:%M"
    } else {
        "%a %-d %b, %H:%M"
    };
    format!(
        "{} – {} {}",
        print(days, start),
        print(days, end),
        print("%Z", end)
    )
}

/// An instant for people: `5 Dec 2026, 20:00 CET`.
pub fn moment(at: Timestamp, time_zone: &str) -> String {
    print("%-d %b %Y, %H:%M %Z", &at.to_zoned(zone_or_utc(time_zone)))
}

/// The value of a `datetime-local` field.
pub fn input(at: &Zoned) -> String {
    print("%Y-%m-%dT%H:%M", at)
}

/// The instant of a `datetime-local` value in a zone, as RFC 5545 reads it: an hour that is
/// skipped moves on, of one that comes twice it is the first. `None` for anything else.
pub fn instant(value: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local = value.trim().parse::<DateTime>().ok()?;
    let zoned = zone.to_ambiguous_zoned(local).compatible().ok()?;
    Some(zoned.timestamp())
}

fn print(format: &str, at: &Zoned) -> String {
    at.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn markdown_becomes_html_below_the_pages_headings() {
        let html = markdown("# Line-up\n\n- **A**\n- [b](https://example.org)");
        assert!(html.contains("<h3>Line-up</h3>"), "{html}");
        assert!(html.contains("<strong>A</strong>"), "{html}");
        assert!(
            html.contains(r#"href="https://example.org" rel="nofollow ugc noopener""#),
            "{html}"
        );
    }

    #[test]
    fn nothing_in_a_description_can_run_or_load() {
        let hostile = "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>\n\n\
            [x](javascript:alert(1)) [y](data:text/html,x) ![z](https://tracker.example/p.png) <b style='x' onclick=y>b</b>";
        let html = markdown(hostile).to_lowercase();
        for bad in [
            "script",
            "onerror",
            "onload",
            "onclick",
            "javascript",
            "data:",
            "<img",
            "<svg",
            "style",
        ] {
            assert!(!html.contains(bad), "{bad}: {html}");
        }
    }

    #[test]
    fn times_are_told_in_the_events_zone() {
        let times = local_times(
            at("2026-12-05T19:00:00Z"),
            at("2026-12-05T22:30:00Z"),
            "Europe/Berlin",
            at("2026-11-01T00:00:00Z"),
        );
        assert_eq!(times.date, "Saturday, 5 December 2026");
        assert_eq!(times.short_date, "Sat 5 Dec");
        assert_eq!((times.month.as_str(), times.day.as_str()), ("DEC", "5"));
        assert_eq!(times.time, "20:00 – 23:30 CET");
        assert_eq!(
            (times.start_time.as_str(), times.starts_input.as_str()),
            ("20:00", "2026-12-05T20:00")
        );
    }

    #[test]
    fn a_night_over_the_clock_change_names_both_days_and_the_zone_of_its_end() {
        let times = local_times(
            at("2026-10-24T20:00:00Z"),
            at("2026-10-25T03:00:00Z"),
            "Europe/Berlin",
            at("2025-01-01T00:00:00Z"),
        );
        assert_eq!(times.time, "Sat 24 Oct, 22:00 – Sun 25 Oct, 04:00 CET");
        assert_eq!(times.short_date, "Sat 24 Oct 2026");
    }

    #[test]
    fn only_names_of_the_zone_database_are_zones() {
        assert!(zone("Europe/Berlin").is_some());
        for bad in [
            "",
            "Europe/Nowhere",
            "Etc/Unknown",
            "+02:00",
            "CET-1CEST",
            "../../etc/passwd",
        ] {
            assert!(zone(bad).is_none(), "{bad}");
        }
    }
}
