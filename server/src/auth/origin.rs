//! The same-origin proof: a browser sends the session cookie with requests that other
//! sites make, so an unsafe request needs to show that it came from our own pages.

use http::{HeaderMap, HeaderName, Method, header};

use super::credential::Credential;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The site's own origin (RFC 6454): scheme, host and port of its public address.
#[derive(Clone, Debug)]
pub(super) struct Origin(String);

/// Does a request have to prove that it came from our own pages? Under `/api` when the
/// cookie is the credential; elsewhere always, logging in included.
pub(super) fn needs_proof(method: &Method, path: &str, credential: Credential) -> bool {
    if method.is_safe() {
        return false;
    }
    let is_api = path == "/api" || path.starts_with("/api/");
    !is_api || credential == Credential::Cookie
}

impl Origin {
    /// The origin of an address.
    pub(super) fn of(public_url: &str) -> Self {
        let host_from = public_url.find("://").map_or(0, |at| at + 3);
        let host_to = public_url[host_from..]
            .find('/')
            .map_or(public_url.len(), |at| host_from + at);
        Self(public_url[..host_to].to_ascii_lowercase())
    }

    /// Browsers write both headers themselves; no page can forge them.
    pub(super) fn is_proven(&self, headers: &HeaderMap) -> bool {
        let is_own = |name: HeaderName, own: &str| {
            let mut values = headers.get_all(name).iter();
            values
                .next()
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
                && values.next().is_none()
        };
        is_own(SEC_FETCH_SITE, "same-origin") || is_own(header::ORIGIN, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn is_proven(lines: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        Origin::of("https://Tickets.example.org:8443/").is_proven(&headers)
    }

    #[test]
    fn one_of_two_headers_proves_the_origin() {
        assert!(is_proven(&[("sec-fetch-site", "same-origin")]));
        assert!(is_proven(&[("origin", "https://tickets.example.org:8443")]));
        assert!(is_proven(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "null")
        ]));
    }

    #[test]
    fn everything_else_does_not() {
        assert!(!is_proven(&[]));
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!is_proven(&[("sec-fetch-site", site)]), "{site}");
        }
        for origin in [
            "null",
            "",
            "https://tickets.example.org",
            "http://tickets.example.org:8443",
            "https://tickets.example.org:8443.evil.example",
        ] {
            assert!(!is_proven(&[("origin", origin)]), "{origin}");
        }
        assert!(!is_proven(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-origin")
        ]));
    }

    #[test]
    fn the_cookie_makes_the_api_need_it_and_pages_always_do() {
        use Credential::{Bearer, Cookie, Nothing};
        assert!(needs_proof(&Method::POST, "/api/v1/orders", Cookie));
        assert!(!needs_proof(&Method::POST, "/api/v1/orders", Bearer));
        assert!(!needs_proof(&Method::POST, "/api/v1/auth/login", Nothing));
        assert!(!needs_proof(&Method::GET, "/api/v1/orders", Cookie));
        assert!(!needs_proof(&Method::GET, "/rpc/list_events", Cookie));
        for credential in [Nothing, Bearer, Cookie] {
            assert!(needs_proof(&Method::POST, "/rpc/log_in", credential));
        }
    }
}
