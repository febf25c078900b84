//! The built site's files: scripts, styles, icons, fonts. A file whose name carries
//! its content's hash never changes and is kept by browsers for a year.

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use tower_http::services::ServeDir;

const FOREVER: &str = "public, max-age=31536000, immutable";
/// Asked for again each time; the answer is short when nothing changed.
const FRESH: &str = "no-cache";
const AN_HOUR: &str = "public, max-age=3600";

/// `/pkg/…` and every file at the top of the site's folder. The list of the latter is
/// made once, at start.
pub fn router(site_root: &Path) -> Router {
    let folder = |path: &Path| {
        ServeDir::new(path)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip()
    };
    let mut router = Router::new();
    for (name, is_folder) in entries(site_root) {
        let path = site_root.join(&name);
        router = if is_folder {
            router.nest_service(&format!("/{name}"), folder(&path))
        } else {
            router.route_service(&format!("/{name}"), folder(site_root))
        };
    }
    router.layer(middleware::from_fn(cache))
}

/// What lies at the top of the site's folder and is meant for the world.
fn entries(site_root: &Path) -> Vec<(String, bool)> {
    let Ok(entries) = std::fs::read_dir(site_root) else {
        tracing::warn!(site.root = %site_root.display(), "there is no built site: pages come without style and script");
        return Vec::new();
    };
    let entries = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let is_plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let is_ours = is_plain
            && !name.starts_with('.')
            && !["hash.txt", "robots.txt", "sitemap.xml"].contains(&name.as_str())
            && !name.ends_with(".br")
            && !name.ends_with(".gz");
        is_ours.then(|| (name, entry.path().is_dir()))
    });
    entries.collect()
}

async fn cache(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK || response.status() == StatusCode::NOT_MODIFIED {
        let value = HeaderValue::from_static(life_of(&path));
        response.headers_mut().insert(header::CACHE_CONTROL, value);
    }
    response
}

fn life_of(path: &str) -> &'static str {
    let is_hashed = path
        .split(['.', '/'])
        .any(|part| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match path {
        _ if is_hashed => FOREVER,
        _ if path.starts_with("/pkg/") => FRESH,
        _ => AN_HOUR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_live_for_ever() {
        assert_eq!(life_of("/pkg/eventsphere.0123456789abcdef.js"), FOREVER);
        assert_eq!(life_of("/pkg/eventsphere.js"), FRESH);
        assert_eq!(life_of("/favicon.svg"), AN_HOUR);
    }
}
