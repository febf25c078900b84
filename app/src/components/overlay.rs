//! What asks before it acts. Native elements only: they open without JavaScript.

use leptos::{ev::SubmitEvent, html, prelude::*};

use crate::rpc::RpcError;

/// A destructive button that asks once: the first press opens the question, whose
/// content (text and the real form) are the children.
#[component]
pub fn Confirm(
    /// What the first button says.
    #[prop(into)]
    label: String,
    /// Why the form in it was refused, where its fields need another look.
    #[prop(optional, into)]
    error: Signal<Option<RpcError>>,
    /// The question and the form that does it.
    children: Children,
) -> impl IntoView {
    let (details, summary) = (
        NodeRef::<html::Details>::new(),
        NodeRef::<html::Summary>::new(),
    );
    // Where the page stays, the thing asked about may be gone with the answer, and the next
    // in its list stands in its place: the box must not stand open over that one. The focus
    // would vanish with what it closes. A form that loads another page keeps its box.
    let close = move |event: SubmitEvent| {
        if !event.default_prevented() {
            return;
        }
        if let (Some(details), Some(summary)) = (details.get_untracked(), summary.get_untracked()) {
            details.set_open(false);
            let _ = summary.focus();
        }
    };
    // The error links to fields: they stand open, after each refusal again.
    let is_refused = error.with_untracked(Option::is_some);
    Effect::new(move |_| {
        if error.with(Option::is_some)
            && let Some(details) = details.get()
        {
            details.set_open(true);
        }
    });
    view! {
        <details class="confirm" open=is_refused node_ref=details on:submit=close>
            <summary class="btn btn-ghost btn-danger-text" node_ref=summary>{label}</summary>
            <div class="confirm-body">{children()}</div>
        </details>
    }
    .into_any()
}
