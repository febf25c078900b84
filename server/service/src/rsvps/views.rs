//! Answers as people see them. Works on the connection it is given.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use store::{
    Conn,
    events::EventRow,
    rsvps::{PersonRow, RsvpRow, SettingsRow},
};
use types::{
    WaitingListEntryId,
    events::{EventStatus, Phase, Visibility},
    orders::Buyer,
    rsvps::{EventRsvp, MyRsvp, Rsvp, RsvpCounts, RsvpStatus},
};

use crate::{Ctx, Error, Result, events, text};

/// An event's RSVPs for the actor, and the place in line that goes with them.
pub(super) async fn rsvp(
    ctx: &Ctx,
    conn: &mut Conn,
    event: &EventRow,
    settings: &SettingsRow,
) -> Result<(Rsvp, Option<WaitingListEntryId>)> {
    let now = ctx.now();
    let (mut own, mut entry) = (None, None);
    if let Some(account) = ctx.account_if_any() {
        own = store::rsvps::find(conn, event.id, account).await?;
        entry = store::rsvps::line_entry(conn, settings.ticket_type_id, account, now).await?;
    }
    let sale = events::as_sold(event)?;
    let until = own.and_then(|own| confirm_until(settings, event.starts_at, &own, now));
    let rsvp = Rsvp {
        event_id: event.id,
        ticket_type_id: settings.ticket_type_id,
        max_party: settings.max_party,
        counts: counts(ctx, conn, event).await?,
        is_open: sale.status == EventStatus::Published
            && sale.visibility != Visibility::Archived
            && now < event.ends_at,
        status: own.map(|own| own.status),
        party: own.map_or(0, |own| own.party),
        confirm_until: until,
        confirm_until_text: moment(until, &event.time_zone),
        line: None,
    };
    Ok((rsvp, entry))
}

/// How many answered what. Counted when it is told, outside of the till.
pub(super) async fn counts(ctx: &Ctx, conn: &mut Conn, event: &EventRow) -> Result<RsvpCounts> {
    let available = if event.capacity.is_some() {
        let types = store::events::ticket_types::of_event(conn, event.id, ctx.now()).await?;
        let place = types.iter().find(|kind| kind.is_rsvp);
        place.map(|kind| kind.available.unsigned_abs())
    } else {
        None
    };
    Ok(RsvpCounts {
        going: u32::try_from(event.sold).unwrap_or(u32::MAX),
        interested: store::rsvps::interested(conn, event.id).await?,
        available,
    })
}

/// May everybody see it?
pub(super) fn is_for_everybody(event: &EventRow) -> Result<bool> {
    let sale = events::as_sold(event)?;
    let is_shown = matches!(sale.visibility, Visibility::Public | Visibility::Unlisted);
    Ok(is_shown && sale.status != EventStatus::Draft)
}

/// The actor's answers in the order of the rows.
pub(super) async fn mine(ctx: &Ctx, conn: &mut Conn, rows: Vec<RsvpRow>) -> Result<Vec<MyRsvp>> {
    let ids: Vec<_> = rows.iter().map(|row| row.event_id).collect();
    let briefs = events::brief(ctx, conn, &ids).await?;
    let settings = store::rsvps::settings(conn, &ids).await?;
    let settings: HashMap<_, _> = settings.iter().map(|row| (row.event_id, row)).collect();
    let views = rows.into_iter().map(|row| {
        let event = briefs.get(&row.event_id).cloned();
        let event = event.ok_or_else(|| Error::internal("an answer without its event"))?;
        let until = settings
            .get(&row.event_id)
            .and_then(|settings| confirm_until(settings, event.starts_at, &row, ctx.now()));
        Ok(MyRsvp {
            id: row.id,
            status: row.status,
            party: row.party,
            confirm_until: until,
            confirm_until_text: moment(until, &event.time_zone),
            answered_at: row.answered_at,
            event,
        })
    });
    views.collect()
}

/// Is there something to do about it, or to remember?
pub(crate) fn is_news(rsvp: &MyRsvp) -> bool {
    let is_off = rsvp.event.status != EventStatus::Published || rsvp.event.phase == Phase::Past;
    let is_news = match rsvp.status {
        RsvpStatus::Going => rsvp.confirm_until.is_some(),
        RsvpStatus::Interested | RsvpStatus::Lapsed => true,
        RsvpStatus::NotGoing => false,
    };
    is_news && !is_off
}

/// Somebody's answer for the crew.
pub(super) fn of_person(
    ctx: &Ctx,
    event: &EventRow,
    settings: Option<&SettingsRow>,
    row: PersonRow,
) -> EventRsvp {
    let PersonRow { rsvp, name, handle } = row;
    let until =
        settings.and_then(|settings| confirm_until(settings, event.starts_at, &rsvp, ctx.now()));
    EventRsvp {
        id: rsvp.id,
        person: Buyer {
            name,
            handle,
            email: None,
        },
        status: rsvp.status,
        party: rsvp.party,
        is_to_confirm: until.is_some(),
        answered_at: rsvp.answered_at,
        answered_text: text::moment(rsvp.answered_at, &event.time_zone),
    }
}

/// Until when somebody who is going has to confirm it, if they were asked and did not. The deadline
/// is the one they were told. What was asked about an earlier date of the event does not count.
fn confirm_until(
    settings: &SettingsRow,
    starts_at: Timestamp,
    answer: &RsvpRow,
    now: Timestamp,
) -> Option<Timestamp> {
    let (asked_at, until) = settings.asked_at.zip(settings.asked_until)?;
    let ask_at = starts_at - SignedDuration::from_hours(settings.ask_hours?.into());
    let is_open = settings.is_open && ask_at <= asked_at && now < until && now < starts_at;
    let is_asked = answer.status == RsvpStatus::Going && answer.answered_at < asked_at;
    (is_open && is_asked).then_some(until)
}

fn moment(at: Option<Timestamp>, time_zone: &str) -> String {
    at.map(|at| text::moment(at, time_zone)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use types::{EventId, RsvpId, TicketTypeId};
    use uuid::Uuid;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    /// Asked at hour 52 about an event at hour 100, to be answered until hour 88.
    fn asked() -> SettingsRow {
        SettingsRow {
            event_id: EventId(Uuid::nil()),
            ticket_type_id: TicketTypeId(Uuid::nil()),
            max_party: 4,
            is_open: true,
            ask_hours: Some(48),
            until_hours: Some(12),
            asked_at: Some(at(52)),
            asked_until: Some(at(88)),
        }
    }

    fn answer(status: RsvpStatus, answered_at: i64) -> RsvpRow {
        RsvpRow {
            id: RsvpId(Uuid::nil()),
            event_id: EventId(Uuid::nil()),
            status,
            party: 1,
            answered_at: at(answered_at),
        }
    }

    #[test]
    fn who_answered_before_being_asked_has_to_confirm_in_time() {
        let (early, late) = (answer(RsvpStatus::Going, 1), answer(RsvpStatus::Going, 52));
        let until = |answer, now| confirm_until(&asked(), at(100), answer, at(now));
        assert_eq!(until(&early, 53), Some(at(88)));
        assert_eq!(until(&early, 88), None);
        assert_eq!(until(&late, 53), None);
        assert_eq!(until(&answer(RsvpStatus::Interested, 1), 53), None);
        let archived = SettingsRow {
            is_open: false,
            ..asked()
        };
        assert_eq!(confirm_until(&archived, at(100), &early, at(53)), None);
    }

    #[test]
    fn a_deadline_stays_as_it_was_told_and_is_off_when_the_event_moves_on() {
        let early = answer(RsvpStatus::Going, 1);
        let until = |starts_at| confirm_until(&asked(), at(starts_at), &early, at(60));
        assert_eq!(until(95), Some(at(88)));
        assert_eq!(until(400), None);
    }
}
