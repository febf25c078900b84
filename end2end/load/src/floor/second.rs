//! A second server process beside the one under test.

use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use anyhow::{Result, ensure};
use tokio::process::{Child, Command};

use crate::client::{Ask, Target};

/// How long it may take to start, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The process; killed with this value.
pub struct Second {
    _child: Child,
    /// Where it listens.
    pub target: Target,
}

impl Second {
    /// Starts the program with the settings in our own environment, on another port.
    pub async fn start(program: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(program)
            .arg("serve")
            .env("EVENTSPHERE_ADDR", address.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let second = Self {
            _child: child,
            target: Target::parse(&format!("http://{address}"))?,
        };
        let answers = tokio::time::timeout(PATIENCE, second.answers()).await;
        ensure!(answers.is_ok(), "the second process does not start");
        Ok(second)
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
