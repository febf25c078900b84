//! The organizer's side: set a room up, change its rate, let everybody in.

use jiff::{Timestamp, civil::DateTime};
use store::{
    Conn, Tx,
    events::EventRow,
    waiting_rooms::{self as rows, RoomRow},
};
use types::{
    Code, FieldError, validate,
    waiting_room::{OpenRoom, RoomForm, WaitingRoom},
};

use super::{joining::schedule_of, rules::HEARD_WITHIN, tending::tend, views};
use crate::{
    Ctx, Error, Result,
    events::{self, states},
    text,
};

/// Sets a waiting room up, or changes the one that is there.
///
/// # Errors
/// 422 with the field, 409 `illegal_state` when the event is closed or the line moves already
/// and another opening is asked for, 401, 404, 403.
pub async fn arm(ctx: &Ctx, key: &str, command: OpenRoom) -> Result<WaitingRoom> {
    arm_or_change(ctx, key, &command, false).await
}

/// With `is_change` a room has to be there.
async fn arm_or_change(
    ctx: &Ctx,
    key: &str,
    command: &OpenRoom,
    is_change: bool,
) -> Result<WaitingRoom> {
    let event = {
        let mut conn = ctx.db().conn().await?;
        let event = events::crew(ctx, &mut conn, key).await?;
        validate::check(command).map_err(Error::invalid)?;
        states::must_be_editable(&event)?;
        must_not_be_over(ctx, &event)?;
        event
    };
    let written = write(ctx, &event, command, is_change).await;
    // Also after a refusal: whoever was too late sees how things stand now.
    let tended = tend(ctx).await;
    written?;
    tended?;
    Ok(of_event(ctx, &event))
}

async fn write(ctx: &Ctx, event: &EventRow, command: &OpenRoom, is_change: bool) -> Result<()> {
    let mut tx = ctx.db().begin().await?;
    match rows::id_of_event(&mut tx, event.id).await? {
        Some(room) => change(ctx, &mut tx, room, event, command).await?,
        None if is_change => return Err(gone()),
        None => set_up(ctx, &mut tx, event, command).await?,
    }
    Ok(tx.commit().await?)
}

fn gone() -> Error {
    let text = "Somebody else just let everybody in.";
    let mut error = Error::new(Code::IllegalState).detail(text);
    error.fields = vec![FieldError::new("room", "gone", text)];
    error
}

async fn set_up(ctx: &Ctx, tx: &mut Tx, event: &EventRow, command: &OpenRoom) -> Result<()> {
    let sales_from = earliest_sale(tx, event).await?;
    let opens_at = match command.opens_at {
        Some(at) => checked_opening(at, sales_from, event, ctx.now())?,
        None => sales_from.unwrap_or_else(|| ctx.now()).max(ctx.now()),
    };
    let room = RoomRow {
        id: ctx.new_id(),
        event_id: event.id,
        opens_at,
        admits_per_minute: command.admits_per_minute,
        drawn_at: None,
        joined: 0,
        next_slot: 1,
    };
    if rows::insert(tx, &room, ctx.now()).await? {
        return Ok(());
    }
    Err(Error::new(Code::IllegalState).detail("Somebody else just set this waiting room up."))
}

/// A line that moves gets its new rate in a moment, when every process has heard of it. What
/// was before stays: nobody's place gets worse.
async fn change(
    ctx: &Ctx,
    tx: &mut Tx,
    room: uuid::Uuid,
    event: &EventRow,
    command: &OpenRoom,
) -> Result<()> {
    let Some(mut room) = rows::lock(tx, room).await? else {
        return Err(gone());
    };
    let now = ctx.now();
    if let Some(at) = command.opens_at.filter(|at| !is_same(*at, room.opens_at)) {
        if room.opens_at <= now {
            return Err(Error::new(Code::IllegalState)
                .detail("The line moves already. Its opening can no longer be changed."));
        }
        room.opens_at = checked_opening(at, earliest_sale(tx, event).await?, event, now)?;
    }
    if room.drawn_at.is_some() && room.admits_per_minute != command.admits_per_minute {
        let schedule = schedule_of(tx, room.id).await?;
        let last = schedule.0.last().map_or(now, |rate| rate.since);
        let since = (now + HEARD_WITHIN).max(last);
        let rate = schedule.next_rate(since, command.admits_per_minute);
        rows::add_rate(tx, room.id, rate).await?;
    }
    room.admits_per_minute = command.admits_per_minute;
    Ok(rows::set(tx, &room).await?)
}

/// Postgres keeps microseconds.
fn is_same(one: Timestamp, other: Timestamp) -> bool {
    one.as_microsecond() == other.as_microsecond()
}

fn checked_opening(
    at: Timestamp,
    sales_from: Option<Timestamp>,
    event: &EventRow,
    now: Timestamp,
) -> Result<Timestamp> {
    let wrong = |message: &str| Err(Error::field("opens_at", "range", message));
    if at < now {
        wrong("must be in the future")
    } else if at >= event.ends_at {
        wrong("must be before the event ends")
    } else if sales_from.is_some_and(|from| at < from) {
        wrong("must not be before the first tickets are on sale")
    } else {
        Ok(at)
    }
}

/// When the first tickets come on sale; none when some are without such a time.
async fn earliest_sale(conn: &mut Conn, event: &EventRow) -> Result<Option<Timestamp>> {
    let types = store::sales::types(conn, event.id).await?;
    let shown = types.iter().filter(|kind| !kind.is_hidden);
    let starts: Option<Vec<_>> = shown.map(|kind| kind.sales_from).collect();
    Ok(starts.and_then(|starts| starts.into_iter().min()))
}

fn must_not_be_over(ctx: &Ctx, event: &EventRow) -> Result<()> {
    if event.ends_at > ctx.now() {
        return Ok(());
    }
    Err(Error::new(Code::IllegalState).detail("This event is over."))
}

fn of_event(ctx: &Ctx, event: &EventRow) -> WaitingRoom {
    match ctx.services.rooms.of(event.id) {
        Some(room) => views::room(ctx, &room, None),
        None => views::open(event),
    }
}

/// Lets everybody in: the room is gone with all its places. Again is fine.
///
/// # Errors
/// 401, 404, 403.
pub async fn disarm(ctx: &Ctx, key: &str) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, key).await?;
    rows::delete_of_event(&mut conn, event.id).await?;
    drop(conn);
    tend(ctx).await
}

/// The room as its event's crew sees it in the editor, and the form that sets it up or
/// changes it. No room: none is set up.
///
/// # Errors
/// 401, 404, 403.
pub async fn form(ctx: &Ctx, key: &str) -> Result<(Option<WaitingRoom>, RoomForm)> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, key).await?;
    let Some(room) = ctx.services.rooms.of(event.id) else {
        return Ok((None, RoomForm::default()));
    };
    let row = &room.live.room;
    let zone = text::zone_or_utc(&event.time_zone);
    let form = RoomForm {
        opens_at: text::input(&row.opens_at.to_zoned(zone)),
        admits_per_minute: row.admits_per_minute.to_string(),
        is_change: true,
    };
    Ok((Some(views::room(ctx, &room, None)), form))
}

/// Sets a room up, or changes it, from the editor's form.
///
/// # Errors
/// As [`arm`]; 422 with `opens_at` or `admits_per_minute` for what cannot be read; 409
/// `illegal_state` when the room to be changed is gone.
pub async fn arm_from_form(ctx: &Ctx, key: &str, typed: &RoomForm) -> Result<WaitingRoom> {
    let (room, shown) = form(ctx, key).await?;
    let mut errors = Vec::new();
    let per_minute = typed.admits_per_minute.trim().parse();
    if per_minute.is_err() {
        errors.push(FieldError::new(
            "admits_per_minute",
            "range",
            "must be a whole number from 1 to 60,000",
        ));
    }
    let opens_at = match typed.opens_at.trim() {
        "" => None,
        // What was not touched keeps its seconds.
        same if room.is_some() && same == shown.opens_at => None,
        text => Some(read_local(ctx, key, text).await?),
    };
    let opens_at = opens_at.and_then(|at| {
        if at.is_none() {
            errors.push(FieldError::new(
                "opens_at",
                "format",
                "must be a date and a time",
            ));
        }
        at
    });
    match per_minute {
        Ok(admits_per_minute) if errors.is_empty() => {
            let command = OpenRoom {
                opens_at,
                admits_per_minute,
            };
            arm_or_change(ctx, key, &command, typed.is_change).await
        }
        _ => Err(Error::invalid(errors)),
    }
}

/// A `datetime-local` value in the event's zone; none when it is no such value.
async fn read_local(ctx: &Ctx, key: &str, text: &str) -> Result<Option<Timestamp>> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, key).await?;
    let zone = text::zone_or_utc(&event.time_zone);
    let at = text.parse::<DateTime>().ok();
    let at = at.and_then(|at| zone.to_ambiguous_zoned(at).compatible().ok());
    Ok(at.map(|at| at.timestamp()))
}
