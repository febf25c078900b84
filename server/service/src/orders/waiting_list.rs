//! The waiting list as people and organizers use it; who is next is decided in
//! [`offering`](super::offering).

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::Deserialize;
use store::{Conn, waiting_list::ShownRow};
use types::{
    Page, WaitingListEntryId,
    events::{EventStatus, Phase},
    orders::{Buyer, EventBrief, HoldStatus},
    paging::PageQuery,
    tickets::TicketTypeBrief,
    waiting_list::{EventWaitingListEntry, JoinWaitingList, WaitingListEntry, WaitingStatus},
};

use super::{
    event_of, rules,
    till::{self, Request},
};
use crate::{
    Ctx, Error, Result, events,
    idempotency::{Call, Once, Reply, fill},
    paging::Keyset,
    rate, text, waiting_room,
};

/// Joins the line for a ticket type that is sold out.
///
/// # Errors
/// `places_available` when there is no line, `illegal_state` with `waiting_list_entry_id` for
/// somebody who is in it, `limit_reached`, `not_on_sale`, `waiting_room_required`, 422 with the
/// field, 404.
pub async fn join(
    ctx: &Ctx,
    event_key: &str,
    command: JoinWaitingList,
    once: Once,
) -> Result<Reply<WaitingListEntry>> {
    let call = Call::new(ctx, once, &command)?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    let event = event_of(ctx, event_key).await?;
    waiting_room::refuse_early(ctx, event, &call)?;
    let verdict = till::settle(ctx, event, Some(call), Request::Join(command)).await?;
    with_position(ctx, verdict.into_waiting()?).await
}

/// Adds the position to the answer of a join. It is counted here and not at the till, where all
/// who buy would wait for it: the longer the line, the longer that takes. So it is not stored
/// either; a repetition of the call gets the stored answer with the position of now.
async fn with_position(
    ctx: &Ctx,
    reply: Reply<WaitingListEntry>,
) -> Result<Reply<WaitingListEntry>> {
    #[derive(Deserialize)]
    struct Stored {
        id: WaitingListEntryId,
    }
    match reply {
        Reply::Fresh(mut entry) => {
            entry.position = position(ctx, entry.id).await;
            Ok(Reply::Fresh(entry))
        }
        Reply::Replayed {
            status: status @ 200..=299,
            body,
        } => {
            let Stored { id } = serde_json::from_slice(&body).map_err(Error::internal)?;
            let body = fill(body, "position", &position(ctx, id).await)?;
            Ok(Reply::Replayed { status, body })
        }
        refused @ Reply::Replayed { .. } => Ok(refused),
    }
}

/// Where somebody waits. Who is in line stays so, and is told so, when this cannot be counted.
async fn position(ctx: &Ctx, id: WaitingListEntryId) -> Option<u64> {
    match count_position(ctx, id).await {
        Ok(position) => position,
        Err(error) => {
            tracing::warn!(error = %error, "a position in line could not be counted");
            None
        }
    }
}

async fn count_position(ctx: &Ctx, id: WaitingListEntryId) -> Result<Option<u64>> {
    let mut conn = ctx.db().conn().await?;
    let positions = store::waiting_list::positions(&mut conn, &[id]).await?;
    Ok(positions.first().map(|(_, position)| *position))
}

/// Joins the line from the event page's form.
///
/// # Errors
/// As [`join`].
pub async fn join_from_form(
    ctx: &Ctx,
    event_key: &str,
    ticket_type: &str,
    quantity: &str,
    once: Once,
) -> Result<Reply<WaitingListEntry>> {
    let ticket_type_id = ticket_type.parse().map_err(|_| {
        Error::field(
            "ticket_type_id",
            "unknown",
            "is not a ticket type of this event",
        )
    })?;
    let quantity = quantity
        .trim()
        .parse()
        .map_err(|_| Error::field("quantity", "format", "must be a number"))?;
    let command = JoinWaitingList {
        ticket_type_id,
        quantity,
    };
    join(ctx, event_key, command, once).await
}

/// Leaves the line, or gives an offer back. Again is fine.
///
/// # Errors
/// `payment_pending`, `illegal_state` when the places are paid, 404 for somebody else's entry.
pub async fn leave(ctx: &Ctx, id: WaitingListEntryId) -> Result<()> {
    let event = own(ctx, id).await?.event_id;
    till::settle(ctx, event, None, Request::Leave(id)).await?;
    Ok(())
}

/// One of the actor's places in line.
///
/// # Errors
/// 404 for somebody else's.
pub async fn get(ctx: &Ctx, id: WaitingListEntryId) -> Result<WaitingListEntry> {
    let own = own(ctx, id).await?;
    let mut conn = ctx.db().conn().await?;
    let mut shown = shown(ctx, &mut conn, vec![own]).await?;
    shown.pop().ok_or_else(Error::not_found)
}

/// The actor's places in line, latest first.
///
/// # Errors
/// 422 with `limit` or `cursor`.
pub async fn list(ctx: &Ctx, query: PageQuery) -> Result<Page<WaitingListEntry>> {
    let account = ctx.account()?;
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let after = keyset.after.map(WaitingListEntryId);
    let ids = store::waiting_list::ids_of_account(&mut conn, account, after, keyset.rows()).await?;
    let Page { items: ids, next } = keyset.page(ids, |id| id.0);
    let mut rows = store::waiting_list::list(&mut conn, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.entry.id));
    let items = shown(ctx, &mut conn, rows).await?;
    Ok(Page { items, next })
}

/// What the actor is told of their latest places in line, latest first: where they wait, what is
/// offered, and offers that ran out, as long as the event can still be gone to and nothing newer
/// came of their wish for these tickets.
///
/// # Errors
/// `not_signed_in`.
pub async fn news(ctx: &Ctx) -> Result<Vec<WaitingListEntry>> {
    let latest = PageQuery {
        limit: Some(100),
        cursor: None,
    };
    Ok(told(list(ctx, latest).await?.items))
}

fn told(mut latest_first: Vec<WaitingListEntry>) -> Vec<WaitingListEntry> {
    let mut wishes = HashSet::new();
    latest_first.retain(|entry| {
        let is_newest = wishes.insert(entry.ticket_type.id);
        entry.status.is_live() || (is_newest && was_missed(entry))
    });
    latest_first
}

fn was_missed(entry: &WaitingListEntry) -> bool {
    entry.status == WaitingStatus::Expired && !is_off(&entry.event)
}

/// Who waits for places of an event or has an offer, first come first, for its crew.
///
/// # Errors
/// 404 or `forbidden` for everybody else; 422 with `limit` or `cursor`.
pub async fn list_of_event(
    ctx: &Ctx,
    event_key: &str,
    query: PageQuery,
) -> Result<Page<EventWaitingListEntry>> {
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let after = keyset.after.map(WaitingListEntryId);
    let people =
        store::waiting_list::people_of_event(&mut conn, event, after, keyset.rows()).await?;
    let Page {
        items: people,
        next,
    } = keyset.page(people, |person| person.id.0);
    let ids: Vec<_> = people.iter().map(|person| person.id).collect();
    let rows = store::waiting_list::list(&mut conn, &ids).await?;
    let entries = shown(ctx, &mut conn, rows).await?;
    let items = people.into_iter().zip(entries).map(|(person, entry)| {
        let person = Buyer {
            name: person.name,
            handle: person.handle,
            email: None,
        };
        EventWaitingListEntry { person, entry }
    });
    Ok(Page {
        items: items.collect(),
        next,
    })
}

/// Offers places that became free while nobody was buying; the worker calls it. Returns
/// how many events it looked at.
///
/// # Errors
/// When Postgres fails.
pub async fn offer_free_places(ctx: &Ctx) -> Result<usize> {
    const EVENTS: i64 = 100;
    let events = {
        let mut conn = ctx.db().conn().await?;
        store::waiting_list::events_with_places(&mut conn, ctx.now(), EVENTS).await?
    };
    let mut outcome = Ok(events.len());
    for event in events {
        // One that cannot be settled now does not keep the others from their places.
        if let Err(error) = till::settle(ctx, event, None, Request::Offer).await {
            outcome = Err(error);
        }
    }
    outcome
}

/// The actor's entry; those of others do not exist.
async fn own(ctx: &Ctx, id: WaitingListEntryId) -> Result<ShownRow> {
    let account = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let row = store::waiting_list::find(&mut conn, id).await?;
    row.filter(|row| row.entry.account_id == account)
        .ok_or_else(Error::not_found)
}

async fn shown(ctx: &Ctx, conn: &mut Conn, rows: Vec<ShownRow>) -> Result<Vec<WaitingListEntry>> {
    let events: Vec<_> = rows.iter().map(|row| row.event_id).collect();
    let briefs: HashMap<_, _> = events::brief(ctx, conn, &events).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.entry.id).collect();
    let positions = store::waiting_list::positions(conn, &ids).await?;
    let positions: HashMap<_, _> = positions.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            let brief = briefs.get(&row.event_id);
            let brief = brief.ok_or_else(|| Error::internal("an entry without its event"))?;
            let mut entry = view(brief, row, ctx.now());
            let waits = entry.status == WaitingStatus::Waiting;
            entry.position = positions.get(&entry.id).copied().filter(|_| waits);
            Ok(entry)
        })
        .collect()
}

/// An entry as whoever waits sees it, without its position, which is counted outside of the till.
pub(super) fn view(event: &EventBrief, row: ShownRow, now: Timestamp) -> WaitingListEntry {
    let status = status(event, &row, now);
    let offer = row.offer.filter(|_| status == WaitingStatus::Offered);
    let moment = |at| text::moment(at, &event.time_zone);
    WaitingListEntry {
        id: row.entry.id,
        event_id: row.event_id,
        event: event.clone(),
        ticket_type: TicketTypeBrief {
            id: row.entry.ticket_type_id,
            name: row.ticket_type_name,
        },
        quantity: row.entry.quantity,
        status,
        position: None,
        hold_id: row.offer.map(|offer| offer.hold_id),
        order_id: row.offer.and_then(|offer| offer.order_id),
        offer_expires_at: offer.map(|offer| offer.expires_at),
        offer_expires_text: offer
            .map(|offer| moment(offer.expires_at))
            .unwrap_or_default(),
        created_at: row.entry.created_at,
        created_text: moment(row.entry.created_at),
    }
}

/// Is there nothing left to wait for?
fn is_off(event: &EventBrief) -> bool {
    event.status != EventStatus::Published || event.phase == Phase::Past
}

/// What an entry came to: of an offer its hold tells, of the rest the event.
fn status(event: &EventBrief, row: &ShownRow, now: Timestamp) -> WaitingStatus {
    let is_off = is_off(event);
    match (row.entry.status, row.offer) {
        (WaitingStatus::Waiting, _) if is_off => WaitingStatus::Closed,
        (WaitingStatus::Offered, Some(offer)) => {
            match rules::shown_status(offer.status, offer.expires_at, now) {
                HoldStatus::Paid => WaitingStatus::Bought,
                HoldStatus::Held if is_off => WaitingStatus::Closed,
                HoldStatus::Held | HoldStatus::Paying | HoldStatus::Awaiting => {
                    WaitingStatus::Offered
                }
                HoldStatus::Expired => WaitingStatus::Expired,
                HoldStatus::Released => WaitingStatus::Left,
            }
        }
        (status, _) => status,
    }
}

#[cfg(test)]
mod tests {
    use types::{EventId, TicketTypeId, events::LocalTimes};
    use uuid::Uuid;

    use super::*;

    fn entry(id: u128, ticket_type: u128, status: WaitingStatus) -> WaitingListEntry {
        let event = EventId(Uuid::from_u128(1));
        WaitingListEntry {
            id: WaitingListEntryId(Uuid::from_u128(id)),
            event_id: event,
            event: EventBrief {
                id: event,
                slug: "night".into(),
                title: "Night".into(),
                starts_at: Timestamp::UNIX_EPOCH,
                time_zone: "UTC".into(),
                venue: None,
                local: LocalTimes::default(),
                status: EventStatus::Published,
                phase: Phase::Upcoming,
                cover_url: None,
                refundable_until: None,
                refundable_text: String::new(),
                is_refundable: false,
            },
            ticket_type: TicketTypeBrief {
                id: TicketTypeId(Uuid::from_u128(ticket_type)),
                name: "Standard".into(),
            },
            quantity: 1,
            status,
            position: None,
            hold_id: None,
            order_id: None,
            offer_expires_at: None,
            offer_expires_text: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
            created_text: String::new(),
        }
    }

    #[test]
    fn a_missed_offer_is_told_until_a_newer_wish_or_the_end_of_the_event() {
        let mixed = vec![
            entry(5, 1, WaitingStatus::Waiting),
            entry(4, 1, WaitingStatus::Expired),
            entry(3, 2, WaitingStatus::Expired),
            entry(2, 2, WaitingStatus::Expired),
            entry(1, 3, WaitingStatus::Left),
        ];
        let ids: Vec<_> = told(mixed)
            .iter()
            .map(|entry| entry.id.0.as_u128())
            .collect();
        assert_eq!(ids, [5, 3]);
        let (mut over, mut off) = (
            entry(2, 1, WaitingStatus::Expired),
            entry(1, 2, WaitingStatus::Expired),
        );
        over.event.phase = Phase::Past;
        off.event.status = EventStatus::Cancelled;
        assert!(told(vec![over, off]).is_empty());
    }
}
