//! Time passed, in words.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// The average of the Gregorian calendar.
const YEAR: i64 = 365 * DAY + 5 * HOUR + 49 * MINUTE;
const MONTH: i64 = YEAR / 12;

/// How long ago `then` was: `just now`, `3 minutes ago`, `1 day ago`. Clocks of two
/// machines differ, so what is a little ahead is just now too.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    let units = [
        (YEAR, "year"),
        (MONTH, "month"),
        (WEEK, "week"),
        (DAY, "day"),
        (HOUR, "hour"),
        (MINUTE, "minute"),
    ];
    match units.into_iter().find(|(length, _)| seconds >= *length) {
        None => "just now".to_owned(),
        Some((length, unit)) => {
            let count = seconds / length;
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {unit}{plural} ago")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passed_is_told_with_the_right_plural() {
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let told = |seconds: i64| {
            ago(
                Timestamp::from_second(1_780_000_000 - seconds).unwrap(),
                now,
            )
        };
        for (seconds, words) in [
            (-30, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3 * MINUTE + 59, "3 minutes ago"),
            (HOUR, "1 hour ago"),
            (23 * HOUR, "23 hours ago"),
            (DAY, "1 day ago"),
            (6 * DAY, "6 days ago"),
            (WEEK, "1 week ago"),
            (31 * DAY, "1 month ago"),
            (2 * YEAR, "2 years ago"),
        ] {
            assert_eq!(told(seconds), words, "{seconds}");
        }
    }
}
