//! Where every place of an event is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{EventId, PoolId};

/// The places of an event by what became of them, recomputed from tickets and holds, and
/// compared with the counters that sales use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventPlaces {
    /// The event.
    pub event_id: EventId,
    /// One per ticket type, and one of the whole event if it has a capacity of its own.
    pub pools: Vec<PoolPlaces>,
    /// How many places people in line wish for.
    pub awaited: u64,
    /// Is every counter what tickets and holds say?
    pub is_right: bool,
}

/// The places of one pool. `capacity` is the sum of `sold`, `held`, `offered`, `paying` and `free`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolPlaces {
    /// The pool.
    pub id: PoolId,
    /// The ticket type that draws from it alone; null for the pool of the whole event.
    #[schema(required)]
    pub ticket_type: Option<String>,
    /// All places.
    pub capacity: i64,
    /// With a ticket that is valid or was used.
    pub sold: i64,
    /// Put aside by buyers.
    pub held: i64,
    /// Put aside for people from the waiting list.
    pub offered: i64,
    /// Being paid.
    pub paying: i64,
    /// Nobody's.
    pub free: i64,
    /// By how much the counter of sold places is higher than `sold`.
    pub sold_difference: i64,
    /// By how much the counter of held places is higher than `held`, `offered` and `paying`.
    pub held_difference: i64,
    /// What a repair would do; null when there is nothing to repair.
    #[schema(required)]
    pub repair: Option<String>,
}
