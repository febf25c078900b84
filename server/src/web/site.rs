//! The pages: every route of the app's table, and the app's own 404 for the rest.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use app::{App, shell};
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use leptos::{
    config::{Env, LeptosOptions},
    nonce::use_nonce,
    prelude::use_context,
    server_fn::axum::server_fn_paths,
};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list_with_exclusions,
};
use service::Error;

use super::{Edge, headers::page_policy};
use crate::api::problem::ApiError;

/// The built site's file names begin with it.
const NAME: &str = "eventsphere";

/// The pages and the fallback of the whole front door.
pub fn router(edge: &Edge, public_url: &str) -> Router {
    let options = options(&edge.site_root);
    let context = page_context(edge, public_url);
    let pages = {
        let options = options.clone();
        move || shell(options.clone())
    };
    Router::new()
        .leptos_routes_with_context(&options, routes(), context.clone(), pages)
        .fallback(move |state, request| not_found(context, state, request))
        .with_state(options)
}

/// The table of pages; the same for every router of a process. Server functions are
/// left out of it: [`super::rpc`] has them, behind its own layers.
fn routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    let functions = || server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    ROUTES
        .get_or_init(|| generate_route_list_with_exclusions(App, Some(functions())))
        .clone()
}

/// The paths of all pages, with `{name}` for parameters.
pub fn pages() -> Vec<String> {
    let pages = routes()
        .into_iter()
        .filter(|page| page.methods().next().is_some());
    pages.map(|page| page.path().to_owned()).collect()
}

fn options(site_root: &Path) -> LeptosOptions {
    let hashes = site_root.join("hash.txt");
    // Leptos looks for the file beside the program unless the path is absolute.
    let hashes = std::path::absolute(&hashes).unwrap_or(hashes);
    LeptosOptions::builder()
        .output_name(NAME)
        .site_root(site_root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .env(Env::PROD)
        .hash_files(hashes.exists())
        .hash_file(Arc::<str>::from(hashes.to_string_lossy()))
        .build()
}

/// What happens before a page is rendered: its policy, with the nonce of this answer.
fn page_context(edge: &Edge, public_url: &str) -> impl Fn() + Clone + Send + Sync + 'static {
    let edge = Arc::new(edge.clone());
    let is_https = public_url.starts_with("https://");
    move || {
        let (Some(nonce), Some(answer)) = (use_nonce(), use_context::<ResponseOptions>()) else {
            return;
        };
        if let Ok(policy) = HeaderValue::try_from(page_policy(&nonce, &edge, is_https)) {
            answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        answer.insert_header(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
}

/// An address that nothing stands behind: a problem under `/api`, else the app's page.
async fn not_found(
    context: impl Fn() + Clone + Send + Sync + 'static,
    State(options): State<LeptosOptions>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    if super::is_api(path) || super::is_rpc(path) {
        return ApiError::from(Error::not_found()).into_response();
    }
    let render =
        leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
    let mut response = render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
