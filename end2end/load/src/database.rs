//! The Postgres below: whether it keeps what it confirms, and its rest between two loads.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use store::Db;

/// How long work behind the answers may go on after a load.
const PATIENCE: Duration = Duration::from_mins(2);
/// After so long without work every session has reported what it counted (`PGSTAT_IDLE_INTERVAL`
/// of Postgres, and one second).
const REPORTED_AFTER: Duration = Duration::from_secs(11);
/// What says whether a commit is on the disk.
const DURABILITY: [&str; 4] = [
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
];

/// The database of the server under test, which nobody else uses.
pub struct Database {
    /// Its address.
    pub url: String,
    /// Connections for what goes on beside the loads.
    pub db: Db,
    /// How much work went on into a load.
    left: AtomicI64,
}

impl Database {
    /// Connects.
    pub async fn connect(url: &str) -> Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            db: Db::connect(url, 2).await?,
            left: AtomicI64::default(),
        })
    }

    /// Nothing of earlier loads goes on, and the next one begins like every other.
    pub async fn quiet(&self) -> Result<()> {
        self.finish().await?;
        for statement in ["CHECKPOINT", "VACUUM (ANALYZE)"] {
            self.run(statement).await?;
        }
        Ok(())
    }

    /// Nothing of the warm-up goes on, and the planner knows its rows.
    pub async fn settle(&self) -> Result<()> {
        self.finish().await?;
        self.run("ANALYZE").await
    }

    /// Runs a statement without values.
    pub async fn run(&self, statement: &'static str) -> Result<()> {
        let mut conn = self.db.conn().await?;
        let done = sqlx::raw_sql(statement).execute(&mut *conn).await;
        done.context(statement)?;
        Ok(())
    }

    /// Until all messages are published and no receipt is being written; receipts that nobody
    /// writes yet are forgotten.
    async fn finish(&self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            self.run("DELETE FROM mails WHERE state = 'queued'").await?;
            let open = self.open().await?;
            if open == 0 {
                return Ok(());
            }
            if Instant::now() > until {
                self.left.fetch_max(open, Relaxed);
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn open(&self) -> Result<i64> {
        const OPEN: &str = "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL)
            + (SELECT count(*) FROM mails WHERE state IN ('queued', 'sending'))";
        let mut conn = self.db.conn().await?;
        Ok(sqlx::query_scalar(OPEN).fetch_one(&mut *conn).await?)
    }

    /// How many rows waited still when a load had to begin; told once.
    pub fn left(&self) -> Option<i64> {
        Some(self.left.swap(0, Relaxed)).filter(|left| *left > 0)
    }

    /// Transactions committed so far, the product's jobs among them. Takes a while: sessions
    /// report when they have rested.
    pub async fn commits(&self) -> Result<i64> {
        const COMMITS: &str =
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        tokio::time::sleep(REPORTED_AFTER).await;
        let mut conn = self.db.conn().await?;
        Ok(sqlx::query_scalar(COMMITS).fetch_one(&mut *conn).await?)
    }

    /// What it is set to.
    pub async fn durability(&self) -> Result<BTreeMap<&'static str, String>> {
        let mut settings = BTreeMap::new();
        for name in DURABILITY {
            settings.insert(name, self.setting(name).await?);
        }
        Ok(settings)
    }

    /// One of its settings.
    pub async fn setting(&self, name: &str) -> Result<String> {
        let mut conn = self.db.conn().await?;
        let setting = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
        Ok(setting.fetch_one(&mut *conn).await?)
    }
}
