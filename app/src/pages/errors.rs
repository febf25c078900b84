//! Pages for when there is no page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use types::Code;

use crate::{links, rpc::RpcError, ssr};

/// Nothing here, answered with a real 404; or the answer to a form that was refused.
#[component]
pub fn NotFound() -> impl IntoView {
    let code = ssr::refusal().unwrap_or(Code::NotFound);
    ErrorPage(ErrorPageProps {
        error: RpcError::new(code),
    })
}

/// What a page shows in place of its content when its resource failed. Sets the
/// answer's status.
#[component]
pub fn ErrorPage(
    /// Why.
    error: RpcError,
) -> impl IntoView {
    ssr::set_status(error.code.status());
    let (title, text) = words(&error);
    view! {
        <Title text=title/>
        <div class="error-page">
            <p class="error-code" aria-hidden="true">{error.code.status().to_string()}</p>
            <h1>{title}</h1>
            <p class="lead">{text}</p>
            <div class="button-row">
                <a class="btn btn-primary" href="/events">"Browse events"</a>
                <a class="btn btn-ghost" href="/">"Go home"</a>
            </div>
        </div>
    }
    .into_any()
}

/// What a page of one's own shows when its resource failed: whoever is not logged in
/// is sent to do so, and then back here.
pub fn refused(error: RpcError) -> AnyView {
    if error.code == Code::NotSignedIn {
        let location = use_location();
        let (path, search) = (
            location.pathname.get_untracked(),
            location.search.get_untracked(),
        );
        let here = if search.is_empty() {
            path
        } else {
            format!("{path}?{search}")
        };
        ssr::redirect(&links::log_in(&here));
        return view! { <p class="page"><a href=links::log_in(&here)>"Please log in first."</a></p> }.into_any();
    }
    view! { <ErrorPage error=error/> }.into_any()
}

/// What happened, and what to do next.
fn words(error: &RpcError) -> (&'static str, String) {
    match error.code {
        Code::NotFound => (
            "This page has left the building",
            "The link may be old, or the event was taken down. There is plenty more going on."
                .to_owned(),
        ),
        Code::NotSignedIn => (
            "Please log in",
            "This page is yours alone; log in to see it.".to_owned(),
        ),
        Code::PayloadTooLarge => (
            "That is too large",
            "An image has at most 10 MB, the rest of a form half a megabyte. Go back in your browser, \
             make it smaller and send it again; nothing of it was saved."
                .to_owned(),
        ),
        Code::Forbidden => ("This door is closed to you", error.text()),
        _ if error.code.is_retryable() => (
            "Something tripped on our side",
            "Give it a moment and load the page again.".to_owned(),
        ),
        _ => ("That did not work", error.text()),
    }
}
