//! While the clock runs or a payment is on its way.

use std::time::Duration;

use leptos::prelude::*;

use crate::ssr;

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
    Effect::new(move |_| {
        let look = move || {
            if ssr::is_visible() {
                again.run(());
            }
        };
        if let Ok(handle) = set_interval_with_handle(look, Duration::from_secs(2)) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// Tells screen readers when five minutes and one minute are left; the clock itself is silent.
pub(super) fn announce(seconds: i64, spoken: RwSignal<String>) {
    Effect::new(move |_| {
        for (left, text) in [
            (300, "Five minutes left to pay."),
            (60, "One minute left to pay."),
        ] {
            let Some(wait) = u64::try_from(seconds - left).ok() else {
                continue;
            };
            let say = move || spoken.set(text.to_owned());
            if let Ok(handle) = set_timeout_with_handle(say, Duration::from_secs(wait)) {
                on_cleanup(move || handle.clear());
            }
        }
    });
}
