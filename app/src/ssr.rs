//! What pages and server functions need from the server's side of a request. The
//! only place in this crate that knows axum; [`ssr_browser.rs`](../ssr_browser.rs)
//! is its twin for the browser.

mod opened;
mod parse;
mod placeholder;
pub mod places;
pub mod session;
mod structured;
pub mod upload;
pub mod ways;

use axum::{
    Extension,
    http::{StatusCode, header::ACCEPT, request::Parts},
};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_axum::ResponseOptions;
use service::Ctx;
use types::{Code, accounts::Actor};

use crate::{components::Viewer, links::safe_path, rpc::RpcError};

pub use opened::opened_by_code;
pub use parse::{answer, id, once, payment, version};
pub use placeholder::placeholder;
pub use structured::{json_ld, summary};

/// The context of this request, for calling a use case.
///
/// # Errors
/// [`Code::Internal`] when the auth layer is missing.
pub async fn ctx() -> Result<Ctx, RpcError> {
    let extension: Result<Extension<Ctx>, _> = leptos_axum::extract().await;
    extension
        .map(|Extension(ctx)| ctx)
        .map_err(|_| RpcError::new(Code::Internal))
}

/// The context of this request when somebody is signed in. Otherwise the visitor is
/// sent to log in and, from there, on to `next`.
///
/// # Errors
/// [`Code::Internal`] when the auth layer is missing.
pub async fn signed_in_or_log_in(next: &str) -> Result<Option<Ctx>, RpcError> {
    let ctx = ctx().await?;
    if ctx.account_if_any().is_none() {
        redirect(&crate::links::log_in(next));
        return Ok(None);
    }
    Ok(Some(ctx))
}

/// The context of this request where nothing can be awaited.
fn ctx_now() -> Option<Ctx> {
    use_context::<Parts>()?.extensions.get::<Ctx>().cloned()
}

/// Answers the page with this status. Only before the first byte is sent.
pub fn set_status(status: u16) {
    if let (Some(options), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(status),
    ) {
        options.set_status(status);
    }
}

/// Sends the visitor to a path of this site. Anything else is ignored: `path` may
/// come from a link that anyone crafted.
pub fn redirect(path: &str) {
    let Some(path) = safe_path(path) else { return };
    leptos_axum::redirect(path);
    // A page is a redirect for whoever asks; leptos makes it one for browsers alone.
    if use_context::<Parts>().is_some_and(|parts| !parts.uri.path().starts_with("/rpc/")) {
        set_status(StatusCode::FOUND.as_u16());
    }
}

/// Sends a plain form on to `path`. With JavaScript the page stays and shows the outcome.
pub fn redirect_plain_form(path: &str) {
    if is_plain_form() {
        redirect(path);
    }
}

/// Did a plain HTML form send this request? Then the answer is a redirect, and an
/// error travels in its query.
pub fn is_plain_form() -> bool {
    let accepts_html = |parts: Parts| {
        let accept = parts.headers.get(ACCEPT)?.to_str().ok()?;
        Some(accept.contains("text/html"))
    };
    use_context::<Parts>()
        .filter(|parts| parts.method == axum::http::Method::POST)
        .and_then(accepts_html)
        .unwrap_or(false)
}

/// In the context of the page that answers a refused form.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub Code);

/// Why the form that led to this page was refused, if one was.
pub fn refusal() -> Option<Code> {
    use_context::<Refused>().map(|Refused(code)| code)
}

/// Who looks at the page. Whoever came in by a place in a waiting room is signed in.
pub fn viewer() -> Viewer {
    let by_place = use_context::<Parts>().is_some_and(|parts| {
        parts
            .extensions
            .get::<service::waiting_room::ByPlace>()
            .is_some()
    });
    match ctx_now().map(|ctx| ctx.actor) {
        Some(Actor::Account { role, .. }) => Viewer::from(role),
        _ if by_place => Viewer::Attendee,
        _ => Viewer::Anonymous,
    }
}

/// Only the browser measures time for the page.
pub fn now_ms() -> f64 {
    0.0
}

/// Nobody looks at the server.
pub fn is_visible() -> bool {
    false
}

/// Where people reach the site, without a trailing slash.
pub fn public_url() -> String {
    ctx_now()
        .map(|ctx| ctx.settings().public_url.clone())
        .unwrap_or_default()
}

/// Files are the browser's.
pub fn send_form(
    _submit: &SubmitEvent,
    _url: &'static str,
    _progress: RwSignal<Option<f64>>,
    _done: Callback<Result<(), RpcError>>,
) {
}

/// The server does not know where its readers are.
pub fn time_zone() -> Option<String> {
    None
}

/// Themes are the browser's.
pub fn is_dark() -> bool {
    false
}

/// The server remembers nothing of a device.
pub fn remember(_name: &str, _value: &str) {}

impl From<service::Error> for RpcError {
    fn from(error: service::Error) -> Self {
        let words = Self {
            code: error.code,
            detail: error.detail,
            fields: error.fields,
            retry_after: error.retry_after.map(|after| after.as_secs().max(1)),
        };
        if is_plain_form() {
            words.without_words()
        } else {
            words
        }
    }
}
