use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use adapters::{Kafka, KafkaSettings, fake::MemoryBus};
use jiff::Timestamp;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
    producer::{FutureProducer, FutureRecord},
};
use service::ports::{Bus, Message, Record, Subscription};
use uuid::Uuid;

use crate::engines;

const TOPIC: &str = "facts";

/// Joining a group costs about half the session timeout.
const PATIENCE: Duration = Duration::from_secs(20);

struct Subject {
    bus: Arc<dyn Bus>,
    _topics: Option<DeleteTopic>,
}

fn twin() -> Subject {
    let bus = MemoryBus::with_topics(&[TOPIC]);
    Subject {
        bus: Arc::new(bus),
        _topics: None,
    }
}

async fn engine() -> Subject {
    let settings = engines::kafka();
    let bus = Arc::new(Kafka::new(settings.clone()).unwrap());
    bus.prepare(&[TOPIC]).await.unwrap();
    Subject {
        bus: Arc::clone(&bus) as _,
        _topics: Some(DeleteTopic(settings, bus)),
    }
}

/// Removes the test's topic once its readers have left: the local broker's answer to a fetch from
/// a topic that is gone kills the client library.
struct DeleteTopic(KafkaSettings, Arc<Kafka>);

impl Drop for DeleteTopic {
    fn drop(&mut self) {
        let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
            .set("bootstrap.servers", &self.0.brokers)
            .create()
            .unwrap();
        let topic = format!("{}{TOPIC}", self.0.prefix);
        tokio::task::block_in_place(|| {
            let delete = async {
                self.1.left().await;
                admin.delete_topics(&[&topic], &AdminOptions::new()).await
            };
            tokio::runtime::Handle::current().block_on(delete).unwrap();
        });
    }
}

on_both! {
    preparing_twice_is_fine,
    a_message_arrives_whole,
    positions_rise_within_a_key_and_ends_lie_behind_them,
    what_was_not_committed_comes_again,
    what_was_committed_does_not,
    groups_do_not_share_messages_but_members_do,
    a_member_that_idles_misses_nothing_and_keeps_its_place,
    a_cancelled_wait_loses_nothing,
}

async fn preparing_twice_is_fine(subject: Subject) {
    subject.bus.prepare(&[TOPIC]).await.unwrap();
    subject.bus.prepare(&[TOPIC]).await.unwrap();
    subject.bus.ping().await.unwrap();
    assert!(subject.bus.ends(TOPIC).await.unwrap().len() > 1);
    assert_eq!(subject.bus.ends("nowhere").await.unwrap(), []);
}

async fn a_message_arrives_whole(subject: Subject) {
    let sent = Message {
        headers: vec![
            ("dead_reason".into(), "ü".into()),
            ("dead_topic".into(), String::new()),
        ],
        payload: vec![0, 255, 128],
        ..message(1, "key")
    };
    let positions = subject
        .bus
        .publish(std::slice::from_ref(&sent))
        .await
        .unwrap();
    let mut member = subject.bus.subscribe("g", &[TOPIC]).await.unwrap();
    let received = take(&mut member, 1).await;
    assert_eq!(
        received,
        [Record {
            message: sent,
            position: positions[0],
            defect: None
        }]
    );
}

async fn positions_rise_within_a_key_and_ends_lie_behind_them(subject: Subject) {
    let messages: Vec<_> = (0..200)
        .map(|number| message(number, &format!("key {}", number % 7)))
        .collect();
    let mut positions = subject.bus.publish(&messages).await.unwrap();
    assert_eq!(positions.len(), 200);
    let mut last = BTreeMap::new();
    for (message, at) in messages.iter().zip(&positions) {
        let before = last.insert(&message.key, *at);
        assert!(
            before
                .is_none_or(|before| before.partition == at.partition && before.offset < at.offset)
        );
    }
    // A broker may tell the end from the first message of the last batch: these are alone.
    for number in 200..207 {
        let alone = [message(number, &format!("key {}", number % 7))];
        positions.extend(subject.bus.publish(&alone).await.unwrap());
    }
    for end in subject.bus.ends(TOPIC).await.unwrap() {
        let highest = positions
            .iter()
            .filter(|at| at.partition == end.partition)
            .map(|at| at.offset)
            .max();
        assert_eq!(end.offset, highest.map_or(0, |highest| highest + 1));
    }
}

async fn what_was_not_committed_comes_again(subject: Subject) {
    publish(&subject, 0..10).await;
    let mut first = subject.bus.subscribe("g", &[TOPIC]).await.unwrap();
    let taken = take(&mut first, 10).await;
    let mut in_order = taken.clone();
    in_order.sort_by_key(|record| record.message.id);
    let done: Vec<_> = in_order.iter().take(4).cloned().collect();
    first.commit(&done).await.unwrap();
    drop(first);
    let mut second = subject.bus.subscribe("g", &[TOPIC]).await.unwrap();
    // The ten messages share one key, so one partition: the commit covers the first four.
    assert_eq!(ids(&take(&mut second, 6).await), (4..10).collect());
}

async fn what_was_committed_does_not(subject: Subject) {
    publish(&subject, 0..5).await;
    let mut member = subject.bus.subscribe("g", &[TOPIC]).await.unwrap();
    let taken = take(&mut member, 5).await;
    member.commit(&taken).await.unwrap();
    member.close().await;
    let mut member = subject.bus.subscribe("g", &[TOPIC]).await.unwrap();
    publish(&subject, 5..6).await;
    assert_eq!(ids(&take(&mut member, 1).await), BTreeSet::from([5]));
}

async fn groups_do_not_share_messages_but_members_do(subject: Subject) {
    let mut one = subject.bus.subscribe("one", &[TOPIC]).await.unwrap();
    let mut other = subject.bus.subscribe("one", &[TOPIC]).await.unwrap();
    let mut alone = subject.bus.subscribe("two", &[TOPIC]).await.unwrap();
    let messages: Vec<_> = (0..60)
        .map(|number| message(number, &format!("key {number}")))
        .collect();
    subject.bus.publish(&messages).await.unwrap();
    assert_eq!(ids(&take(&mut alone, 60).await).len(), 60);

    let mut seen = BTreeSet::new();
    let until = Instant::now() + PATIENCE;
    while seen.len() < 60 && Instant::now() < until {
        for member in [&mut one, &mut other] {
            let records = member.next(100, Duration::from_millis(100)).await.unwrap();
            // A commit of a member that just lost the partition may be refused.
            let _ = member.commit(&records).await;
            seen.extend(ids(&records));
        }
    }
    assert_eq!(seen.len(), 60);
}

async fn a_member_that_idles_misses_nothing_and_keeps_its_place(subject: Subject) {
    let mut member = subject.bus.subscribe("g", &[TOPIC]).await.unwrap();
    publish(&subject, 0..3).await;
    assert_eq!(ids(&take(&mut member, 3).await), (0..3).collect());
    publish(&subject, 3..6).await;
    member.idle(Duration::from_millis(300)).await;
    publish(&subject, 6..9).await;
    assert_eq!(ids(&take(&mut member, 6).await), (3..9).collect());
}

async fn a_cancelled_wait_loses_nothing(subject: Subject) {
    let mut member = subject.bus.subscribe("g", &[TOPIC]).await.unwrap();
    let mut seen = Vec::new();
    let until = Instant::now() + PATIENCE;
    let mut number = 0;
    while seen.len() < 40 && Instant::now() < until {
        if number < 40 {
            publish(&subject, number..number + 1).await;
            number += 1;
        }
        let wait = member.next(3, PATIENCE);
        if let Ok(records) = tokio::time::timeout(Duration::from_millis(7), wait).await {
            seen.extend(
                records
                    .unwrap()
                    .iter()
                    .map(|record| record.message.id.as_u128()),
            );
        }
    }
    assert_eq!(seen, (0..40).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_stranger_is_marked_as_defect_and_kept() {
    let settings = engines::kafka();
    let kafka = Arc::new(Kafka::new(settings.clone()).unwrap());
    kafka.prepare(&[TOPIC]).await.unwrap();
    let _topics = DeleteTopic(settings.clone(), Arc::clone(&kafka));
    let stranger: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", &settings.brokers)
        .create()
        .unwrap();
    let topic = format!("{}{TOPIC}", settings.prefix);
    stranger
        .send(FutureRecord::to(&topic).key("k").payload("hello"), PATIENCE)
        .await
        .unwrap();

    let mut member = kafka.subscribe("g", &[TOPIC]).await.unwrap();
    let record = take(&mut member, 1).await.remove(0);
    assert_eq!(record.defect.as_deref(), Some("no header ce_id"));
    assert_eq!(
        (
            record.message.topic.as_str(),
            record.message.payload.as_slice()
        ),
        (TOPIC, &b"hello"[..])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_says_that_trying_again_helps() {
    let settings = KafkaSettings {
        publish_timeout: Duration::from_secs(1),
        ..KafkaSettings::new("127.0.0.1:9", "")
    };
    let kafka = Kafka::new(settings).unwrap();
    let began = Instant::now();
    assert!(kafka.ping().await.unwrap_err().is_retryable);
    assert!(
        kafka
            .publish(&[message(1, "key")])
            .await
            .unwrap_err()
            .is_retryable
    );
    let took = began.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    let twin = MemoryBus::default();
    twin.switch().set_down(true);
    assert!(twin.ping().await.unwrap_err().is_retryable);
}

#[tokio::test]
async fn a_twin_that_lost_everything_starts_at_zero() {
    let twin = MemoryBus::default();
    twin.prepare(&[TOPIC]).await.unwrap();
    twin.publish(&[message(1, "key")]).await.unwrap();
    twin.lose_everything();
    assert!(
        twin.publish(&[message(2, "key")])
            .await
            .unwrap_err()
            .is_retryable
    );
    twin.prepare(&[TOPIC]).await.unwrap();
    assert_eq!(
        twin.publish(&[message(2, "key")]).await.unwrap()[0].offset,
        0
    );
}

async fn publish(subject: &Subject, numbers: std::ops::Range<u128>) {
    let messages: Vec<_> = numbers.map(|number| message(number, "one key")).collect();
    subject.bus.publish(&messages).await.unwrap();
}

/// Takes `count` messages, or what comes before patience ends.
async fn take(member: &mut Box<dyn Subscription>, count: usize) -> Vec<Record> {
    let mut taken = Vec::new();
    let until = Instant::now() + PATIENCE;
    while taken.len() < count && Instant::now() < until {
        taken.extend(
            member
                .next(count - taken.len(), Duration::from_millis(500))
                .await
                .unwrap(),
        );
    }
    taken
}

fn ids(records: &[Record]) -> BTreeSet<u128> {
    records
        .iter()
        .map(|record| record.message.id.as_u128())
        .collect()
}

fn message(number: u128, key: &str) -> Message {
    Message {
        id: Uuid::from_u128(number),
        topic: TOPIC.into(),
        key: key.into(),
        kind: "ticket.paid".into(),
        time: Timestamp::from_microsecond(1_780_000_000_123_456).unwrap(),
        schema_version: 1,
        payload: b"{}".to_vec(),
        headers: Vec::new(),
    }
}
