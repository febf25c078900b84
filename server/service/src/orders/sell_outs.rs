//! What this process remembers of events that have nothing left: whoever comes too late is refused
//! from memory. Of a call with a key the refusal is stored first, which tells whether the key was
//! used before: then it may own the ticket already.

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
    till::{Request, Sale},
};
use crate::{
    Ctx, Error, Result,
    idempotency::{self, Call},
    waiting_room,
};

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
    if call.scope().is_some() {
        return Ok(());
    }
    let seen = ctx.services.tills.sell_outs.find(event, ctx.now());
    match seen.and_then(|seen| seen.refusal(command, ctx.now())) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// The same for sales that queue at the till: what each is refused with, or none. The refusal of a
/// call with a key is stored, all with one statement; a key that was used before is left to the
/// settlement, because it may stand for a ticket that was bought already.
pub(super) async fn refuse_all(ctx: &Ctx, event: EventId, sales: &[Sale]) -> Vec<Option<Error>> {
    let now = ctx.now();
    let Some(seen) = ctx.services.tills.sell_outs.find(event, now) else {
        return sales.iter().map(|_| None).collect();
    };
    let mut refusals: Vec<_> = sales
        .iter()
        .map(|sale| seen.refusal_of(sale, now))
        .collect();
    let mut answers = Vec::new();
    for (at, sale) in sales.iter().enumerate() {
        let Some(call) = sale.call.as_ref().filter(|call| call.scope().is_some()) else {
            continue;
        };
        let Some(refusal) = refusals[at].take() else {
            continue;
        };
        let refused: Result<()> = Err(refusal);
        if let Ok(Some(answer)) = call.answer(&refused) {
            answers.push((at, call, answer, refused));
        }
    }
    let stored: Vec<_> = answers
        .iter()
        .map(|(_, call, answer, _)| (*call, answer))
        .collect();
    let new = match ctx.db().conn().await {
        Ok(mut conn) => idempotency::answer_new(&mut conn, &stored, now).await,
        Err(error) => Err(error.into()),
    };
    // Postgres away: the settlement says so.
    let new = new.unwrap_or_default();
    for (place, (at, _, _, refused)) in answers.into_iter().enumerate() {
        if new.contains(&place) {
            refusals[at] = refused.err();
        }
    }
    refusals
}

impl SellOut {
    fn refusal_of(&self, sale: &Sale, now: Timestamp) -> Option<Error> {
        waiting_room::must_be_admitted(&sale.ctx, self.event.id).ok()?;
        match &sale.request {
            Request::Hold(command) => self.refusal(command, now),
            Request::Purchase(command) => self.refusal(command, now),
            _ => None,
        }
    }

    fn refusal<'a, C>(&self, command: &'a C, now: Timestamp) -> Option<Error>
    where
        C: Validate<Context = ()>,
        Wish<'a>: From<&'a C>,
    {
        let wish = Wish::from(command);
        if wish.promo_code.is_some() || validate::check(command).is_err() {
            return None;
        }
        let choice = holding::choose(&self.event, &self.types, None, &wish, now).ok()?;
        rules::check_places(&choice.wanted, &self.pools).err()
    }
}
