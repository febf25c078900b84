//! A broker in memory: topics with partitions, groups with members and commits.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use service::ports::{Bus, Message, PortError, Position, Record, Subscription};
use tokio::{sync::Notify, time::Instant};

use super::{Switch, lock};

/// How many partitions every topic has.
const PARTITIONS: usize = 3;

/// Keeps topics in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryBus {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    news: Notify,
    switch: Switch,
}

#[derive(Debug, Default)]
struct State {
    topics: HashMap<String, Vec<Vec<Message>>>,
    groups: HashMap<String, Group>,
    joined: u64,
}

#[derive(Debug, Default)]
struct Group {
    /// Each member's topics. Partitions are dealt to the members in turn.
    members: BTreeMap<u64, BTreeSet<String>>,
    committed: HashMap<Slot, i64>,
    /// Changes when somebody joins or leaves: everybody starts again at the commits.
    generation: u64,
}

/// Topic and partition.
type Slot = (String, usize);

impl MemoryBus {
    /// A broker that has these topics.
    pub fn with_topics(topics: &[&str]) -> Self {
        let bus = Self::default();
        lock(&bus.inner.state).add_topics(topics);
        bus
    }

    /// Makes calls fail.
    pub fn switch(&self) -> &Switch {
        &self.inner.switch
    }

    /// Everything of a topic, partition by partition.
    pub fn messages(&self, topic: &str) -> Vec<Message> {
        lock(&self.inner.state)
            .topics
            .get(topic)
            .into_iter()
            .flatten()
            .flatten()
            .cloned()
            .collect()
    }

    /// Forgets topics and commits, as a broker that lost its disk.
    pub fn lose_everything(&self) {
        let mut state = lock(&self.inner.state);
        state.topics.clear();
        for group in state.groups.values_mut() {
            group.committed.clear();
            group.generation += 1;
        }
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn prepare(&self, topics: &[&str]) -> Result<(), PortError> {
        self.inner.switch.check()?;
        lock(&self.inner.state).add_topics(topics);
        Ok(())
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.inner.switch.check()
    }

    async fn publish(&self, messages: &[Message]) -> Result<Vec<Position>, PortError> {
        self.inner.switch.check()?;
        let mut state = lock(&self.inner.state);
        let positions = messages
            .iter()
            .map(|message| state.append(message))
            .collect();
        self.inner.news.notify_waiters();
        positions
    }

    async fn ends(&self, topic: &str) -> Result<Vec<Position>, PortError> {
        self.inner.switch.check()?;
        let state = lock(&self.inner.state);
        let partitions = state.topics.get(topic).into_iter().flatten();
        Ok(partitions
            .enumerate()
            .map(|(partition, log)| position(partition, log.len()))
            .collect())
    }

    async fn subscribe(
        &self,
        group: &str,
        topics: &[&str],
    ) -> Result<Box<dyn Subscription>, PortError> {
        self.inner.switch.check()?;
        let mut state = lock(&self.inner.state);
        state.joined += 1;
        let member = state.joined;
        let joined = state.groups.entry(group.to_owned()).or_default();
        joined.members.insert(
            member,
            topics.iter().map(|&topic| topic.to_owned()).collect(),
        );
        joined.generation += 1;
        Ok(Box::new(MemorySubscription {
            inner: Arc::clone(&self.inner),
            group: group.to_owned(),
            member,
            generation: 0,
            next: BTreeMap::new(),
        }))
    }
}

impl State {
    fn add_topics(&mut self, topics: &[&str]) {
        for topic in topics {
            self.topics
                .entry((*topic).to_owned())
                .or_insert_with(|| vec![Vec::new(); PARTITIONS]);
        }
    }

    fn append(&mut self, message: &Message) -> Result<Position, PortError> {
        let unknown = || PortError::unavailable(format!("no topic {}", message.topic));
        let log = self.topics.get_mut(&message.topic).ok_or_else(unknown)?;
        let mut hasher = DefaultHasher::new();
        message.key.hash(&mut hasher);
        let partition = usize::try_from(hasher.finish() % PARTITIONS as u64).unwrap_or(0);
        log[partition].push(message.clone());
        Ok(position(partition, log[partition].len() - 1))
    }
}

fn position(partition: usize, offset: usize) -> Position {
    let partition = i32::try_from(partition).unwrap_or(i32::MAX);
    Position {
        partition,
        offset: i64::try_from(offset).unwrap_or(i64::MAX),
    }
}

struct MemorySubscription {
    inner: Arc<Inner>,
    group: String,
    member: u64,
    generation: u64,
    /// What this member owns, and the offset it takes next.
    next: BTreeMap<Slot, i64>,
}

impl MemorySubscription {
    fn take(&mut self, max: usize) -> Vec<Record> {
        let state = lock(&self.inner.state);
        if let Some(group) = state.groups.get(&self.group)
            && group.generation != self.generation
        {
            self.generation = group.generation;
            self.next = group.share_of(self.member);
        }
        let mut records = Vec::new();
        for ((topic, partition), next) in &mut self.next {
            let Some(log) = state.topics.get(topic) else {
                continue;
            };
            let from = usize::try_from(*next)
                .unwrap_or(0)
                .min(log[*partition].len());
            let taken = log[*partition][from..]
                .iter()
                .enumerate()
                .take(max - records.len());
            for (index, message) in taken {
                let position = position(*partition, from + index);
                *next = position.offset + 1;
                records.push(Record {
                    message: message.clone(),
                    position,
                    defect: None,
                });
            }
        }
        records
    }
}

impl Group {
    fn share_of(&self, member: u64) -> BTreeMap<Slot, i64> {
        let topics = self.members.get(&member).into_iter().flatten();
        let slots = topics
            .flat_map(|topic| (0..PARTITIONS).map(move |partition| (topic.clone(), partition)));
        let owned = slots.filter(|(topic, partition)| {
            let rivals: Vec<_> = self
                .members
                .iter()
                .filter(|(_, topics)| topics.contains(topic))
                .collect();
            rivals
                .get(partition % rivals.len().max(1))
                .is_some_and(|(owner, _)| **owner == member)
        });
        owned
            .map(|slot| {
                (
                    slot.clone(),
                    self.committed.get(&slot).copied().unwrap_or(0),
                )
            })
            .collect()
    }
}

#[async_trait]
impl Subscription for MemorySubscription {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, PortError> {
        let until = Instant::now() + wait;
        loop {
            self.inner.switch.check()?;
            let inner = Arc::clone(&self.inner);
            let news = inner.news.notified();
            let records = self.take(max);
            if !records.is_empty() || tokio::time::timeout_at(until, news).await.is_err() {
                return Ok(records);
            }
        }
    }

    async fn commit(&mut self, records: &[Record]) -> Result<(), PortError> {
        self.inner.switch.check()?;
        let mut state = lock(&self.inner.state);
        let Some(group) = state.groups.get_mut(&self.group) else {
            return Ok(());
        };
        for Record {
            message, position, ..
        } in records
        {
            let slot = (
                message.topic.clone(),
                usize::try_from(position.partition).unwrap_or(0),
            );
            let committed = group.committed.entry(slot).or_insert(0);
            *committed = (*committed).max(position.offset + 1);
        }
        Ok(())
    }

    async fn idle(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    async fn close(self: Box<Self>) {}
}

impl Drop for MemorySubscription {
    fn drop(&mut self) {
        let mut state = lock(&self.inner.state);
        if let Some(group) = state.groups.get_mut(&self.group) {
            group.members.remove(&self.member);
            group.generation += 1;
        }
        self.inner.news.notify_waiters();
    }
}
