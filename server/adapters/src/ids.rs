//! Ids that rise with time, and secrets from the operating system.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rand::RngCore;
use service::ports::Ids;
use uuid::{ContextV7, Uuid};

/// `UUIDv7` whose order is the order in which this process made them, also within a
/// millisecond (RFC 9562, section 6.2, method 1).
pub struct SystemIds {
    context: Mutex<ContextV7>,
}

impl Default for SystemIds {
    fn default() -> Self {
        Self {
            context: Mutex::new(ContextV7::new()),
        }
    }
}

impl Ids for SystemIds {
    fn new_id(&self, now: Timestamp) -> Uuid {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, nanos))
    }

    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        // A generator of the ChaCha family, seeded and reseeded by the operating system.
        rand::rng().fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_rise_within_a_millisecond_and_carry_their_instant() {
        let ids = SystemIds::default();
        let now = Timestamp::from_millisecond(1_767_225_600_123).unwrap();
        let made: Vec<_> = (0..1000).map(|_| ids.new_id(now)).collect();
        assert!(made.is_sorted());
        assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), 1000);
        let (seconds, nanos) = made[0].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_767_225_600, 123_000_000));
        assert_eq!(made[0].get_version_num(), 7);
    }

    #[test]
    fn secrets_differ() {
        let ids = SystemIds::default();
        assert_ne!(ids.secret(), ids.secret());
    }
}
