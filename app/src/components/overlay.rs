//! What lies over the page. Native elements only: they open without JavaScript.

use leptos::prelude::*;

use super::Icon;

/// A dialog that a button with `popovertarget=<id>` opens. Escape, its cross and a
/// click outside close it.
#[component]
pub fn Dialog(
    /// For `popovertarget`.
    id: &'static str,
    /// What it is about.
    #[prop(into)]
    title: String,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="dialog" id=id popover="auto" role="dialog" aria-labelledby=format!("{id}-title")>
            <div class="dialog-head">
                <h2 id=format!("{id}-title")>{title}</h2>
                <button type="button" class="btn-icon" popovertarget=id popovertargetaction="hide" aria-label="Close">
                    <Icon name="close"/>
                </button>
            </div>
            {children()}
        </div>
    }
    .into_any()
}

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
