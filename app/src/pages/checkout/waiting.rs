//! While the clock runs or a payment is on its way.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use types::{OrderId, orders::OrderStatus};

use crate::{
    components::{Countdown, Icon},
    rpc::orders::{OrderView, my_order},
    ssr,
};

/// What is said while an outcome is not known; without JavaScript the page loads itself again.
pub(super) fn pending_note(here: String) -> AnyView {
    view! {
        <div class="pending-note" role="status">
            <span class="spinner" aria-hidden="true"></span>
            <div>
                <p class="pending-title">"The payment provider has not answered yet."</p>
                <p class="muted">"Your places are safe until it does. This page looks again by itself; you can also close it and find the order under “Orders” later."</p>
                <p><a href=here rel="external">"Look again now"</a></p>
            </div>
        </div>
        <noscript inner_html="<meta http-equiv=\"refresh\" content=\"4\">"></noscript>
    }
    .into_any()
}

/// Reads the page's resource again every two seconds, in the browser.
pub(super) fn look_again(again: Callback<()>) {
    look_every(2, move || again.run(()));
}

/// Reads the page's resource again when the money of an order is here that is paid at the door.
/// Until then the page stays as it is: somebody may be reading it, or calling the order off.
pub(super) fn look_for_money(order: OrderId, again: Callback<()>) {
    let is_settled = |view: OrderView| view.order.status != OrderStatus::Pending;
    look_every(5, move || {
        spawn_local(async move {
            if my_order(order.to_string()).await.is_ok_and(is_settled) {
                again.run(());
            }
        });
    });
}

/// Looks every so many seconds, in the browser, as long as somebody sees the page.
fn look_every(seconds: u64, look: impl Fn() + Copy + 'static) {
    Effect::new(move |_| {
        let look = move || {
            if ssr::is_visible() {
                look();
            }
        };
        if let Ok(handle) = set_interval_with_handle(look, Duration::from_secs(seconds)) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// How near the end of a hold is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hurry {
    None,
    Soon,
    Now,
    Over,
}

impl Hurry {
    fn at(left: i64) -> Self {
        match left {
            ..=0 => Self::Over,
            1..=30 => Self::Now,
            31..=120 => Self::Soon,
            _ => Self::None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Soon => "Less than two minutes left to pay.",
            Self::Now => "Less than 30 seconds left to pay.",
            Self::Over => "The time is up.",
        }
    }
}

/// The time that is left, with a warning in words two minutes and 30 seconds before
/// the end. Screen readers hear the warnings alone, politely: the clock is silent.
#[component]
pub(super) fn HoldClock(
    /// How many are left as the page is made.
    seconds: i64,
    /// A live region of the page that outlives this clock.
    spoken: RwSignal<String>,
    /// Called once when none are left.
    on_end: Callback<()>,
) -> impl IntoView {
    let left = RwSignal::new(seconds.max(0));
    let hurry = Memo::new(move |_| Hurry::at(left.get()));
    Effect::new(move |_| spoken.set(hurry.get().words().to_owned()));
    let warning = move || Some(hurry.get().words()).filter(|words| !words.is_empty());
    view! {
        <div class="hold-clock" class:is-short=move || hurry.get() != Hurry::None>
            <Icon name="clock"/>
            <p>
                "Held for you for another "<Countdown left=left on_end=on_end/>
                <noscript>" as this page was loaded. Load it again to see the time that is left."</noscript>
                {move || warning().map(|words| view! { <strong class="hold-warning">{words}</strong> })}
            </p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warnings_begin_at_two_minutes_and_at_thirty_seconds() {
        let hurry = [121, 120, 31, 30, 1, 0].map(Hurry::at);
        assert_eq!(
            hurry,
            [
                Hurry::None,
                Hurry::Soon,
                Hurry::Soon,
                Hurry::Now,
                Hurry::Now,
                Hurry::Over
            ]
        );
    }
}
