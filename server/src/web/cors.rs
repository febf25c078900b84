//! Which other sites' pages may call the JSON API (the Fetch standard, section 3.3):
//! the origins of a setting, nobody without it. Cookies never count across origins, and
//! pages and server functions are for our own pages alone.

use std::{str::FromStr, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use tower::{Layer, ServiceExt};
use tower_http::cors::CorsLayer;

use crate::api::{PLACE_TOKEN, extract::IDEMPOTENCY_KEY, openapi};

/// How long a browser need not ask again; some keep it shorter.
const REMEMBERED: Duration = Duration::from_hours(1);

const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// What a call may bring beside what browsers always let through.
const TAKEN: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static(IDEMPOTENCY_KEY),
    HeaderName::from_static(PLACE_TOKEN),
    HeaderName::from_static("x-request-id"),
];

/// What scripts may read of an answer beside what browsers always show.
const SHOWN: [HeaderName; 10] = [
    header::ALLOW,
    header::CONTENT_DISPOSITION,
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("idempotent-replay"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-request-id"),
];

/// Sites by their origins as browsers write them, separated by commas.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<[HeaderValue]>);

/// A text that is no origin.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an origin like https://app.example.org or http://localhost:5173")]
pub struct BadOrigin(String);

impl FromStr for Origins {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let origins = parts.map(|part| origin(part).ok_or_else(|| BadOrigin(part.to_owned())));
        origins.collect::<Result<_, _>>().map(Self)
    }
}

/// Scheme, host and a port other than the scheme's own, in lower case (RFC 6454,
/// section 6.2): anything else would never equal what a browser sends.
fn origin(text: &str) -> Option<HeaderValue> {
    let (scheme, authority) = text.split_once("://")?;
    let own_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let is_plain = authority
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b':' | b'[' | b']'));
    let uri: Uri = text.parse().ok()?;
    let (host, port) = (uri.host()?, uri.port());
    let port_fits = match &port {
        Some(port) => port.as_u16() != own_port && authority == format!("{host}:{}", port.as_u16()),
        None => authority == host,
    };
    (is_plain && !host.is_empty() && port_fits).then(|| HeaderValue::from_str(text).ok())?
}

impl Origins {
    fn knows(&self, headers: &HeaderMap) -> bool {
        headers
            .get(header::ORIGIN)
            .is_some_and(|origin| self.0.contains(origin))
    }
}

/// The layer. Outside of everything that fails, so that scripts can read why.
pub async fn for_the_api(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    if origins.0.is_empty() || !is_for_scripts(request.uri().path()) {
        return next.run(request).await;
    }
    if origins.knows(request.headers()) && !is_own_question(&request) {
        let allowed = CorsLayer::new()
            .allow_origin(origins.0.to_vec())
            .allow_methods(METHODS)
            .allow_headers(TAKEN)
            .expose_headers(SHOWN)
            .max_age(REMEMBERED)
            .layer(next)
            .oneshot(request);
        return allowed.await.into_response();
    }
    let mut response = next.run(request).await;
    // With another origin the answer would have other headers.
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// The calls and their description; not the documentation's pages.
fn is_for_scripts(path: &str) -> bool {
    super::is_api(path) && !path.starts_with(openapi::DOCS)
}

/// `OPTIONS` that no browser asks before a call.
fn is_own_question(request: &Request) -> bool {
    let is_preflight = request
        .headers()
        .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && !is_preflight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_taken_as_browsers_write_them() {
        for good in [
            "",
            "https://app.example.org",
            "http://localhost:5173, https://[::1]:8443,",
        ] {
            assert!(good.parse::<Origins>().is_ok(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "app.example.org",
            "https://",
            "https://app.example.org/",
            "https://App.example.org",
            "https://*.example.org",
            "https://app.example.org:443",
            "http://app.example.org:80",
            "https://app.example.org:08443",
            "https://app.example.org:",
            "https://app.example.org:x",
            "https://me@app.example.org",
            "https://a b",
            "ftp://app.example.org",
            "https://good.example, https://bad.example/path",
        ] {
            assert!(bad.parse::<Origins>().is_err(), "{bad}");
        }
    }
}
