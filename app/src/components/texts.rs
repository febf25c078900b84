//! Small things that events and orders are told with.

use std::time::Duration;

use leptos::prelude::*;
use types::{Money, events::LocalTimes};

use crate::ssr::now_ms;

/// An amount; zero is free.
#[component]
pub fn Price(
    /// The amount.
    money: Money,
    /// The lowest of several?
    #[prop(optional)]
    from: bool,
    /// Part of a sum? Then cents stand there even when they are zero.
    #[prop(optional)]
    exact: bool,
) -> impl IntoView {
    let text = match (money.is_free(), from, exact) {
        (true, ..) => "Free".to_owned(),
        (false, true, _) => format!("From {}", without_empty_cents(money)),
        (false, false, true) => money.to_string(),
        (false, false, false) => without_empty_cents(money),
    };
    view! { <span class="price">{text}</span> }.into_any()
}

/// `€12` rather than `€12.00`: a price alone is read faster without.
fn without_empty_cents(money: Money) -> String {
    let text = money.to_string();
    if money.currency.exponent() == 2 {
        text.replace(".00", "")
    } else {
        text
    }
}

/// A date as the leaf of a calendar.
#[component]
pub fn DateLeaf(
    /// In the event's zone.
    local: LocalTimes,
) -> impl IntoView {
    view! {
        <time class="leaf" datetime=local.starts_input>
            <span class="leaf-month">{local.month}</span>
            <span class="leaf-day">{local.day}</span>
        </time>
    }
    .into_any()
}

/// `14:32` until something runs out, counted from the server's own number of
/// seconds: the visitor's clock may be wrong. Without JavaScript it stands still.
#[component]
pub fn Countdown(
    /// How many seconds are left: at first as the page is made, then now.
    left: RwSignal<i64>,
    /// Called once when none are left.
    #[prop(optional)]
    on_end: Option<Callback<()>>,
) -> impl IntoView {
    Effect::new(move |_| count_down(left, on_end));
    view! {
        <span class="countdown" role="timer">
            {move || clock(left.get())}
        </span>
    }
    .into_any()
}

/// Ticks in the browser. A sleeping tab misses ticks, so each one asks how much time went by.
#[expect(clippy::cast_possible_truncation, reason = "seconds a page is open")]
fn count_down(left: RwSignal<i64>, on_end: Option<Callback<()>>) {
    let (total, begun) = (left.get_untracked(), now_ms());
    let tick = move || {
        let gone = ((now_ms() - begun) / 1000.0) as i64;
        let (before, now) = (left.get_untracked(), (total - gone).max(0));
        left.set(now);
        if let (true, Some(on_end)) = (before > 0 && now == 0, on_end) {
            on_end.run(());
        }
    };
    if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
}

fn clock(seconds: i64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use types::Currency;

    use super::*;

    #[test]
    fn only_empty_cents_are_left_out() {
        let text = |minor, code| {
            without_empty_cents(Money::new(minor, Currency::from_code(code).unwrap()))
        };
        assert_eq!(
            [text(1200, "EUR"), text(1250, "EUR"), text(10_000, "CHF")],
            ["€12", "€12.50", "100 CHF"]
        );
        assert_eq!(
            [text(1000, "KWD"), text(500, "JPY")],
            ["1.000 KWD", "500 JPY"]
        );
    }

    #[test]
    fn the_clock_shows_minutes_and_two_digits_of_seconds() {
        assert_eq!(
            [clock(0), clock(59), clock(60), clock(905)],
            ["0:00", "0:59", "1:00", "15:05"]
        );
    }
}
