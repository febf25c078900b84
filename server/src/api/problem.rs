//! Errors on the wire: RFC 9457 problem details with our code. Handlers return
//! [`ApiError`]; the layer [`problems`] around all of `/api` gives it its body, logs
//! it once, and turns whatever else failed (a wrong method, an unknown address) into
//! the same form.

use std::{error::Error as _, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use types::Code;

/// The media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a handler of the API returns.
pub type ApiResult<T> = Result<T, ApiError>;

/// A use case's error on its way to a client.
#[derive(Debug)]
pub struct ApiError(pub service::Error);

impl<E: Into<service::Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The error behind a failed answer, left in its extensions for the layers outside.
#[derive(Clone, Debug)]
pub struct Failure(pub Arc<service::Error>);

impl IntoResponse for ApiError {
    /// Status and [`Failure`]; the body is made by [`problems`], which knows the path.
    fn into_response(self) -> Response {
        let mut response = status_of(self.0.code).into_response();
        response.extensions_mut().insert(Failure(Arc::new(self.0)));
        response
    }
}

/// The status of a code.
pub fn status_of(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The layer: every failed answer leaves as a problem, logged once.
pub async fn problems(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_problem(&response) {
        return response;
    }
    let failure = response
        .extensions()
        .get::<Failure>()
        .cloned()
        .unwrap_or_else(|| Failure(Arc::new(service::Error::new(code_of(status)))));
    log(&failure.0);
    with_problem(response, failure, &path)
}

/// One line per error with everything behind it: ours loudly; expected ones only when asked for,
/// their code stands in the line of the request.
pub fn log(error: &service::Error) {
    let chain = chain(error);
    if error.code.status() >= 500 {
        tracing::error!(error.code = %error.code, error.chain = chain, "request failed");
    } else {
        tracing::debug!(error.code = %error.code, error.chain = chain, "request refused");
    }
}

fn chain(error: &service::Error) -> String {
    let mut text = error.detail.clone();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn is_problem(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == PROBLEM_JSON)
}

/// The answer with its headers (`Allow`, `RateLimit` …) and a problem as its body.
fn with_problem(response: Response, failure: Failure, path: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    let error = &failure.0;
    let body = serde_json::to_vec(&error.to_problem(path)).unwrap_or_default();
    parts.status = status_of(error.code);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(after) = error.retry_after {
        let seconds = after.as_secs().max(1);
        parts
            .headers
            .entry(header::RETRY_AFTER)
            .or_insert(seconds.into());
    }
    if parts.status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer");
        parts
            .headers
            .entry(header::WWW_AUTHENTICATE)
            .or_insert(challenge);
    }
    parts.extensions.insert(failure);
    Response::from_parts(parts, Body::from(body))
}

/// The code of an answer that no handler of ours made.
pub fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::UNAUTHORIZED => Code::NotSignedIn,
        StatusCode::FORBIDDEN => Code::Forbidden,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::NOT_ACCEPTABLE => Code::NotAcceptable,
        StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMedia,
        StatusCode::UNPROCESSABLE_ENTITY => Code::Invalid,
        StatusCode::TOO_MANY_REQUESTS => Code::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::GATEWAY_TIMEOUT => Code::Unavailable,
        status if status.is_server_error() => Code::Internal,
        _ => Code::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_every_cause() {
        let error = service::Error::new(Code::Internal).because("the disk is full");
        assert_eq!(
            chain(&error),
            "Something went wrong on our side.: the disk is full"
        );
    }

    #[test]
    fn statuses_of_the_framework_have_codes_of_the_table() {
        for status in [400, 401, 403, 404, 405, 406, 413, 415, 422, 429, 500, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(status_of(code_of(status)), status);
        }
    }
}
