//! The server functions of the pages: their sizes, their addresses, and the status of
//! those that fail.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use leptos::server_fn::{axum::server_fn_paths, error::SERVER_FN_ERROR_HEADER};
use serde::Deserialize;
use service::{Error, media};
use types::Code;

use super::{failures::with_headers_of, site::Pages};
use crate::api::problem::{ApiError, Failure, status_of};

/// Where they are.
pub const PREFIX: &str = "/rpc/";

/// The largest form, in bytes.
const MAX_FORM: usize = 512 * 1024;
/// The largest upload with what a form wraps around it.
const MAX_UPLOAD: usize = media::MAX_BYTES + 64 * 1024;
/// How much of a form that is too large is read and dropped: a browser shows an answer
/// only after it sent everything, or says that the connection was lost.
const MAX_DROPPED: usize = 64 * 1024 * 1024;
/// The largest body of a failed function that is looked into.
const MAX_ERROR: usize = 64 * 1024;

/// All server functions. The layer stands inside the session's, which does not save
/// a session when the answer is 5xx.
pub fn router(pages: Pages) -> Router {
    Router::new()
        .route("/rpc/{*name}", any(leptos_axum::handle_server_fns))
        .layer(middleware::from_fn(status_of_errors))
        .layer(middleware::from_fn(only_what_is_there))
        .layer(middleware::from_fn_with_state(pages, with_a_page))
}

/// A browser without JavaScript reads the site's own error page.
async fn with_a_page(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    if !super::wants_html(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    match response.extensions().get::<Failure>().cloned() {
        Some(failure) => {
            let page = pages.refusal(parts, failure.0.code).await;
            with_headers_of(response, page, failure)
        }
        None => response,
    }
}

/// Refuses what no function takes, before the framework stumbles over it.
async fn only_what_is_there(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(code) = refusal(&path, request.method(), request.headers()) {
        if code == Code::PayloadTooLarge && super::wants_html(&request) {
            drop_whole(request.into_body()).await;
        }
        return refused(code, &path);
    }
    let limit = limit_of(request.headers());
    let is_cut = Arc::new(AtomicBool::new(false));
    let response = next
        .run(request.map(|body| limited(body, limit, is_cut.clone())))
        .await;
    if is_cut.load(Ordering::Relaxed) {
        return refused(Code::PayloadTooLarge, &path);
    }
    response
}

async fn drop_whole(body: Body) {
    let mut body = Limited::new(body, MAX_DROPPED);
    while let Some(Ok(_)) = body.frame().await {}
}

/// For bodies that do not say how long they are: what a function makes of a broken one
/// says nothing of its size.
fn limited(body: Body, limit: usize, is_cut: Arc<AtomicBool>) -> Body {
    let body = Limited::new(body, limit).map_err(move |error| {
        if error.is::<LengthLimitError>() {
            is_cut.store(true, Ordering::Relaxed);
        }
        error
    });
    Body::new(body)
}

fn refused(code: Code, path: &str) -> Response {
    let mut response = ApiError::from(Error::new(code)).into_response();
    if code == Code::MethodNotAllowed {
        let allowed = methods_of(path)
            .iter()
            .map(Method::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        let allowed = HeaderValue::try_from(allowed).unwrap_or(HeaderValue::from_static("POST"));
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

fn methods_of(path: &str) -> Vec<Method> {
    server_fn_paths()
        .filter(|(known, _)| *known == path)
        .map(|(_, method)| method)
        .collect()
}

fn refusal(path: &str, method: &Method, headers: &HeaderMap) -> Option<Code> {
    let methods = methods_of(path);
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let is_upload = path.starts_with("/rpc/upload");
    if methods.is_empty() {
        Some(Code::NotFound)
    } else if !methods.contains(method) {
        Some(Code::MethodNotAllowed)
    } else if is_upload && !is_multipart(headers) {
        Some(Code::UnsupportedMedia)
    } else if length.is_some_and(|length| length > limit_of(headers)) {
        Some(Code::PayloadTooLarge)
    } else {
        None
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// With a boundary: without one the framework's decoder panics.
fn is_multipart(headers: &HeaderMap) -> bool {
    let text = content_type(headers);
    let boundary = text
        .split(';')
        .find_map(|part| part.trim().strip_prefix("boundary="));
    text.starts_with("multipart/form-data")
        && boundary.is_some_and(|boundary| !boundary.trim_matches('"').is_empty())
}

fn limit_of(headers: &HeaderMap) -> usize {
    if is_multipart(headers) {
        MAX_UPLOAD
    } else {
        MAX_FORM
    }
}

/// A failed function answers 500 whatever went wrong; this gives it the status of its
/// code. Redirects of plain forms pass untouched.
async fn status_of_errors(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let has_failed = response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    if !has_failed {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_ERROR).await else {
        return (StatusCode::INTERNAL_SERVER_ERROR, parts.headers).into_response();
    };
    if let Ok(Coded { code }) = serde_json::from_slice(&bytes) {
        parts.status = status_of(code);
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The part of an error that decides its status.
#[derive(Deserialize)]
struct Coded {
    code: Code,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_need_a_boundary() {
        let is = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(text));
            is_multipart(&headers)
        };
        assert!(is("multipart/form-data; boundary=abc"));
        for no in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "application/json; boundary=x",
            "",
        ] {
            assert!(!is(no), "{no}");
        }
    }
}
