//! Joining: people wait in memory and are written down together, at most once a second per room
//! and process. Nobody is told of a place before it is committed, so a crash loses none.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use store::{Tx, waiting_rooms as rows, waiting_rooms::PlaceRow};
use tokio::sync::oneshot;
use types::{AccountId, Code};
use uuid::Uuid;

use super::rules::{self, Schedule};
use crate::{Ctx, Error, Result};

/// How many people one transaction writes down at most.
const BATCH: usize = 20_000;

/// How many may wait to be written down in this process; the next is told to come again.
const MAX_WAITING: usize = 200_000;

/// Somebody who waits to be written down.
struct Waiting {
    account: AccountId,
    asked_at: Timestamp,
    told: oneshot::Sender<Result<Option<PlaceRow>>>,
}

/// Who waits to be written down, by room.
#[derive(Default)]
pub(super) struct Joins {
    queues: Mutex<HashMap<Uuid, Vec<Waiting>>>,
}

impl Joins {
    fn queues(&self) -> MutexGuard<'_, HashMap<Uuid, Vec<Waiting>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins a queue. `true`: nobody is working it off, so the caller must see to that.
    fn add(&self, room: Uuid, waiting: Waiting) -> Result<bool> {
        match self.queues().entry(room) {
            Entry::Vacant(place) => {
                place.insert(vec![waiting]);
                Ok(true)
            }
            Entry::Occupied(queue) if queue.get().len() >= MAX_WAITING => {
                Err(Code::Unavailable.into())
            }
            Entry::Occupied(mut queue) => {
                queue.get_mut().push(waiting);
                Ok(false)
            }
        }
    }

    /// The next batch; with the last one the queue is gone.
    fn take(&self, room: Uuid) -> Vec<Waiting> {
        let mut queues = self.queues();
        let Some(queue) = queues.get_mut(&room) else {
            return Vec::new();
        };
        let batch: Vec<_> = queue.drain(..queue.len().min(BATCH)).collect();
        if batch.is_empty() {
            queues.remove(&room);
        }
        batch
    }
}

/// Takes the queue away if its work ends early, so that nobody waits for nothing.
struct AtWork<'a> {
    ctx: &'a Ctx,
    room: Uuid,
    is_done: bool,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.ctx.services.rooms.joins.queues().remove(&self.room);
        }
    }
}

/// Writes somebody down with those who wait beside them. None: the room is gone.
pub(super) async fn write_down(
    ctx: &Ctx,
    room: Uuid,
    account: AccountId,
) -> Result<Option<PlaceRow>> {
    let (told, place) = oneshot::channel();
    let waiting = Waiting {
        account,
        asked_at: ctx.now(),
        told,
    };
    if ctx.services.rooms.joins.add(room, waiting)? {
        let platform = Ctx::system(Arc::clone(&ctx.services));
        ctx.services.tasks.spawn(work_off(platform, room));
    }
    let place = place.await;
    place.unwrap_or_else(|gone| Err(Error::new(Code::Unavailable).because(gone)))
}

async fn work_off(ctx: Ctx, room: Uuid) {
    let mut at_work = AtWork {
        ctx: &ctx,
        room,
        is_done: false,
    };
    loop {
        let batch = ctx.services.rooms.joins.take(room);
        if batch.is_empty() {
            at_work.is_done = true;
            return;
        }
        let joining: Vec<_> = batch
            .iter()
            .map(|waiting| (waiting.account, waiting.asked_at))
            .collect();
        let places = write(&ctx, room, &joining).await;
        tell(batch, places);
        tokio::time::sleep(ctx.settings().waiting_room_pause).await;
    }
}

/// Whoever asked may be gone; what was written stays.
fn tell(batch: Vec<Waiting>, places: Result<HashMap<AccountId, PlaceRow>>) {
    match places {
        Ok(places) => {
            for waiting in batch {
                let _ = waiting.told.send(Ok(places.get(&waiting.account).copied()));
            }
        }
        Err(error) => {
            let code = error.code;
            let mut error = Some(error);
            for waiting in batch {
                let error = error.take().unwrap_or_else(|| code.into());
                let _ = waiting.told.send(Err(error));
            }
        }
    }
}

/// Writes people down in one transaction, under the room's lock; their places afterwards.
async fn write(
    ctx: &Ctx,
    room: Uuid,
    joining: &[(AccountId, Timestamp)],
) -> Result<HashMap<AccountId, PlaceRow>> {
    let mut tx = ctx.db().begin().await?;
    let Some(row) = rows::lock(&mut tx, room).await? else {
        return Ok(HashMap::new());
    };
    let schedule = schedule_of(&mut tx, room).await?;
    let accounts: Vec<_> = joining.iter().map(|(account, _)| *account).collect();
    let known = rows::places(&mut tx, room, &accounts).await?;
    let seating = rules::seat(
        &schedule,
        row.drawn_at.is_some(),
        row.next_slot,
        &known,
        joining,
        ctx.now(),
    );
    if !seating.places.is_empty() {
        rows::put_places(&mut tx, room, &seating.places).await?;
        let joined = row.joined + seating.newcomers;
        rows::set_line(&mut tx, room, joined, seating.next_slot).await?;
    }
    tx.commit().await?;
    let places: Vec<_> = known.into_iter().chain(seating.places).collect();
    let turns = places
        .iter()
        .filter_map(|place| Some((place.account, place.slot?)));
    let line = ctx.services.rooms.line(row.event_id, room);
    line.note(turns);
    Ok(places
        .into_iter()
        .map(|place| (place.account, place))
        .collect())
}

/// The rates of a locked room.
pub(super) async fn schedule_of(tx: &mut Tx, room: Uuid) -> Result<Schedule> {
    let rates = rows::rates(tx, &[room]).await?;
    Ok(Schedule(rates.into_iter().map(|(_, rate)| rate).collect()))
}
