//! Consumers: the effect first, then the commit. What an engine's absence holds up is
//! tried until it works; what can never work is parked in the dead topic, so that the
//! partition goes on.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures::{FutureExt, future::BoxFuture};
use service::{
    Ctx, Error, Result,
    outbox::dead_topic,
    ports::{Message, Record, Subscription},
};
use tokio_util::sync::CancellationToken;
use types::Code;

use super::{backoff::Backoff, every::log};

/// How many messages one effect takes at most.
const BATCH: usize = 500;

/// How long to wait for messages before looking up.
const WAIT: Duration = Duration::from_secs(1);

/// How often an effect is tried whose failure looks final.
const TRIES: u32 = 3;

/// The longest wait while an engine is away.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Topics, and what is done with their messages.
#[derive(Clone, Copy)]
pub(super) struct Consumer {
    /// The consumer group.
    pub(super) group: &'static str,
    /// What it reads.
    pub(super) topics: &'static [&'static str],
    /// The effect: idempotent, whole batch or error.
    pub(super) handle: Handle,
}

/// An effect.
pub(super) type Handle = for<'a> fn(&'a Ctx, &'a [Record]) -> BoxFuture<'a, Result<()>>;

/// A batch was not settled because the process stops. It comes again.
struct Stopped;

impl Consumer {
    /// Runs until `stop`; the batch in hand is finished first.
    pub(super) async fn run(self, ctx: Ctx, stop: CancellationToken) {
        let mut backoff = Backoff::up_to(LONGEST_WAIT);
        while !stop.is_cancelled() {
            if let Err(error) = self.consume(&ctx, &stop, &mut backoff).await {
                if backoff.is_worth_a_line() {
                    log(self.group, &error);
                }
                backoff.wait(&stop).await;
            }
        }
    }

    /// Takes `count` messages that are known to be there, or gives up after `patience`.
    pub(super) async fn drain(&self, ctx: &Ctx, count: usize, patience: Duration) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        let (stop, until) = (CancellationToken::new(), Instant::now() + patience);
        let mut subscription = self.subscribe(ctx).await?;
        let mut left = count;
        while left > 0 {
            if Instant::now() > until {
                return Err(Error::internal(format!(
                    "{left} messages of {} did not come",
                    self.group
                )));
            }
            let records = subscription.next(BATCH, Duration::from_millis(100)).await?;
            left = left.saturating_sub(records.len());
            if self
                .settle(ctx, &stop, &mut *subscription, &records)
                .await
                .is_ok()
            {
                subscription.commit(&records).await?;
            }
        }
        subscription.close().await;
        Ok(())
    }

    async fn subscribe(&self, ctx: &Ctx) -> Result<Box<dyn Subscription>> {
        let bus = &ctx.ports().bus;
        let dead: Vec<_> = self.topics.iter().map(|topic| dead_topic(topic)).collect();
        let all: Vec<_> = self
            .topics
            .iter()
            .copied()
            .chain(dead.iter().map(String::as_str))
            .collect();
        bus.prepare(&all).await?;
        Ok(bus.subscribe(self.group, self.topics).await?)
    }

    async fn consume(
        &self,
        ctx: &Ctx,
        stop: &CancellationToken,
        backoff: &mut Backoff,
    ) -> Result<()> {
        let mut subscription = self.subscribe(ctx).await?;
        while let Some(records) = stop
            .run_until_cancelled(subscription.next(BATCH, WAIT))
            .await
        {
            let records = records?;
            backoff.reset();
            if records.is_empty() {
                continue;
            }
            if self
                .settle(ctx, stop, &mut *subscription, &records)
                .await
                .is_err()
            {
                break;
            }
            // A refused commit means that the messages come again, here or elsewhere.
            if let Err(error) = subscription.commit(&records).await {
                tracing::warn!(job = self.group, error = %error, "a commit was refused");
            }
        }
        subscription.close().await;
        Ok(())
    }

    /// Brings every record to its effect or into the dead topic.
    async fn settle(
        &self,
        ctx: &Ctx,
        stop: &CancellationToken,
        subscription: &mut dyn Subscription,
        records: &[Record],
    ) -> Result<(), Stopped> {
        let mut hand = Hand {
            consumer: self,
            ctx,
            stop,
            subscription,
        };
        let (sound, defect): (Vec<_>, Vec<_>) = records
            .iter()
            .cloned()
            .partition(|record| record.defect.is_none());
        for record in defect {
            hand.park(&record, record.defect.as_deref().unwrap_or_default())
                .await?;
        }
        if sound.is_empty() || hand.apply(&sound).await?.is_ok() {
            return Ok(());
        }
        // Something among them can never work: find it, and let the others through.
        for record in &sound {
            if let Err(error) = hand.apply(std::slice::from_ref(record)).await? {
                hand.park(record, &error.to_string()).await?;
            }
        }
        Ok(())
    }
}

/// A batch in work.
struct Hand<'a> {
    consumer: &'a Consumer,
    ctx: &'a Ctx,
    stop: &'a CancellationToken,
    subscription: &'a mut dyn Subscription,
}

impl Hand<'_> {
    /// Tries the effect while trying makes sense. The inner error is final.
    async fn apply(&mut self, records: &[Record]) -> Result<Result<()>, Stopped> {
        let mut backoff = Backoff::up_to(LONGEST_WAIT);
        let mut final_failures = 0;
        loop {
            let effect = AssertUnwindSafe((self.consumer.handle)(self.ctx, records))
                .catch_unwind()
                .await;
            let Err(error) = effect
                .unwrap_or_else(|_| Err(Error::new(Code::Internal).detail("the effect panicked")))
            else {
                return Ok(Ok(()));
            };
            if !error.code.is_retryable() {
                final_failures += 1;
                if final_failures == TRIES {
                    return Ok(Err(error));
                }
            }
            self.wait(&mut backoff, &error).await?;
        }
    }

    /// Puts a record into the dead topic, with the reason and where it came from.
    async fn park(&mut self, record: &Record, reason: &str) -> Result<(), Stopped> {
        tracing::error!(
            job = self.consumer.group,
            message.id = %record.message.id,
            message.topic = record.message.topic,
            message.offset = record.position.offset,
            reason,
            "a message was parked in the dead topic"
        );
        let dead = self.dead_letter(record, reason);
        let mut backoff = Backoff::up_to(LONGEST_WAIT);
        while let Err(error) = self
            .ctx
            .ports()
            .bus
            .publish(std::slice::from_ref(&dead))
            .await
        {
            self.wait(&mut backoff, &error.into()).await?;
        }
        Ok(())
    }

    fn dead_letter(
        &self,
        Record {
            message, position, ..
        }: &Record,
        reason: &str,
    ) -> Message {
        let about = [
            ("dead_reason", reason.to_owned()),
            ("dead_group", self.consumer.group.to_owned()),
            ("dead_topic", message.topic.clone()),
            ("dead_partition", position.partition.to_string()),
            ("dead_offset", position.offset.to_string()),
            ("dead_at", self.ctx.now().to_string()),
        ];
        let headers = message
            .headers
            .iter()
            .filter(|(name, _)| !name.starts_with("dead_"))
            .cloned();
        let headers = headers
            .chain(about.map(|(name, value)| (name.to_owned(), value)))
            .collect();
        Message {
            topic: dead_topic(&message.topic),
            headers,
            ..message.clone()
        }
    }

    /// Waits as a living member of the group.
    async fn wait(&mut self, backoff: &mut Backoff, error: &Error) -> Result<(), Stopped> {
        if backoff.is_worth_a_line() {
            log(self.consumer.group, error);
        }
        let idle = self.subscription.idle(backoff.next());
        self.stop.run_until_cancelled(idle).await.ok_or(Stopped)
    }
}
