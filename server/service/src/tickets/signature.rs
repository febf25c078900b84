//! What a ticket's QR code says: `ES1.<id>.<code>.<signature>`, everything after the
//! version in base 32 so that QR codes use their dense alphanumeric mode. Ed25519 (RFC
//! 8032) over the part before the last dot, so a device at the door sees with the public key
//! alone, and no network, that we issued it.
//!
//! That is all a signature says. One that was given back, passed on or cancelled afterwards
//! verifies as before: whether it still opens the door is the ticket's status, which a door has to
//! look up, and so is whether somebody is in with it already.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use secrecy::ExposeSecret as _;
use types::TicketId;

use super::code::encode;
use crate::{Ctx, Error, Result, keyed};

/// Keeps this key apart from others derived of the same secret.
const PURPOSE: &[u8] = b"eventsphere ticket signature, version 1";

/// The signed text of a ticket.
pub(super) fn payload(ctx: &Ctx, id: TicketId, code: &str) -> Result<String> {
    let signed = format!("ES1.{}.{code}", encode(id.0.as_bytes()));
    let signature = key(ctx)?.sign(signed.as_bytes());
    Ok(format!("{signed}.{}", encode(signature.as_ref())))
}

/// The public half of the key that signs tickets, 32 bytes: what a device at the door
/// verifies them with.
///
/// # Errors
/// Ours alone.
pub fn public_key(ctx: &Ctx) -> Result<Vec<u8>> {
    Ok(key(ctx)?.public_key().as_ref().to_vec())
}

fn key(ctx: &Ctx) -> Result<Ed25519KeyPair> {
    let secret = ctx.settings().secret.expose_secret().as_bytes();
    let seed = keyed::mac(secret, &[PURPOSE]);
    Ed25519KeyPair::from_seed_unchecked(&seed).map_err(Error::internal)
}
