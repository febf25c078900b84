//! The secret in the link of an offer. It is made from the offer's id with the installation's
//! secret and kept nowhere: nothing that is stored, backed up or lost tells it, and its giver
//! can be shown it again.

use hmac::{Hmac, Mac as _};
use secrecy::ExposeSecret as _;
use sha2::Sha256;
use types::TransferId;

use crate::Ctx;

/// Keeps this secret apart from others derived of the same one.
const PURPOSE: &[u8] = b"eventsphere transfer link, version 1";

/// How many bytes of the code go into the link: nobody guesses 160 bits.
const LENGTH: usize = 20;

/// The link that lets whoever has it accept.
pub(super) fn url(ctx: &Ctx, id: TransferId) -> Option<String> {
    let code = code(ctx, id)?.finalize().into_bytes();
    let (site, key) = (&ctx.settings().public_url, hex::encode(&code[..LENGTH]));
    Some(format!("{site}/transfers/{id}?key={key}"))
}

/// Is it the key of this offer's link? Takes as long for a wrong one as for the right one.
pub(super) fn fits(ctx: &Ctx, id: TransferId, key: &str) -> bool {
    let (Ok(key), Some(code)) = (hex::decode(key), code(ctx, id)) else {
        return false;
    };
    key.len() == LENGTH && code.verify_truncated_left(&key).is_ok()
}

fn code(ctx: &Ctx, id: TransferId) -> Option<Hmac<Sha256>> {
    let secret = ctx.settings().secret.expose_secret().as_bytes();
    // HMAC takes keys of any length; this is never an error.
    let mut code = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    code.update(PURPOSE);
    code.update(id.0.as_bytes());
    Some(code)
}
