//! The server functions of the pages: their sizes, their addresses, and the status of
//! those that fail.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::Limited;
use leptos::server_fn::{axum::server_fn_paths, error::SERVER_FN_ERROR_HEADER};
use serde::Deserialize;
use service::{Error, media};
use types::Code;

use crate::api::problem::{ApiError, status_of};

/// Where they are.
pub const PREFIX: &str = "/rpc/";

/// The largest form, in bytes.
const MAX_FORM: usize = 512 * 1024;
/// The largest upload with what a form wraps around it.
const MAX_UPLOAD: usize = media::MAX_BYTES + 64 * 1024;
/// The largest body of a failed function that is looked into.
const MAX_ERROR: usize = 64 * 1024;

/// All server functions. The layer stands inside the session's, which does not save
/// a session when the answer is 5xx.
pub fn router() -> Router {
    Router::new()
        .route("/rpc/{*name}", any(leptos_axum::handle_server_fns))
        .layer(middleware::from_fn(status_of_errors))
        .layer(middleware::from_fn(only_what_is_there))
}

/// Refuses what no function takes, before the framework stumbles over it.
async fn only_what_is_there(request: Request, next: Next) -> Response {
    if let Some(code) = refusal(request.uri().path(), request.method(), request.headers()) {
        refused(code, request.uri().path())
    } else {
        let limit = limit_of(request.headers());
        next.run(request.map(|body| Body::new(Limited::new(body, limit))))
            .await
    }
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
