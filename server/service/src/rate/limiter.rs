//! Counters of one process, bounded in memory.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::Kind;

const SHARDS: usize = 16;
/// Together about 65,000 keys, a few megabytes.
const KEYS_PER_SHARD: usize = 4096;

type Key = (Kind, u128);

/// GCRA counters in memory. When somebody fills a part with more live keys than it
/// holds, that part starts anew: limits become milder for a moment, memory does not grow.
pub struct Limiter {
    shards: [Mutex<HashMap<Key, Timestamp>>; SHARDS],
    hasher: RandomState,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

impl Limiter {
    /// Spends one call: the theoretical arrival time afterwards, and whether it fit.
    pub(super) fn spend(
        &self,
        key: Key,
        now: Timestamp,
        cost: SignedDuration,
        window: SignedDuration,
    ) -> (Timestamp, bool) {
        let shard = usize::from(self.hasher.hash_one(key).to_le_bytes()[0]) % SHARDS;
        let mut tats = self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A time beyond the window was written before the clock was put back.
        let known = tats.get(&key).copied().filter(|tat| *tat <= now + window);
        let tat = known.unwrap_or(now).max(now);
        let next = tat + cost;
        if next > now + window {
            return (tat, false);
        }
        if tats.len() >= KEYS_PER_SHARD {
            make_room(&mut tats, now);
        }
        tats.insert(key, next);
        (next, true)
    }
}

fn make_room(tats: &mut HashMap<Key, Timestamp>, now: Timestamp) {
    tats.retain(|_, tat| *tat > now);
    if tats.len() >= KEYS_PER_SHARD {
        tats.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);
    const WINDOW: SignedDuration = SignedDuration::from_secs(3);

    fn at(second: i64) -> Timestamp {
        Timestamp::constant(1_800_000_000, 0) + SignedDuration::from_secs(second)
    }

    #[test]
    fn a_burst_fits_then_calls_come_back_one_by_one() {
        let limiter = Limiter::default();
        let spend = |second| {
            limiter
                .spend((Kind::General, 1), at(second), SECOND, WINDOW)
                .1
        };
        assert_eq!(
            [spend(0), spend(0), spend(0), spend(0)],
            [true, true, true, false]
        );
        assert_eq!([spend(1), spend(1)], [true, false]);
        assert!(
            limiter.spend((Kind::General, 2), at(1), SECOND, WINDOW).1,
            "another key has its own calls"
        );
        assert!(
            limiter.spend((Kind::Upload, 1), at(1), SECOND, WINDOW).1,
            "another kind has its own calls"
        );
        assert_eq!(
            [spend(9), spend(9), spend(9), spend(9)],
            [true, true, true, false]
        );
    }

    #[test]
    fn a_clock_put_back_locks_nobody_out() {
        let limiter = Limiter::default();
        for second in [1000, 0] {
            assert!(
                limiter
                    .spend((Kind::General, 1), at(second), SECOND, WINDOW)
                    .1
            );
        }
    }

    #[test]
    fn memory_stays_bounded() {
        let limiter = Limiter::default();
        for key in 0..300_000 {
            limiter.spend((Kind::General, key), at(0), SECOND, WINDOW);
        }
        let held: usize = limiter
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum();
        assert!(held <= SHARDS * KEYS_PER_SHARD);
    }
}
