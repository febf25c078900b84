//! Ids: UUIDv7 inside, a type of their own outside, so that an event's id can
//! never be passed where an order's is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid, example = "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11")]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A person's account.
    AccountId,
    /// One login of one device: a web session or a family of refresh tokens.
    LoginId,
    /// An event.
    EventId,
    /// A kind of ticket of one event.
    TicketTypeId,
    /// A pool of places that one or more ticket types draw from.
    PoolId,
    /// An image of an event.
    MediaId,
    /// Places put aside for a buyer until an instant.
    HoldId,
    /// A paid, pending or refunded purchase.
    OrderId,
    /// Money that goes back.
    RefundId,
    /// A code that makes tickets cheaper, or opens hidden ones.
    PromoCodeId,
    /// One place for one person.
    TicketId,
    /// A place in line for a ticket type that is sold out.
    WaitingListEntryId,
    /// An offer of a ticket to somebody else.
    TransferId,
    /// A mail to somebody.
    MailId,
}
