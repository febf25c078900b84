//! The whole front door as one router: pages, server functions, the JSON API, media,
//! files, health, and the layers around them.

mod cors;
mod failures;
mod files;
mod headers;
mod mailbox;
mod media;
mod rpc;
mod site;
mod sitemap;

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, extract::Request, http::StatusCode, middleware};
use service::Services;
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer,
    timeout::TimeoutLayer,
};

use crate::{
    api,
    auth::{self, TrustedProxies},
    config::Config,
    telemetry::{self, Numbers},
};

use site::Pages;

pub use cors::{BadOrigin, Origins};
pub use mailbox::LIST as MAILBOX;

/// Of brotli and gzip alike: most of the gain for little of the time.
const COMPRESSION: i32 = 4;

/// What the front door needs beside the services.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The folder with the built site.
    pub site_root: PathBuf,
    /// Whose forwarded headers count.
    pub proxies: TrustedProxies,
    /// How long a request may take until its answer begins.
    pub patience: Duration,
    /// Where pages load images from besides our own address.
    pub image_origin: Option<String>,
    /// Where pages send uploads besides our own address.
    pub upload_origin: Option<String>,
    /// Whose pages may call the API.
    pub cors: Origins,
}

impl Edge {
    /// What the settings say.
    ///
    /// # Errors
    /// When the trusted proxies or the other sites cannot be read.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        let proxies = config.trusted_proxies.parse();
        let proxies =
            proxies.map_err(|error| anyhow::anyhow!("EVENTSPHERE_TRUSTED_PROXIES: {error}"))?;
        let cors = config.cors_origins.parse();
        let cors = cors.map_err(|error| anyhow::anyhow!("EVENTSPHERE_CORS_ORIGINS: {error}"))?;
        Ok(Self {
            site_root: config.site_root.clone(),
            proxies,
            patience: Duration::from_secs(config.request_seconds.into()),
            image_origin: headers::origin_of(&config.media_url),
            upload_origin: config.s3_endpoint.as_deref().and_then(headers::origin_of),
            cors,
        })
    }
}

/// Everything the server answers. `Extension<SocketAddr>` of the client comes from the
/// connection: serve it with connect info.
pub fn router(services: &Arc<Services>, edge: &Edge) -> Router {
    let numbers = Arc::new(Numbers::default());
    let pages = Pages::of(edge, &services.settings.public_url);
    let guarded = Router::new()
        .merge(api::router())
        .merge(rpc::router(pages.clone()))
        .merge(mailbox::router())
        .merge(site::router(pages))
        .layer(middleware::from_fn(telemetry::note_actor));
    auth::protect(guarded, services.clone(), edge.proxies.clone())
        .merge(media::router(services.clone()))
        .merge(sitemap::router(services.clone()))
        .merge(files::router(&edge.site_root))
        .merge(telemetry::health(services.clone(), numbers.clone()))
        .layer(CatchPanicLayer::custom(failures::Panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            edge.patience,
        ))
        .layer(middleware::from_fn(failures::in_the_callers_form))
        .layer(middleware::from_fn_with_state(
            edge.cors.clone(),
            cors::for_the_api,
        ))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(COMPRESSION)))
        .layer(middleware::from_fn_with_state(
            headers::Policy::of(services),
            headers::secure,
        ))
        .layer(middleware::from_fn_with_state(
            (services.clone(), numbers),
            telemetry::request_line,
        ))
}

/// The paths of all pages, with `{name}` for parameters.
pub fn pages() -> Vec<String> {
    site::pages()
}

/// The paths and methods of all server functions.
pub fn server_functions() -> Vec<(&'static str, http::Method)> {
    leptos::server_fn::axum::server_fn_paths().collect()
}

/// Is it a call of the API?
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Is it a call of a server function?
fn is_rpc(path: &str) -> bool {
    path.starts_with(rpc::PREFIX)
}

/// Does the client want a page rather than data?
fn wants_html(request: &Request) -> bool {
    let accept = request.headers().get(http::header::ACCEPT);
    accept
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains("text/html"))
}
