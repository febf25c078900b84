//! Asking whoever is going once more, and who did not answer.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, EventId};

use crate::{Conn, Result};

/// Events whose time for asking has come, or has come again because they were moved to later.
pub async fn to_ask(conn: &mut Conn, now: Timestamp) -> Result<Vec<EventId>> {
    let events = sqlx::query_scalar!(
        r#"
        SELECT setting.event_id
        FROM rsvp_settings setting JOIN events event ON event.id = setting.event_id
        WHERE event.status = 'published' AND event.visibility <> 'archived'
            AND event.starts_at - make_interval(hours => setting.ask_hours) <= $1
            AND event.starts_at - make_interval(hours => setting.until_hours) > $1
            AND (setting.asked_at IS NULL
                OR setting.asked_at < event.starts_at - make_interval(hours => setting.ask_hours))
        ORDER BY setting.event_id
        "#,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    Ok(events.into_iter().map(EventId).collect())
}

/// Notes that whoever is going to an event is asked now; false when it is not the time for that. Call
/// under the locks of its pools. Nobody is asked when it is too late to answer. After a move to later
/// they count as asked at the new time for it: who answered since then need not say it again.
pub async fn ask(conn: &mut Conn, event: EventId, now: Timestamp) -> Result<bool> {
    let asked = sqlx::query!(
        r#"
        UPDATE rsvp_settings setting
        SET asked_at = CASE WHEN setting.asked_at IS NULL THEN $2::timestamptz
                ELSE event.starts_at - make_interval(hours => setting.ask_hours) END,
            asked_until = event.starts_at - make_interval(hours => setting.until_hours)
        FROM events event
        WHERE setting.event_id = $1 AND event.id = setting.event_id
            AND event.status = 'published' AND event.visibility <> 'archived'
            AND event.starts_at - make_interval(hours => setting.ask_hours) <= $2
            AND event.starts_at - make_interval(hours => setting.until_hours) > $2
            AND (setting.asked_at IS NULL
                OR setting.asked_at < event.starts_at - make_interval(hours => setting.ask_hours))
        "#,
        event.0,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(asked.rows_affected() > 0)
}

/// Who is going to an event that was asked about, and has not answered since.
pub async fn to_confirm(conn: &mut Conn, event: EventId) -> Result<Vec<AccountId>> {
    let people = sqlx::query_scalar!(
        r#"
        SELECT rsvp.account_id
        FROM rsvp_settings setting JOIN rsvps rsvp ON rsvp.event_id = setting.event_id
        WHERE setting.event_id = $1 AND rsvp.answer = 'going' AND rsvp.answered_at < setting.asked_at
        "#,
        event.0
    )
    .fetch_all(conn)
    .await?;
    Ok(people.into_iter().map(AccountId).collect())
}

/// Who was asked whether they come and did not answer in time, of one event or of all. Whoever is
/// in already is there.
pub async fn lapsing(
    conn: &mut Conn,
    event: Option<EventId>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(EventId, AccountId)>> {
    let rows = sqlx::query!(
        r#"
        SELECT rsvp.event_id, rsvp.account_id
        FROM rsvp_settings setting
        JOIN events event ON event.id = setting.event_id
        JOIN rsvps rsvp ON rsvp.event_id = setting.event_id
        WHERE setting.asked_until <= $2 AND ($1::uuid IS NULL OR setting.event_id = $1)
            AND setting.asked_at >= event.starts_at - make_interval(hours => setting.ask_hours)
            AND event.status = 'published' AND event.visibility <> 'archived' AND event.starts_at > $2
            AND rsvp.answer = 'going' AND rsvp.answered_at < setting.asked_at
            AND NOT EXISTS (
                SELECT FROM tickets ticket
                WHERE ticket.ticket_type_id = setting.ticket_type_id AND ticket.account_id = rsvp.account_id
                    AND ticket.status = 'used')
        ORDER BY rsvp.event_id, rsvp.answered_at LIMIT $3
        "#,
        event.map(|id| id.0),
        now.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (row.event_id.into(), row.account_id.into()))
        .collect())
}
