//! A JSON body. What is not JSON is 400; JSON that is not what was asked for is 422
//! with the field named.

use std::future::Future;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, StatusCode, header};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use service::Error;
use types::{Code, FieldError};

use super::problem::ApiError;

/// A JSON body, read but not yet judged: the handler first makes sure that the actor
/// may do this at all.
///
/// - `body.read()?` judges it now (open calls: log in, register);
/// - `body.after(ctx.account())?` says 401 or 403 first;
/// - `body.after_check(events::may_edit(&ctx, &key, version)).await?` says 404, 403,
///   428, 412 first; the check runs only when the body is bad, because the use case
///   makes it anyway.
///
/// No body and no `Content-Type` count as `{}`.
pub struct Body<T>(Result<T, Error>);

impl<T> Body<T> {
    /// The command, or what is wrong with it.
    ///
    /// # Errors
    /// 400, 413, 415 or 422.
    pub fn read(self) -> Result<T, ApiError> {
        Ok(self.0?)
    }

    /// The command, or why the actor may not, or what is wrong with it.
    ///
    /// # Errors
    /// The check's, else as [`Body::read`].
    pub fn after<C>(self, check: service::Result<C>) -> Result<T, ApiError> {
        check?;
        self.read()
    }

    /// The command; when it is bad, the check's error comes before its own.
    ///
    /// # Errors
    /// The check's, else as [`Body::read`].
    pub async fn after_check<C>(
        self,
        check: impl Future<Output = service::Result<C>>,
    ) -> Result<T, ApiError> {
        if self.0.is_err() {
            check.await?;
        }
        self.read()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, state).await;
        Ok(Self(match bytes {
            Ok(bytes) => decode(&headers, &bytes),
            Err(rejection) => Err(unread(rejection.into_response_status())),
        }))
    }
}

/// The status of a rejected read, without its body.
trait RejectionStatus {
    fn into_response_status(self) -> StatusCode;
}

impl<R: axum::response::IntoResponse> RejectionStatus for R {
    fn into_response_status(self) -> StatusCode {
        self.into_response().status()
    }
}

fn unread(status: StatusCode) -> Error {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Code::PayloadTooLarge),
        _ => Error::new(Code::Malformed).detail("The body could not be read."),
    }
}

fn decode<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Error> {
    match headers.get(header::CONTENT_TYPE) {
        None if bytes.is_empty() => from_json(b"{}"),
        Some(value) if is_json(value.to_str().unwrap_or_default()) => from_json(bytes),
        _ => Err(Error::new(Code::UnsupportedMedia).detail("Send the body as application/json.")),
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads a command from JSON.
///
/// # Errors
/// [`Code::Malformed`] when it is not JSON, [`Code::Invalid`] with the field otherwise.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // First the form of the whole, so that broken JSON is never a complaint about a field.
    serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| malformed(&error))?;
    // serde would also take an array for a struct.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Error::field("", "type", "must be a JSON object")
            .detail("The body must be a JSON object."));
    }
    if has_escaped_nul(bytes) {
        return Err(Error::invalid(fields_with_nul(bytes)));
    }
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        Error::invalid(vec![match error.inner().classify() {
            serde_json::error::Category::Data => field_error(&path, &error.inner().to_string()),
            // It is valid JSON: serde_json calls a number for an enum a fault of syntax.
            _ => FieldError::new(path, "type", "has the wrong type"),
        }])
    })
}

fn malformed(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    Error::new(Code::Malformed).detail(format!(
        "The body is not valid JSON (line {line}, column {column})."
    ))
}

/// The field and its fault, from what serde says.
pub(super) fn field_error(path: &str, message: &str) -> FieldError {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(text, _)| text);
    let named = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("missing field") {
        return FieldError::new(joined(path, named), "required", "is required");
    }
    if message.starts_with("unknown field") {
        return FieldError::new(
            joined(path, named),
            "unknown",
            "is not a field of this request",
        );
    }
    if message.starts_with("duplicate field") {
        return FieldError::new(joined(path, named), "duplicate", "is given twice");
    }
    let expected = message
        .rsplit_once("expected ")
        .map(|(_, expected)| format!("must be {expected}"));
    let code = match message {
        text if text.starts_with("invalid type") => "type",
        text if text.starts_with("invalid value") => "range",
        text if text.starts_with("unknown variant") => "unknown",
        _ => "format",
    };
    let field = if path == "." {
        String::new()
    } else {
        path.to_owned()
    };
    FieldError::new(field, code, expected.unwrap_or_else(|| message.to_owned()))
}

/// `path.name`; the path of a field that is not there is its parent's, that of an
/// unknown one may already end with it.
fn joined(path: &str, name: &str) -> String {
    match path {
        "." | "?" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{}.{name}", path.trim_end_matches(".?")),
    }
}

/// `\u0000` in a string: no store of ours can keep it.
fn has_escaped_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escaped = &rest[at + 1..];
        if escaped.starts_with(b"u0000") {
            return true;
        }
        rest = escaped.get(1..).unwrap_or_default();
    }
    false
}

fn fields_with_nul(bytes: &[u8]) -> Vec<FieldError> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        collect_nul("", &value, &mut found);
    }
    found
        .into_iter()
        .map(|field: String| FieldError::new(field, "format", "must be plain text"))
        .collect()
}

fn collect_nul(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('\0') => found.push(path.to_owned()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_nul(&format!("{path}[{index}]"), item, found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                let inner = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                if name.contains('\0') {
                    found.push(inner.replace('\0', "\u{fffd}"));
                }
                collect_nul(&inner, item, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use types::{events::CreateEvent, orders::Purchase};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Login {
        #[expect(dead_code, reason = "only its reading is tested")]
        email: String,
    }

    fn refused<T: DeserializeOwned>(json: &str) -> (Code, Vec<(String, String)>) {
        let error = from_json::<T>(json.as_bytes()).err().unwrap();
        let fields = error
            .fields
            .into_iter()
            .map(|field| (field.field, field.code))
            .collect();
        (error.code, fields)
    }

    fn one(field: &str, code: &str) -> (Code, Vec<(String, String)>) {
        (Code::Invalid, vec![(field.to_owned(), code.to_owned())])
    }

    #[test]
    fn what_is_not_json_is_malformed_even_behind_a_wrong_field() {
        for text in [
            "",
            "{",
            "nope",
            "{\"email\": 5, ",
            "{} x",
            "{\"a\":\"\u{1}\"}",
        ] {
            assert_eq!(refused::<Login>(text).0, Code::Malformed, "{text}");
        }
    }

    #[test]
    fn fields_are_named_with_their_whole_path() {
        assert_eq!(refused::<Login>("{}"), one("email", "required"));
        assert_eq!(
            refused::<Login>(r#"{"email":"a","admin":true}"#),
            one("admin", "unknown")
        );
        assert_eq!(refused::<Login>(r#"{"email":5}"#), one("email", "type"));
        assert_eq!(
            refused::<Login>(r#"{"email":"a","email":"b"}"#),
            one("email", "duplicate")
        );
        assert_eq!(refused::<Login>(r#"["a"]"#), one("", "type"));
        assert_eq!(refused::<Login>("5"), one("", "type"));
        let id = "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11";
        let purchase = |item: &str| refused::<Purchase>(&format!(r#"{{"items":[{item}]}}"#));
        assert_eq!(
            purchase(r#"{"ticket_type_id":"x","quantity":1}"#),
            one("items[0].ticket_type_id", "format")
        );
        assert_eq!(
            purchase(&format!(r#"{{"ticket_type_id":"{id}","quantity":-1}}"#)),
            one("items[0].quantity", "range")
        );
        assert_eq!(
            purchase(&format!(r#"{{"ticket_type_id":"{id}"}}"#)),
            one("items[0].quantity", "required")
        );
        assert_eq!(
            purchase(&format!(
                r#"{{"ticket_type_id":"{id}","quantity":1,"x":1}}"#
            )),
            one("items[0].x", "unknown")
        );
        let event = r#"{"title":"t","starts_at":"soon","ends_at":"2027-01-01T00:00:00Z","time_zone":"UTC"}"#;
        assert_eq!(refused::<CreateEvent>(event), one("starts_at", "format"));
    }

    #[test]
    fn nul_is_found_only_where_it_is_one() {
        assert_eq!(
            refused::<Login>(r#"{"email":"a\u0000b"}"#),
            one("email", "format")
        );
        assert!(from_json::<Login>(br#"{"email":"a\\u0000b"}"#).is_ok());
    }
}
