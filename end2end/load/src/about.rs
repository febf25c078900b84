//! Under which circumstances something was measured.

use std::{collections::BTreeMap, fs, process::Command, time::Duration};

use anyhow::Result;
use serde::Serialize;

use crate::{database::Database, scenarios::ACCOUNTS};

/// What must be known to compare two runs.
#[derive(Debug, Serialize)]
pub struct About {
    commit: String,
    cores: usize,
    /// The product's: `relaxed` or `production`.
    limits: Option<String>,
    /// Those of the control group that this runs in, as the kernel writes them.
    cpu_max: Option<String>,
    memory_max: Option<String>,
    seconds: u64,
    accounts: usize,
    /// Postgres's settings.
    durability: BTreeMap<&'static str, String>,
    /// Was a commit confirmed before it was on the disk?
    is_void: bool,
}

impl About {
    /// Looks around.
    pub async fn now(
        database: Option<&Database>,
        limits: Option<String>,
        time: Duration,
    ) -> Result<Self> {
        let durability = match database {
            Some(database) => database.durability().await?,
            None => BTreeMap::new(),
        };
        Ok(Self {
            commit: commit(),
            cores: std::thread::available_parallelism()?.get(),
            limits,
            cpu_max: kernel_says("/sys/fs/cgroup/cpu.max"),
            memory_max: kernel_says("/sys/fs/cgroup/memory.max"),
            seconds: time.as_secs(),
            accounts: ACCOUNTS,
            is_void: durability.values().any(|value| value == "off"),
            durability,
        })
    }

    /// Prints it above the table.
    pub fn print(&self) {
        let limits = self.limits.as_deref().unwrap_or("unknown");
        println!(
            "commit {}, {} cores, limits {limits}, {} s each, {} accounts",
            self.commit, self.cores, self.seconds, self.accounts
        );
        let settings = self.durability.iter();
        let settings: Vec<_> = settings
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        println!("durability: {}", settings.join(", "));
        if self.is_void {
            println!("VOID: Postgres confirms commits that a crash may lose");
        }
    }
}

/// With a mark when the checkout has changes.
fn commit() -> String {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output();
    let words = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    words.unwrap_or_default()
}

fn kernel_says(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}
