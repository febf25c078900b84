//! The choice of the credential.

use axum::extract::Request;
use http::{HeaderMap, HeaderName, header};
use service::{Ctx, accounts};
use types::{Code, accounts::Actor};

use super::session::WebUser;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Calls that make a credential need none; an expired one sent along does not keep
/// anybody from getting the next.
const OPEN: [&str; 3] = [
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
];

/// How whoever asks proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// Not at all.
    Nothing,
    /// With a token that no browser sends by itself.
    Bearer,
    /// With the session cookie, which a browser also sends when others make it.
    Cookie,
}

/// An explicit credential counts alone: a bad one is refused and never falls back to
/// the cookie.
pub(super) fn choose(
    ctx: &Ctx,
    user: Option<&WebUser>,
    request: &Request,
) -> service::Result<(Actor, Credential)> {
    if OPEN.contains(&request.uri().path()) {
        return Ok((Actor::Anonymous, Credential::Nothing));
    }
    if let Some(token) = explicit(request.headers())? {
        return Ok((accounts::actor_of_token(ctx, token)?, Credential::Bearer));
    }
    Ok(
        user.map_or((Actor::Anonymous, Credential::Nothing), |user| {
            (user.actor(), Credential::Cookie)
        }),
    )
}

/// The bearer token (RFC 6750, section 2.1). There are no API keys yet, so every one is wrong.
fn explicit(headers: &HeaderMap) -> service::Result<Option<&str>> {
    let bad = || service::Error::new(Code::InvalidToken);
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else {
        return if headers.contains_key(API_KEY) {
            Err(bad())
        } else {
            Ok(None)
        };
    };
    let text = value.to_str().map_err(|_| bad())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(bad)?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") && given.next().is_none();
    if is_bearer {
        Ok(Some(token.trim()))
    } else {
        Err(bad())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        headers
    }

    #[test]
    fn only_one_bearer_token_is_a_credential() {
        assert!(matches!(explicit(&headers(&[])), Ok(None)));
        assert_eq!(
            explicit(&headers(&[("authorization", "bearer abc")])).unwrap(),
            Some("abc")
        );
        for bad in ["", "Bearer", "abc", "Basic YTpi"] {
            assert!(
                explicit(&headers(&[("authorization", bad)])).is_err(),
                "{bad}"
            );
        }
        assert!(
            explicit(&headers(&[
                ("authorization", "Bearer a"),
                ("authorization", "Bearer b")
            ]))
            .is_err()
        );
        assert!(explicit(&headers(&[("x-api-key", "k")])).is_err());
    }
}
