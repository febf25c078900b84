//! The pool, transactions, migrations.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use jiff::Timestamp;
use sqlx::{Connection, PgConnection, PgPool, Postgres, postgres::PgPoolOptions};

use crate::Result;

/// Begins a transaction that does not wait for a lock for ever. Its statements look rows up by
/// their keys and come again and again: planning them anew for the values of each call costs a
/// settlement a millisecond for each of the larger ones. One message for all of it.
const BEGIN: &str =
    "BEGIN; SET LOCAL lock_timeout = '5s'; SET LOCAL plan_cache_mode = force_generic_plan";

/// A connection that nobody used for so long is asked whether it is still there.
const RESTED: Duration = Duration::from_secs(1);

/// A connection, in or out of a transaction.
pub type Conn = PgConnection;

/// A pool of connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
}

impl Db {
    /// Connects to `url` with at most `connections`.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(false)
            .before_acquire(|conn, resting| {
                Box::pin(async move {
                    if resting.idle_for > RESTED {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect(url)
            .await?;
        Ok(Self { pool })
    }

    /// How many connections it opens at most.
    pub fn connections(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    /// Applies the migrations that are missing; safe with several processes at once.
    pub async fn migrate(&self) -> Result<()> {
        sqlx::migrate!("../../migrations")
            .run(&self.pool)
            .await
            .map_err(sqlx::Error::from)?;
        Ok(())
    }

    /// A transaction; rolled back when dropped without [`Tx::commit`]. A lock that it does not get
    /// within five seconds is an error (`55P03`), so that nothing hangs.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx {
            inner: self.pool.begin_with(BEGIN).await?,
        })
    }

    /// A connection for reads.
    pub async fn conn(&self) -> Result<PooledConn> {
        Ok(PooledConn {
            inner: self.pool.acquire().await?,
        })
    }

    /// A connection of its own, outside the pool, for locks that last as long as it.
    /// When its machine disappears, Postgres notices within half a minute. Its commits do not
    /// wait for the disk: it is for work that is done again when Postgres forgot it.
    pub async fn own_conn(&self) -> Result<Conn> {
        let settings = [
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
            ("synchronous_commit", "off"),
        ];
        let options = self
            .pool
            .connect_options()
            .as_ref()
            .clone()
            .options(settings);
        Ok(Conn::connect_with(&options).await?)
    }

    /// Is Postgres there?
    pub async fn ping(&self) -> Result<()> {
        sqlx::query!("SELECT 1 AS one")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }

    /// What time Postgres says it is.
    pub async fn clock(&self) -> Result<Timestamp> {
        let row = sqlx::query!(r#"SELECT clock_timestamp() AS "now!""#)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.now.to_jiff())
    }

    /// Waits for the connections in use and closes the pool.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A connection that goes back to the pool when dropped.
#[derive(Debug)]
pub struct PooledConn {
    inner: sqlx::pool::PoolConnection<Postgres>,
}

impl Deref for PooledConn {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.inner
    }
}

impl DerefMut for PooledConn {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.inner
    }
}

/// A transaction.
#[derive(Debug)]
pub struct Tx {
    inner: sqlx::Transaction<'static, Postgres>,
}

impl Tx {
    /// Makes it durable.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.inner
    }
}
