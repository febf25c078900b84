//! When a ticket may be passed on, without I/O.

use jiff::{SignedDuration, Timestamp};
use store::{sales::SaleEvent, transfers::TransferRow};
use types::{Code, events::EventStatus, tickets::TicketStatus, transfers::TransferStatus};

use crate::{Error, Result};

/// How long an offer can be accepted, unless its event ends before.
const OPEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Until when an offer made now can be accepted.
pub(crate) fn expires_at(now: Timestamp, ends_at: Timestamp) -> Timestamp {
    (now + OPEN_FOR).min(ends_at)
}

/// Does a link, rather than an account, decide who may accept? No handle has an `@`.
pub(crate) fn is_by_link(offer: &TransferRow) -> bool {
    offer.recipient_text.contains('@')
}

/// Tickets change hands while their event is published and not over.
pub(crate) fn check_event(event: &SaleEvent, now: Timestamp) -> Result<()> {
    match event.status {
        EventStatus::Published if now < event.ends_at => Ok(()),
        EventStatus::Published | EventStatus::Completed => Err(illegal("This event is over.")),
        EventStatus::Cancelled => Err(illegal("This event was cancelled.")),
        EventStatus::Draft => Err(illegal("This event is not published.")),
    }
}

/// Where an offer stands now: it lives no longer than its time and its ticket.
pub(crate) fn shown_status(
    offer: &TransferRow,
    ticket: TicketStatus,
    now: Timestamp,
) -> TransferStatus {
    match offer.status {
        TransferStatus::Offered if ticket != TicketStatus::Valid => TransferStatus::Withdrawn,
        TransferStatus::Offered if offer.expires_at <= now => TransferStatus::Expired,
        status => status,
    }
}

/// Only an open offer is answered.
pub(crate) fn check_open(offer: &TransferRow, ticket: TicketStatus, now: Timestamp) -> Result<()> {
    match shown_status(offer, ticket, now) {
        TransferStatus::Offered => Ok(()),
        TransferStatus::Accepted => Err(illegal("Somebody has accepted this ticket already.")),
        TransferStatus::Declined => Err(illegal("This offer was declined.")),
        TransferStatus::Withdrawn => Err(illegal("This offer is not there any more.")),
        TransferStatus::Expired => Err(Code::OfferExpired.into()),
    }
}

fn illegal(detail: &'static str) -> Error {
    Error::new(Code::IllegalState).detail(detail)
}

#[cfg(test)]
mod tests {
    use types::{AccountId, EventId, TicketId, TransferId, events::Visibility};
    use uuid::Uuid;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn offer(status: TransferStatus) -> TransferRow {
        TransferRow {
            id: TransferId(Uuid::nil()),
            ticket_id: TicketId(Uuid::nil()),
            event_id: EventId(Uuid::nil()),
            giver_id: AccountId(Uuid::nil()),
            recipient_text: "ada".into(),
            recipient_id: None,
            new_ticket_id: None,
            status,
            created_at: at(0),
            expires_at: at(10),
        }
    }

    #[test]
    fn an_offer_lives_a_week_or_until_the_event_is_over() {
        assert_eq!(expires_at(at(0), at(1000)), at(168));
        assert_eq!(expires_at(at(0), at(5)), at(5));
    }

    #[test]
    fn an_offer_lives_no_longer_than_its_time_and_its_ticket() {
        let (valid, open) = (TicketStatus::Valid, offer(TransferStatus::Offered));
        let shown = |ticket, hours| shown_status(&open, ticket, at(hours));
        assert_eq!(shown(valid, 9), TransferStatus::Offered);
        assert_eq!(shown(valid, 10), TransferStatus::Expired);
        for void in [
            TicketStatus::Used,
            TicketStatus::Refunded,
            TicketStatus::Cancelled,
        ] {
            assert_eq!(shown(void, 9), TransferStatus::Withdrawn);
        }
        let done = offer(TransferStatus::Accepted);
        let shown = shown_status(&done, TicketStatus::Transferred, at(99));
        assert_eq!(shown, TransferStatus::Accepted);
    }

    #[test]
    fn only_open_offers_are_answered() {
        let code = |status, hours| {
            let checked = check_open(&offer(status), TicketStatus::Valid, at(hours));
            checked.err().map(|error| error.code)
        };
        assert_eq!(code(TransferStatus::Offered, 1), None);
        let expired = code(TransferStatus::Offered, 10);
        assert_eq!(expired, Some(Code::OfferExpired));
        for answered in [
            TransferStatus::Accepted,
            TransferStatus::Declined,
            TransferStatus::Withdrawn,
        ] {
            assert_eq!(code(answered, 1), Some(Code::IllegalState));
        }
    }

    #[test]
    fn tickets_change_hands_until_the_event_is_over() {
        let event = |status| SaleEvent {
            id: EventId(Uuid::nil()),
            slug: String::new(),
            title: String::new(),
            status,
            visibility: Visibility::Public,
            starts_at: at(5),
            ends_at: at(8),
            refund_hours: None,
        };
        let published = event(EventStatus::Published);
        assert!(check_event(&published, at(6)).is_ok());
        assert!(check_event(&published, at(8)).is_err());
        for status in [
            EventStatus::Draft,
            EventStatus::Cancelled,
            EventStatus::Completed,
        ] {
            assert!(check_event(&event(status), at(1)).is_err());
        }
    }
}
