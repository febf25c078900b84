//! What this process knows of the rooms: read from Postgres once a second ([`super::tend`]),
//! asked by everybody without any I/O.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use jiff::{SignedDuration, Timestamp};
use store::waiting_rooms::LiveRoom;
use types::{AccountId, EventId};
use uuid::Uuid;

use super::{
    joining::Joins,
    rules::{self, Schedule, Standing},
};

/// The rooms of this process.
#[derive(Default)]
pub struct Rooms {
    known: RwLock<Arc<Known>>,
    /// Who is being written down.
    pub(super) joins: Joins,
    /// One at a time reads from Postgres: what is older must not replace what is newer.
    pub(super) tending: tokio::sync::Mutex<()>,
}

/// All rooms at one instant.
#[derive(Default)]
pub(super) struct Known {
    by_event: HashMap<EventId, Arc<Room>>,
    by_slug: HashMap<String, EventId>,
}

/// One room at one instant.
pub(super) struct Room {
    /// With what a page says of its event.
    pub live: LiveRoom,
    /// Who has their turn when.
    pub schedule: Schedule,
    /// Whose turn is which; goes on from one instant to the next.
    pub line: Arc<Line>,
}

/// Whose turn is which in one room.
#[derive(Default)]
pub(super) struct Line {
    slots: RwLock<HashMap<AccountId, i64>>,
    read: Mutex<i64>,
}

impl Rooms {
    fn now_known(&self) -> Arc<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&known)
    }

    /// The room of an event, if it has one.
    pub(super) fn of(&self, event: EventId) -> Option<Arc<Room>> {
        self.now_known().by_event.get(&event).cloned()
    }

    /// The room of an event by its id or slug.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Room>> {
        let known = self.now_known();
        let event = key
            .parse()
            .ok()
            .or_else(|| known.by_slug.get(key).copied())?;
        known.by_event.get(&event).cloned()
    }

    /// The line of a room, if this process has begun it.
    pub(super) fn line(&self, event: EventId, room: Uuid) -> Arc<Line> {
        let known = self.of(event).filter(|known| known.live.room.id == room);
        known.map(|known| known.line.clone()).unwrap_or_default()
    }

    /// From now on these are the rooms.
    pub(super) fn replace(&self, rooms: Vec<Room>) {
        let mut known = Known::default();
        for room in rooms {
            let event = room.live.room.event_id;
            known.by_slug.insert(room.live.slug.clone(), event);
            known.by_event.insert(event, Arc::new(room));
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }
}

impl Room {
    /// Where somebody stands; none without a place, or while this process does not know it yet.
    pub(super) fn standing(&self, account: AccountId, now: Timestamp) -> Option<Standing> {
        let slot = self.line.slot_of(account)?;
        Some(rules::standing(&self.schedule, slot, now))
    }

    /// How long somebody who joined now would wait.
    pub(super) fn wait_at_the_end(&self, now: Timestamp) -> Option<SignedDuration> {
        let passed = self.schedule.passed(now);
        let slot = rules::first_free(self.live.room.next_slot, passed);
        let turn = self.schedule.turn_of(slot)?;
        Some(turn.duration_since(now).max(SignedDuration::ZERO))
    }

    /// How many people wait, and how many had their turn.
    pub(super) fn counts(&self, now: Timestamp) -> (u64, u64) {
        let room = &self.live.room;
        let people = room.joined.max(0).unsigned_abs();
        if room.drawn_at.is_none() {
            return (people, 0);
        }
        // Every slot that is still to come is somebody's.
        let waiting = room.next_slot - 1 - self.schedule.passed(now);
        let waiting = waiting.max(0).unsigned_abs().min(people);
        (waiting, people - waiting)
    }
}

impl Line {
    fn slot_of(&self, account: AccountId) -> Option<i64> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.get(&account).copied()
    }

    /// Notes turns; a later one replaces an earlier one of the same person.
    pub(super) fn note(&self, turns: impl IntoIterator<Item = (AccountId, i64)>) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        for (account, slot) in turns {
            let known = slots.entry(account).or_insert(slot);
            *known = slot.max(*known);
        }
    }

    /// Up to which slot all turns were read.
    pub(super) fn read(&self) -> MutexGuard<'_, i64> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
