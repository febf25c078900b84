//! A broker that says everything twice and in disorder, and a consumer that dies
//! between its effect and its commit.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use service::ports::{Bus, Message, PortError, Position, Record, Subscription};

/// Wraps a real bus.
pub struct Unruly<B> {
    inner: B,
    crashes: Arc<AtomicU32>,
}

impl<B> Unruly<B> {
    /// The consumer dies so often.
    pub fn new(inner: B, crashes: u32) -> Self {
        Self {
            inner,
            crashes: Arc::new(AtomicU32::new(crashes)),
        }
    }

    pub fn crashes_left(&self) -> u32 {
        self.crashes.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl<B: Bus> Bus for Unruly<B> {
    async fn prepare(&self, topics: &[&str]) -> Result<(), PortError> {
        self.inner.prepare(topics).await
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.inner.ping().await
    }

    async fn publish(&self, messages: &[Message]) -> Result<Vec<Position>, PortError> {
        let positions = self.inner.publish(messages).await?;
        let backwards: Vec<_> = messages.iter().rev().cloned().collect();
        self.inner.publish(&backwards).await?;
        Ok(positions)
    }

    async fn ends(&self, topic: &str) -> Result<Vec<Position>, PortError> {
        self.inner.ends(topic).await
    }

    async fn subscribe(
        &self,
        group: &str,
        topics: &[&str],
    ) -> Result<Box<dyn Subscription>, PortError> {
        let inner = self.inner.subscribe(group, topics).await?;
        Ok(Box::new(Mortal {
            inner,
            crashes: self.crashes.clone(),
            commits: 0,
            is_dead: false,
        }))
    }
}

struct Mortal {
    inner: Box<dyn Subscription>,
    crashes: Arc<AtomicU32>,
    commits: u32,
    is_dead: bool,
}

#[async_trait]
impl Subscription for Mortal {
    async fn next(&mut self, _max: usize, wait: Duration) -> Result<Vec<Record>, PortError> {
        if self.is_dead {
            return Err(PortError::unavailable("the consumer died"));
        }
        // Small batches: more moments to die in.
        self.inner.next(100, wait).await
    }

    /// The second commit of every life does not happen.
    async fn commit(&mut self, records: &[Record]) -> Result<(), PortError> {
        self.commits += 1;
        let take_one = |left: u32| left.checked_sub(1);
        if self.commits == 2
            && self
                .crashes
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one)
                .is_ok()
        {
            self.is_dead = true;
            return Err(PortError::unavailable("the consumer died"));
        }
        self.inner.commit(records).await
    }

    async fn idle(&mut self, wait: Duration) {
        self.inner.idle(wait).await;
    }

    async fn close(self: Box<Self>) {
        self.inner.close().await;
    }
}
