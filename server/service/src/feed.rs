//! The public feed: what just happened, made from domain events.

mod ago;

use types::{
    Code,
    feed::{Activity, ActivityKind, DomainEvent},
};

use crate::{
    Ctx, Error, Result,
    outbox::SCHEMA_VERSION,
    ports::{Message, Record},
};

/// The consumer group that writes the feed.
pub const GROUP: &str = "feed";

/// The most activities that are shown at once.
const MOST: u32 = 50;

/// The latest activities of public events, newest first; empty while `MongoDB` is away.
pub async fn latest(ctx: &Ctx, limit: u32) -> Result<Vec<Activity>> {
    let latest = ctx
        .ports()
        .documents
        .latest_activities(limit.min(MOST))
        .await;
    let activities = latest.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "the feed cannot be read");
        Vec::new()
    });
    let now = ctx.now();
    Ok(activities
        .into_iter()
        .map(|activity| Activity {
            ago: ago::ago(activity.at, now),
            ..activity
        })
        .collect())
}

/// Writes domain events into the feed; the consumer calls it. Idempotent.
pub async fn record(ctx: &Ctx, records: &[Record]) -> Result<()> {
    let activities = records.iter().map(|record| activity_of(&record.message));
    let activities: Vec<_> = activities
        .filter_map(Result::transpose)
        .collect::<Result<_>>()?;
    Ok(ctx.ports().documents.add_activities(&activities).await?)
}

/// What the feed tells of a domain event; `None` for facts that are not for everybody
/// or that it does not tell, also those of a later release.
fn activity_of(message: &Message) -> Result<Option<Activity>> {
    let kind = match message.kind.as_str() {
        "event.published" => ActivityKind::EventPublished,
        "event.cancelled" => ActivityKind::EventCancelled,
        "ticket.paid" => ActivityKind::TicketSold,
        _ => return Ok(None),
    };
    let fact = parse(message)?;
    let quantity = match &fact {
        DomainEvent::TicketPaid { quantity, .. } => *quantity,
        _ => 0,
    };
    let event = fact.event();
    Ok(event.is_public.then(|| Activity {
        id: message.id,
        kind,
        event_id: event.event_id,
        event_slug: event.slug.clone(),
        event_title: event.title.clone(),
        quantity,
        at: message.time,
        ago: String::new(),
    }))
}

fn parse(message: &Message) -> Result<DomainEvent> {
    let unreadable = |detail: String| Error::new(Code::Malformed).detail(detail);
    if message.schema_version != SCHEMA_VERSION {
        return Err(unreadable(format!(
            "schema version {} is not known",
            message.schema_version
        )));
    }
    let fact: DomainEvent = serde_json::from_slice(&message.payload)
        .map_err(|error| unreadable("the payload is no domain event".to_owned()).because(error))?;
    if fact.kind() == message.kind {
        Ok(fact)
    } else {
        Err(unreadable("payload and header name two facts".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn message(kind: &str, is_public: bool) -> Message {
        let payload = json!({
            "type": kind, "event_id": Uuid::from_u128(1), "slug": "night", "title": "Night", "is_public": is_public,
            "order_id": Uuid::from_u128(2), "buyer_id": Uuid::from_u128(3), "quantity": 2,
        });
        Message {
            id: Uuid::from_u128(9),
            topic: "domain-events".into(),
            key: "1".into(),
            kind: kind.into(),
            time: Timestamp::UNIX_EPOCH,
            schema_version: 1,
            payload: serde_json::to_vec(&payload).unwrap(),
            headers: Vec::new(),
        }
    }

    #[test]
    fn a_sale_is_told_without_the_buyer() {
        let activity = activity_of(&message("ticket.paid", true)).unwrap().unwrap();
        assert_eq!(
            (activity.kind, activity.quantity),
            (ActivityKind::TicketSold, 2)
        );
        assert_eq!(activity.id, Uuid::from_u128(9));
        let told = serde_json::to_string(&activity).unwrap();
        assert!(!told.contains(&Uuid::from_u128(3).to_string()), "{told}");
    }

    #[test]
    fn private_events_and_unknown_facts_are_not_told() {
        assert_eq!(
            activity_of(&message("event.published", false)).unwrap(),
            None
        );
        assert_eq!(activity_of(&message("event.updated", true)).unwrap(), None);
        assert_eq!(
            activity_of(&message("event.of.tomorrow", true)).unwrap(),
            None
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused_for_good() {
        let mut torn = message("ticket.paid", true);
        torn.payload.truncate(10);
        let mut newer = message("ticket.paid", true);
        newer.schema_version = 2;
        let mut mixed = message("ticket.paid", true);
        mixed.kind = "event.cancelled".into();
        for message in [torn, newer, mixed] {
            assert!(!activity_of(&message).unwrap_err().code.is_retryable());
        }
    }
}
