//! `/sitemap.xml` (sitemaps.org, version 0.9) and `/robots.txt`, which says where it is.

use std::{fmt::Write, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::header;
use moka::future::Cache;
use service::{Ctx, Error, Services, events};

use crate::api::problem::ApiError;

/// More addresses than this make no valid sitemap.
const MAX_ADDRESSES: usize = 50_000;
/// The pages that lead to all others.
const MAIN_PAGES: [&str; 2] = ["/", "/events"];
/// How old a sitemap may be: it is the largest question that a stranger can ask.
const KEPT: Duration = Duration::from_mins(10);
const AN_HOUR: &str = "public, max-age=3600";

/// What robots leave alone: data, server functions, pages of one's own.
const LEFT_ALONE: [&str; 8] = [
    "/api/",
    "/dev/",
    "/rpc/",
    "/account",
    "/checkout/",
    "/orders",
    "/organizer",
    "/tickets",
];

#[derive(Clone)]
struct Map {
    services: Arc<Services>,
    made: Cache<(), Bytes>,
}

/// Both routes.
pub fn router(services: Arc<Services>) -> Router {
    let made = Cache::builder().time_to_live(KEPT).build();
    Router::new()
        .route("/sitemap.xml", get(sitemap))
        .route("/robots.txt", get(robots))
        .with_state(Map { services, made })
}

async fn sitemap(State(map): State<Map>) -> Result<Response, ApiError> {
    let made = map.made.try_get_with((), write(&map.services)).await;
    // One error for everybody who waited for the same sitemap.
    let text = made.map_err(|error| Error::new(error.code).because(error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/xml; charset=utf-8"),
        (header::CACHE_CONTROL, AN_HOUR),
    ];
    Ok((headers, text).into_response())
}

async fn write(services: &Arc<Services>) -> service::Result<Bytes> {
    let ctx = Ctx::system(services.clone());
    let events = events::public_addresses(&ctx, MAX_ADDRESSES - MAIN_PAGES.len()).await?;
    let site = &services.settings.public_url;
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for page in MAIN_PAGES {
        add(&mut text, &format!("{site}{page}"), None);
    }
    for event in events {
        let edited = event.edited_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        add(
            &mut text,
            &format!("{site}/events/{}", event.slug),
            Some(&edited),
        );
    }
    text.push_str("</urlset>\n");
    Ok(Bytes::from(text))
}

fn add(text: &mut String, address: &str, edited: Option<&str>) {
    let edited = edited
        .map(|at| format!("<lastmod>{at}</lastmod>"))
        .unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "<url><loc>{}</loc>{edited}</url>", escaped(address));
}

/// The five characters of XML (XML 1.0, section 2.4).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

async fn robots(State(map): State<Map>) -> Response {
    let mut text = String::from("User-agent: *\n");
    for path in LEFT_ALONE {
        let _ = writeln!(text, "Disallow: {path}");
    }
    let site = &map.services.settings.public_url;
    let _ = write!(text, "\nSitemap: {site}/sitemap.xml\n");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, AN_HOUR),
    ];
    (headers, text).into_response()
}
