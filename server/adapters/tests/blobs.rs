use std::{sync::Arc, time::Duration};

use adapters::{S3, S3Settings, fake::MemoryBlobs};
use service::ports::{Blob, Blobs};

use crate::engines;

type Subject = Arc<dyn Blobs>;

fn twin() -> Subject {
    Arc::new(MemoryBlobs::default())
}

async fn engine() -> Subject {
    let blobs = S3::new(engines::s3());
    blobs.prepare().await.unwrap();
    Arc::new(blobs)
}

on_both! {
    preparing_twice_is_fine,
    an_object_comes_back_with_its_type,
    a_second_object_replaces_the_first,
    an_absent_object_is_none,
    a_deleted_object_is_gone,
    keys_are_listed_by_prefix,
}

async fn preparing_twice_is_fine(blobs: Subject) {
    blobs.prepare().await.unwrap();
    blobs.prepare().await.unwrap();
    blobs.ping().await.unwrap();
}

async fn an_object_comes_back_with_its_type(blobs: Subject) {
    let every_byte = blob(
        "image/webp",
        &(0..=255).cycle().take(100_000).collect::<Vec<u8>>(),
    );
    blobs
        .put("a1b2/w640.webp", every_byte.clone())
        .await
        .unwrap();
    assert_eq!(blobs.get("a1b2/w640.webp").await.unwrap(), Some(every_byte));
    let empty = blob("text/plain", b"");
    blobs.put("empty", empty.clone()).await.unwrap();
    assert_eq!(blobs.get("empty").await.unwrap(), Some(empty));
    remove_all(blobs).await;
}

async fn a_second_object_replaces_the_first(blobs: Subject) {
    blobs
        .put("a", blob("image/png", b"first and longer"))
        .await
        .unwrap();
    blobs.put("a", blob("image/webp", b"second")).await.unwrap();
    assert_eq!(
        blobs.get("a").await.unwrap(),
        Some(blob("image/webp", b"second"))
    );
    remove_all(blobs).await;
}

async fn an_absent_object_is_none(blobs: Subject) {
    assert_eq!(blobs.get("nothing/here").await.unwrap(), None);
    blobs.delete("nothing/here").await.unwrap();
}

async fn a_deleted_object_is_gone(blobs: Subject) {
    blobs.put("a", blob("image/png", b"x")).await.unwrap();
    blobs.delete("a").await.unwrap();
    assert_eq!(blobs.get("a").await.unwrap(), None);
    assert_eq!(blobs.list("").await.unwrap(), Vec::<String>::new());
}

async fn keys_are_listed_by_prefix(blobs: Subject) {
    for key in ["one/b", "two/a", "one/a", "oneness"] {
        blobs.put(key, blob("text/plain", b"x")).await.unwrap();
    }
    assert_eq!(blobs.list("one/").await.unwrap(), ["one/a", "one/b"]);
    assert_eq!(blobs.list("three").await.unwrap(), Vec::<String>::new());
    remove_all(blobs).await;
}

#[tokio::test]
async fn an_engine_that_is_away_says_that_trying_again_helps() {
    let settings = S3Settings {
        endpoint: "http://127.0.0.1:9".into(),
        region: "us-east-1".into(),
        access_key: "a".into(),
        secret_key: "b".into(),
        bucket: "c".into(),
        prefix: String::new(),
        timeout: Duration::from_secs(3),
    };
    assert!(S3::new(settings).get("a").await.unwrap_err().is_retryable);
    let twin = MemoryBlobs::default();
    twin.switch.set_down(true);
    assert!(
        twin.put("a", blob("text/plain", b"x"))
            .await
            .unwrap_err()
            .is_retryable
    );
}

fn blob(content_type: &str, bytes: &[u8]) -> Blob {
    Blob {
        content_type: content_type.to_owned(),
        bytes: bytes.to_vec(),
    }
}

async fn remove_all(blobs: Subject) {
    for key in blobs.list("").await.unwrap() {
        blobs.delete(&key).await.unwrap();
    }
}
