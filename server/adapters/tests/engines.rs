//! Where the real engines are: the environment, or what `cargo dev up` wrote.

use std::{fs, path::Path, time::Duration};

use adapters::{KafkaSettings, MongoSettings, S3Settings, SystemClock, SystemIds};
use service::ports::{Clock, Ids};

/// A name that no other test has. Short: the local object store keeps facts about an
/// object in a file named after bucket and key, and file names end at 255 bytes.
pub fn unique() -> String {
    let id = SystemIds::default().new_id(SystemClock::default().now());
    let id = id.simple().to_string();
    // The end of a UUIDv7 is random.
    format!("t{}", &id[id.len() - 10..])
}

pub fn mongo() -> MongoSettings {
    MongoSettings::new(setting("EVENTSPHERE_MONGODB_URL"), unique())
}

pub fn kafka() -> KafkaSettings {
    let prefix = format!("{}-", unique());
    KafkaSettings {
        partitions: 3,
        ..KafkaSettings::new(setting("EVENTSPHERE_KAFKA_BROKERS"), prefix)
    }
}

pub fn s3() -> S3Settings {
    S3Settings {
        endpoint: setting("EVENTSPHERE_S3_ENDPOINT"),
        region: setting("EVENTSPHERE_S3_REGION"),
        access_key: setting("EVENTSPHERE_S3_ACCESS_KEY"),
        secret_key: setting("EVENTSPHERE_S3_SECRET_KEY"),
        bucket: setting("EVENTSPHERE_S3_BUCKET"),
        prefix: format!("{}/", unique()),
        timeout: Duration::from_secs(10),
    }
}

fn setting(name: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test reads where its engines are; no product code runs here"
    )]
    let given = std::env::var(name).ok();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.dev/services.env");
    let written = || {
        let text = fs::read_to_string(&file).ok()?;
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned)
    };
    given.or_else(written).unwrap_or_else(|| {
        panic!(
            "{name} is not set and not in {}: run `cargo dev up` first",
            file.display()
        )
    })
}
