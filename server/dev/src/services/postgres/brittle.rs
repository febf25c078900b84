//! A Postgres for one command alone, that may be stopped at once and started again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::signal::Signal;
use nix::unistd::User;
use sqlx::{Connection, PgConnection};

use super::{
    Binaries, DATA, INSTEAD, ROLE, command, create_database, find, initialize, owner, prepare_home,
    url,
};
use crate::interrupt;
use crate::process::{self, Step};
use crate::report::{self, Failure, Stopwatch};
use crate::services::free_port;
use crate::state::Secrets;
use crate::workspace::Workspace;

/// A running server of fresh data; both go with this value.
pub struct Brittle {
    binaries: Binaries,
    owner: Option<User>,
    secrets: Secrets,
    home: PathBuf,
    log: PathBuf,
    port: u16,
    running: Option<Step>,
}

impl Brittle {
    /// Makes fresh data, beside the checkout's own, and starts a server on it.
    pub async fn start(workspace: &Workspace, purpose: &str) -> Result<Self> {
        let watch = Stopwatch::start();
        let own_home = prepare_home(workspace)?;
        let home = own_home.join(purpose);
        let _ = fs::remove_dir_all(&home);
        fs::create_dir(&home)?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o755))?;
        let binaries = find(workspace, &own_home).await?;
        let mut database = Self {
            binaries,
            owner: owner()?,
            secrets: Secrets::load_or_create(workspace)?,
            home,
            log: workspace.log(&format!("{purpose}-postgres")),
            port: free_port()?,
            running: None,
        };
        let _ = fs::remove_file(&database.log);
        initialize(
            workspace,
            &database.secrets,
            &database.binaries,
            database.owner.as_ref(),
            &database.home,
        )?;
        database.serve().await?;
        create_database(&database.url("postgres"), ROLE).await?;
        let text = format!("up in {watch}  127.0.0.1:{}  (its own)", database.port);
        report::line(super::NAME, &text);
        Ok(database)
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        url(&self.secrets, self.port, database)
    }

    /// Immediate shutdown: nobody is waited for, nothing is written; the next start recovers.
    pub async fn stop_at_once(&mut self) {
        if let Some(mut running) = self.running.take() {
            running
                .end_by(Signal::SIGQUIT, Duration::from_secs(10))
                .await;
        }
    }

    /// Starts it unless it runs, and waits until it answers.
    pub async fn serve(&mut self) -> Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        let mut command = command(
            &self.home,
            &self.binaries,
            self.owner.as_ref(),
            self.port,
            false,
        );
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)?;
        command.stdout(log.try_clone()?).stderr(log);
        self.running = Some(Step::spawn(command)?);
        let until = Instant::now() + Duration::from_secs(90);
        while PgConnection::connect(&self.url("postgres")).await.is_err() {
            interrupt::check()?;
            if Instant::now() > until {
                let failure = Failure::new("starting postgres", "no answer in time", INSTEAD);
                return Err(failure.with_log(&self.log).into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Stops it and removes its data.
    pub async fn remove(mut self) {
        self.stop_at_once().await;
        if let Err(error) = fs::remove_dir_all(&self.home) {
            let place = self.home.display();
            report::note(&format!("{place} could not be removed: {error}"));
        }
    }
}

impl Drop for Brittle {
    /// Whatever ends us: it has to be gone before its data can be.
    fn drop(&mut self) {
        drop(self.running.take());
        for orphan in process::mentioning(&self.home.join(DATA).to_string_lossy()) {
            orphan.signal(Signal::SIGQUIT);
        }
    }
}
