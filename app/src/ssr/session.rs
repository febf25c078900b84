//! The browser's session as server functions use it: logging in and out, and what
//! was typed into a form that came back with errors.

use axum::http::{header::USER_AGENT, request::Parts};
use leptos::prelude::use_context;
use serde::{Serialize, de::DeserializeOwned};
use service::session::{Typed, WebSession};
use types::{Code, LoginId, accounts::DeviceInfo};

use super::{is_plain_form, redirect};
use crate::{
    links::safe_path,
    rpc::{RpcError, RpcResult},
};

/// Under this name the whole form lies in the session.
const FORM: &str = "form";

fn session() -> RpcResult<WebSession> {
    let session =
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<WebSession>().cloned());
    session.ok_or_else(|| RpcError::new(Code::Internal))
}

/// Logs the browser in and goes on to `next`, or home when that is not a page of this site.
///
/// # Errors
/// [`Code::Unavailable`] when the session cannot be stored.
pub async fn enter(login: LoginId, next: &str) -> RpcResult<()> {
    session()?.start(login).await?;
    redirect(safe_path(next).unwrap_or("/"));
    Ok(())
}

/// Forgets the session.
///
/// # Errors
/// [`Code::Unavailable`] when the session cannot be removed.
pub async fn end() -> RpcResult<()> {
    Ok(session()?.end().await?)
}

/// What the device calls itself.
pub fn device() -> DeviceInfo {
    let agent = |parts: Parts| {
        let text = parts.headers.get(USER_AGENT)?.to_str().ok()?;
        Some(text.chars().take(200).collect())
    };
    DeviceInfo {
        user_agent: use_context::<Parts>().and_then(agent).unwrap_or_default(),
    }
}

/// The outcome; when it is an error and the page will be made anew, the typed values
/// are kept for it. Losing them is no reason to hide the error.
///
/// # Errors
/// The outcome's.
pub async fn keep<T>(
    form: &str,
    typed: &impl Serialize,
    outcome: service::Result<T>,
) -> RpcResult<T> {
    if outcome.is_err()
        && is_plain_form()
        && let (Ok(session), Ok(json)) = (session(), serde_json::to_string(typed))
    {
        let typed = Typed::from([(FORM.to_owned(), json)]);
        let _ = session.keep_form(form, typed).await;
    }
    Ok(outcome?)
}

/// What was kept for a form, once.
pub async fn kept<T: DeserializeOwned>(form: &str) -> Option<T> {
    let typed = session().ok()?.take_form(form).await.ok()?;
    serde_json::from_str(typed.get(FORM)?).ok()
}
