//! Server-side sessions in Postgres. The cookie's value is not stored, only its
//! digest. What a process has read it remembers for a minute, so that a page with many
//! requests asks once.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use moka::future::Cache;
use service::Services;
use sha2::{Digest as _, Sha256};
use store::sessions::SessionRow;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::LOGIN;

const REMEMBERED: u64 = 20_000;
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(1);
/// A session of somebody who is not logged in holds a form at most.
const ANONYMOUS_FOR: SignedDuration = SignedDuration::from_hours(1);
/// A session is written again when this much of its time is gone.
const EXTEND_AFTER: SignedDuration = SignedDuration::from_hours(24);

type Hash = [u8; 32];

/// The store of sessions. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sessions {
    services: Arc<Services>,
    remembered: Cache<Hash, Remembered>,
}

#[derive(Clone)]
struct Remembered {
    row: SessionRow,
    read_at: Timestamp,
}

impl Sessions {
    pub(super) fn new(services: Arc<Services>) -> Self {
        Self {
            services,
            remembered: Cache::new(REMEMBERED),
        }
    }

    /// Is it time to write a session in use again, so that it lives on?
    pub(super) async fn is_due(&self, id: &Id) -> bool {
        let Some(known) = self.remembered.get(&hash(id)).await else {
            return false;
        };
        let whole = self.lasts();
        let left = known.row.expires_at.duration_since(self.now());
        whole - left >= EXTEND_AFTER.min(whole / 10)
    }

    /// The next read asks Postgres.
    pub(super) async fn forget(&self, id: &Id) {
        self.remembered.invalidate(&hash(id)).await;
    }

    fn now(&self) -> Timestamp {
        self.services.ports.clock.now()
    }

    fn lasts(&self) -> SignedDuration {
        SignedDuration::try_from(self.services.settings.session_for).unwrap_or(EXTEND_AFTER)
    }

    /// The row of a record. It expires by our clock, not by the library's.
    fn row(&self, record: &Record) -> Result<SessionRow> {
        let lasts = if record.data.contains_key(LOGIN) {
            self.lasts()
        } else {
            ANONYMOUS_FOR
        };
        let data =
            serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(SessionRow {
            data,
            expires_at: self.now() + lasts,
        })
    }

    async fn remember(&self, id: &Id, row: SessionRow) {
        let remembered = Remembered {
            row,
            read_at: self.now(),
        };
        self.remembered.insert(hash(id), remembered).await;
    }

    async fn find(&self, id: &Id) -> Result<Option<SessionRow>> {
        let now = self.now();
        if let Some(known) = self.remembered.get(&hash(id)).await
            && now.duration_since(known.read_at) < FRESH_FOR
            && known.row.expires_at > now
        {
            return Ok(Some(known.row));
        }
        let mut conn = self.services.db.conn().await.map_err(backend)?;
        let row = store::sessions::find_session(&mut conn, &hash(id), now)
            .await
            .map_err(backend)?;
        match &row {
            Some(row) => self.remember(id, row.clone()).await,
            None => self.forget(id).await,
        }
        Ok(row)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    /// Always under a fresh id.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let row = self.row(record)?;
        let mut conn = self.services.db.conn().await.map_err(backend)?;
        loop {
            record.id = Id::default();
            if store::sessions::insert_session(&mut conn, &hash(&record.id), &row)
                .await
                .map_err(backend)?
            {
                break;
            }
        }
        self.remember(&record.id, row).await;
        Ok(())
    }

    /// A session that was ended by another request meanwhile stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        let row = self.row(record)?;
        let mut conn = self.services.db.conn().await.map_err(backend)?;
        if store::sessions::update_session(&mut conn, &hash(&record.id), &row)
            .await
            .map_err(backend)?
        {
            self.remember(&record.id, row).await;
        } else {
            self.forget(&record.id).await;
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(row) = self.find(id).await? else {
            return Ok(None);
        };
        let data =
            serde_json::from_slice(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(row.expires_at.as_second());
        let expiry_date = expiry_date.map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.forget(id).await;
        let mut conn = self.services.db.conn().await.map_err(backend)?;
        store::sessions::delete_session(&mut conn, &hash(id))
            .await
            .map_err(backend)
    }
}

fn hash(id: &Id) -> Hash {
    Sha256::digest(id.to_string()).into()
}

fn backend(error: store::Error) -> Error {
    Error::Backend(error.to_string())
}
