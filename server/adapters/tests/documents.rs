use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use adapters::{Mongo, MongoSettings, fake::MemoryDocuments};
use jiff::Timestamp;
use serde_json::{Value, json};
use service::ports::Documents;
use types::{
    EventId,
    feed::{Activity, ActivityKind},
};
use uuid::Uuid;

use crate::engines;

type Subject = (Arc<dyn Documents>, Option<DropDatabase>);

fn twin() -> Subject {
    (Arc::new(MemoryDocuments::default()), None)
}

async fn engine() -> Subject {
    let settings = engines::mongo();
    let documents = Mongo::new(settings.clone()).await.unwrap();
    documents.prepare().await.unwrap();
    (Arc::new(documents), Some(DropDatabase(settings)))
}

/// Removes the test's database.
struct DropDatabase(MongoSettings);

impl Drop for DropDatabase {
    fn drop(&mut self) {
        let settings = self.0.clone();
        tokio::task::block_in_place(|| {
            let drop = async { Mongo::new(settings).await.unwrap().drop_database().await };
            tokio::runtime::Handle::current().block_on(drop).unwrap();
        });
    }
}

on_both! {
    preparing_twice_is_fine,
    an_absent_document_is_none,
    a_higher_version_wins_whatever_comes_first,
    racing_writers_leave_the_highest_version,
    every_json_object_comes_back_as_it_was,
    a_deleted_document_is_gone,
    an_activity_written_twice_is_there_once,
    a_batch_with_known_activities_adds_the_new_ones,
    activities_come_newest_first,
}

async fn preparing_twice_is_fine((documents, _drop): Subject) {
    documents.prepare().await.unwrap();
    documents.prepare().await.unwrap();
    documents.ping().await.unwrap();
}

async fn an_absent_document_is_none((documents, _drop): Subject) {
    assert_eq!(documents.get_metadata(event(1)).await.unwrap(), None);
    documents.delete_metadata(event(1)).await.unwrap();
}

async fn a_higher_version_wins_whatever_comes_first((documents, _drop): Subject) {
    documents
        .put_metadata(event(1), 2, &json!({ "v": 2 }))
        .await
        .unwrap();
    documents
        .put_metadata(event(1), 1, &json!({ "v": 1 }))
        .await
        .unwrap();
    assert_eq!(
        documents.get_metadata(event(1)).await.unwrap(),
        Some((2, json!({ "v": 2 })))
    );
    documents
        .put_metadata(event(1), 2, &json!({ "v": "2 again" }))
        .await
        .unwrap();
    documents
        .put_metadata(event(1), 7, &json!({ "v": 7 }))
        .await
        .unwrap();
    assert_eq!(
        documents.get_metadata(event(1)).await.unwrap(),
        Some((7, json!({ "v": 7 })))
    );
}

async fn racing_writers_leave_the_highest_version((documents, _drop): Subject) {
    let writes = (1..=20).map(|version| {
        let documents = Arc::clone(&documents);
        async move {
            documents
                .put_metadata(event(1), version, &json!({ "v": version }))
                .await
                .unwrap();
        }
    });
    futures::future::join_all(writes).await;
    assert_eq!(
        documents.get_metadata(event(1)).await.unwrap(),
        Some((20, json!({ "v": 20 })))
    );
}

async fn every_json_object_comes_back_as_it_was((documents, _drop): Subject) {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let odd = [
        json!({}),
        json!({ "a": [null, true, -1, 2.5, "ü 🎫", { "b": { "c": [] } }] }),
        json!({ "a.b": 1, "": 2, "a$": 3, "_id": 4, "version": 5 }),
        json!({ "$set": { "x": 1 }, "nested": { "$gt": 1, "$oid": "nope" } }),
        json!({ "zero\0byte": "in\0side" }),
        json!({ "low": i64::MIN, "high": i64::MAX, "huge": u64::MAX, "tiny": 5e-324 }),
        json!({ "deep": deep }),
    ];
    for (number, document) in odd.iter().enumerate() {
        let id = event(number as u128);
        documents.put_metadata(id, 1, document).await.unwrap();
        assert_eq!(
            documents.get_metadata(id).await.unwrap(),
            Some((1, document.clone()))
        );
    }
}

async fn a_deleted_document_is_gone((documents, _drop): Subject) {
    documents
        .put_metadata(event(1), 5, &Value::Null)
        .await
        .unwrap();
    documents.delete_metadata(event(1)).await.unwrap();
    assert_eq!(documents.get_metadata(event(1)).await.unwrap(), None);
    documents
        .put_metadata(event(1), 1, &json!(1))
        .await
        .unwrap();
    assert_eq!(
        documents.get_metadata(event(1)).await.unwrap(),
        Some((1, json!(1)))
    );
}

async fn an_activity_written_twice_is_there_once((documents, _drop): Subject) {
    documents.add_activities(&[]).await.unwrap();
    documents.add_activities(&[activity(1, 10)]).await.unwrap();
    let changed = Activity {
        event_title: "another".into(),
        ..activity(1, 99)
    };
    documents.add_activities(&[changed]).await.unwrap();
    assert_eq!(
        documents.latest_activities(10).await.unwrap(),
        [activity(1, 10)]
    );
}

async fn a_batch_with_known_activities_adds_the_new_ones((documents, _drop): Subject) {
    documents
        .add_activities(&[activity(1, 1), activity(3, 3)])
        .await
        .unwrap();
    documents
        .add_activities(&[
            activity(1, 1),
            activity(2, 2),
            activity(3, 3),
            activity(2, 2),
            activity(4, 4),
        ])
        .await
        .unwrap();
    let expected = [
        activity(4, 4),
        activity(3, 3),
        activity(2, 2),
        activity(1, 1),
    ];
    assert_eq!(documents.latest_activities(10).await.unwrap(), expected);
}

async fn activities_come_newest_first((documents, _drop): Subject) {
    // The same millisecond, other microseconds; and the same instant, other ids.
    let all = [
        activity(1, 7),
        activity(5, 6),
        activity(2, 8),
        activity(4, 7),
    ];
    documents.add_activities(&all).await.unwrap();
    let expected = [activity(2, 8), activity(4, 7), activity(1, 7)];
    assert_eq!(documents.latest_activities(3).await.unwrap(), expected);
}

#[tokio::test]
async fn a_twin_that_is_down_says_that_trying_again_helps() {
    let documents = MemoryDocuments::default();
    documents.switch.fail_next(1);
    assert!(documents.ping().await.unwrap_err().is_retryable);
    documents.ping().await.unwrap();
    documents.switch.set_down(true);
    assert!(
        documents
            .latest_activities(1)
            .await
            .unwrap_err()
            .is_retryable
    );
}

#[tokio::test]
async fn an_engine_that_is_away_is_told_soon_and_then_at_once() {
    // The discard port: nothing listens there.
    let settings = MongoSettings {
        server_selection: Duration::from_millis(500),
        ..MongoSettings::new("mongodb://127.0.0.1:9", "x")
    };
    let documents = Mongo::new(settings).await.unwrap();
    let began = Instant::now();
    assert!(
        documents
            .get_metadata(event(1))
            .await
            .unwrap_err()
            .is_retryable
    );
    let first = began.elapsed();
    assert!(
        documents
            .latest_activities(1)
            .await
            .unwrap_err()
            .is_retryable
    );
    let second = began.elapsed().saturating_sub(first);
    assert!(
        first < Duration::from_secs(3) && second < Duration::from_millis(100),
        "{first:?}, {second:?}"
    );
}

fn event(number: u128) -> EventId {
    EventId(Uuid::from_u128(number))
}

fn activity(id: u128, micros: i64) -> Activity {
    Activity {
        id: Uuid::from_u128(id),
        kind: ActivityKind::TicketSold,
        event_id: event(id),
        event_slug: format!("event-{id}"),
        event_title: "Title".into(),
        quantity: 2,
        at: Timestamp::from_microsecond(1_780_000_000_000_000 + micros).unwrap(),
        ago: String::new(),
    }
}
