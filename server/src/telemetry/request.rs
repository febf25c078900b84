//! The id and the one log line of every request.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use service::{Ctx, Services};
use tracing::Instrument;
use types::accounts::Actor;
use uuid::Uuid;

use super::Numbers;
use crate::api::problem::Failure;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who acted, left in the answer's extensions for the request line.
#[derive(Clone, Copy)]
struct ActorKind(&'static str);

/// The outermost layer: gives the request its id, times it, logs it, counts it.
pub async fn request_line(
    State((services, numbers)): State<(Arc<Services>, Arc<Numbers>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let (id, echo) = request_id(request.headers(), &services);
    request.headers_mut().insert(REQUEST_ID, id);
    let line = Line::of(&request);
    let span = tracing::info_span!("request", request.id = echo.to_str().unwrap_or_default());
    numbers.begin();
    let mut response = next.run(request).instrument(span.clone()).await;
    numbers.end(response.status(), began.elapsed());
    span.in_scope(|| line.write(&response, began));
    response.headers_mut().insert(REQUEST_ID, echo);
    response
}

/// The id for us, always a UUID, and the text that goes back: what the client sent,
/// when it is short and printable.
fn request_id(headers: &HeaderMap, services: &Services) -> (HeaderValue, HeaderValue) {
    let given = headers
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let given = given.filter(|text| {
        (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let id = given.and_then(|text| Uuid::parse_str(text).ok());
    let id = id.unwrap_or_else(|| services.ports.ids.new_id(services.ports.clock.now()));
    let id = HeaderValue::try_from(id.to_string()).unwrap_or(HeaderValue::from_static(""));
    let echo = given.and_then(|text| HeaderValue::from_str(text).ok());
    (id.clone(), echo.unwrap_or(id))
}

/// What the line says of the request. The route, not the path: paths hold ids.
struct Line {
    method: Method,
    route: String,
}

impl Line {
    fn of(request: &Request) -> Self {
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or("none", MatchedPath::as_str);
        let path = request.uri().path();
        // The names of server functions are fixed; their one route says nothing.
        let route = match route {
            _ if path.starts_with("/rpc/") => path,
            "none" if path.starts_with("/pkg/") => "/pkg/",
            route => route,
        };
        Self {
            method: request.method().clone(),
            route: route.chars().take(100).collect(),
        }
    }

    fn write(&self, response: &Response, began: Instant) {
        let status = response.status();
        let code = response
            .extensions()
            .get::<Failure>()
            .map(|failure| failure.0.code.as_str());
        let actor = response
            .extensions()
            .get::<ActorKind>()
            .map_or("none", |kind| kind.0);
        let ms = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX) / 1000;
        if is_probe(&self.route, status) {
            tracing::debug!(http.method = %self.method, http.route = self.route, http.status = status.as_u16(), ms, "request");
        } else {
            tracing::info!(
                http.method = %self.method,
                http.route = self.route,
                http.status = status.as_u16(),
                code,
                ms,
                actor,
                "request"
            );
        }
    }
}

/// Files and probes fill logs without saying anything, as long as they succeed.
fn is_probe(route: &str, status: StatusCode) -> bool {
    !status.is_server_error()
        && ["/livez", "/readyz", "/metrics", "/pkg/", "/media/"]
            .iter()
            .any(|probe| route.starts_with(probe))
}

/// Inside the auth layer: leaves who acted for the request line.
pub async fn note_actor(request: Request, next: Next) -> Response {
    let kind = request
        .extensions()
        .get::<Ctx>()
        .map(|ctx| kind_of(ctx.actor));
    let mut response = next.run(request).await;
    if let Some(kind) = kind {
        response.extensions_mut().insert(ActorKind(kind));
    }
    response
}

fn kind_of(actor: Actor) -> &'static str {
    match actor {
        Actor::Anonymous => "anonymous",
        Actor::Account { role, .. } => role.as_str(),
        Actor::System => "system",
    }
}
