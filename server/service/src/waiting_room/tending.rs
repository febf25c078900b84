//! What every process does once a second: read the rooms, draw the places of those that open,
//! read whose turn is which.

use std::{collections::HashMap, sync::Arc};

use store::{Conn, waiting_rooms as rows, waiting_rooms::LiveRoom};
use uuid::Uuid;

use super::{
    rooms::{Line, Room},
    rules::{self, DRAW_AFTER, Schedule},
};
use crate::{Ctx, Result};

/// How many turns are read at once.
const PAGE: i64 = 50_000;

/// Reads the rooms anew, and draws the places of those that open now. Without rooms it is one
/// small question to Postgres.
///
/// # Errors
/// When Postgres is away; what was known stays, and the lines move on.
pub async fn tend(ctx: &Ctx) -> Result<()> {
    let _alone = ctx.services.rooms.tending.lock().await;
    let mut live = {
        let mut conn = ctx.db().conn().await?;
        rows::live(&mut conn, ctx.now()).await?
    };
    let is_due = |live: &&LiveRoom| {
        live.room.drawn_at.is_none() && live.room.opens_at + DRAW_AFTER <= ctx.now()
    };
    let due: Vec<_> = live
        .iter()
        .filter(is_due)
        .map(|live| live.room.id)
        .collect();
    for room in &due {
        // One that cannot be drawn now must not keep the others from being read.
        if let Err(error) = draw(ctx, *room).await {
            tracing::warn!(room.id = %room, error = %error, "the places of a waiting room cannot be drawn yet");
        }
    }
    let mut conn = ctx.db().conn().await?;
    if !due.is_empty() {
        live = rows::live(&mut conn, ctx.now()).await?;
    }
    let rooms = read(ctx, &mut conn, live).await?;
    ctx.services.rooms.replace(rooms);
    Ok(())
}

/// Draws the places of those who came early, once, whichever process comes first.
async fn draw(ctx: &Ctx, room: Uuid) -> Result<()> {
    let mut tx = ctx.db().begin().await?;
    let Some(row) = rows::lock(&mut tx, room).await? else {
        return Ok(());
    };
    let now = ctx.now();
    if row.drawn_at.is_some() || row.opens_at + DRAW_AFTER > now {
        return Ok(());
    }
    let seed = ctx.ports().ids.secret();
    let order = rules::draw_order(&seed, rows::undrawn(&mut tx, room).await?);
    rows::set_drawn(&mut tx, room, &order, now, &seed).await?;
    rows::add_rate(&mut tx, room, rules::first_rate(now, row.admits_per_minute)).await?;
    tx.commit().await?;
    tracing::info!(room.id = %room, people = order.len(), "the places of a waiting room are drawn");
    Ok(())
}

async fn read(ctx: &Ctx, conn: &mut Conn, live: Vec<LiveRoom>) -> Result<Vec<Room>> {
    if live.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = live.iter().map(|live| live.room.id).collect();
    let mut rates: HashMap<_, Vec<_>> = HashMap::new();
    for (room, rate) in rows::rates(conn, &ids).await? {
        rates.entry(room).or_default().push(rate);
    }
    let mut rooms = Vec::with_capacity(live.len());
    for live in live {
        let line = ctx.services.rooms.line(live.room.event_id, live.room.id);
        if live.room.drawn_at.is_some() {
            read_line(conn, live.room.id, &line).await?;
        }
        let schedule = Schedule(rates.remove(&live.room.id).unwrap_or_default());
        rooms.push(Room {
            live,
            schedule,
            line,
        });
    }
    Ok(rooms)
}

/// Reads the turns that are new since the last time.
async fn read_line(conn: &mut Conn, room: Uuid, line: &Arc<Line>) -> Result<()> {
    loop {
        let read = *line.read();
        let turns = rows::turns_after(conn, room, read, PAGE).await?;
        let Some((_, last)) = turns.last().copied() else {
            return Ok(());
        };
        line.note(turns);
        *line.read() = last;
    }
}

/// Forgets rooms of events that are over; the worker calls it. Returns how many.
///
/// # Errors
/// When Postgres fails.
pub async fn sweep(ctx: &Ctx) -> Result<u64> {
    let mut conn = ctx.db().conn().await?;
    Ok(rows::delete_ended(&mut conn, ctx.now()).await?)
}
