//! The till: sales of one event wait in memory and are settled together.
//!
//! A lone request is settled at once. While its transaction is on the way others queue,
//! and the next transaction takes all that wait, up to [`BATCH`]: the fuller the hall, the more
//! sales share one lock and one commit. Each gets its own verdict. Several processes
//! stay correct because the pools' row locks decide, not this queue.

use std::{
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use store::payments::PaymentRow;
use tokio::sync::oneshot;
use types::{
    Code, EventId, HoldId, OrderId, WaitingListEntryId,
    orders::{GiveBack, Hold, Order, PayHold, PlaceHold, Purchase},
    rsvps::RsvpAnswer,
    tickets::Ticket,
    transfers::Transfer,
    waiting_list::{JoinWaitingList, WaitingListEntry},
};

use super::{
    batch,
    paying::Begun,
    sell_outs::{self, SellOuts},
    transaction::retrying,
    transferring,
};
use crate::{
    Ctx, Error, Result,
    idempotency::{Call, Reply},
    ports::ChargeOutcome,
};

/// How many sales one transaction settles at most.
const BATCH: usize = 256;

/// How many sales of one event may wait in this process; the next is told to come again.
const MAX_WAITING: usize = 4096;

/// What is to be settled.
pub(super) enum Request {
    /// Put places aside.
    Hold(PlaceHold),
    /// Put places aside and pay them.
    Purchase(Purchase),
    /// Pay a hold.
    Pay(HoldId, PayHold),
    /// Keep a hold for longer.
    Extend(HoldId),
    /// Give a hold back.
    Release(HoldId),
    /// Give tickets of an order back.
    Return(OrderId, GiveBack),
    /// Pass a ticket on, or answer the offer of one.
    Transfer(transferring::Step),
    /// What the provider said about a payment.
    Outcome(PaymentRow, ChargeOutcome),
    /// The money of an order is here that no provider takes.
    Arrived(OrderId),
    /// Nobody waits for that money any more.
    CallOff(OrderId),
    /// Wait for places.
    Join(JoinWaitingList),
    /// Wait no longer.
    Leave(WaitingListEntryId),
    /// Offer what is free to those who wait.
    Offer,
    /// Say who comes, for a party of so many or as many as before; none takes the answer back.
    Answer(Option<RsvpAnswer>, Option<u32>),
    /// Take the places of those who did not confirm in time.
    Lapse,
}

impl Request {
    /// May places become free by it?
    pub(super) fn may_free(&self) -> bool {
        match self {
            Self::Release(_)
            | Self::Return(..)
            | Self::Outcome(..)
            | Self::Leave(_)
            | Self::Arrived(_)
            | Self::CallOff(_)
            | Self::Answer(..)
            | Self::Lapse => true,
            Self::Hold(_)
            | Self::Purchase(_)
            | Self::Pay(..)
            | Self::Extend(_)
            | Self::Transfer(_)
            | Self::Join(_)
            | Self::Offer => false,
        }
    }
}

/// What became of it.
pub(super) enum Verdict {
    /// Places were put aside.
    Hold(Reply<Hold>),
    /// An order was placed, or its payment is to be asked for.
    Order(Begun),
    /// Somebody is in line.
    Waiting(Reply<WaitingListEntry>),
    /// A ticket was offered, or its offer ended.
    Transfer(Reply<Transfer>),
    /// A ticket was passed on.
    Ticket(Reply<Ticket>),
    /// It is done; there is nothing to tell.
    Done,
}

impl Verdict {
    pub(super) fn into_hold(self) -> Result<Reply<Hold>> {
        match self {
            Self::Hold(reply) => Ok(reply),
            _ => Err(Error::internal("not the verdict of a hold")),
        }
    }

    pub(super) fn into_order(self) -> Result<Begun> {
        match self {
            Self::Order(begun) => Ok(begun),
            _ => Err(Error::internal("not the verdict of an order")),
        }
    }

    pub(super) fn into_waiting(self) -> Result<Reply<WaitingListEntry>> {
        match self {
            Self::Waiting(reply) => Ok(reply),
            _ => Err(Error::internal("not the verdict of somebody in line")),
        }
    }

    pub(super) fn into_settled(self) -> Result<Reply<Order>> {
        match self.into_order()? {
            Begun::Done(reply) => Ok(reply),
            Begun::Ask(..) | Begun::FindOut(..) => Err(Error::internal("not a settled payment")),
        }
    }
}

/// One sale: who asks for what.
pub(super) struct Sale {
    /// Whoever asks.
    pub ctx: Ctx,
    /// Under which key; none for the worker's own.
    pub call: Option<Call>,
    /// For what.
    pub request: Request,
}

/// A sale that waits, and where its verdict goes.
struct Waiting {
    sale: Sale,
    verdict: oneshot::Sender<Result<Verdict>>,
}

/// The queues of all events that this process is selling.
#[derive(Default)]
pub struct Tills {
    queues: Mutex<HashMap<EventId, VecDeque<Waiting>>>,
    /// Where nothing is left.
    pub(super) sell_outs: SellOuts,
}

impl Tills {
    fn queues(&self) -> MutexGuard<'_, HashMap<EventId, VecDeque<Waiting>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The event is being changed by its organizer: what is known of its places is old.
    pub(crate) fn forget(&self, event: EventId) {
        self.sell_outs.forget(event);
    }

    /// Joins the event's queue. `true`: nobody is settling it, so the caller must see to that.
    fn join(&self, event: EventId, waiting: Waiting) -> Result<bool> {
        match self.queues().entry(event) {
            Entry::Vacant(place) => {
                place.insert(VecDeque::from([waiting]));
                Ok(true)
            }
            Entry::Occupied(queue) if queue.get().len() >= MAX_WAITING => {
                Err(Error::new(Code::Unavailable)
                    .detail("Very many people are buying right now. Please try again in a moment."))
            }
            Entry::Occupied(mut queue) => {
                queue.get_mut().push_back(waiting);
                Ok(false)
            }
        }
    }

    /// The next batch; with the last one the queue is gone.
    fn take(&self, event: EventId) -> Vec<Waiting> {
        let mut queues = self.queues();
        let Some(queue) = queues.get_mut(&event) else {
            return Vec::new();
        };
        let batch = take_batch(queue);
        if batch.is_empty() {
            queues.remove(&event);
        }
        batch
    }
}

/// Takes from the front; a repetition of a call, or another answer of the same person, waits for the
/// next batch.
fn take_batch(queue: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let (mut batch, mut repeated) = (Vec::new(), VecDeque::new());
    let (mut scopes, mut answering) = (HashSet::new(), HashSet::new());
    while let Some(waiting) = queue.pop_front() {
        let scope = waiting.sale.call.as_ref().and_then(Call::scope);
        let scope = scope.map(|scope| {
            (
                scope.account,
                scope.operation.to_owned(),
                scope.key.to_owned(),
            )
        });
        let who = match waiting.sale.request {
            Request::Answer(..) => waiting.sale.ctx.account_if_any(),
            _ => None,
        };
        if scope.is_some_and(|scope| !scopes.insert(scope))
            || who.is_some_and(|who| !answering.insert(who))
        {
            repeated.push_back(waiting);
        } else {
            batch.push(waiting);
        }
        if batch.len() == BATCH {
            break;
        }
    }
    repeated.append(queue);
    *queue = repeated;
    batch
}

/// Takes the queue away if its settling ends early, so that nobody waits for nothing.
struct AtWork<'a> {
    ctx: &'a Ctx,
    event: EventId,
    is_done: bool,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.ctx.services.tills.queues().remove(&self.event);
        }
    }
}

/// Settles a sale with those that wait beside it. Goes on when the caller goes away.
pub(super) async fn settle(
    ctx: &Ctx,
    event: EventId,
    call: Option<Call>,
    request: Request,
) -> Result<Verdict> {
    let (verdict, told) = oneshot::channel();
    let sale = Sale {
        ctx: ctx.clone(),
        call,
        request,
    };
    if ctx.services.tills.join(event, Waiting { sale, verdict })? {
        let platform = Ctx::system(Arc::clone(&ctx.services));
        ctx.services.tasks.spawn(work_off(platform, event));
    }
    told.await
        .unwrap_or_else(|gone| Err(Error::new(Code::Unavailable).because(gone)))
}

async fn work_off(ctx: Ctx, event: EventId) {
    let mut at_work = AtWork {
        ctx: &ctx,
        event,
        is_done: false,
    };
    loop {
        let batch = ctx.services.tills.take(event);
        if batch.is_empty() {
            // The queue is gone; a new one may be somebody else's already.
            at_work.is_done = true;
            return;
        }
        work_on(&ctx, event, batch).await;
    }
}

/// Tells those who come too late, as far as this is known, and settles the others.
async fn work_on(ctx: &Ctx, event: EventId, batch: Vec<Waiting>) {
    let (sales, told): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|waiting| (waiting.sale, waiting.verdict))
        .unzip();
    let refusals = sell_outs::refuse_all(ctx, event, &sales).await;
    let (mut open, mut waiting) = (Vec::new(), Vec::new());
    for ((sale, told), refusal) in sales.into_iter().zip(told).zip(refusals) {
        if let Some(refusal) = refusal {
            tell((told, Err(refusal)));
        } else {
            open.push(sale);
            waiting.push(told);
        }
    }
    if !open.is_empty() {
        settle_batch(ctx, event, open, waiting).await;
    }
}

/// Settles a batch; one that fails as a whole is settled one by one, unless Postgres is away.
async fn settle_batch(
    ctx: &Ctx,
    event: EventId,
    sales: Vec<Sale>,
    told: Vec<oneshot::Sender<Result<Verdict>>>,
) {
    match retrying(ctx, || batch::settle(ctx, event, &sales)).await {
        Ok(verdicts) => told.into_iter().zip(verdicts).for_each(tell),
        Err(error) if sales.len() == 1 || error.code == Code::Unavailable => {
            tell_all(told, error);
        }
        Err(error) => {
            tracing::warn!(error = %error, sales = sales.len(), "a batch failed; settling one by one");
            for (sale, told) in sales.into_iter().zip(told) {
                let alone = retrying(ctx, || {
                    batch::settle(ctx, event, std::slice::from_ref(&sale))
                })
                .await;
                tell((told, alone.and_then(only)));
            }
        }
    }
}

fn only(verdicts: Vec<Result<Verdict>>) -> Result<Verdict> {
    let verdict = verdicts.into_iter().next();
    verdict.unwrap_or_else(|| Err(Error::internal("a sale without a verdict")))
}

/// Whoever asked may be gone; what was settled stays.
fn tell((told, verdict): (oneshot::Sender<Result<Verdict>>, Result<Verdict>)) {
    let _ = told.send(verdict);
}

fn tell_all(told: Vec<oneshot::Sender<Result<Verdict>>>, error: Error) {
    let code = error.code;
    let mut error = Some(error);
    for told in told {
        let verdict = error.take().unwrap_or_else(|| code.into());
        tell((told, Err(verdict)));
    }
}
