//! Outbox → Kafka → feed: nothing lost, nothing twice, whatever dies on the way.

mod broker;
mod unruly;
mod world;

use std::{sync::Arc, time::Duration};

use adapters::{
    Kafka, Mongo,
    fake::{MemoryBus, MemoryDocuments},
};
use service::{
    outbox::{self, Candidate},
    ports::{Bus, Documents, Message},
};
use testkit::endpoints;
use types::feed::ActivityKind;
use uuid::Uuid;

use broker::Broker;
use unruly::Unruly;
use world::{Facts, Process, World, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_facts_arrive_once_through_crashes_duplicates_and_disorder() {
    let broker = Broker::start().await;
    let bus = Arc::new(Unruly::new(Kafka::new(broker.settings()).unwrap(), 4));
    let world = World::with_mongo(bus.clone()).await;
    let worker = Process::start(&world);
    let facts = Facts::write(&world, 0..2000).await;
    facts.arrive_once(&world).await;
    assert_eq!(
        bus.crashes_left(),
        0,
        "the consumer never died between write and commit"
    );
    worker.stop().await;
    world.forget().await;
    broker.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ended_by_kill_9_loses_and_doubles_nothing() {
    let broker = Broker::start().await;
    let world = World::with_mongo(Arc::new(Kafka::new(broker.settings()).unwrap())).await;
    let mut facts = Facts::default();
    for round in 0..3 {
        let mut program = world.spawn_program(&broker);
        facts.add(Facts::write(&world, round * 400..(round + 1) * 400).await);
        if round < 2 {
            // Some of it is under way now; where exactly differs from run to run.
            eventually("some facts of this round", async || {
                world.told().await.len() > (round * 360) as usize
            })
            .await;
            program.kill().await.unwrap();
        } else {
            facts.arrive_once(&world).await;
            program.kill().await.unwrap();
        }
    }
    world.forget().await;
    broker.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_ended_by_kill_9_loses_and_doubles_nothing() {
    let mut broker = Broker::start().await;
    let world = World::with_mongo(Arc::new(Kafka::new(broker.settings()).unwrap())).await;
    let worker = Process::start(&world);
    let mut facts = Facts::default();
    for round in 0..3 {
        facts.add(Facts::write(&world, round * 200..(round + 1) * 200).await);
        eventually("some facts of this round", async || {
            world.told().await.len() > (round * 180) as usize
        })
        .await;
        if round < 2 {
            let during = Facts::write(&world, 10_000 + round * 50..10_050 + round * 50);
            let (written, ()) = tokio::join!(during, broker.kill());
            facts.add(written);
            // The platform goes on without a broker: the outbox grows.
            facts.add(Facts::write(&world, 20_000 + round * 50..20_050 + round * 50).await);
            broker.start_again().await;
        }
    }
    facts.arrive_once(&world).await;
    worker.stop().await;
    world.forget().await;
    broker.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_relays_when_the_first_dies() {
    let world = World::with_twins().await;
    let first = Process::start(&world);
    let mut facts = Facts::write(&world, 0..20).await;
    facts.arrive_once(&world).await;
    let second = Process::start(&world);
    assert_eq!(
        outbox::relay_batch(&world.ctx().await).await.unwrap(),
        0,
        "there are two relays"
    );
    first.kill();
    facts.add(Facts::write(&world, 20..40).await);
    facts.arrive_once(&world).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_the_documents_are_away() {
    let (bus, documents) = (MemoryBus::default(), Arc::new(MemoryDocuments::default()));
    let world = World::with(Arc::new(bus.clone()), documents.clone()).await;
    documents.switch.set_down(true);
    let worker = Process::start(&world);
    let facts = Facts::write(&world, 0..50).await;
    eventually("the broker has them", async || {
        bus.messages(outbox::DOMAIN_EVENTS).len() == 50
    })
    .await;
    documents.switch.set_down(false);
    facts.arrive_once(&world).await;
    assert!(
        bus.messages(&outbox::dead_topic(outbox::DOMAIN_EVENTS))
            .is_empty()
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_the_broker_is_away() {
    let bus = MemoryBus::default();
    let world = World::with(Arc::new(bus.clone()), Arc::new(MemoryDocuments::default())).await;
    bus.switch().set_down(true);
    let worker = Process::start(&world);
    let facts = Facts::write(&world, 0..50).await;
    bus.switch().set_down(false);
    facts.arrive_once(&world).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_handled_is_parked_and_the_rest_goes_on() {
    let bus = MemoryBus::with_topics(&[outbox::DOMAIN_EVENTS]);
    let world = World::with(Arc::new(bus.clone()), Arc::new(MemoryDocuments::default())).await;
    let mut facts = Facts::write(&world, 0..10).await;
    let ctx = world.ctx().await;
    while outbox::relay_batch(&ctx).await.unwrap() > 0 {}
    let torn = Message {
        id: Uuid::from_u128(66),
        topic: outbox::DOMAIN_EVENTS.into(),
        key: "k".into(),
        kind: "ticket.paid".into(),
        time: ctx.now(),
        schema_version: 1,
        payload: b"{\"type\":".to_vec(),
        headers: Vec::new(),
    };
    bus.publish(std::slice::from_ref(&torn)).await.unwrap();
    facts.add(Facts::write(&world, 10..20).await);

    let worker = Process::start(&world);
    facts.arrive_once(&world).await;
    let dead_topic = outbox::dead_topic(outbox::DOMAIN_EVENTS);
    eventually("the torn one is parked", async || {
        !bus.messages(&dead_topic).is_empty()
    })
    .await;
    worker.stop().await;
    let dead = bus.messages(&dead_topic);
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (dead[0].id, &dead[0].payload, dead[0].key.as_str()),
        (torn.id, &torn.payload, "k")
    );
    let names: Vec<_> = dead[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "dead_reason",
            "dead_group",
            "dead_topic",
            "dead_partition",
            "dead_offset",
            "dead_at"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_lost_is_published_again() {
    let bus = MemoryBus::default();
    let world = World::with(Arc::new(bus.clone()), Arc::new(MemoryDocuments::default())).await;
    let ctx = world.ctx().await;
    let mut facts = Facts::write(&world, 0..30).await;
    assert_eq!(outbox::relay_batch(&ctx).await.unwrap(), 30);
    bus.lose_everything();

    // Found when looking …
    let Ok(mut relay) = Candidate::new(&ctx)
        .await
        .unwrap()
        .try_lead()
        .await
        .unwrap()
    else {
        panic!("somebody relays")
    };
    assert_eq!(relay.find_lost(&ctx).await.unwrap(), 30);
    assert_eq!(relay.publish_batch(&ctx).await.unwrap(), 30);
    assert_eq!(relay.find_lost(&ctx).await.unwrap(), 0);
    // … and when the broker gives a place that was given before.
    bus.lose_everything();
    facts.add(Facts::write(&world, 30..31).await);
    assert!(
        relay.publish_batch(&ctx).await.is_err(),
        "the topic is gone"
    );
    assert_eq!(relay.publish_batch(&ctx).await.unwrap(), 1);
    assert!(
        relay.publish_batch(&ctx).await.unwrap() > 0,
        "the loss was not noticed"
    );
    relay.find_lost(&ctx).await.unwrap();
    while relay.publish_batch(&ctx).await.unwrap() > 0 {}
    relay.release().await.unwrap();

    let worker = Process::start(&world);
    facts.arrive_once(&world).await;
    worker.stop().await;
}

#[tokio::test]
async fn messages_leave_with_their_transaction_and_a_late_commit_is_not_overtaken_for_ever() {
    let world = World::with_twins().await;
    let ctx = world.ctx().await;
    let (mut late, mut undone) = (
        ctx.db().begin().await.unwrap(),
        ctx.db().begin().await.unwrap(),
    );
    outbox::add(&ctx, &mut late, &world::fact(1)).await.unwrap();
    outbox::add(&ctx, &mut undone, &world::fact(2))
        .await
        .unwrap();
    let later = Facts::write(&world, 3..4).await;
    drop(undone);
    assert_eq!(outbox::relay_batch(&ctx).await.unwrap(), 1);
    late.commit().await.unwrap();
    assert_eq!(outbox::relay_batch(&ctx).await.unwrap(), 1);
    assert_eq!(outbox::relay_batch(&ctx).await.unwrap(), 0);

    let worker = Process::start(&world);
    let mut facts = Facts::of([1]);
    facts.add(later);
    facts.arrive_once(&world).await;
    worker.stop().await;
}

#[tokio::test]
async fn published_rows_are_kept_for_a_day() {
    let world = World::with_twins().await;
    let ctx = world.ctx().await;
    Facts::write(&world, 0..3).await;
    assert_eq!(outbox::relay_batch(&ctx).await.unwrap(), 3);
    Facts::write(&world, 3..4).await;
    let Ok(mut relay) = Candidate::new(&ctx)
        .await
        .unwrap()
        .try_lead()
        .await
        .unwrap()
    else {
        panic!("somebody relays")
    };
    world.clock.advance(jiff::SignedDuration::from_hours(24));
    assert_eq!(relay.clean_up(&ctx).await.unwrap(), 0);
    world.clock.advance(jiff::SignedDuration::from_secs(1));
    assert_eq!(relay.clean_up(&ctx).await.unwrap(), 3);
    // What waits is never removed, however old it is.
    assert_eq!(relay.publish_batch(&ctx).await.unwrap(), 1);
    relay.release().await.unwrap();
}

#[tokio::test]
async fn the_feed_tells_what_happened_and_how_long_ago() {
    let world = World::with_twins().await;
    let ctx = world.ctx().await;
    Facts::write(&world, 1..2).await;
    server::worker::drain(&ctx).await.unwrap();
    world.clock.advance(jiff::SignedDuration::from_mins(3));
    let feed = service::feed::latest(&ctx, 10).await.unwrap();
    assert_eq!(feed.len(), 1);
    assert_eq!(
        (feed[0].kind, feed[0].quantity, feed[0].ago.as_str()),
        (ActivityKind::TicketSold, 2, "3 minutes ago")
    );
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_is_empty() {
    let documents = Arc::new(MemoryDocuments::default());
    let world = World::with(Arc::new(MemoryBus::default()), documents.clone()).await;
    documents.switch.set_down(true);
    assert!(
        service::feed::latest(&world.ctx().await, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

/// How long a test of this file may wait for what must come.
const PATIENCE: Duration = Duration::from_secs(55);

/// A document database of its own.
async fn mongo() -> (Arc<dyn Documents>, adapters::MongoSettings) {
    let settings = endpoints().mongo();
    let documents = Mongo::new(settings.clone()).await.unwrap();
    documents.prepare().await.unwrap();
    (Arc::new(documents), settings)
}
