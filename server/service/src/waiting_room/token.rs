//! What proves a place: `WR1.<room, event, account, joined at>.<HMAC-SHA-256>` in base 64 for
//! addresses. Every process reads it without asking anybody.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use types::{AccountId, Code, EventId};
use uuid::Uuid;

use crate::{Error, Result, keyed, settings::Settings};

/// Keeps this key apart from others derived of the same secret.
const PURPOSE: &[u8] = b"eventsphere waiting room, version 1";
const VERSION: &str = "WR1";
/// Longer ones are not ours; they are not even decoded.
const LONGEST: usize = 200;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// A room that is set up again is another one.
    pub room: Uuid,
    /// What for.
    pub event: EventId,
    /// Whose place.
    pub account: AccountId,
    /// Since when.
    pub joined_at: Timestamp,
}

/// The token of a place.
pub(super) fn sign(settings: &Settings, claim: &Claim) -> String {
    let body = [
        claim.room.as_bytes(),
        claim.event.0.as_bytes(),
        claim.account.0.as_bytes(),
        &claim.joined_at.as_millisecond().to_be_bytes()[..],
    ]
    .concat();
    let signed = format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(body));
    let mac = keyed::mac(&key(settings), &[signed.as_bytes()]);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}

/// What a token of ours says.
///
/// # Errors
/// [`Code::BadPlaceToken`].
pub(super) fn open(settings: &Settings, token: &str) -> Result<Claim> {
    verified(settings, token).ok_or_else(|| Error::new(Code::BadPlaceToken))
}

fn verified(settings: &Settings, token: &str) -> Option<Claim> {
    if token.len() > LONGEST {
        return None;
    }
    let (signed, mac) = token.rsplit_once('.')?;
    let mac: [u8; 32] = URL_SAFE_NO_PAD.decode(mac).ok()?.try_into().ok()?;
    if !keyed::verify(&key(settings), &[signed.as_bytes()], &mac) {
        return None;
    }
    let body = signed.strip_prefix(VERSION)?.strip_prefix('.')?;
    let body = URL_SAFE_NO_PAD.decode(body).ok()?;
    let id = |at: usize| Uuid::from_slice(body.get(at..at + 16)?).ok();
    let joined_at = i64::from_be_bytes(body.get(48..)?.try_into().ok()?);
    Some(Claim {
        room: id(0)?,
        event: id(16)?.into(),
        account: id(32)?.into(),
        joined_at: Timestamp::from_millisecond(joined_at).ok()?,
    })
}

fn key(settings: &Settings) -> [u8; 32] {
    keyed::mac(settings.secret.expose_secret().as_bytes(), &[PURPOSE])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        Claim {
            room: Uuid::from_u128(1),
            event: Uuid::from_u128(2).into(),
            account: Uuid::from_u128(3).into(),
            joined_at: Timestamp::constant(1_800_000_000, 123_000_000),
        }
    }

    #[test]
    fn a_token_says_what_was_signed() {
        let settings = Settings::default();
        let token = sign(&settings, &claim());
        assert_eq!(open(&settings, &token).unwrap(), claim());
    }

    #[test]
    fn tokens_of_others_and_changed_ones_are_refused() {
        let settings = Settings::default();
        let token = sign(&settings, &claim());
        let other = Settings {
            secret: "another installation's secret".into(),
            ..Settings::default()
        };
        assert!(open(&other, &token).is_err());
        for (at, was) in token.char_indices() {
            let new = if was == 'A' { 'B' } else { 'A' };
            let changed = format!("{}{new}{}", &token[..at], &token[at + 1..]);
            assert!(
                open(&settings, &changed).is_err_and(|error| error.code == Code::BadPlaceToken),
                "{at}: {changed}"
            );
        }
        for bad in ["", ".", "..", "WR1", "WR1..", &"a".repeat(5000), "ä.ö.ü"] {
            assert!(open(&settings, bad).is_err(), "{bad}");
        }
    }
}
