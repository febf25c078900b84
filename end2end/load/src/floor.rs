//! Floors: axum answering "hello" and a plain handler of purchases, in a process of its own;
//! one hot row; settlement without HTTP; what the disk takes for a sync.

pub mod disk;
pub mod plain;
pub mod second;
pub mod settlement;

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    routing::{get, post},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

use crate::{client::Target, database::Database};

/// The floor's process; ends with this value.
pub struct Floor {
    _child: Child,
    /// Its number.
    pub pid: u32,
    /// Where it listens.
    pub target: Target,
}

impl Floor {
    /// Starts this program again as the floor; a database makes the plain handler work.
    pub async fn start(database_url: Option<&str>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        if let Some(url) = database_url {
            command.env("EVENTSPHERE_DATABASE_URL", url);
        }
        let mut child = command
            .arg("floor")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().context("the floor's output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).await?;
        Ok(Self {
            pid: child.id().context("the floor has ended")?,
            _child: child,
            target: Target::parse(line.trim())?,
        })
    }
}

/// Serves until killed; the first line printed is the address.
pub async fn serve(database_url: Option<String>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let mut router = Router::new().fallback(get(|| async { "hello" }));
    if let Some(url) = database_url {
        let plain = post(plain::purchase).with_state(plain::pool(&url)?);
        router = router.route(plain::PATH, plain);
    }
    axum::serve(listener, router).await?;
    Ok(())
}

/// Transactions per second of 64 clients that all update one row, each with a commit of its
/// own: what a sale per transaction cannot get past. The first second is a warm-up.
pub async fn hot_row(database: &Database, seconds: u64) -> Result<f64> {
    const MAKE: &str = "CREATE TABLE IF NOT EXISTS load_hot_row (id integer PRIMARY KEY, n bigint);
        INSERT INTO load_hot_row VALUES (1, 0) ON CONFLICT DO NOTHING";
    database.run(MAKE).await?;
    let script = std::env::temp_dir().join(format!("load-hot-row-{}.sql", std::process::id()));
    std::fs::write(&script, "UPDATE load_hot_row SET n = n + 1 WHERE id = 1;\n")?;
    let warm_up = pgbench(&database.url, &script, 1).await;
    let rate = pgbench(&database.url, &script, seconds).await;
    std::fs::remove_file(&script)?;
    warm_up.and(rate)
}

async fn pgbench(database_url: &str, script: &Path, seconds: u64) -> Result<f64> {
    // What follows the database's name is for our own driver.
    let database_url = database_url.split('?').next().unwrap_or_default();
    let output = Command::new(program("pgbench"))
        .args(["-n", "-M", "prepared", "-c", "64", "-j", "2", "-T"])
        .arg(seconds.to_string())
        .arg("-f")
        .arg(script)
        .arg(database_url)
        .output()
        .await
        .context("pgbench is not installed")?;
    let words = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "pgbench failed: {words}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tps = words
        .lines()
        .find_map(|line| line.strip_prefix("tps = "))
        .and_then(|rest| rest.split_whitespace().next())
        .context("pgbench told no tps")?;
    Ok(tps.parse()?)
}

/// A program of Postgres: where Debian puts what people seldom start, or on the path.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let versions = versions.into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin").join(name));
    installed
        .filter(|program| program.is_file())
        .max()
        .unwrap_or_else(|| name.into())
}
