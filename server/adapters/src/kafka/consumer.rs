//! A member of a consumer group.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::FutureExt;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer, StreamConsumer},
    error::KafkaError,
    message::BorrowedMessage,
    types::RDKafkaErrorCode,
};
use service::ports::{PortError, Record, Subscription};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::TaskTracker;

use super::{SharedConsumer, headers, port_error};

/// How long a commit may take; the next one covers it.
const COMMIT_FOR: Duration = Duration::from_secs(5);

/// How long to let a broker be after it answered with an error.
const AFTER_ERROR: Duration = Duration::from_millis(200);

pub(super) struct KafkaSubscription {
    /// `None` once closed.
    consumer: Option<SharedConsumer>,
    prefix: String,
    /// What arrived while nobody asked, or before a call was cancelled.
    waiting: VecDeque<Record>,
    /// Blocking calls that hold the consumer, the last one being its end.
    farewells: TaskTracker,
}

impl KafkaSubscription {
    pub(super) fn new(consumer: StreamConsumer, prefix: String, farewells: TaskTracker) -> Self {
        Self {
            consumer: Some(Arc::new(consumer)),
            prefix,
            waiting: VecDeque::new(),
            farewells,
        }
    }

    fn consumer(&self) -> Result<SharedConsumer, PortError> {
        self.consumer
            .clone()
            .ok_or_else(|| PortError::broken("kafka: the subscription is closed"))
    }

    fn keep(&mut self, received: Result<BorrowedMessage<'_>, KafkaError>) -> Result<(), PortError> {
        match received {
            Ok(message) => self
                .waiting
                .push_back(headers::read(&message, &self.prefix)),
            Err(error) if is_passing(&error) => {
                tracing::debug!(kafka.error = %error, "consumer goes on after an error");
            }
            Err(error) => return Err(port_error(&error)),
        }
        Ok(())
    }

    /// Takes what is there without waiting.
    fn drain(&mut self, consumer: &StreamConsumer, max: usize) -> Result<(), PortError> {
        while self.waiting.len() < max {
            let Some(received) = consumer.recv().now_or_never() else {
                break;
            };
            self.keep(received)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Subscription for KafkaSubscription {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, PortError> {
        let consumer = self.consumer()?;
        let until = Instant::now() + wait;
        while self.waiting.is_empty() {
            let Ok(received) = timeout_at(until, consumer.recv()).await else {
                break;
            };
            let was_error = received.is_err();
            self.keep(received)?;
            if was_error {
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
        self.drain(&consumer, max)?;
        let count = self.waiting.len().min(max);
        Ok(self.waiting.drain(..count).collect())
    }

    async fn commit(&mut self, records: &[Record]) -> Result<(), PortError> {
        let consumer = self.consumer()?;
        let offsets = behind(records, &self.prefix)?;
        let commit = self
            .farewells
            .spawn_blocking(move || consumer.commit(&offsets, CommitMode::Sync));
        match timeout(COMMIT_FOR, commit).await {
            Ok(Ok(result)) => result.map_err(|error| port_error(&error)),
            Ok(Err(error)) => Err(PortError::broken(error)),
            Err(_) => Err(PortError::unavailable(
                "kafka: no answer to a commit in time",
            )),
        }
    }

    async fn idle(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        let Ok(consumer) = self.consumer() else {
            return;
        };
        // Paused partitions deliver nothing, but being asked shows the group that we live.
        // What a rebalance brings meanwhile waits for its turn.
        let paused = consumer.assignment().ok();
        if let Some(paused) = &paused {
            let _ = consumer.pause(paused);
        }
        let _resume = Resume {
            consumer: Arc::clone(&consumer),
            paused,
        };
        while let Ok(received) = timeout_at(until, consumer.recv()).await {
            if received.is_err() {
                tokio::time::sleep(AFTER_ERROR).await;
            } else {
                let _ = self.keep(received);
            }
        }
    }

    async fn close(mut self: Box<Self>) {
        if let Some(consumer) = self.consumer.take() {
            // Leaving blocks until the coordinator has heard of it.
            let _ = self.farewells.spawn_blocking(move || drop(consumer)).await;
        }
    }
}

impl Drop for KafkaSubscription {
    fn drop(&mut self) {
        if let (Some(consumer), Ok(runtime)) =
            (self.consumer.take(), tokio::runtime::Handle::try_current())
        {
            self.farewells
                .spawn_blocking_on(move || drop(consumer), &runtime);
        }
    }
}

/// Lets paused partitions go on, also when the wait is cancelled.
struct Resume {
    consumer: SharedConsumer,
    paused: Option<TopicPartitionList>,
}

impl Drop for Resume {
    fn drop(&mut self) {
        // Those that a rebalance took away are resumed by whoever has them now.
        if let Some(paused) = &self.paused {
            let _ = self.consumer.resume(paused);
        }
    }
}

/// For each partition the offset behind its last record.
fn behind(records: &[Record], prefix: &str) -> Result<TopicPartitionList, PortError> {
    let mut last = std::collections::BTreeMap::new();
    for Record {
        message, position, ..
    } in records
    {
        let offset = last
            .entry((message.topic.as_str(), position.partition))
            .or_insert(position.offset);
        *offset = position.offset.max(*offset);
    }
    let mut offsets = TopicPartitionList::new();
    for ((topic, partition), offset) in last {
        let topic = format!("{prefix}{topic}");
        let added = offsets.add_partition_offset(&topic, partition, Offset::Offset(offset + 1));
        added.map_err(|error| port_error(&error))?;
    }
    Ok(offsets)
}

/// What the client library reports on the way and gets over by itself: brokers that
/// are away, topics that come back.
fn is_passing(error: &KafkaError) -> bool {
    !matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::Fatal
                | RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::GroupAuthorizationFailed
                | RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::PollExceeded
        )
    )
}
