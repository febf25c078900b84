//! The headers that tell a client how much it may still ask for
//! (draft-ietf-httpapi-ratelimit-headers).

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use service::rate::{Meter, Verdict};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Adds `RateLimit` and `RateLimit-Policy` for every limit that the request spent of.
/// `Retry-After` goes with the error.
pub(super) fn add_headers(meter: &Meter, headers: &mut HeaderMap) {
    let verdicts = meter.verdicts();
    let mut add = |name: HeaderName, item: fn(&Verdict) -> String| {
        let list: Vec<_> = verdicts.iter().map(item).collect();
        if let (false, Ok(value)) = (list.is_empty(), HeaderValue::try_from(list.join(", "))) {
            headers.insert(name, value);
        }
    };
    add(RATE_LIMIT_POLICY, policy);
    add(RATE_LIMIT, rest);
}

/// `"login";q=30;w=60`: calls and the seconds they are for.
fn policy(verdict: &Verdict) -> String {
    format!(
        "\"{}\";q={};w={}",
        verdict.policy,
        verdict.limit.calls,
        verdict.limit.per.as_secs().max(1)
    )
}

/// `"login";r=29;t=2`: calls left and the seconds until all are back.
fn rest(verdict: &Verdict) -> String {
    let mut text = format!("\"{}\";r={}", verdict.policy, verdict.remaining);
    let seconds = verdict.reset.as_millis().div_ceil(1000);
    let _ = write!(text, ";t={seconds}");
    text
}
