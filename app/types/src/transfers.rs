//! Passing a ticket on: one person offers it, another accepts.

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    TicketId, TransferId, events::text_enum, orders::EventBrief, tickets::TicketTypeBrief, validate,
};

text_enum! {
    /// The life of an offer.
    TransferStatus {
        /// Waits for an answer; the ticket still opens the door for its giver.
        Offered = "offered",
        /// The ticket belongs to somebody else now.
        Accepted = "accepted",
        /// Whoever should get it said no.
        Declined = "declined",
        /// Taken back by the giver, or its ticket is not valid any more.
        Withdrawn = "withdrawn",
        /// Nobody answered in time.
        Expired = "expired",
    }
}

/// Offer a ticket to somebody.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferTicket {
    /// A handle, or an e-mail address. With an address the answer has a link to pass on, and
    /// whoever opens it may accept; nothing is sent to the address.
    #[garde(length(chars, max = 254), custom(validate::visible))]
    #[schema(min_length = 1, max_length = 254)]
    pub to: String,
}

/// To whom a ticket is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// The account with this handle, and nobody else.
    Handle(String),
    /// Whoever gets the link.
    Email(String),
}

impl OfferTicket {
    /// Who is meant; `None` when it is neither a handle nor an e-mail address.
    pub fn addressee(&self) -> Option<Addressee> {
        let text = self.to.trim();
        let handle = text.strip_prefix('@').unwrap_or(text);
        if validate::handle(handle, &()).is_ok() {
            Some(Addressee::Handle(handle.to_owned()))
        } else if validate::email(text, &()).is_ok() {
            Some(Addressee::Email(text.to_owned()))
        } else {
            None
        }
    }
}

/// The answer to an offer.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerOffer {
    /// Of the link, when the offer came as one.
    #[serde(default)]
    #[garde(inner(length(max = 200)))]
    #[schema(max_length = 200)]
    pub key: Option<String>,
}

/// What reading an offer takes from the query string.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OfferQuery {
    /// Of the link, when the offer came as one.
    #[serde(default)]
    pub key: Option<String>,
}

/// Somebody at one end of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// As they call themselves.
    pub name: String,
    /// Of the profile.
    pub handle: String,
}

/// An offer of a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Transfer {
    /// Never changes.
    pub id: TransferId,
    /// The giver's ticket.
    pub ticket_id: TicketId,
    /// Where it stands.
    pub status: TransferStatus,
    /// Are you the giver?
    pub is_given: bool,
    /// Who gives.
    pub from: Party,
    /// As the giver wrote it; null for everybody else.
    #[schema(required)]
    pub to: Option<String>,
    /// Who got the ticket, or may get it; null for an offer by link that nobody accepted.
    #[schema(required)]
    pub recipient: Option<Party>,
    /// For which event.
    pub event: EventBrief,
    /// Which kind of ticket.
    pub ticket_type: TicketTypeBrief,
    /// When it was offered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// The same for people, in the event's zone: `5 Dec 2026, 20:00 CET`.
    pub expires_text: String,
    /// For the giver of an open offer by e-mail: the link to pass on. Whoever has it may accept.
    #[schema(required)]
    pub accept_url: Option<String>,
    /// The ticket it became, for whoever has it.
    #[schema(required)]
    pub new_ticket_id: Option<TicketId>,
}

impl Transfer {
    /// Can it be answered?
    pub fn is_open(&self) -> bool {
        self.status == TransferStatus::Offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_and_addresses_are_told_apart() {
        let read = |to: &str| OfferTicket { to: to.into() }.addressee();
        let handle = |text: &str| Some(Addressee::Handle(text.into()));
        assert_eq!(read(" ada "), handle("ada"));
        assert_eq!(read("@ada_l"), handle("ada_l"));
        let address = Some(Addressee::Email("ada@example.org".into()));
        assert_eq!(read("ada@example.org "), address);
        for nobody in ["", "@", "a b", "ada@", "@ada@", "ä", "https://example.org"] {
            assert_eq!(read(nobody), None, "{nobody:?}");
        }
    }
}
