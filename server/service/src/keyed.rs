//! HMAC-SHA-256 (RFC 2104): what the installation signs with its secret, and the keys it derives
//! from it. A purpose of its own among the parts keeps one use apart from every other.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The code of parts under a key of any length; the parts count as one text.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    over(key, parts).finalize().into_bytes().into()
}

/// Is this the beginning of the parts' code, 1 to 32 bytes of it? Takes as long for a wrong one as
/// for the right one.
pub(crate) fn verify<const LENGTH: usize>(
    key: &[u8],
    parts: &[&[u8]],
    start: &[u8; LENGTH],
) -> bool {
    over(key, parts).verify_truncated_left(start).is_ok()
}

fn over(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut code = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    for part in parts {
        code.update(part);
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    const KNOWN: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn a_known_text_has_the_known_code_however_it_is_cut() {
        let whole = mac(b"Jefe", &[b"what do ya want for nothing?"]);
        let cut = mac(b"Jefe", &[b"what do ya ", b"", b"want for nothing?"]);
        assert_eq!((hex::encode(whole).as_str(), whole), (KNOWN, cut));
    }

    #[test]
    fn a_code_or_its_beginning_is_known_again_and_no_other() {
        let code = mac(b"key", &[b"text"]);
        let start: [u8; 20] = std::array::from_fn(|at| code[at]);
        assert!(verify(b"key", &[b"text"], &code) && verify(b"key", &[b"text"], &start));
        assert!(!verify(b"other", &[b"text"], &code) && !verify(b"key", &[b"texts"], &code));
        let mut changed = start;
        changed[19] ^= 1;
        assert!(!verify(b"key", &[b"text"], &changed));
        assert!(!verify::<0>(b"key", &[b"text"], &[]));
    }
}
