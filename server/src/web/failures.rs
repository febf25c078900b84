//! Failures in the form that the caller reads: problem+json for the API, the pages'
//! own error for server functions, a small page for people. Answers that pages made
//! themselves (their 404) pass.

use std::{any::Any, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use serde_json::json;
use service::Error;
use tower_http::catch_panic::ResponseForPanic;
use types::Code;

use crate::api::problem::{self, ApiError, Failure, status_of};

/// The layer.
pub async fn in_the_callers_form(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if super::is_api(&path) {
        return problem::problems(request, next).await;
    }
    let wants_page = super::wants_html(&request) || !super::is_rpc(&path);
    let response = next.run(request).await;
    match failure_of(&response) {
        None => response,
        Some(failure) if is_worded(&response) => {
            problem::log(&failure.0);
            response
        }
        Some(failure) => {
            problem::log(&failure.0);
            let answer = if wants_page {
                page(&failure.0)
            } else {
                rpc_error(&failure.0)
            };
            with_headers_of(response, answer, failure)
        }
    }
}

/// The error behind an answer.
fn failure_of(response: &Response) -> Option<Failure> {
    let status = response.status();
    let has_failed = status.is_client_error() || status.is_server_error();
    match response.extensions().get::<Failure>() {
        Some(failure) => Some(failure.clone()),
        None if has_failed && !is_worded(response) => {
            Some(Failure(Arc::new(Error::new(problem::code_of(status)))))
        }
        None => None,
    }
}

fn is_worded(response: &Response) -> bool {
    response.headers().contains_key(header::CONTENT_TYPE)
}

/// Cookies, `Allow`, `RateLimit` … of the first answer stay.
pub fn with_headers_of(first: Response, mut answer: Response, failure: Failure) -> Response {
    let mut headers = first.into_parts().0.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.extend(std::mem::take(answer.headers_mut()));
    if let Some(after) = failure.0.retry_after {
        headers
            .entry(header::RETRY_AFTER)
            .or_insert(after.as_secs().max(1).into());
    }
    *answer.headers_mut() = headers;
    answer.extensions_mut().insert(failure);
    answer
}

/// What `app::rpc::RpcError` reads.
fn rpc_error(error: &Error) -> Response {
    let body = json!({
        "code": error.code,
        "detail": error.detail,
        "fields": error.fields,
        "retry_after": error.retry_after.map(|after| after.as_secs().max(1)),
    });
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/json"),
        (SERVER_FN_ERROR_HEADER, "failed"),
    ];
    (status_of(error.code), headers, body.to_string()).into_response()
}

/// A page that needs nothing: no script, no style, no database.
fn page(error: &Error) -> Response {
    let title = error.code.title();
    let detail = escaped(&error.detail);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title></head><body><main><h1>{title}</h1><p>{detail}</p><p><a href=\"/\">To the start page</a></p></main></body></html>"
    );
    let headers = [(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    )];
    (status_of(error.code), headers, Body::from(html)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A handler that panicked is our failure, and nothing more is said about it.
#[derive(Clone, Copy)]
pub struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without words");
        ApiError::from(Error::new(Code::Internal).because(format!("panic: {text}"))).into_response()
    }
}
