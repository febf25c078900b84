//! Work behind the answers: the outbox relay, stream consumers, jobs that come again.
//!
//! Nothing here ends because something failed: it is logged, and tried again a while
//! later. All of it may run in any number of processes at once.

mod backoff;
mod consumer;
mod every;
mod relay;

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use service::{
    Ctx, Services, accounts, clock, feed, idempotency, mails, media, orders, outbox, waiting_room,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use consumer::Consumer;
use every::every;

/// How long [`drain`] waits for messages that it knows were published.
const DRAIN_FOR: Duration = Duration::from_secs(30);

/// Who writes the public feed.
const FEED: Consumer = Consumer {
    group: feed::GROUP,
    topics: &[outbox::DOMAIN_EVENTS],
    handle: |ctx, records| feed::record(ctx, records).boxed(),
};

/// Runs until `stop`, then finishes what is in hand.
pub async fn run(services: Arc<Services>, stop: CancellationToken) {
    let ctx = Ctx::system(services);
    let tasks = TaskTracker::new();
    tasks.spawn(relay::run(ctx.clone(), stop.clone()));
    tasks.spawn(FEED.run(ctx.clone(), stop.clone()));
    let jobs = Jobs { ctx, stop, tasks };
    jobs.start("payments", Duration::from_secs(1), |ctx| {
        orders::settle_open_payments(ctx).map(done).boxed()
    });
    jobs.start("refunds", Duration::from_secs(1), |ctx| {
        send_refunds(ctx).boxed()
    });
    jobs.start("cancelled events", Duration::from_secs(2), |ctx| {
        orders::refund_cancelled_events(ctx).map(done).boxed()
    });
    jobs.start("mails", Duration::from_secs(1), |ctx| {
        send_mails(ctx).boxed()
    });
    jobs.start("due holds", Duration::from_secs(5), |ctx| {
        orders::sweep_due_holds(ctx).map(done).boxed()
    });
    jobs.start("waiting lists", Duration::from_secs(1), |ctx| {
        orders::waiting_list::offer_free_places(ctx)
            .map(done)
            .boxed()
    });
    jobs.start("orphan media", Duration::from_secs(30), |ctx| {
        media::sweep(ctx).map(done).boxed()
    });
    jobs.start("old mails in the mailbox", Duration::from_hours(1), |ctx| {
        mails::sweep(ctx).map(done).boxed()
    });
    jobs.start("ended sessions", Duration::from_hours(1), |ctx| {
        accounts::sweep(ctx).boxed()
    });
    jobs.start("ended waiting rooms", Duration::from_hours(1), |ctx| {
        waiting_room::sweep(ctx).map(done).boxed()
    });
    jobs.start("old idempotency keys", Duration::from_hours(1), |ctx| {
        idempotency::clean(ctx).map(done).boxed()
    });
    jobs.tasks.close();
    jobs.tasks.wait().await;
}

/// Keeps this process's clock at the time of Postgres, until `stop`. Every process runs it.
pub async fn keep_time(ctx: Ctx, stop: CancellationToken) {
    every("clock", Duration::from_mins(1), ctx, stop, |ctx| {
        clock::synchronize(ctx).map(done).boxed()
    })
    .await;
}

/// Keeps what this process knows of the waiting rooms fresh, until `stop`. Every process runs it.
pub async fn tend_rooms(ctx: Ctx, stop: CancellationToken) {
    every("waiting rooms", Duration::from_secs(1), ctx, stop, |ctx| {
        waiting_room::tend(ctx).boxed()
    })
    .await;
}

/// Does everything that is due now and returns; for tests.
///
/// # Errors
/// When an engine is away, or a published message did not come back in time.
pub async fn drain(ctx: &Ctx) -> service::Result<()> {
    orders::settle_open_payments(ctx).await?;
    orders::sweep_due_holds(ctx).await?;
    while orders::refund_cancelled_events(ctx).await? > 0 {}
    while orders::settle_open_refunds(ctx).await? > 0 {}
    while orders::waiting_list::offer_free_places(ctx).await? > 0 {}
    while mails::send_due(ctx).await? > 0 {}
    media::sweep(ctx).await?;
    let mut relayed = 0;
    loop {
        match outbox::relay_batch(ctx).await? {
            0 => break,
            some => relayed += some,
        }
    }
    FEED.drain(ctx, relayed, DRAIN_FOR).await
}

/// The thousands of a cancelled event go back batch after batch; a shutdown waits for a few only.
async fn send_refunds(ctx: &Ctx) -> service::Result<()> {
    const BATCHES: u32 = 10;
    for _ in 0..BATCHES {
        if orders::settle_open_refunds(ctx).await? == 0 {
            break;
        }
    }
    Ok(())
}

/// About a thousand a minute: after a rush the last ones get theirs a while later, and selling goes
/// on meanwhile.
async fn send_mails(ctx: &Ctx) -> service::Result<()> {
    const BATCHES: u32 = 2;
    for _ in 0..BATCHES {
        if mails::send_due(ctx).await? == 0 {
            break;
        }
    }
    Ok(())
}

struct Jobs {
    ctx: Ctx,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Jobs {
    fn start(&self, name: &'static str, period: Duration, job: every::Job) {
        self.tasks.spawn(every(
            name,
            period,
            self.ctx.clone(),
            self.stop.clone(),
            job,
        ));
    }
}

/// Nobody asks how much was done.
fn done<T>(result: service::Result<T>) -> service::Result<()> {
    result.map(drop)
}
