//! `Accept` under the API: a client that takes no JSON is told so (406) before
//! anything happens.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use types::Code;

use super::problem::ApiError;

/// The layer. Answers that are no JSON (images, calendar entries, the documentation)
/// are left alone: their addresses end with their type.
pub async fn json_only(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_json = path.starts_with(super::BASE) && !has_extension(path);
    if is_json && !takes_json(request.headers()) {
        return ApiError::from(service::Error::new(Code::NotAcceptable)).into_response();
    }
    next.run(request).await
}

fn has_extension(path: &str) -> bool {
    [".svg", ".ics", ".pdf", ".png"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// RFC 9110, section 12.5.1, for the one type that we produce.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    let ranges: Vec<_> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(range)
        .collect();
    // The most specific range that fits decides.
    let weight = |name: &str| {
        ranges
            .iter()
            .filter(|(range, _)| range == name)
            .map(|(_, q)| *q)
            .reduce(f32::max)
    };
    let names = [
        "application/json",
        "application/problem+json",
        "application/*",
        "*/*",
    ];
    ranges.is_empty() || names.into_iter().find_map(weight).is_some_and(|q| q > 0.0)
}

/// A media range and its weight.
fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts
        .next()
        .filter(|name| !name.is_empty())?
        .to_ascii_lowercase();
    let weight = parts
        .find_map(|part| part.strip_prefix("q="))
        .and_then(|q| q.parse().ok());
    Some((name, weight.unwrap_or(1.0)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn takes(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(value));
        takes_json(&headers)
    }

    #[test]
    fn json_is_refused_only_when_it_is_excluded() {
        assert!(takes_json(&HeaderMap::new()));
        for yes in [
            "",
            "*/*",
            "application/json",
            "text/html, */*;q=0.1",
            "application/*;q=0.5",
            "APPLICATION/JSON; charset=utf-8",
        ] {
            assert!(takes(yes), "{yes}");
        }
        for no in [
            "text/html",
            "application/xml",
            "application/json;q=0, */*",
            "*/*;q=0",
        ] {
            assert!(!takes(no), "{no}");
        }
    }
}
