//! The broker: any server that speaks the Kafka protocol.

mod consumer;
mod headers;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures::future::try_join_all;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{Consumer, StreamConsumer},
    error::KafkaError,
    metadata::MetadataPartition,
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer},
    types::RDKafkaErrorCode,
};
use service::ports::{Bus, Message, PortError, Position, Subscription};
use tokio_util::task::TaskTracker;

use consumer::KafkaSubscription;

/// How long questions about topics may take.
const ASK_FOR: Duration = Duration::from_secs(5);

/// How long the broker may take to show that it is there.
const PING_FOR: Duration = Duration::from_secs(2);

/// Where the broker is and how to talk to it.
#[derive(Clone, Debug)]
pub struct KafkaSettings {
    /// `127.0.0.1:9092,127.0.0.1:9093`.
    pub brokers: String,
    /// Put before every topic and group, so that installations can share a broker; may be empty.
    pub prefix: String,
    /// The `ce_source` of what we publish: `eventsphere`.
    pub source: String,
    /// Partitions of topics that are made here.
    pub partitions: i32,
    /// Copies of topics that are made here.
    pub replicas: i32,
    /// How long a message may wait for its acknowledgement.
    pub publish_timeout: Duration,
    /// After how long without a heartbeat a member of a group counts as gone.
    pub session_timeout: Duration,
}

impl KafkaSettings {
    /// Settings with the usual values.
    pub fn new(brokers: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            prefix: prefix.into(),
            source: "eventsphere".to_owned(),
            partitions: 6,
            replicas: 1,
            publish_timeout: Duration::from_secs(5),
            session_timeout: Duration::from_secs(6),
        }
    }

    fn base(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "eventsphere")
            // A broker that comes back is found again within a second.
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "1000")
            .set("socket.connection.setup.timeout.ms", "2000");
        config
    }

    fn producer(&self) -> ClientConfig {
        let mut config = self.base();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("compression.type", "lz4")
            .set("linger.ms", "2")
            .set(
                "message.timeout.ms",
                self.publish_timeout.as_millis().to_string(),
            )
            // The same partition for a key as every other Kafka client chooses.
            .set("partitioner", "murmur2_random");
        config
    }

    fn consumer(&self, group: &str) -> ClientConfig {
        let mut config = self.base();
        config
            .set("group.id", format!("{}{group}", self.prefix))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set(
                "session.timeout.ms",
                self.session_timeout.as_millis().to_string(),
            )
            .set(
                "heartbeat.interval.ms",
                (self.session_timeout / 6).as_millis().to_string(),
            )
            .set("fetch.wait.max.ms", "500")
            .set("fetch.error.backoff.ms", "100")
            .set("topic.metadata.refresh.interval.ms", "5000")
            .set("allow.auto.create.topics", "false");
        config
    }
}

/// A client for one broker or cluster.
pub struct Kafka {
    settings: KafkaSettings,
    /// Replaced after each failure.
    producer: Mutex<FutureProducer>,
    /// What its subscriptions still have to tell the broker.
    farewells: TaskTracker,
}

impl Kafka {
    /// A client with these settings; connects when first used.
    ///
    /// # Errors
    /// When the settings make no sense to the client library.
    pub fn new(settings: KafkaSettings) -> Result<Self, PortError> {
        let producer = settings.producer().create().map_err(PortError::broken)?;
        Ok(Self {
            settings,
            producer: Mutex::new(producer),
            farewells: TaskTracker::new(),
        })
    }

    /// Waits until every subscription that was closed or dropped has left its group.
    pub async fn left(&self) {
        self.farewells.close();
        self.farewells.wait().await;
    }

    fn producer(&self) -> FutureProducer {
        self.producer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn topic(&self, topic: &str) -> String {
        format!("{}{topic}", self.settings.prefix)
    }

    /// Queues a message. The queue holds more than any caller sends at once; a full one
    /// means that the broker does not take them.
    fn enqueue(
        &self,
        producer: &FutureProducer,
        message: &Message,
    ) -> Result<DeliveryFuture, PortError> {
        let topic = self.topic(&message.topic);
        let record = FutureRecord::to(&topic)
            .key(&message.key)
            .payload(&message.payload)
            .timestamp(message.time.as_millisecond())
            .headers(headers::write(message, &self.settings.source));
        producer
            .send_result(record)
            .map_err(|(error, _)| port_error(&error))
    }

    /// Puts a fresh producer in the place of one that failed. An idempotent producer may
    /// never recover: after a gap in its sequence it refuses everything, and a broker
    /// that forgot it refuses it.
    fn replace(&self, failed: &FutureProducer) {
        let Ok(fresh) = self.settings.producer().create() else {
            return;
        };
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if producer.client().native_ptr() == failed.client().native_ptr() {
            let old = std::mem::replace(&mut *producer, fresh);
            // Its end waits for what is on the way.
            tokio::task::spawn_blocking(move || drop(old));
        }
    }

    /// The names of all topics. A question about one topic would make it on many brokers.
    async fn topics(&self, within: Duration) -> Result<BTreeSet<String>, PortError> {
        let producer = self.producer();
        ask(move || {
            let metadata = producer.client().fetch_metadata(None, within)?;
            Ok(metadata
                .topics()
                .iter()
                .map(|topic| topic.name().to_owned())
                .collect())
        })
        .await
    }
}

#[async_trait]
impl Bus for Kafka {
    async fn prepare(&self, topics: &[&str]) -> Result<(), PortError> {
        let existing = self.topics(ASK_FOR).await?;
        let names: Vec<_> = topics.iter().map(|topic| self.topic(topic)).collect();
        let missing: Vec<_> = names
            .iter()
            .filter(|name| !existing.contains(*name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (partitions, replicas) = (self.settings.partitions, self.settings.replicas);
        let new = missing
            .iter()
            .map(|name| NewTopic::new(name, partitions, TopicReplication::Fixed(replicas)));
        let new: Vec<_> = new.collect();
        let admin: AdminClient<DefaultClientContext> = self
            .settings
            .base()
            .create()
            .map_err(|error| port_error(&error))?;
        let options = AdminOptions::new().request_timeout(Some(self.settings.publish_timeout));
        let results = admin
            .create_topics(&new, &options)
            .await
            .map_err(|error| port_error(&error))?;
        for result in results {
            match result {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((topic, code)) => {
                    return Err(PortError::unavailable(format!(
                        "kafka: topic {topic}: {code}"
                    )));
                }
            }
        }
        Ok(())
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.topics(PING_FOR).await.map(drop)
    }

    async fn publish(&self, messages: &[Message]) -> Result<Vec<Position>, PortError> {
        let producer = self.producer();
        let queued: Result<Vec<_>, _> = messages
            .iter()
            .map(|message| self.enqueue(&producer, message))
            .collect();
        let delivered = match queued {
            Ok(queued) => try_join_all(queued.into_iter().map(delivery)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &delivered
            && error.is_retryable
        {
            self.replace(&producer);
            tokio::task::spawn_blocking(move || drop(producer));
        }
        delivered
    }

    async fn ends(&self, topic: &str) -> Result<Vec<Position>, PortError> {
        let (producer, topic) = (self.producer(), self.topic(topic));
        ask(move || {
            let metadata = producer.client().fetch_metadata(None, ASK_FOR)?;
            let topics = metadata
                .topics()
                .iter()
                .filter(|known| known.name() == topic);
            let partitions =
                topics.flat_map(|topic| topic.partitions().iter().map(MetadataPartition::id));
            let ends = partitions.map(|partition| {
                let (_, offset) = producer
                    .client()
                    .fetch_watermarks(&topic, partition, ASK_FOR)?;
                Ok(Position { partition, offset })
            });
            ends.collect()
        })
        .await
    }

    async fn subscribe(
        &self,
        group: &str,
        topics: &[&str],
    ) -> Result<Box<dyn Subscription>, PortError> {
        let consumer: StreamConsumer = self
            .settings
            .consumer(group)
            .create()
            .map_err(|error| port_error(&error))?;
        let names: Vec<_> = topics.iter().map(|topic| self.topic(topic)).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        consumer
            .subscribe(&names)
            .map_err(|error| port_error(&error))?;
        Ok(Box::new(KafkaSubscription::new(
            consumer,
            self.settings.prefix.clone(),
            self.farewells.clone(),
        )))
    }
}

/// Waits for a message's acknowledgement.
async fn delivery(queued: DeliveryFuture) -> Result<Position, PortError> {
    match queued.await {
        Ok(Ok(delivery)) => Ok(Position {
            partition: delivery.partition,
            offset: delivery.offset,
        }),
        Ok(Err((error, _))) => Err(port_error(&error)),
        Err(_) => Err(PortError::unavailable("kafka: the producer was closed")),
    }
}

/// Runs a question that blocks, off the runtime's threads.
async fn ask<T, F>(question: F) -> Result<T, PortError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, KafkaError> + Send + 'static,
{
    let answer = tokio::task::spawn_blocking(question)
        .await
        .map_err(PortError::broken)?;
    answer.map_err(|error| port_error(&error))
}

/// Nearly every failure of a broker passes; what a message itself is refused for does not.
fn port_error(error: &KafkaError) -> PortError {
    let is_final = matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::MessageSizeTooLarge
                | RDKafkaErrorCode::InvalidTopic
                | RDKafkaErrorCode::InvalidRecord
                | RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::GroupAuthorizationFailed
        )
    );
    PortError {
        message: format!("kafka: {error}"),
        is_retryable: !is_final,
    }
}

/// The client library keeps `Arc`s of its own; this one lets blocking calls share it.
type SharedConsumer = Arc<StreamConsumer>;
