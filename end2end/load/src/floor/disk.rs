//! What the disk takes to make 8 KiB durable: `pg_test_fsync` where it is installed, and always
//! a loop of our own, because that program tells no percentiles.

use std::{
    fs::File,
    io::{Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::process::Command;

use super::program;
use crate::{database::Database, measure::percentile};

/// How many times it is tried, and for how long at most.
const TIMES: usize = 1000;
const AT_MOST: Duration = Duration::from_millis(1500);

/// What was seen.
pub struct Disk {
    /// Milliseconds.
    pub p50_ms: f64,
    /// Milliseconds.
    pub p99_ms: f64,
    /// By which means, and where.
    pub how: String,
}

impl Disk {
    /// Two measurements as one: what lies between them.
    pub fn between(self, other: Self) -> Self {
        Self {
            p50_ms: f64::midpoint(self.p50_ms, other.p50_ms),
            p99_ms: f64::midpoint(self.p99_ms, other.p99_ms),
            how: other.how,
        }
    }
}

/// Writes and syncs again and again, on a quiet database and beside its files.
pub async fn sync_times(database: Option<&Database>) -> Result<Disk> {
    if let Some(database) = database {
        database.quiet().await?;
    }
    let folder = folder(database).await?;
    let path = folder.join(format!(".load-sync-{}", std::process::id()));
    let times = tokio::task::spawn_blocking(move || own_loop(&path)).await??;
    let (place, own) = (folder.display(), "8 KiB and fdatasync in a loop of ours");
    let how = match postgres_says(&folder).await {
        Some(words) => format!("{own} in {place} (pg_test_fsync: {words})"),
        None => format!("{own} in {place} (pg_test_fsync is not installed)"),
    };
    Ok(Disk {
        p50_ms: percentile(&times, 50),
        p99_ms: percentile(&times, 99),
        how,
    })
}

/// The folder of the database's files where we may write there, else the one that this runs in,
/// which is the checkout: `/tmp` may be memory.
async fn folder(database: Option<&Database>) -> Result<PathBuf> {
    const PROBE: &str = ".load-may-write";
    if let Some(database) = database
        && let Ok(folder) = database.setting("data_directory").await
        && File::create(Path::new(&folder).join(PROBE)).is_ok()
    {
        std::fs::remove_file(Path::new(&folder).join(PROBE))?;
        return Ok(folder.into());
    }
    Ok(std::env::current_dir()?)
}

/// Sorted.
fn own_loop(path: &Path) -> Result<Vec<Duration>> {
    let times = sync_at(path);
    std::fs::remove_file(path)?;
    let mut times = times?;
    times.sort_unstable();
    Ok(times)
}

fn sync_at(path: &Path) -> Result<Vec<Duration>> {
    let (mut file, block) = (File::create(path)?, [0x5a; 8192]);
    // As in a log that is written over: the file has its length already.
    file.write_all(&block)?;
    file.sync_all()?;
    let (began, mut times) = (Instant::now(), Vec::new());
    while times.len() < TIMES && began.elapsed() < AT_MOST {
        let asked = Instant::now();
        file.rewind()?;
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

/// What `pg_test_fsync` says about fdatasync in this folder, where it is installed.
async fn postgres_says(folder: &Path) -> Option<String> {
    let file = folder.join(".load-pg-test-fsync");
    let output = Command::new(program("pg_test_fsync"))
        .args(["-s", "1", "-f"])
        .arg(&file)
        .output()
        .await;
    let _ = std::fs::remove_file(&file);
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with("fdatasync"))?;
    let words: Vec<_> = line.split_whitespace().skip(1).collect();
    Some(words.join(" "))
}
