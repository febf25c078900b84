//! Documents: event metadata and the feed, in `MongoDB`.

mod codec;

use std::{
    future::{Future, IntoFuture},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bson::{Document, doc};
use futures::TryStreamExt;
use mongodb::{
    Client, Collection, Database, IndexModel,
    error::{Error, ErrorKind, WriteFailure},
    options::{Acknowledgment, ClientOptions, WriteConcern},
};
use service::ports::{Documents, PortError};
use types::{EventId, feed::Activity};

use codec::uuid_binary;

/// How long calls are refused at once after the engine was found away, so that pages
/// which can do without it do not all wait for the same discovery.
const REFUSE_FOR: Duration = Duration::from_secs(1);

/// The server's code of a duplicate key.
const DUPLICATE_KEY: i32 = 11000;

/// Where the documents are.
#[derive(Clone)]
pub struct MongoSettings {
    /// `mongodb://127.0.0.1:27017/?replicaSet=rs0`.
    pub url: String,
    /// The database's name.
    pub database: String,
    /// How long to look for a server before a call fails.
    pub server_selection: Duration,
    /// How long a call may take in all.
    pub timeout: Duration,
}

impl MongoSettings {
    /// Settings with the usual times: two seconds to find a server, five in all.
    pub fn new(url: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            database: database.into(),
            server_selection: Duration::from_secs(2),
            timeout: Duration::from_secs(5),
        }
    }
}

impl std::fmt::Debug for MongoSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        f.debug_struct("MongoSettings")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// A client for one database.
#[derive(Debug)]
pub struct Mongo {
    database: Database,
    timeout: Duration,
    refuse_until: Mutex<Option<Instant>>,
}

impl Mongo {
    /// A client with these settings; connects when first used.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub async fn new(settings: MongoSettings) -> Result<Self, PortError> {
        let mut options = ClientOptions::parse(&settings.url)
            .await
            .map_err(PortError::broken)?;
        options.app_name = Some("eventsphere".to_owned());
        options.server_selection_timeout = Some(settings.server_selection);
        options.connect_timeout = Some(settings.server_selection);
        options.write_concern = Some(
            WriteConcern::builder()
                .w(Acknowledgment::Majority)
                .journal(true)
                .build(),
        );
        let client = Client::with_options(options).map_err(PortError::broken)?;
        Ok(Self {
            database: client.database(&settings.database),
            timeout: settings.timeout,
            refuse_until: Mutex::default(),
        })
    }

    /// Removes the database with everything in it; for tests.
    ///
    /// # Errors
    /// When the engine is away.
    pub async fn drop_database(&self) -> Result<(), PortError> {
        self.simple(self.database.drop()).await
    }

    fn metadata(&self) -> Collection<Document> {
        self.database.collection("event_metadata")
    }

    fn activities(&self) -> Collection<Document> {
        self.database.collection("activities")
    }

    /// Bounds a call in time, and refuses at once while the engine is known to be away.
    async fn call<T, F>(&self, call: F) -> Result<Result<T, Error>, PortError>
    where
        F: IntoFuture<Output = Result<T, Error>>,
        F::IntoFuture: Future<Output = Result<T, Error>> + Send,
    {
        if self
            .refuse_until()
            .is_some_and(|until| Instant::now() < until)
        {
            return Err(PortError::unavailable("mongodb: away a moment ago"));
        }
        match tokio::time::timeout(self.timeout, call.into_future()).await {
            Ok(Err(error)) if is_away(&error) => {
                self.note_away();
                Err(PortError::unavailable(format!("mongodb: {error}")))
            }
            Ok(answer) => Ok(answer),
            Err(_) => {
                self.note_away();
                Err(PortError::unavailable("mongodb: no answer in time"))
            }
        }
    }

    /// Like [`Self::call`]; every other error is the engine's final word.
    async fn simple<T, F>(&self, call: F) -> Result<T, PortError>
    where
        F: IntoFuture<Output = Result<T, Error>>,
        F::IntoFuture: Future<Output = Result<T, Error>> + Send,
    {
        self.call(call).await?.map_err(|error| broken(&error))
    }

    fn refuse_until(&self) -> Option<Instant> {
        *self
            .refuse_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn note_away(&self) {
        *self
            .refuse_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REFUSE_FOR);
    }
}

#[async_trait]
impl Documents for Mongo {
    async fn prepare(&self) -> Result<(), PortError> {
        let latest = IndexModel::builder()
            .keys(doc! { "at_micros": -1, "_id": -1 })
            .build();
        self.simple(self.activities().create_index(latest))
            .await
            .map(drop)
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.simple(self.database.run_command(doc! { "ping": 1 }))
            .await
            .map(drop)
    }

    async fn put_metadata(
        &self,
        event: EventId,
        version: i64,
        document: &serde_json::Value,
    ) -> Result<(), PortError> {
        let (id, replacement) = (
            uuid_binary(event.0),
            codec::metadata_to_bson(event, version, document),
        );
        // A filter that misses a higher version makes the upsert an insert, which its id
        // refuses. So does a lower version inserted in between; the second try replaces it.
        for _ in 0..2 {
            let older = doc! { "_id": id.clone(), "version": { "$lte": version } };
            let metadata = self.metadata();
            match self
                .call(metadata.replace_one(older, &replacement).upsert(true))
                .await?
            {
                Err(error) if is_duplicate(&error) => {}
                answer => return answer.map(drop).map_err(|error| broken(&error)),
            }
        }
        Ok(())
    }

    async fn get_metadata(
        &self,
        event: EventId,
    ) -> Result<Option<(i64, serde_json::Value)>, PortError> {
        let id = doc! { "_id": uuid_binary(event.0) };
        let metadata = self.metadata();
        let found = self.simple(metadata.find_one(id)).await?;
        found.map(codec::metadata_from_bson).transpose()
    }

    async fn delete_metadata(&self, event: EventId) -> Result<(), PortError> {
        let id = doc! { "_id": uuid_binary(event.0) };
        let metadata = self.metadata();
        self.simple(metadata.delete_one(id)).await.map(drop)
    }

    async fn add_activities(&self, activities: &[Activity]) -> Result<(), PortError> {
        if activities.is_empty() {
            return Ok(());
        }
        let documents: Vec<_> = activities.iter().map(codec::activity_to_bson).collect();
        let collection = self.activities();
        // Unordered: one that is there already does not keep the others out.
        match self
            .call(collection.insert_many(documents).ordered(false))
            .await?
        {
            Err(error) if is_duplicate(&error) => Ok(()),
            answer => answer.map(drop).map_err(|error| broken(&error)),
        }
    }

    async fn latest_activities(&self, limit: u32) -> Result<Vec<Activity>, PortError> {
        let activities = self.activities();
        let find = activities
            .find(doc! {})
            .sort(doc! { "at_micros": -1, "_id": -1 })
            .limit(i64::from(limit));
        let documents: Vec<Document> = self
            .simple(async { find.await?.try_collect().await })
            .await?;
        documents.iter().map(codec::activity_from_bson).collect()
    }
}

fn broken(error: &Error) -> PortError {
    PortError::broken(format!("mongodb: {error}"))
}

/// The engine is away, electing or shutting down.
fn is_away(error: &Error) -> bool {
    let is_transport = matches!(
        *error.kind,
        ErrorKind::Io(_)
            | ErrorKind::ServerSelection { .. }
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::DnsResolve { .. }
    );
    is_transport
        || error.contains_label("RetryableWriteError")
        || error.contains_label("RetryableError")
}

/// Did nothing but duplicate keys stand in the way?
fn is_duplicate(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == DUPLICATE_KEY,
        ErrorKind::InsertMany(errors) => {
            let writes = errors.write_errors.as_deref().unwrap_or_default();
            errors.write_concern_error.is_none()
                && !writes.is_empty()
                && writes.iter().all(|error| error.code == DUPLICATE_KEY)
        }
        ErrorKind::Command(error) => error.code == DUPLICATE_KEY,
        _ => false,
    }
}
