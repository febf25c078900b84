//! What the disk takes to make 8 KiB durable: `pg_test_fsync` where it is installed, and always
//! a loop of our own, because that program tells no percentiles.

use std::{
    fs::File,
    io::{Seek, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::process::Command;

use crate::measure::percentile;

/// How many times it is tried, and for how long at most.
const TIMES: usize = 2000;
const AT_MOST: Duration = Duration::from_secs(3);

/// What was seen.
pub struct Disk {
    /// Milliseconds.
    pub p50_ms: f64,
    /// Milliseconds.
    pub p99_ms: f64,
    /// By which means.
    pub how: String,
}

/// Writes and syncs again and again.
pub async fn sync_times() -> Result<Disk> {
    let times = tokio::task::spawn_blocking(own_loop).await??;
    let own = "8 KiB and fdatasync in a loop of ours";
    let how = match postgres_says().await {
        Some(words) => format!("{own} (pg_test_fsync: {words})"),
        None => format!("{own} (pg_test_fsync is not installed)"),
    };
    Ok(Disk {
        p50_ms: percentile(&times, 50),
        p99_ms: percentile(&times, 99),
        how,
    })
}

/// Sorted. In the folder that this runs in, which is the checkout: `/tmp` may be memory.
fn own_loop() -> Result<Vec<Duration>> {
    let path = std::env::current_dir()?.join(format!(".load-sync-{}", std::process::id()));
    let times = sync_at(&path);
    std::fs::remove_file(&path)?;
    let mut times = times?;
    times.sort_unstable();
    Ok(times)
}

fn sync_at(path: &std::path::Path) -> Result<Vec<Duration>> {
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

/// Its first line about fdatasync.
async fn postgres_says() -> Option<String> {
    let file = std::env::current_dir().ok()?.join(".load-pg-test-fsync");
    let output = Command::new(program())
        .args(["-s", "1", "-f"])
        .arg(&file)
        .output()
        .await;
    let _ = std::fs::remove_file(&file);
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    let line = text.lines().find(|line| line.contains("fdatasync"))?;
    Some(
        line.split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" "),
    )
}

/// On the path, or where Debian puts what people seldom start.
fn program() -> PathBuf {
    const NAME: &str = "pg_test_fsync";
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let versions = versions.into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin").join(NAME));
    installed
        .filter(|program| program.is_file())
        .max()
        .unwrap_or_else(|| NAME.into())
}
