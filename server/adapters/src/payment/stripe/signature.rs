//! Proof that a call of our webhook is Stripe's
//! (<https://docs.stripe.com/webhooks#verify-manually>).

use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

/// How far a signature's time may be from ours: an older one may be a recording.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Was `body` signed with `secret` about now? The header is `t=<seconds>,v1=<hex>`, with
/// several `v1` while a secret is replaced, and schemes that do not count.
pub(super) fn is_genuine(secret: &[u8], header: &str, body: &[u8], now: Timestamp) -> bool {
    let field = |name| {
        let fields = header.split(',').filter_map(|part| part.split_once('='));
        fields.filter_map(move |(key, value)| (key.trim() == name).then_some(value.trim()))
    };
    let Some(time) = field("t").next().filter(|time| is_recent(time, now)) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return false;
    };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    field("v1")
        .filter_map(|signature| hex::decode(signature).ok())
        // Compares in constant time.
        .any(|signature| mac.clone().verify_slice(&signature).is_ok())
}

fn is_recent(seconds: &str, now: Timestamp) -> bool {
    let signed_at = seconds
        .parse()
        .ok()
        .and_then(|s| Timestamp::from_second(s).ok());
    signed_at.is_some_and(|then| then.duration_since(now).abs() <= TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with `openssl dgst -sha256 -hmac whsec_test`.
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;
    const SIGNATURE: &str = "fe896ff58e5afae4a0e8c0e34c2c773dcf81b5b1bd22164051bb1f967bac1e85";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn genuine(header: &str, body: &[u8], now: i64) -> bool {
        is_genuine(b"whsec_test", header, body, at(now))
    }

    #[test]
    fn a_signature_made_elsewhere_is_understood() {
        let header = format!("t=1780315200,v1={SIGNATURE},v0=00");
        assert!(genuine(&header, BODY, 1_780_315_200));
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let header = format!("t=1780315200,v1={},v1={SIGNATURE}", "00".repeat(32));
        assert!(genuine(&header, BODY, 1_780_315_200));
    }

    #[test]
    fn five_minutes_are_the_limit_in_both_directions() {
        let header = format!("t=1780315200,v1={SIGNATURE}");
        assert!(genuine(&header, BODY, 1_780_315_200 + 300));
        assert!(!genuine(&header, BODY, 1_780_315_200 + 301));
        assert!(!genuine(&header, BODY, 1_780_315_200 - 301));
    }

    #[test]
    fn everything_else_is_refused() {
        let now = 1_780_315_200;
        assert!(!genuine(
            &format!("t=1780315200,v1={SIGNATURE}"),
            b"{}",
            now
        ));
        assert!(!is_genuine(
            b"whsec_other",
            &format!("t=1780315200,v1={SIGNATURE}"),
            BODY,
            at(now)
        ));
        for header in [
            "",
            "t=1780315200",
            "t=1780315200,v1=",
            "t=1780315200,v1=zz",
            &format!("v1={SIGNATURE}"),
            &format!("t=1780315200,v0={SIGNATURE}"),
            &format!("t=1780315201,v1={SIGNATURE}"),
            &format!("t=now,v1={SIGNATURE}"),
            &format!("t=99999999999999999999,v1={SIGNATURE}"),
        ] {
            assert!(!genuine(header, BODY, now), "{header}");
        }
    }
}
