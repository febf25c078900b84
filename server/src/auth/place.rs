//! Whoever asks how far a waiting room's line is, and proves a place in it, is let in by that
//! alone: the session is not looked up, so waiting costs no SQL however many wait.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use service::{
    Services,
    waiting_room::{self, ByPlace},
};

use crate::api::PLACE_TOKEN;

/// What the names of cookies with places begin with.
const COOKIE: &str = "place-";

/// Outside of the session layer: takes the other credentials off such a request.
pub(super) async fn alone(
    State(services): State<Arc<Services>>,
    mut request: Request,
    next: Next,
) -> Response {
    if proves_a_place(&services, &request) {
        let places = cookies(request.headers());
        let headers = request.headers_mut();
        headers.remove(header::AUTHORIZATION);
        headers.remove(header::COOKIE);
        if let Ok(value) = HeaderValue::try_from(places.join("; ")) {
            headers.insert(header::COOKIE, value);
        }
        request.extensions_mut().insert(ByPlace);
    }
    next.run(request).await
}

fn proves_a_place(services: &Services, request: &Request) -> bool {
    let key = Some(request.uri())
        .filter(|_| request.method() == Method::GET)
        .and_then(event_of);
    let Some(key) = key else { return false };
    let header = request.headers().get(PLACE_TOKEN);
    let header = header.and_then(|value| value.to_str().ok());
    let cookies = cookies(request.headers());
    let cookies = cookies
        .iter()
        .filter_map(|pair| Some(pair.split_once('=')?.1));
    header
        .into_iter()
        .chain(cookies)
        .any(|token| waiting_room::proves(services, key, token))
}

/// The event whose line is asked for, if this is such an address.
fn event_of(uri: &Uri) -> Option<&str> {
    let path = uri.path();
    if path == "/rpc/look_at_room" {
        let mut pairs = uri.query()?.split('&');
        return pairs.find_map(|pair| pair.strip_prefix("key="));
    }
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let key = path.strip_prefix("/events/")?;
    let key = key.strip_suffix("/waiting-room")?;
    (!key.contains('/')).then_some(key)
}

/// The cookies that hold places, as `name=token`.
fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .map(str::trim)
        .filter(|pair| pair.starts_with(COOKIE))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_questions_about_a_line_name_an_event() {
        let event = |text: &'static str| event_of(&Uri::from_static(text)).map(str::to_owned);
        for (address, key) in [
            ("/events/a-b/waiting-room", Some("a-b")),
            ("/events/a-b/waiting-room?x=1", Some("a-b")),
            ("/api/v1/events/a-b/waiting-room", Some("a-b")),
            ("/rpc/look_at_room?x=1&key=a-b", Some("a-b")),
            ("/rpc/look_at_room", None),
            ("/rpc/join_waiting_room?key=a-b", None),
            ("/events/a-b", None),
            ("/events/a/b/waiting-room", None),
            ("/organizer/events/a-b/waiting-room", None),
        ] {
            assert_eq!(event(address).as_deref(), key, "{address}");
        }
    }

    #[test]
    fn other_cookies_are_left_behind() {
        let mut headers = HeaderMap::new();
        let value = "session=abc; place-1=x; theme=dark;place-2=y";
        headers.insert(header::COOKIE, HeaderValue::from_static(value));
        assert_eq!(cookies(&headers), ["place-1=x", "place-2=y"]);
    }
}
