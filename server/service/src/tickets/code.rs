//! Short codes and long payloads in an alphabet that nobody misreads: Crockford's
//! base 32, without I, L, O and U.

use crate::Ctx;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = 10;

/// A random code for typing at the door: 50 bits, so guessing one that exists takes
/// longer than any event.
pub(crate) fn new_code(ctx: &Ctx) -> String {
    let secret = ctx.ports().ids.secret();
    secret
        .iter()
        .take(CODE_LENGTH)
        .map(|byte| symbol(*byte))
        .collect()
}

/// The symbol of the lower five bits.
fn symbol(bits: u8) -> char {
    char::from(ALPHABET[usize::from(bits & 31)])
}

/// Bytes as text, five bits a symbol, high bits first, zeros at the end.
pub(super) fn encode(bytes: &[u8]) -> String {
    let bit = |index: usize| {
        bytes
            .get(index / 8)
            .is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
    };
    let symbols = (bytes.len() * 8).div_ceil(5);
    (0..symbols)
        .map(|at| symbol((0..5).fold(0, |bits, offset| bits << 1 | u8::from(bit(at * 5 + offset)))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_bits_make_a_symbol() {
        assert_eq!(encode(&[]), "");
        assert_eq!(encode(&[0xff]), "ZW");
        assert_eq!(
            encode(&[
                0b0000_0000,
                0b0100_0100,
                0b0011_0010,
                0b0001_0100,
                0b1100_0111
            ]),
            "01234567"
        );
        assert_eq!(encode(&[0; 16]).len(), 26);
        assert_eq!(encode(&[0; 64]).len(), 103);
    }
}
