//! The secret in the link of an offer. It is made from the offer's id with the installation's
//! secret and kept nowhere: nothing that is stored, backed up or lost tells it, and its giver
//! can be shown it again.

use secrecy::ExposeSecret as _;
use types::TransferId;

use crate::{Ctx, keyed};

/// Keeps this secret apart from others derived of the same one.
const PURPOSE: &[u8] = b"eventsphere transfer link, version 1";

/// How many bytes of the code go into the link: nobody guesses 160 bits.
const LENGTH: usize = 20;

/// The link that lets whoever has it accept.
pub(super) fn url(ctx: &Ctx, id: TransferId) -> String {
    let code = keyed::mac(secret(ctx), &[PURPOSE, id.0.as_bytes()]);
    let (site, key) = (&ctx.settings().public_url, hex::encode(&code[..LENGTH]));
    format!("{site}/transfers/{id}?key={key}")
}

/// Is it the key of this offer's link? Takes as long for a wrong one as for the right one.
pub(super) fn fits(ctx: &Ctx, id: TransferId, key: &str) -> bool {
    let key = hex::decode(key).ok();
    let key: Option<[u8; LENGTH]> = key.and_then(|key| key.try_into().ok());
    key.is_some_and(|key| keyed::verify(secret(ctx), &[PURPOSE, id.0.as_bytes()], &key))
}

fn secret(ctx: &Ctx) -> &[u8] {
    ctx.settings().secret.expose_secret().as_bytes()
}
