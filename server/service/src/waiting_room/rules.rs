//! The arithmetic of the line: who comes when. Pure.
//!
//! The line is a row of *slots*, 1, 2, 3 … A slot's turn follows from the rates alone, so every
//! process knows it without asking, and nothing is written when somebody's turn comes. Early
//! visitors get theirs by [`draw_order`], later ones the next at the end ([`first_free`]).

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use store::waiting_rooms::{PlaceRow, Rate};
use types::AccountId;

use crate::keyed;

/// After this much from the opening the places are drawn: whoever asked for one before the
/// opening has been written down by then.
pub(super) const DRAW_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// How long somebody may choose tickets once it is their turn.
pub(super) const PASS_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A new rate holds from this much after it was set: until then every process has heard of it,
/// so none shows places that another takes back.
pub(super) const HEARD_WITHIN: SignedDuration = SignedDuration::from_secs(2);

const MICROS_PER_MINUTE: i128 = 60_000_000;

/// The rates of a room in the order of time. Empty before the draw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Schedule(pub Vec<Rate>);

impl Schedule {
    /// How many slots had their turn at `at`. Never falls as time goes on.
    pub(super) fn passed(&self, at: Timestamp) -> i64 {
        let Some(rate) = self.0.iter().rev().find(|rate| rate.since <= at) else {
            return 0;
        };
        let micros = at.duration_since(rate.since).as_micros();
        let more = micros * i128::from(rate.per_minute) / MICROS_PER_MINUTE;
        rate.slots
            .saturating_add(i64::try_from(more).unwrap_or(i64::MAX))
    }

    /// When a slot has its turn, as far as is known now.
    pub(super) fn turn_of(&self, slot: i64) -> Option<Timestamp> {
        let ends = self.0.iter().skip(1).map(|rate| Some(rate.since));
        let pieces = self.0.iter().zip(ends.chain([None]));
        pieces
            .filter_map(|(rate, end)| Some((turn_within(rate, slot)?, end)))
            .find(|(turn, end)| end.is_none_or(|end| *turn < end))
            .map(|(turn, _)| turn)
    }

    /// The next rate, which begins where this one's line stands at `since`.
    pub(super) fn next_rate(&self, since: Timestamp, per_minute: u32) -> Rate {
        Rate {
            since,
            slots: self.passed(since),
            per_minute,
        }
    }
}

/// The first rate: the first slot has its turn at once.
pub(super) fn first_rate(since: Timestamp, per_minute: u32) -> Rate {
    Rate {
        since,
        slots: 1,
        per_minute,
    }
}

fn turn_within(rate: &Rate, slot: i64) -> Option<Timestamp> {
    let more = i128::from(slot - rate.slots).max(0) * MICROS_PER_MINUTE;
    let per_minute = i128::from(rate.per_minute.max(1));
    let micros = (more + per_minute - 1) / per_minute;
    let wait = SignedDuration::from_micros(i64::try_from(micros).ok()?);
    rate.since.checked_add(wait).ok()
}

/// The first slot that is free: behind everybody, and not one whose turn has been. So nobody
/// saves up turns that nobody wanted.
pub(super) fn first_free(next_slot: i64, passed: i64) -> i64 {
    next_slot.max(passed.saturating_add(1))
}

/// The order of those who came early: by a keyed hash of each, with a key that is drawn when
/// the line begins to move. All orders are equally likely, and before that nobody can know.
pub(super) fn draw_order(seed: &[u8; 32], mut accounts: Vec<AccountId>) -> Vec<AccountId> {
    let lot = |account: AccountId| keyed::mac(seed, &[account.0.as_bytes()]);
    accounts.sort_by_cached_key(|account| (lot(*account), *account));
    accounts
}

/// Where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// So many slots, theirs included, have their turn before or with them; and when.
    Waiting(i64, Option<Timestamp>),
    /// It is their turn, until an instant.
    Admitted(Timestamp),
    /// Their turn is over.
    Expired,
}

/// Where the holder of a slot stands.
pub(super) fn standing(schedule: &Schedule, slot: i64, now: Timestamp) -> Standing {
    let passed = schedule.passed(now);
    let turn = schedule.turn_of(slot);
    if slot > passed {
        return Standing::Waiting(slot - passed, turn);
    }
    let until = turn.unwrap_or(now) + PASS_FOR;
    if now < until {
        Standing::Admitted(until)
    } else {
        Standing::Expired
    }
}

/// What is written for people who join, in the order they came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seating {
    /// New places.
    pub places: Vec<PlaceRow>,
    /// How many people came for the first time.
    pub newcomers: i64,
    /// The next place at the end of the line.
    pub next_slot: i64,
}

/// Seats people who join: whoever has a place keeps it, unless its turn is over.
pub(super) fn seat(
    schedule: &Schedule,
    is_drawn: bool,
    next_slot: i64,
    known: &[PlaceRow],
    joining: &[(AccountId, Timestamp)],
    now: Timestamp,
) -> Seating {
    let known: HashMap<_, _> = known.iter().map(|place| (place.account, place)).collect();
    let mut seated = HashSet::new();
    let mut free = first_free(next_slot, schedule.passed(now));
    let mut seating = Seating {
        next_slot,
        ..Seating::default()
    };
    for (account, joined_at) in joining {
        let place = known.get(account);
        let is_over = place
            .and_then(|place| place.slot)
            .is_some_and(|slot| standing(schedule, slot, now) == Standing::Expired);
        if (place.is_some() && !is_over) || !seated.insert(*account) {
            continue;
        }
        seating.places.push(PlaceRow {
            account: *account,
            joined_at: *joined_at,
            slot: is_drawn.then_some(free),
        });
        seating.newcomers += i64::from(place.is_none());
        if is_drawn {
            free += 1;
            seating.next_slot = free;
        }
    }
    seating
}

/// How long a client waits before it asks again, in seconds: often when its turn is near,
/// seldom when it is far. `spread` is any number of the person's own, so that not all ask at once.
pub(super) fn ask_again_in(wait: Option<SignedDuration>, spread: u8) -> u32 {
    let Some(wait) = wait else { return 2 };
    let seconds = u32::try_from(wait.as_secs().max(0)).unwrap_or(u32::MAX);
    (seconds / 10).clamp(2, 30) + u32::from(spread % 3)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
