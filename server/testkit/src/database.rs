//! A database per test: a copy of a template that has the migrations, made once per
//! set of migrations and dropped with the test.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};
use tokio::sync::OnceCell;

use crate::endpoints;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Any number that nothing else locks: processes make the template one after another.
const TEMPLATE_LOCK: i64 = 0x6573_5f74;

/// A database that is dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
}

impl TestDatabase {
    /// A fresh one with the schema of this checkout.
    ///
    /// # Panics
    /// When Postgres is not there.
    pub async fn create() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        static MADE: AtomicU32 = AtomicU32::new(0);
        let template = TEMPLATE.get_or_init(template).await;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("es_test_{}_{number}", std::process::id());
        let mut admin = admin().await;
        run(
            &mut admin,
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await;
        run(
            &mut admin,
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        let url = url_of(&name);
        Self { name, url }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection for looking at rows, or for breaking them.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url)
            .await
            .expect("the test's database")
    }

    /// Changes rows behind the server's back: what a test cannot wait for.
    ///
    /// # Panics
    /// With the statement when it fails.
    pub async fn execute(&self, sql: &str) {
        run(&mut self.connect().await, sql).await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        // Dropping cannot wait inside a runtime; a thread with its own can.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                run(
                    &mut admin().await,
                    &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                )
                .await;
            });
        });
        let _ = dropping.join();
    }
}

/// The name of the template of these migrations; makes it when it is missing.
async fn template() -> String {
    let hash = MIGRATIONS
        .iter()
        .flat_map(|migration| migration.checksum.iter().copied())
        .fold(0xcbf2_9ce4_8422_2325_u64, fnv);
    let name = format!("es_template_{hash:016x}");
    let mut admin = admin().await;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut admin)
        .await
        .expect("a lock");
    drop_left_over(&mut admin).await;
    let is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut admin)
            .await
            .expect("a list of databases");
    if !is_there {
        make_template(&mut admin, &name).await;
    }
    // The lock goes with the connection.
    name
}

/// Under another name until it is whole: an interrupted run leaves no half template.
async fn make_template(admin: &mut PgConnection, name: &str) {
    let draft = format!("{name}_draft");
    run(
        admin,
        &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
    )
    .await;
    run(admin, &format!("CREATE DATABASE {draft}")).await;
    let mut connection = PgConnection::connect(&url_of(&draft))
        .await
        .expect("the template");
    MIGRATIONS
        .run(&mut connection)
        .await
        .expect("the migrations");
    connection.close().await.expect("the template");
    run(admin, &format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
}

/// Databases of test programs that were killed.
async fn drop_left_over(admin: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database WHERE datname LIKE 'es\\_test\\_%'",
    )
    .fetch_all(&mut *admin)
    .await
    .expect("a list of databases");
    let is_gone = |name: &&String| {
        let pid = name.split('_').nth(2).unwrap_or_default();
        Path::new("/proc/self").exists() && !Path::new("/proc").join(pid).exists()
    };
    for name in names.iter().filter(is_gone) {
        run(
            admin,
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await;
    }
}

async fn admin() -> PgConnection {
    let url = endpoints().get("DATABASE_URL");
    let connected = PgConnection::connect(url).await;
    connected
        .unwrap_or_else(|error| panic!("Postgres is not there ({error}): run `cargo dev up` first"))
}

async fn run(connection: &mut PgConnection, sql: &str) {
    // Statements are made here and in tests, of letters and digits alone.
    let done = sqlx::query(AssertSqlSafe(sql)).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The configured address with another database.
fn url_of(name: &str) -> String {
    let url = endpoints().get("DATABASE_URL");
    let (address, parameters) = url
        .split_once('?')
        .map_or((url, String::new()), |(address, rest)| {
            (address, format!("?{rest}"))
        });
    let server = address
        .rsplit_once('/')
        .map_or(address, |(server, _)| server);
    format!("{server}/{name}{parameters}")
}

/// FNV-1a.
fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}
