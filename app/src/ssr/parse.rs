//! Text from forms as the types that use cases take.

use std::str::FromStr;

use serde::Serialize;
use service::{ctx::IfMatch, idempotency::Once};
use types::{
    Code,
    orders::{PayHold, PaymentInput, PaymentMethod},
    transfers::AnswerOffer,
};

use crate::rpc::{RpcError, RpcResult};

/// The id in a link or a hidden field.
///
/// # Errors
/// [`Code::NotFound`]: nothing has a malformed id.
pub fn id<T: FromStr>(text: &str) -> RpcResult<T> {
    text.parse().map_err(|_| RpcError::new(Code::NotFound))
}

/// The version in a form's hidden field.
pub fn version(text: &str) -> IfMatch {
    text.parse().map_or(IfMatch::Unknown, IfMatch::Is)
}

/// A form with an idempotency key in a hidden field, and what was filled in.
///
/// # Errors
/// [`Code::BadIdempotencyKey`]: the site's own forms always send one.
pub fn once(key: &str, operation: String, content: &impl Serialize) -> RpcResult<Once> {
    Ok(Once::of_form(key, operation, content)?)
}

/// The simulator's instruction from the checkout form.
pub fn payment(outcome: &str) -> PayHold {
    let token = Some(outcome.to_owned()).filter(|token| !token.is_empty());
    PayHold {
        payment: Some(PaymentInput {
            method: PaymentMethod::Simulated,
            token,
        }),
    }
}

/// The answer to an offer of a ticket; an offer to an account has no key.
pub fn answer(link_key: String) -> AnswerOffer {
    AnswerOffer {
        key: Some(link_key).filter(|key| !key.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use types::HoldId;

    use super::*;

    #[test]
    fn what_cannot_be_read_is_refused_with_its_code() {
        assert_eq!(id::<HoldId>("x").unwrap_err().code, Code::NotFound);
        assert_eq!(
            once("", "POST /rpc/pay".to_owned(), &()).unwrap_err().code,
            Code::BadIdempotencyKey
        );
        assert_eq!(
            (version("7"), version("x")),
            (IfMatch::Is(7), IfMatch::Unknown)
        );
    }
}
