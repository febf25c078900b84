//! Answers to events, and how events take them. Who is going has tickets of the event's RSVP
//! type; such answers change under the locks of its pools, see [`crate::pools`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{
    AccountId, EventId, HoldId, OrderId, RsvpId, TicketTypeId, WaitingListEntryId,
    rsvps::RsvpStatus,
};
use uuid::Uuid;

use crate::{Conn, Result, decode::known};

mod asking;

pub use asking::{ask, lapsing, to_ask, to_confirm};

/// How an event takes RSVPs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingsRow {
    /// The event.
    pub event_id: EventId,
    /// Whose tickets are the places.
    pub ticket_type_id: TicketTypeId,
    /// How many one person may come with.
    pub max_party: u32,
    /// Is the event published, and not archived?
    pub is_open: bool,
    /// So many hours before the start who is going is asked again.
    pub ask_hours: Option<u32>,
    /// So many hours before the start it is too late to confirm.
    pub until_hours: Option<u32>,
    /// When they were asked, or should have been when the event moved since.
    pub asked_at: Option<Timestamp>,
    /// The deadline they were told.
    pub asked_until: Option<Timestamp>,
}

/// Somebody's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsvpRow {
    /// The answer.
    pub id: RsvpId,
    /// To which event.
    pub event_id: EventId,
    /// Where it stands.
    pub status: RsvpStatus,
    /// How many places they have.
    pub party: u32,
    /// When they answered last.
    pub answered_at: Timestamp,
}

/// Somebody's answer, and how they are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The answer.
    pub rsvp: RsvpRow,
    /// Their name.
    pub name: String,
    /// Their handle.
    pub handle: String,
}

/// What somebody answered, to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRsvp {
    /// Of a first answer; a later one keeps the id of the first.
    pub id: RsvpId,
    /// Who.
    pub account_id: AccountId,
    /// What.
    pub status: RsvpStatus,
}

/// How events take RSVPs; those that do not are left out.
pub async fn settings(conn: &mut Conn, events: &[EventId]) -> Result<Vec<SettingsRow>> {
    let events: Vec<_> = events.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT setting.event_id, setting.ticket_type_id, kind.max_per_person, setting.ask_hours, setting.until_hours,
            setting.asked_at, setting.asked_until,
            event.status = 'published' AND event.visibility <> 'archived' AS "is_open!"
        FROM rsvp_settings setting
        JOIN ticket_types kind ON kind.id = setting.ticket_type_id
        JOIN events event ON event.id = setting.event_id
        WHERE setting.event_id = ANY($1)
        "#,
        &events
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| SettingsRow {
        event_id: row.event_id.into(),
        ticket_type_id: row.ticket_type_id.into(),
        max_party: row.max_per_person.unsigned_abs(),
        is_open: row.is_open,
        ask_hours: row.ask_hours.map(i32::unsigned_abs),
        until_hours: row.until_hours.map(i32::unsigned_abs),
        asked_at: row.asked_at.map(jiff_sqlx::Timestamp::to_jiff),
        asked_until: row.asked_until.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(rows.collect())
}

/// Lets an event take RSVPs, or changes when it asks again. Who was asked stays asked, as long as it
/// asks at all.
pub async fn set(
    conn: &mut Conn,
    event: EventId,
    ticket_type: TicketTypeId,
    hours: Option<(u32, u32)>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO rsvp_settings AS setting (event_id, ticket_type_id, ask_hours, until_hours)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT rsvp_settings_pkey DO UPDATE
        SET ask_hours = excluded.ask_hours, until_hours = excluded.until_hours,
            asked_at = CASE WHEN excluded.ask_hours IS NOT NULL THEN setting.asked_at END,
            asked_until = CASE WHEN excluded.ask_hours IS NOT NULL THEN setting.asked_until END
        "#,
        event.0,
        ticket_type.0,
        hours.map(|(ask, _)| ask.cast_signed()),
        hours.map(|(_, until)| until.cast_signed())
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct Raw {
    id: Uuid,
    event_id: Uuid,
    answer: String,
    party: i64,
    answered_at: jiff_sqlx::Timestamp,
}

impl Raw {
    fn row(self) -> Result<RsvpRow> {
        Ok(RsvpRow {
            id: self.id.into(),
            event_id: self.event_id.into(),
            status: known(RsvpStatus::from_text(&self.answer), &self.answer)?,
            party: u32::try_from(self.party).unwrap_or(u32::MAX),
            answered_at: self.answered_at.to_jiff(),
        })
    }
}

/// Somebody's answer to an event.
pub async fn find(conn: &mut Conn, event: EventId, account: AccountId) -> Result<Option<RsvpRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT rsvp.id, rsvp.event_id, rsvp.answer, rsvp.answered_at, (
            SELECT count(*) FROM tickets ticket
            WHERE ticket.ticket_type_id = setting.ticket_type_id AND ticket.account_id = rsvp.account_id
                AND ticket.status IN ('valid', 'used')
        ) AS "party!"
        FROM rsvps rsvp JOIN rsvp_settings setting ON setting.event_id = rsvp.event_id
        WHERE rsvp.event_id = $1 AND rsvp.account_id = $2
        "#,
        event.0,
        account.0
    )
    .fetch_optional(conn)
    .await?
    .map(Raw::row)
    .transpose()
}

/// Which of an account's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those before this one; all without it.
    Before(Option<RsvpId>),
    /// Those that may matter at this instant: to events that take place and are not over, by
    /// somebody who comes, may come or was to confirm it.
    Current(Timestamp),
}

/// An account's answers, latest first, to events that its owner may see.
pub async fn list_of_account(
    conn: &mut Conn,
    account: AccountId,
    which: Which,
    limit: i64,
) -> Result<Vec<RsvpRow>> {
    let (before, current) = match which {
        Which::Before(before) => (before, None),
        Which::Current(now) => (None, Some(now)),
    };
    sqlx::query_as!(
        Raw,
        r#"
        SELECT rsvp.id, rsvp.event_id, rsvp.answer, rsvp.answered_at, (
            SELECT count(*) FROM tickets ticket
            WHERE ticket.ticket_type_id = setting.ticket_type_id AND ticket.account_id = rsvp.account_id
                AND ticket.status IN ('valid', 'used')
        ) AS "party!"
        FROM rsvps rsvp
        JOIN rsvp_settings setting ON setting.event_id = rsvp.event_id
        JOIN events event ON event.id = rsvp.event_id
        WHERE rsvp.account_id = $1 AND ($2::uuid IS NULL OR rsvp.id < $2)
            AND ($3::timestamptz IS NULL
                OR event.status = 'published' AND event.ends_at > $3 AND rsvp.answer <> 'not_going')
            AND (event.organizer_id = $1
                OR event.status <> 'draft' AND (event.visibility IN ('public', 'unlisted')
                    OR EXISTS (
                        SELECT FROM tickets ticket
                        WHERE ticket.account_id = $1 AND ticket.event_id = event.id
                            AND (ticket.status IN ('valid', 'used', 'cancelled')
                                OR ticket.status = 'refunded' AND event.status = 'cancelled'))))
        ORDER BY rsvp.id DESC LIMIT $4
        "#,
        account.0,
        before.map(|id| id.0),
        current.map(ToSqlx::to_sqlx) as _,
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// The answers to an event, latest first, those before `before`.
pub async fn list_of_event(
    conn: &mut Conn,
    event: EventId,
    before: Option<RsvpId>,
    limit: i64,
) -> Result<Vec<PersonRow>> {
    let rows = sqlx::query!(
        r#"
        SELECT rsvp.id, rsvp.event_id, rsvp.answer, rsvp.answered_at, account.name, account.handle, (
            SELECT count(*) FROM tickets ticket
            WHERE ticket.ticket_type_id = setting.ticket_type_id AND ticket.account_id = rsvp.account_id
                AND ticket.status IN ('valid', 'used')
        ) AS "party!"
        FROM rsvps rsvp
        JOIN rsvp_settings setting ON setting.event_id = rsvp.event_id
        JOIN accounts account ON account.id = rsvp.account_id
        WHERE rsvp.event_id = $1 AND ($2::uuid IS NULL OR rsvp.id < $2)
        ORDER BY rsvp.id DESC LIMIT $3
        "#,
        event.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let raw = Raw {
                id: row.id,
                event_id: row.event_id,
                answer: row.answer,
                party: row.party,
                answered_at: row.answered_at,
            };
            Ok(PersonRow {
                rsvp: raw.row()?,
                name: row.name,
                handle: row.handle,
            })
        })
        .collect()
}

/// How many people are interested in an event. Reads the index alone, outside of any lock.
pub async fn interested(conn: &mut Conn, event: EventId) -> Result<u32> {
    let people = sqlx::query_scalar!(
        r#"SELECT count(*) AS "people!" FROM rsvps WHERE event_id = $1 AND answer = 'interested'"#,
        event.0
    )
    .fetch_one(conn)
    .await?;
    Ok(u32::try_from(people).unwrap_or(u32::MAX))
}

/// Writes answers to an event, each person's once; returns whose is another than before. Call under
/// the locks of the event's pools: what was before is read as the statement begins.
pub async fn write(
    conn: &mut Conn,
    event: EventId,
    answers: &[NewRsvp],
    now: Timestamp,
) -> Result<Vec<AccountId>> {
    let ids: Vec<_> = answers.iter().map(|answer| answer.id.0).collect();
    let accounts: Vec<_> = answers.iter().map(|answer| answer.account_id.0).collect();
    let texts: Vec<_> = answers
        .iter()
        .map(|answer| answer.status.as_str())
        .collect();
    let changed = sqlx::query_scalar!(
        r#"
        WITH said AS (
            SELECT new.id, new.account_id, new.answer
            FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS new (id, account_id, answer)
        ), written AS (
            INSERT INTO rsvps (id, event_id, account_id, answer, answered_at, created_at)
            SELECT said.id, $1, said.account_id, said.answer, $5::timestamptz, $5::timestamptz FROM said
            ON CONFLICT ON CONSTRAINT rsvps_person_key
            DO UPDATE SET answer = excluded.answer, answered_at = excluded.answered_at
        )
        SELECT said.account_id AS "account_id!"
        FROM said LEFT JOIN rsvps before ON before.event_id = $1 AND before.account_id = said.account_id
        WHERE before.answer IS DISTINCT FROM said.answer
        "#,
        event.0,
        &ids,
        &accounts,
        &texts as _,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    Ok(changed.into_iter().map(AccountId).collect())
}

/// Takes answers to an event away; returns who had one.
pub async fn remove(
    conn: &mut Conn,
    event: EventId,
    people: &[AccountId],
) -> Result<Vec<AccountId>> {
    let people: Vec<_> = people.iter().map(|id| id.0).collect();
    let removed = sqlx::query_scalar!(
        "DELETE FROM rsvps WHERE event_id = $1 AND account_id = ANY($2) RETURNING account_id",
        event.0,
        &people
    )
    .fetch_all(conn)
    .await?;
    Ok(removed.into_iter().map(AccountId).collect())
}

/// Takes all answers to an event away.
pub async fn remove_all(conn: &mut Conn, event: EventId) -> Result<()> {
    sqlx::query!("DELETE FROM rsvps WHERE event_id = $1", event.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Who of `people` was going and has no ticket left is not going; returns who.
pub async fn drop_without_place(
    conn: &mut Conn,
    event: EventId,
    ticket_type: TicketTypeId,
    people: &[AccountId],
    now: Timestamp,
) -> Result<Vec<AccountId>> {
    let people: Vec<_> = people.iter().map(|id| id.0).collect();
    let dropped = sqlx::query_scalar!(
        r#"
        UPDATE rsvps rsvp SET answer = 'not_going', answered_at = $4
        WHERE rsvp.event_id = $1 AND rsvp.account_id = ANY($3) AND rsvp.answer = 'going'
            AND NOT EXISTS (
                SELECT FROM tickets ticket
                WHERE ticket.ticket_type_id = $2 AND ticket.account_id = rsvp.account_id
                    AND ticket.status IN ('valid', 'used'))
        RETURNING rsvp.account_id
        "#,
        event.0,
        ticket_type.0,
        &people,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?;
    Ok(dropped.into_iter().map(AccountId).collect())
}

/// The orders in which `people` have places. A ticket that was passed on is in its giver's.
pub async fn orders_of(
    conn: &mut Conn,
    ticket_type: TicketTypeId,
    people: &[AccountId],
) -> Result<Vec<OrderId>> {
    let people: Vec<_> = people.iter().map(|id| id.0).collect();
    let orders = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT order_id FROM tickets
        WHERE ticket_type_id = $1 AND account_id = ANY($2) AND status IN ('valid', 'used')
        "#,
        ticket_type.0,
        &people
    )
    .fetch_all(conn)
    .await?;
    Ok(orders.into_iter().map(OrderId).collect())
}

/// What is kept for `people` who waited in line; call after `pools::expire_due`.
pub async fn offers_of(
    conn: &mut Conn,
    event: EventId,
    people: &[AccountId],
) -> Result<Vec<HoldId>> {
    let people: Vec<_> = people.iter().map(|id| id.0).collect();
    let holds = sqlx::query_scalar!(
        r#"
        SELECT id FROM holds
        WHERE event_id = $1 AND account_id = ANY($2) AND status = 'held' AND waiting_list_entry_id IS NOT NULL
        "#,
        event.0,
        &people
    )
    .fetch_all(conn)
    .await?;
    Ok(holds.into_iter().map(HoldId).collect())
}

/// What is kept for somebody of a ticket type, or else where they wait for it.
pub async fn line_entry(
    conn: &mut Conn,
    ticket_type: TicketTypeId,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<WaitingListEntryId>> {
    let id = sqlx::query_scalar!(
        r#"
        SELECT entry.id FROM waiting_list_entries entry
        LEFT JOIN holds hold ON hold.waiting_list_entry_id = entry.id
        WHERE entry.account_id = $2 AND entry.ticket_type_id = $1
            AND (entry.status = 'waiting'
                OR entry.status = 'offered' AND hold.status = 'held' AND hold.expires_at > $3)
        ORDER BY (entry.status = 'offered') DESC, entry.id DESC LIMIT 1
        "#,
        ticket_type.0,
        account.0,
        now.to_sqlx() as _
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(WaitingListEntryId))
}

/// People whose answer does not fit their tickets; empty when everything is right. Who is going has
/// a ticket of the RSVP type that opens the door, and nobody else has. Of a cancelled event no
/// ticket does.
pub async fn misfits(conn: &mut Conn) -> Result<Vec<AccountId>> {
    let people = sqlx::query_scalar!(
        r#"
        SELECT coalesce(rsvp.account_id, owner.account_id) AS "account_id!"
        FROM (
            SELECT DISTINCT setting.event_id, ticket.account_id
            FROM rsvp_settings setting JOIN tickets ticket ON ticket.ticket_type_id = setting.ticket_type_id
            WHERE ticket.status IN ('valid', 'used')
        ) owner
        FULL JOIN (
            SELECT said.event_id, said.account_id
            FROM rsvps said JOIN events event ON event.id = said.event_id
            WHERE said.answer = 'going' AND event.status <> 'cancelled'
        ) rsvp ON rsvp.event_id = owner.event_id AND rsvp.account_id = owner.account_id
        WHERE rsvp.account_id IS NULL OR owner.account_id IS NULL
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(people.into_iter().map(AccountId).collect())
}
