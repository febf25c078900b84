//! What handlers take from a request and how they answer: the context, a JSON body,
//! ids of the path, the query, preconditions, idempotency.
//!
//! Nobody learns what is wrong with a request that they may not make: a bad path id
//! or header of an anonymous request is 401, and [`Body`] is read by the handler
//! after the checks that come first.

use axum::{
    Json,
    extract::{FromRequestParts, OriginalUri, Path},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};
use service::{
    Ctx, Error,
    ctx::IfMatch,
    idempotency::{IdempotencyKey, Once, Reply},
};
use types::Code;

use super::problem::{ApiError, PROBLEM_JSON};

pub use super::{body::Body, query::Params};

/// The context that the auth layer put into the request.
#[derive(Clone)]
pub struct Cx(pub Ctx);

impl<S: Send + Sync> FromRequestParts<S> for Cx {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        context(parts)
            .map(Self)
            .ok_or_else(|| Error::internal("no context in the request").into())
    }
}

fn context(parts: &Parts) -> Option<Ctx> {
    parts.extensions.get::<Ctx>().cloned()
}

/// `error`, unless nobody is signed in: then that is what is said.
fn unless_anonymous(parts: &Parts, error: Error) -> ApiError {
    match context(parts).map(|ctx| ctx.account()) {
        Some(Err(anonymous)) => anonymous.into(),
        Some(Ok(_)) | None => error.into(),
    }
}

/// Ids of the path. A malformed one is 404 (401 for an anonymous request).
///
/// For the key of a public thing take [`Key`].
pub struct Seg<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Seg<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) if !has_control_characters(parts.uri.path()) => Ok(Self(value)),
            _ => Err(unless_anonymous(parts, Error::not_found())),
        }
    }
}

/// A name or key of a public thing in the path (event id or slug, handle). One that
/// nothing can have is 404 for everybody.
pub struct Key(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(key)) if key.len() <= 200 && !key.contains(char::is_control) => Ok(Self(key)),
            _ => Err(Error::not_found().into()),
        }
    }
}

/// Percent-encoded control characters: Postgres cannot store NUL, and no id has others.
fn has_control_characters(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.windows(3).any(|w| {
        w[0] == b'%' && (matches!(w[1], b'0' | b'1') || w[1..] == *b"7F" || w[1..] == *b"7f")
    })
}

/// `If-Match` (RFC 9110, section 13.1.1): a strong entity tag of ours, `*`, or nothing.
pub struct IfMatchHeader(pub IfMatch);

impl<S: Send + Sync> FromRequestParts<S> for IfMatchHeader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(if_match(&parts.headers)))
    }
}

fn if_match(headers: &HeaderMap) -> IfMatch {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else {
        return IfMatch::Absent;
    };
    if values.next().is_some() {
        return IfMatch::Unknown;
    }
    match value.to_str().map(str::trim) {
        Ok("*") => IfMatch::Any,
        Ok(tag) => version_of(tag).map_or(IfMatch::Unknown, IfMatch::Is),
        Err(_) => IfMatch::Unknown,
    }
}

fn version_of(tag: &str) -> Option<i64> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| digits.parse().ok()).flatten()
}

/// The `ETag` header of a version.
pub fn etag(version: i64) -> [(HeaderName, HeaderValue); 1] {
    let quoted = format!("\"{version}\"");
    let value = HeaderValue::try_from(quoted).unwrap_or(HeaderValue::from_static("\"0\""));
    [(header::ETAG, value)]
}

/// The `Location` header of something made.
pub fn location(path: &str) -> [(HeaderName, HeaderValue); 1] {
    let value = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    [(header::LOCATION, value)]
}

/// `Idempotency-Key` with the operation it is scoped to.
pub struct OnceHeader(pub Once);

/// The header's name.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

impl<S: Send + Sync> FromRequestParts<S> for OnceHeader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let key =
            idempotency_key(&parts.headers).map_err(|error| unless_anonymous(parts, error))?;
        let path = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(parts.uri.path(), |uri| uri.path());
        let operation = format!("{} {path}", parts.method);
        Ok(Self(Once { key, operation }))
    }
}

/// The `Idempotency-Key` header, if there is one.
///
/// # Errors
/// [`Code::BadIdempotencyKey`].
pub fn idempotency_key(headers: &HeaderMap) -> service::Result<Option<IdempotencyKey>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::new(Code::BadIdempotencyKey));
    }
    let text = value
        .to_str()
        .map_err(|_| Error::new(Code::BadIdempotencyKey))?;
    IdempotencyKey::parse(text).map(Some)
}

/// The answer of a call that may be a repetition: 201 when it was done now, else the
/// stored bytes with `Idempotent-Replay: true`.
pub struct Made<T>(pub Reply<T>);

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        match self.0 {
            Reply::Fresh(value) => (StatusCode::CREATED, Json(value)).into_response(),
            Reply::Replayed { status, body } => replay(status, body),
        }
    }
}

fn replay(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let content_type = if status.is_success() {
        "application/json"
    } else {
        PROBLEM_JSON
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (HeaderName::from_static("idempotent-replay"), "true"),
    ];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> IfMatch {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_str(value).unwrap());
        if_match(&headers)
    }

    #[test]
    fn only_strong_tags_of_ours_are_versions() {
        assert_eq!(if_match(&HeaderMap::new()), IfMatch::Absent);
        assert_eq!(read("*"), IfMatch::Any);
        assert_eq!(read("\"7\""), IfMatch::Is(7));
        for odd in [
            "W/\"7\"",
            "7",
            "\"\"",
            "\"7",
            "\"-7\"",
            "\"1\", \"2\"",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(read(odd), IfMatch::Unknown, "{odd}");
        }
    }

    #[test]
    fn a_version_is_read_back_from_its_etag() {
        let [(_, value)] = etag(42);
        assert_eq!(version_of(value.to_str().unwrap()), Some(42));
    }

    #[test]
    fn control_characters_are_seen_through_percent_encoding() {
        for path in ["/a%00", "/%1f/b", "/x%7F"] {
            assert!(has_control_characters(path), "{path}");
        }
        assert!(!has_control_characters("/caf%C3%A9%20x"));
    }
}
