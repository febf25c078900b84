//! Where the local engines are: `.dev/services.env` of `cargo dev up`, overridden by
//! the environment.

use std::{collections::HashMap, path::Path, sync::OnceLock, time::Duration};

use adapters::{KafkaSettings, MongoSettings, S3Settings};
use uuid::Uuid;

/// The settings of the engines by name.
#[derive(Clone, Debug)]
pub struct Endpoints(HashMap<String, String>);

/// Read once per test program.
pub fn endpoints() -> &'static Endpoints {
    static ENDPOINTS: OnceLock<Endpoints> = OnceLock::new();
    ENDPOINTS.get_or_init(Endpoints::read)
}

impl Endpoints {
    fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.dev/services.env");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.trim().split_once('='));
        let mut settings: HashMap<_, _> = lines
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        settings.extend(
            std::env::vars()
                .filter(|(name, value)| name.starts_with("EVENTSPHERE_") && !value.is_empty()),
        );
        Self(settings)
    }

    /// The setting `EVENTSPHERE_<name>`.
    ///
    /// # Panics
    /// When it is nowhere.
    pub fn get(&self, name: &str) -> &str {
        let name = format!("EVENTSPHERE_{name}");
        self.0
            .get(&name)
            .unwrap_or_else(|| panic!("{name} is not set: run `cargo dev up` first"))
    }

    /// A document database of its own.
    pub fn mongo(&self) -> MongoSettings {
        MongoSettings::new(
            self.get("MONGODB_URL"),
            format!("es_test_{}", Uuid::new_v4().simple()),
        )
    }

    /// Topics and groups of their own. Their names are short: the local object store, where
    /// the local broker keeps its log, knows no long ones.
    pub fn kafka(&self) -> KafkaSettings {
        let unique = Uuid::new_v4().simple().to_string();
        let mut settings =
            KafkaSettings::new(self.get("KAFKA_BROKERS"), format!("t{}-", &unique[..8]));
        settings.partitions = 3;
        settings
    }

    /// Keys of their own in the local bucket.
    pub fn s3(&self) -> S3Settings {
        S3Settings {
            endpoint: self.get("S3_ENDPOINT").to_owned(),
            region: self.get("S3_REGION").to_owned(),
            access_key: self.get("S3_ACCESS_KEY").to_owned(),
            secret_key: self.get("S3_SECRET_KEY").to_owned(),
            bucket: self.get("S3_BUCKET").to_owned(),
            prefix: format!("test-{}/", Uuid::new_v4().simple()),
            timeout: Duration::from_secs(10),
        }
    }
}
