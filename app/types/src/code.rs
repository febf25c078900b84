//! The one table of error codes: what clients branch on, its HTTP status, its
//! title, and whether the same request may succeed later.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

// `$text` is a token, not a literal: derives cannot look into a literal that a macro hands on.
macro_rules! codes {
    ($($name:ident $status:literal $text:tt $retry:ident $title:literal;)+) => {
        /// What went wrong, stable across releases.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Code {
            $(
                #[doc = $title]
                #[serde(rename = $text)]
                $name,
            )+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The text on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// A short sentence for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// True when the same request may succeed later.
            pub fn is_retryable(self) -> bool {
                match self { $(Self::$name => codes!(@ $retry)),+ }
            }

            /// The code with this text, for links and forms that carry it.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
    (@ retry) => { true };
    (@ final) => { false };
}

codes! {
    // The request itself
    Malformed            400 "malformed"             final "The request could not be read.";
    BadSignature         400 "bad_signature"         final "The signature of this message is missing, wrong or too old.";
    BadPlaceToken        400 "bad_place_token"       final "This is no place in this waiting room (any more). Please join again.";
    BadIdempotencyKey    400 "bad_idempotency_key"   final "The idempotency key must be 1 to 128 printable characters.";
    NotSignedIn          401 "not_signed_in"         final "Please log in first.";
    InvalidToken         401 "invalid_token"         final "This access token is not valid (any more).";
    InvalidCredentials   401 "invalid_credentials"   final "E-mail or password is wrong.";
    RefreshReused        401 "refresh_reused"        final "This refresh token was used before; please log in again.";
    PaymentDeclined      402 "payment_declined"      final "The payment was declined. Your places are still held.";
    Forbidden            403 "forbidden"             final "You are not allowed to do this.";
    CrossOrigin          403 "cross_origin"          final "This request did not come from our own pages.";
    NotFound             404 "not_found"             final "There is nothing here (any more).";
    MethodNotAllowed     405 "method_not_allowed"    final "This address does not take that method.";
    NotAcceptable        406 "not_acceptable"        final "None of the accepted formats can be produced.";
    PayloadTooLarge      413 "payload_too_large"     final "That is too large.";
    UnsupportedMedia     415 "unsupported_media"     final "This kind of content is not supported.";
    Invalid              422 "invalid"               final "Some fields need another look.";
    UnknownPromoCode     422 "unknown_promo_code"    final "This code is not known for this event.";
    PromoCodeNotForThese 422 "promo_code_not_for_these" final "This code is for other tickets.";
    IdempotencyMismatch  422 "idempotency_mismatch"  final "This idempotency key was used with another request.";
    PreconditionRequired 428 "precondition_required" final "Send If-Match with the version you edited.";
    Stale                412 "stale"                 final "Somebody else changed this in the meantime. Reload and try again.";
    RateLimited          429 "rate_limited"          retry "Too many requests. Please wait a moment.";
    // Accounts
    EmailTaken           409 "email_taken"           final "An account with this e-mail exists already.";
    HandleTaken          409 "handle_taken"          final "This handle is taken.";
    // Events
    IllegalState         409 "illegal_state"         final "This is not possible in the current state.";
    EventHasOrders       409 "event_has_orders"      final "This event has sold tickets and cannot be deleted.";
    BelowSold            409 "below_sold"            final "The quantity cannot go below what is sold and held.";
    CurrencyMismatch     422 "currency_mismatch"     final "All ticket types of an event share one currency.";
    // Tickets
    SoldOut              409 "sold_out"              final "Not enough places are left.";
    LimitReached         409 "limit_reached"         final "That is more than one person may have.";
    PlacesAvailable      409 "places_available"      final "Places are free: there is no line to wait in.";
    NotOnSale            409 "not_on_sale"           final "These tickets are not on sale now.";
    PromoCodeNotValid    409 "promo_code_not_valid"  final "This code does not count now.";
    PromoCodeUsedUp      409 "promo_code_used_up"    final "This code was used as often as it can be.";
    PromoCodeUsedByYou   409 "promo_code_used_by_you" final "You have used this code already.";
    PromoCodeTaken       409 "promo_code_taken"      final "This event has this code already.";
    PromoCodeInUse       409 "promo_code_in_use"     final "This code was used and cannot be deleted. Switch it off instead.";
    PaymentPending       409 "payment_pending"       retry "The outcome of the payment is not known yet.";
    PaymentRequired      422 "payment_required"      final "This order needs a payment method.";
    WaitingRoomRequired  409 "waiting_room_required" final "These tickets are sold through a waiting room, and it is not your turn yet.";
    RequestInFlight      409 "request_in_flight"     retry "The same request is still being worked on.";
    HoldExpired          410 "hold_expired"          final "The time for these places ran out.";
    OfferExpired         410 "offer_expired"         final "This offer was not answered in time.";
    // Ours
    Internal             500 "internal"              retry "Something went wrong on our side.";
    Unavailable          503 "unavailable"           retry "This is not available right now. Please try again shortly.";
    StorageUnavailable   503 "storage_unavailable"   retry "Files cannot be stored right now. Please try again shortly.";
    DocumentsUnavailable 503 "documents_unavailable" retry "Details cannot be stored right now. Please try again shortly.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_text_and_serialized_as_it() {
        for code in Code::ALL {
            assert_eq!(Code::from_text(code.as_str()), Some(*code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
