//! The pages: every route of the app's table, and the app's own 404 for the rest.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use app::{App, Refused, shell};
use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::{
    config::{Env, LeptosOptions},
    nonce::use_nonce,
    prelude::{provide_context, use_context},
    server_fn::axum::server_fn_paths,
};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list_with_exclusions,
};
use service::Error;
use types::Code;

use super::{Edge, headers::page_policy};
use crate::api::problem::ApiError;

/// The built site's file names begin with it.
const NAME: &str = "eventsphere";

/// What every page is made with.
#[derive(Clone)]
pub struct Pages {
    options: LeptosOptions,
    edge: Arc<Edge>,
    is_https: bool,
}

impl Pages {
    /// What the settings say.
    pub fn of(edge: &Edge, public_url: &str) -> Self {
        Self {
            options: options(&edge.site_root),
            edge: Arc::new(edge.clone()),
            is_https: public_url.starts_with("https://"),
        }
    }

    /// The page for a request that was refused with this code.
    pub async fn refusal(&self, mut parts: Parts, code: Code) -> Response {
        parts.method = Method::GET;
        let pages = self.clone();
        let context = move || {
            pages.begin();
            provide_context(Refused(code));
        };
        let request = Request::from_parts(parts, Body::empty());
        self.render(request, context).await
    }

    async fn render(
        &self,
        request: Request,
        context: impl Fn() + Clone + Send + Sync + 'static,
    ) -> Response {
        let options = self.options.clone();
        let page = move || shell(options.clone());
        leptos_axum::render_app_async_with_context(context, page)(request).await
    }

    /// What happens before a page is rendered: its policy, with the nonce of this answer.
    fn begin(&self) {
        let (Some(nonce), Some(answer)) = (use_nonce(), use_context::<ResponseOptions>()) else {
            return;
        };
        if let Ok(policy) = HeaderValue::try_from(page_policy(&nonce, &self.edge, self.is_https)) {
            answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        answer.insert_header(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
}

/// The pages and the fallback of the whole front door.
pub fn router(pages: Pages) -> Router {
    let options = pages.options.clone();
    let page = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let begin = {
        let pages = pages.clone();
        move || pages.begin()
    };
    Router::new()
        .leptos_routes_with_context(&options, routes(), begin, page)
        .fallback(move |request| not_found(pages.clone(), request))
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

/// An address that nothing stands behind: a problem under `/api`, else the app's page.
async fn not_found(pages: Pages, request: Request) -> Response {
    let path = request.uri().path();
    if super::is_api(path) || super::is_rpc(path) {
        return ApiError::from(Error::not_found()).into_response();
    }
    let begin = {
        let pages = pages.clone();
        move || pages.begin()
    };
    let mut response = pages.render(request, begin).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
