//! What asks before it acts. Native elements only: they open without JavaScript.

use leptos::prelude::*;

/// A destructive button that asks once: the first press opens the question, whose
/// content (text and the real form) are the children.
#[component]
pub fn Confirm(
    /// What the first button says.
    #[prop(into)]
    label: String,
    /// The question and the form that does it.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="btn btn-ghost btn-danger-text">{label}</summary>
            <div class="confirm-body">{children()}</div>
        </details>
    }
    .into_any()
}
