//! Headers that every answer carries, and the content security policy of pages.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use service::Services;

use super::Edge;

/// For answers that are no pages: they load nothing and nobody frames them.
const NOTHING: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Features of browsers that no page of ours uses.
const PERMISSIONS: &str =
    "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), interest-cohort=()";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: browsers would then send `Origin: null` with forms.
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// What the layer has to know of the installation.
#[derive(Clone)]
pub struct Policy {
    is_https: bool,
}

impl Policy {
    /// What the settings say.
    pub fn of(services: &Services) -> Self {
        Self {
            is_https: services.settings.public_url.starts_with("https://"),
        }
    }
}

/// The layer.
pub async fn secure(State(policy): State<Policy>, request: Request, next: Next) -> Response {
    let is_data = super::is_api(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if policy.is_https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    set_if_absent(headers, header::CONTENT_SECURITY_POLICY, NOTHING);
    if is_data {
        set_if_absent(headers, header::CACHE_CONTROL, "no-store");
    }
    response
}

fn set_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}

/// The policy of a page with this nonce: our own scripts, styles and images, and WASM.
pub fn page_policy(nonce: &str, edge: &Edge, is_https: bool) -> String {
    let more = |origin: Option<&str>| {
        origin
            .map(|origin| format!(" {origin}"))
            .unwrap_or_default()
    };
    let images = more(edge.image_origin.as_deref());
    let uploads = more(edge.upload_origin.as_deref());
    let upgrade = if is_https {
        "; upgrade-insecure-requests"
    } else {
        ""
    };
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: blob:{images}; connect-src 'self'{uploads}; font-src 'self'; object-src 'none'; \
         frame-ancestors 'none'; base-uri 'self'; form-action 'self'{upgrade}"
    )
}

/// The origin of an address, if it is another server's: `https://cdn.example.org`.
pub fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_no_path_and_local_paths_none() {
        assert_eq!(
            origin_of("https://cdn.example.org/media"),
            Some("https://cdn.example.org".to_owned())
        );
        assert_eq!(origin_of("/media"), None);
    }
}
