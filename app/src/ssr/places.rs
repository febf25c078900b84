//! Places in waiting rooms as the browser keeps them: a cookie per room, which scripts cannot read.

use axum::http::{
    HeaderValue,
    header::{COOKIE, SET_COOKIE},
    request::Parts,
};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use types::waiting_room::Place;

/// What the names of the cookies begin with; the event's id follows.
const NAME: &str = "place-";
/// A day: longer than a rush lasts.
const MAX_AGE: u32 = 24 * 60 * 60;

/// The tokens of all places that the browser has.
pub fn tokens() -> Vec<String> {
    let Some(parts) = use_context::<Parts>() else {
        return Vec::new();
    };
    let lines = parts.headers.get_all(COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(NAME)?.split_once('='))
        .map(|(_, token)| token.to_owned())
        .collect()
}

/// Gives the browser a place to keep. It reaches those who follow a link from elsewhere too.
pub fn keep(place: &Place) {
    let (Some(options), Some(token)) = (use_context::<ResponseOptions>(), &place.token) else {
        return;
    };
    let event = place.room.event.id.0.simple();
    let secure = if super::public_url().starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie =
        format!("{NAME}{event}={token}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        options.append_header(SET_COOKIE, cookie);
    }
}
