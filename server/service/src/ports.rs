//! The outside world as the use cases see it. Adapters implement these traits with
//! real clients; each has an in-memory twin for tests, and one contract suite runs
//! on both.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use types::{EventId, Money, feed::Activity};
use uuid::Uuid;

/// An adapter's failure: is it worth trying again, and what is behind it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PortError {
    /// For the log.
    pub message: String,
    /// The engine is away or busy; the same call may succeed later.
    pub is_retryable: bool,
}

impl PortError {
    /// The engine is away or busy.
    pub fn unavailable(message: impl std::fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            is_retryable: true,
        }
    }

    /// Trying again will not help.
    pub fn broken(message: impl std::fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            is_retryable: false,
        }
    }
}

/// The current time.
pub trait Clock: Send + Sync {
    /// Now, with the precision of Postgres (microseconds).
    fn now(&self) -> Timestamp;
    /// Moves the clock, so that all processes agree with Postgres on what time it is.
    /// A clock that a test drives stays where it is.
    fn shift(&self, by: SignedDuration) {
        let _ = by;
    }
}

/// Ids and secrets.
pub trait Ids: Send + Sync {
    /// A UUIDv7 of this instant (RFC 9562, section 5.7).
    fn new_id(&self, now: Timestamp) -> Uuid;
    /// 32 bytes from a cryptographically secure source.
    fn secret(&self) -> [u8; 32];
}

/// Documents: event metadata and the feed.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Makes indexes; idempotent.
    async fn prepare(&self) -> Result<(), PortError>;
    /// Is the engine there?
    async fn ping(&self) -> Result<(), PortError>;
    /// Writes the metadata document of an event unless a higher version is there.
    async fn put_metadata(
        &self,
        event: EventId,
        version: i64,
        document: &serde_json::Value,
    ) -> Result<(), PortError>;
    /// The document and its version.
    async fn get_metadata(
        &self,
        event: EventId,
    ) -> Result<Option<(i64, serde_json::Value)>, PortError>;
    /// Removes the document, if there is one.
    async fn delete_metadata(&self, event: EventId) -> Result<(), PortError>;
    /// Adds activities; one with an id that is there already changes nothing.
    async fn add_activities(&self, activities: &[Activity]) -> Result<(), PortError>;
    /// The latest activities, newest first.
    async fn latest_activities(&self, limit: u32) -> Result<Vec<Activity>, PortError>;
}

/// An object of the object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The type we chose when storing it.
    pub content_type: String,
    /// The whole object.
    pub bytes: Vec<u8>,
}

/// The object store.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Makes the bucket; idempotent.
    async fn prepare(&self) -> Result<(), PortError>;
    /// Is the engine there?
    async fn ping(&self) -> Result<(), PortError>;
    /// Stores an object under a key, replacing what was there.
    async fn put(&self, key: &str, blob: Blob) -> Result<(), PortError>;
    /// The object, or `None`.
    async fn get(&self, key: &str) -> Result<Option<Blob>, PortError>;
    /// Removes an object; absent is fine.
    async fn delete(&self, key: &str) -> Result<(), PortError>;
    /// The keys that begin with `prefix`, for checks; at most 1,000.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError>;
}

/// A message on its way. Headers carry the `CloudEvents` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Consumers dedupe on it.
    pub id: Uuid,
    /// Without the installation's prefix; the adapter adds it.
    pub topic: String,
    /// Messages with one key keep their order.
    pub key: String,
    /// The fact's name: `ticket.paid`.
    pub kind: String,
    /// When it happened.
    pub time: Timestamp,
    /// The version of the payload's schema.
    pub schema_version: u16,
    /// JSON.
    pub payload: Vec<u8>,
    /// Further headers: of a dead letter, why and from where.
    pub headers: Vec<(String, String)>,
}

/// Where a message lies in its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The partition.
    pub partition: i32,
    /// The offset in it.
    pub offset: i64,
}

/// A received message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The message.
    pub message: Message,
    /// Where it lies.
    pub position: Position,
    /// What is wrong with its headers. Such a message has an id made from its position,
    /// and belongs into the dead topic.
    pub defect: Option<String>,
}

/// The broker.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Makes topics that are missing; idempotent.
    async fn prepare(&self, topics: &[&str]) -> Result<(), PortError>;
    /// Is the engine there?
    async fn ping(&self) -> Result<(), PortError>;
    /// Publishes in order and waits for the acknowledgement of all replicas.
    /// Positions come in the order of the messages. On an error some of them may
    /// have been published.
    async fn publish(&self, messages: &[Message]) -> Result<Vec<Position>, PortError>;
    /// For every partition of a topic the offset behind its last message; 0 for an empty
    /// one. Some brokers tell it from the first message of the last batch instead.
    async fn ends(&self, topic: &str) -> Result<Vec<Position>, PortError>;
    /// Joins a consumer group.
    async fn subscribe(
        &self,
        group: &str,
        topics: &[&str],
    ) -> Result<Box<dyn Subscription>, PortError>;
}

/// A member of a consumer group.
#[async_trait]
pub trait Subscription: Send {
    /// Waits up to `wait` for messages and returns at most `max` of them. What was
    /// returned and not committed comes again after a restart or a rebalance. May be
    /// cancelled: nothing is lost.
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, PortError>;
    /// Marks these and everything before them in their partitions as done.
    async fn commit(&mut self, records: &[Record]) -> Result<(), PortError>;
    /// Waits without taking messages and stays a member of the group. May be cancelled.
    async fn idle(&mut self, wait: Duration);
    /// Leaves the group, so that others take over at once. A subscription that is
    /// merely dropped leaves too, in the background.
    async fn close(self: Box<Self>);
}

/// A question to a payment provider. The id makes it the same question when asked twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What the provider knows it by.
    pub id: Uuid,
    /// How much.
    pub amount: Money,
    /// What the buyer gave: a card's token, the simulator's instruction.
    pub token: String,
}

/// What the provider said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeOutcome {
    /// The money is there.
    Succeeded,
    /// No, and no later either.
    Declined,
    /// Not known yet: ask again.
    Unknown,
}

/// Money that goes back. The id makes it the same refund when asked twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// What the provider knows it by.
    pub id: Uuid,
    /// The id of the charge that took the money.
    pub charge: Uuid,
    /// How much: all of the charge or a part, in its currency.
    pub amount: Money,
}

/// What the provider said to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money is on its way back.
    Succeeded,
    /// No, and no later either: there is no such charge, less is left of it, its card is gone.
    Refused,
    /// Not known yet: ask again.
    Unknown,
}

/// What a provider's call of our webhook is about. News of a charge is a hint, never the
/// truth: the truth is what the provider answers when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookEvent {
    /// The charge with this id has a new state.
    Charge(Uuid),
    /// The refund with this id failed, perhaps after it had succeeded.
    RefundFailed(Uuid),
    /// Nothing of ours.
    Other,
}

/// Why a call of our webhook is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// This provider does not call, or was given no secret for it.
    #[error("this provider does not call webhooks here")]
    NotConfigured,
    /// Its signature is missing, wrong or old.
    #[error("the signature is missing, wrong or old")]
    BadSignature,
    /// It is signed, and not in the provider's form.
    #[error("the message cannot be read")]
    Malformed,
}

/// A payment provider. Calls are bounded in time by the adapter.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Takes the money, once per charge id. A failure to reach the provider is `Unknown`.
    async fn charge(&self, charge: &Charge) -> ChargeOutcome;
    /// What became of a charge. Never takes money. A charge that was never asked for gets
    /// an outcome too, and keeps it: after `Declined` it takes no money any more.
    async fn find(&self, charge: &Charge) -> ChargeOutcome;
    /// Gives money back, once per refund id. After `Unknown`, or when the process that asked
    /// died, call it again.
    async fn refund(&self, refund: &Refund) -> RefundOutcome;
    /// What became of a refund that was asked for. Never gives money back; a provider that
    /// has not heard of it says `Refused`.
    async fn find_refund(&self, refund: &Refund) -> RefundOutcome;
    /// Reads a provider's call of our webhook: the value of its signature header, the
    /// body as it came, the time it came at.
    ///
    /// # Errors
    /// When it does not prove that it is the provider's.
    fn read_webhook(
        &self,
        signature: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookError> {
        let _ = (signature, body, now);
        Err(WebhookError::NotConfigured)
    }
}

/// A mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The same mail has the same id however often it is sent; receivers tell a repetition by it.
    pub id: Uuid,
    /// To whom: an address without a name.
    pub to: String,
    /// One line.
    pub subject: String,
    /// What mail programs show that show no HTML.
    pub text: String,
    /// What the others show: a whole document that loads nothing.
    pub html: String,
    /// What comes with it.
    pub attachments: Vec<Attachment>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// A file that comes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// ASCII: `tickets.pdf`.
    pub name: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// What became of a mail. Reasons are for the log and for operators: they hold no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server took it.
    Sent,
    /// No, and no later either: there is no such address.
    Refused(String),
    /// Not now, or nobody knows: send it again.
    TryAgain(String),
}

/// Who brings mails to people. Calls are bounded in time by the adapter.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail. After [`MailOutcome::TryAgain`], or when the process that sent it died, call
    /// it again: at worst the receiver gets the same mail twice.
    async fn send(&self, mail: &Mail) -> MailOutcome;
}

/// All ports together.
#[derive(Clone)]
pub struct Ports {
    /// See [`Clock`].
    pub clock: Arc<dyn Clock>,
    /// See [`Ids`].
    pub ids: Arc<dyn Ids>,
    /// See [`Documents`].
    pub documents: Arc<dyn Documents>,
    /// See [`Blobs`].
    pub blobs: Arc<dyn Blobs>,
    /// See [`Bus`].
    pub bus: Arc<dyn Bus>,
    /// See [`Payments`].
    pub payments: Arc<dyn Payments>,
    /// See [`Mailer`]. None: mails are kept in Postgres for people to look at
    /// ([`crate::mails::Mailbox`]).
    pub mailer: Option<Arc<dyn Mailer>>,
}
