//! What this process remembers of how many answered what: pages that stay open keep asking.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use types::rsvps::RsvpCounts;

/// How long counts are believed.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(1);

/// The counts of events that everybody may see, by the id or slug under which they are asked for.
#[derive(Default)]
pub struct Counts(Mutex<HashMap<String, (RsvpCounts, Timestamp)>>);

impl Counts {
    fn known(&self) -> MutexGuard<'_, HashMap<String, (RsvpCounts, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts, if they are fresh.
    pub(super) fn find(&self, event_key: &str, now: Timestamp) -> Option<RsvpCounts> {
        let (counts, until) = self.known().get(event_key).copied()?;
        (now < until).then_some(counts)
    }

    /// Believes the counts for a while.
    pub(super) fn remember(&self, event_key: &str, counts: RsvpCounts, now: Timestamp) {
        let mut known = self.known();
        known.retain(|_, (_, until)| now < *until);
        known.insert(event_key.to_owned(), (counts, now + BELIEVED_FOR));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_believed_for_a_second() {
        let (counts, now) = (Counts::default(), Timestamp::UNIX_EPOCH);
        counts.remember("a", RsvpCounts::default(), now);
        assert!(counts.find("a", now).is_some() && counts.find("b", now).is_none());
        assert!(counts.find("a", now + BELIEVED_FOR).is_none());
        counts.remember("b", RsvpCounts::default(), now + BELIEVED_FOR);
        assert_eq!(counts.known().len(), 1);
    }
}
