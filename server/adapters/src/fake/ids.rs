//! Ids that are the same in every run.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rand::{RngCore, SeedableRng, rngs::StdRng};
use service::ports::Ids;
use uuid::{Builder, Uuid};

/// `UUIDv7` from a seeded generator: the same calls give the same ids. They rise in
/// the order they were made within a millisecond too.
pub struct SeededIds {
    state: Mutex<State>,
}

struct State {
    random: StdRng,
    made: u32,
}

impl SeededIds {
    /// Ids of this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new(State {
                random: StdRng::seed_from_u64(seed),
                made: 0,
            }),
        }
    }
}

impl Ids for SeededIds {
    fn new_id(&self, now: Timestamp) -> Uuid {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut random = [0; 10];
        state.random.fill_bytes(&mut random);
        state.made = state.made.wrapping_add(1);
        // A counter in the leading random bits keeps the order. The first four bits of the
        // block and the first two of its third byte become version and variant.
        let counter = state.made.to_be_bytes();
        random[0] = 0;
        random[1] = counter[0];
        random[2] = 0;
        random[3..6].copy_from_slice(&counter[1..4]);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = [0; 32];
        state.random.fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_rising_ids() {
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let make = |seed| {
            let ids = SeededIds::new(seed);
            (0..100_000).map(|_| ids.new_id(now)).collect::<Vec<_>>()
        };
        let first = make(7);
        assert_eq!(first, make(7));
        assert_ne!(first, make(8));
        assert!(first.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
