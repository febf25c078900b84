//! A second server process beside the one under test.

use std::{
    fs::File,
    net::TcpListener,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

use crate::client::{Ask, Target};

/// How long it may take to start, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The process; killed with this value.
pub struct Second {
    child: Child,
    /// Its number.
    pub pid: u32,
    /// Where it listens.
    pub target: Target,
}

impl Second {
    /// Starts the program with the settings in our own environment, on another port; its words
    /// go to `log`.
    pub async fn start(program: &Path, log: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = File::create(log).with_context(|| log.display().to_string())?;
        let child = Command::new(program)
            .arg("serve")
            .env("EVENTSPHERE_ADDR", address.to_string())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let second = Self {
            pid: child.id().context("the second process has ended")?,
            child,
            target: Target::parse(&format!("http://{address}"))?,
        };
        let answers = tokio::time::timeout(PATIENCE, second.answers()).await;
        ensure!(answers.is_ok(), "the second process does not start");
        Ok(second)
    }

    /// Ends it the way a deployment does.
    pub async fn stop(mut self) -> Result<()> {
        let began = Instant::now();
        let command = format!("kill -TERM {}", self.pid);
        Command::new("sh").args(["-c", &command]).status().await?;
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = ended.context("the second process does not end")??;
        ensure!(
            status.success(),
            "the second process ended with {status} after {:?}",
            began.elapsed()
        );
        Ok(())
    }

    async fn answers(&self) {
        while self.ask().await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn ask(&self) -> Result<()> {
        let mut connection = self.target.connect().await?;
        let answer = connection.ask(&Ask::get("/livez")).await?;
        ensure!(answer.status == 200, "not yet");
        Ok(())
    }
}
