//! Messages that leave with their transaction, and the relay that publishes them.

use std::collections::{BTreeSet, HashMap};

use jiff::SignedDuration;
use store::{
    Conn, Tx,
    outbox::{NewMessage, OutboxRow, PublishedRow},
};
use types::feed::DomainEvent;

use crate::{
    Ctx, Error, Result,
    ports::{Message, Position},
};

/// The topic of domain events.
pub const DOMAIN_EVENTS: &str = "domain-events";

/// Every topic that messages leave to through the outbox.
const TOPICS: [&str; 1] = [DOMAIN_EVENTS];

/// The version of the schema of domain events.
pub const SCHEMA_VERSION: u16 = 1;

/// How many rows are published at once.
const BATCH: i64 = 500;

/// How long published rows are kept, in case the broker loses its log.
const KEEP_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How many old rows are removed at once.
const REMOVE_AT_ONCE: i64 = 10_000;

/// Where the parts of a topic stand that could not be handled.
pub fn dead_topic(topic: &str) -> String {
    format!("{topic}.dead")
}

/// Writes a domain event into the outbox, inside the transaction of its effect and
/// after the lock of its aggregate. Call [`wake`] after the commit.
pub async fn add(ctx: &Ctx, tx: &mut Tx, event: &DomainEvent) -> Result<()> {
    add_all(ctx, tx, std::slice::from_ref(event)).await
}

/// Writes several domain events, in this order; otherwise like [`add`].
pub async fn add_all(ctx: &Ctx, tx: &mut Tx, events: &[DomainEvent]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let messages = events.iter().map(|event| {
        Ok(NewMessage {
            message_id: ctx.new_id(),
            topic: DOMAIN_EVENTS,
            key: event.event().event_id.to_string(),
            kind: event.kind(),
            payload: serde_json::to_value(event).map_err(Error::internal)?,
            created_at: ctx.now(),
        })
    });
    let messages = messages.collect::<Result<Vec<_>>>()?;
    Ok(store::outbox::insert(tx, &messages).await?)
}

/// Was a batch of so many rows full, so that more may wait?
pub fn is_full(published: usize) -> bool {
    i64::try_from(published).is_ok_and(|rows| rows >= BATCH)
}

/// Tells this process's relay that there is something to publish.
pub fn wake(ctx: &Ctx) {
    ctx.services.outbox_wake.notify_one();
}

/// Publishes a batch of unpublished rows; returns how many. None if another relay is at work.
pub async fn relay_batch(ctx: &Ctx) -> Result<usize> {
    let Ok(mut relay) = Candidate::new(ctx).await?.try_lead().await? else {
        return Ok(0);
    };
    let published = relay.publish_batch(ctx).await;
    relay.release().await?;
    published
}

/// The one relay of the installation. Everything it does in Postgres it does on the
/// connection that holds the lock: when that connection is gone, so is its right.
pub struct Relay {
    conn: Conn,
    /// The highest offset published per topic and partition. A broker that answers with
    /// a lower one has lost its log.
    highest: HashMap<(String, i32), i64>,
    is_prepared: bool,
}

/// A process that waits for its turn to be the relay.
pub struct Candidate {
    conn: Conn,
}

impl Candidate {
    /// A candidate with a connection of its own.
    pub async fn new(ctx: &Ctx) -> Result<Self> {
        Ok(Self {
            conn: ctx.db().own_conn().await?,
        })
    }

    /// Becomes the relay, unless somebody is.
    pub async fn try_lead(mut self) -> Result<Result<Relay, Self>> {
        if !store::outbox::try_lock_relay(&mut self.conn).await? {
            return Ok(Err(self));
        }
        let rows = store::outbox::highest_published(&mut self.conn).await?;
        let highest = rows
            .into_iter()
            .map(|row| ((row.topic, row.partition), row.offset))
            .collect();
        Ok(Ok(Relay {
            conn: self.conn,
            highest,
            is_prepared: false,
        }))
    }
}

impl Relay {
    /// Lets another process become the relay at once. Dropping it does so too, a moment later.
    pub async fn release(mut self) -> Result<()> {
        Ok(store::outbox::unlock_relay(&mut self.conn).await?)
    }

    /// Publishes the next rows in order and marks them; returns how many. After an
    /// error the same rows come again: consumers know them by their message id.
    pub async fn publish_batch(&mut self, ctx: &Ctx) -> Result<usize> {
        let rows = store::outbox::unpublished(&mut self.conn, BATCH).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        self.prepare(ctx).await?;
        let messages = rows.iter().map(message).collect::<Result<Vec<_>>>()?;
        let positions = ctx
            .ports()
            .bus
            .publish(&messages)
            .await
            .inspect_err(|_| self.is_prepared = false)?;
        self.note_published(ctx, &rows, &positions).await?;
        Ok(rows.len())
    }

    /// Looks whether topics end below what was published to them, and takes everything
    /// kept of such a partition as unpublished again. Returns how many rows.
    pub async fn find_lost(&mut self, ctx: &Ctx) -> Result<u64> {
        self.is_prepared = false;
        self.prepare(ctx).await?;
        let topics: BTreeSet<_> = self
            .highest
            .keys()
            .map(|(topic, _)| topic.clone())
            .collect();
        let mut lost = Vec::new();
        for topic in topics {
            for end in ctx.ports().bus.ends(&topic).await? {
                let slot = (topic.clone(), end.partition);
                if self
                    .highest
                    .get(&slot)
                    .is_some_and(|highest| is_lost(end.offset, *highest))
                {
                    lost.push(slot);
                }
            }
        }
        self.unpublish(lost).await
    }

    /// Removes rows that were published long ago; returns how many.
    pub async fn clean_up(&mut self, ctx: &Ctx) -> Result<u64> {
        let before = ctx.now() - KEEP_FOR;
        let mut removed = 0;
        loop {
            let some =
                store::outbox::delete_published(&mut self.conn, before, REMOVE_AT_ONCE).await?;
            removed += some;
            if some < REMOVE_AT_ONCE.unsigned_abs() {
                return Ok(removed);
            }
        }
    }

    async fn prepare(&mut self, ctx: &Ctx) -> Result<()> {
        if !self.is_prepared {
            ctx.ports().bus.prepare(&TOPICS).await?;
            self.is_prepared = true;
        }
        Ok(())
    }

    async fn note_published(
        &mut self,
        ctx: &Ctx,
        rows: &[OutboxRow],
        positions: &[Position],
    ) -> Result<()> {
        let slots = rows.iter().map(|row| row.topic.clone()).zip(positions);
        let known = slots.filter(|(_, position)| position.offset >= 0);
        let known: Vec<_> = known
            .map(|(topic, at)| ((topic, at.partition), at.offset))
            .collect();
        let is_lower = |(slot, offset): &&((String, i32), i64)| {
            self.highest.get(slot).is_some_and(|high| offset <= high)
        };
        let lost: BTreeSet<_> = known
            .iter()
            .filter(is_lower)
            .map(|(slot, _)| slot.clone())
            .collect();
        self.unpublish(lost).await?;

        let published = rows.iter().zip(positions).map(|(row, at)| PublishedRow {
            id: row.id,
            partition: at.partition,
            offset: at.offset,
        });
        store::outbox::mark_published(&mut self.conn, ctx.now(), &published.collect::<Vec<_>>())
            .await?;
        for (slot, offset) in known {
            let highest = self.highest.entry(slot).or_insert(offset);
            *highest = offset.max(*highest);
        }
        Ok(())
    }

    async fn unpublish(&mut self, lost: impl IntoIterator<Item = (String, i32)>) -> Result<u64> {
        let mut rows = 0;
        for (topic, partition) in lost {
            rows += store::outbox::unpublish_partition(&mut self.conn, &topic, partition).await?;
            tracing::warn!(
                kafka.topic = topic,
                kafka.partition = partition,
                "the broker lost its log; publishing again"
            );
            self.highest.remove(&(topic, partition));
        }
        Ok(rows)
    }
}

/// Does a partition end so far below what was published that its log must be gone? Some
/// brokers tell the end from the first message of their last batch, so less than a
/// batch below means nothing; when a log that small was lost, the next message gets an
/// offset that was given before, and that shows it.
fn is_lost(end: i64, highest: i64) -> bool {
    end == 0 || end + BATCH <= highest
}

fn message(row: &OutboxRow) -> Result<Message> {
    Ok(Message {
        id: row.message_id,
        topic: row.topic.clone(),
        key: row.key.clone(),
        kind: row.kind.clone(),
        time: row.created_at,
        schema_version: SCHEMA_VERSION,
        payload: serde_json::to_vec(&row.payload).map_err(Error::internal)?,
        headers: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_lost_when_it_ends_far_below_what_was_published() {
        for (end, highest, lost) in [
            (0, 0, true),
            (0, 9, true),
            (1, 0, false),
            (29, 34, false),
            (35, 34, false),
        ] {
            assert_eq!(is_lost(end, highest), lost, "{end} {highest}");
        }
        assert!(is_lost(3, 503) && !is_lost(4, 503));
    }
}
