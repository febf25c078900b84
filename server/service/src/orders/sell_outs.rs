//! What this process remembers of events that have nothing left: whoever comes too late without
//! an idempotency key is refused from memory. A call with a key is not, because its key is looked
//! up first: it may own the ticket already.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use store::{
    Tx,
    pools::Pool,
    sales::{SaleEvent, SaleType},
};
use types::{
    EventId,
    events::{EventStatus, Visibility},
    validate::{self, Validate},
};

use super::{
    books::Books,
    holding::{self, Wish},
    rules,
};
use crate::{Ctx, Result, idempotency::Call};

/// How long a sell-out is believed at most: another process may have got places back meanwhile.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(1);

/// The sell-outs that this process knows of.
#[derive(Default)]
pub(super) struct SellOuts(Mutex<HashMap<EventId, Arc<SellOut>>>);

/// An event in which a ticket type had no place left.
pub(super) struct SellOut {
    event: SaleEvent,
    types: Vec<SaleType>,
    pools: Vec<Pool>,
    /// From then on it is asked again.
    until: Timestamp,
}

impl SellOut {
    /// What a settlement leaves behind, read before its commit. None while every ticket type
    /// has places, or when not everybody may know of the event.
    pub(super) async fn seen(tx: &mut Tx, books: &Books) -> Result<Option<Self>> {
        let event = &books.event;
        let is_public =
            event.status == EventStatus::Published && event.visibility == Visibility::Public;
        let has_none = |kind: &SaleType| rules::check_places(&[(kind, 1)], &books.pools).is_err();
        if !is_public || !books.types.iter().any(has_none) {
            return Ok(None);
        }
        let latest = books.now + BELIEVED_FOR;
        let next_due = store::holds::next_due(tx, event.id).await?;
        Ok(Some(Self {
            event: event.clone(),
            types: books.types.clone(),
            pools: books.pools.clone(),
            until: next_due.map_or(latest, |due| due.min(latest)),
        }))
    }
}

impl SellOuts {
    fn known(&self) -> MutexGuard<'_, HashMap<EventId, Arc<SellOut>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this is what is known of the event.
    pub(super) fn remember(&self, event: EventId, seen: Option<SellOut>, now: Timestamp) {
        let mut known = self.known();
        known.remove(&event);
        if let Some(seen) = seen {
            // Nobody asks for the others any more.
            known.retain(|_, other| now < other.until);
            known.insert(event, Arc::new(seen));
        }
    }

    /// The organizer changes the event: nothing is known of it.
    pub(super) fn forget(&self, event: EventId) {
        self.known().remove(&event);
    }

    fn find(&self, event: EventId, now: Timestamp) -> Option<Arc<SellOut>> {
        let seen = self.known().get(&event).cloned();
        seen.filter(|seen| now < seen.until)
    }
}

/// Refuses a valid command without a key whose places were gone a moment ago. Whatever else may be
/// said of it is said at the till.
///
/// # Errors
/// `sold_out` with `available`.
pub(super) fn refuse<'a, C>(ctx: &Ctx, event: EventId, call: &Call, command: &'a C) -> Result<()>
where
    C: Validate<Context = ()>,
    Wish<'a>: From<&'a C>,
{
    let wish = Wish::from(command);
    let may_know = call.scope().is_none() && wish.promo_code.is_none();
    if !may_know || validate::check(command).is_err() {
        return Ok(());
    }
    let now = ctx.now();
    let Some(seen) = ctx.services.tills.sell_outs.find(event, now) else {
        return Ok(());
    };
    match holding::choose(&seen.event, &seen.types, None, &wish, now) {
        Ok(choice) => rules::check_places(&choice.wanted, &seen.pools),
        Err(_) => Ok(()),
    }
}
