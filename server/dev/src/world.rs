//! A fresh server with its own database, demo world and port, gone after use.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::Signal;

use crate::cargo;
use crate::endpoints::{self, Endpoints};
use crate::process::{self, Step};
use crate::report::{self, Failure, Stopwatch};
use crate::server::{Limits, Server};
use crate::services::{self, mongo, postgres, s3};
use crate::state::random_hex;
use crate::workspace::Workspace;

/// Running server processes that nobody else uses.
pub struct World<'a> {
    workspace: &'a Workspace,
    endpoints: &'a Endpoints,
    name: String,
    purpose: String,
    processes: Vec<Process>,
}

/// One of them.
struct Process {
    server: Server,
    log: PathBuf,
    serving: Option<Step>,
}

impl Process {
    async fn serve(&mut self) -> Result<()> {
        let Some(serving) = &mut self.serving else {
            self.serving = Some(self.server.serve(Some(&self.log)).await?);
            return Ok(());
        };
        let Some(status) = serving.ended()? else {
            return Ok(());
        };
        let remedy = "a server must outlive its engines: see its own words";
        let failure = Failure::new("serving", format!("ended by itself: {status}"), remedy);
        Err(failure.with_log(&self.log).into())
    }
}

impl<'a> World<'a> {
    /// Builds the server, makes its stores, fills and starts it.
    pub async fn start(
        workspace: &'a Workspace,
        endpoints: &'a Endpoints,
        purpose: &str,
        release: bool,
    ) -> Result<Self> {
        let steps = ["migrate", "seed"];
        Self::begin(workspace, endpoints, purpose, release, &[], &steps).await
    }

    /// The same in release, with settings of its own.
    pub async fn start_with(
        workspace: &'a Workspace,
        endpoints: &'a Endpoints,
        purpose: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let steps = ["migrate", "seed"];
        Self::begin(workspace, endpoints, purpose, true, settings, &steps).await
    }

    /// With settings of its own too, but without the demo world.
    pub async fn start_empty(
        workspace: &'a Workspace,
        endpoints: &'a Endpoints,
        purpose: &str,
        release: bool,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let steps = ["migrate"];
        Self::begin(workspace, endpoints, purpose, release, settings, &steps).await
    }

    async fn begin(
        workspace: &'a Workspace,
        endpoints: &'a Endpoints,
        purpose: &str,
        release: bool,
        settings: &[(&str, &str)],
        steps: &[&str],
    ) -> Result<Self> {
        let program = cargo::build(workspace, &["server"], release)
            .await?
            .join("server");
        report::heading(&format!("a fresh server for {purpose}"));
        let watch = Stopwatch::start();
        let mut world = Self::prepare(workspace, endpoints, purpose, program, settings).await?;
        let outcome = world.fill_and_serve(steps).await;
        if let Err(error) = outcome {
            world.close().await;
            return Err(error);
        }
        report::line("server", &format!("up in {watch}  {}", world.url()));
        Ok(world)
    }

    /// Another process on the same stores.
    pub async fn add_process(&mut self) -> Result<()> {
        let watch = Stopwatch::start();
        let server = self.processes[0].server.at(free_address()?);
        let log = self.log(&format!("server{}", self.processes.len() + 1));
        let url = server.url();
        self.processes.push(fresh(server, log));
        self.serve_all().await?;
        report::line("server", &format!("another in {watch}  {url}"));
        Ok(())
    }

    /// Starts those processes that are not running.
    pub async fn serve_all(&mut self) -> Result<()> {
        for process in &mut self.processes {
            process.serve().await?;
        }
        Ok(())
    }

    /// `kill -9` of one process; it stays down.
    pub async fn kill(&mut self, number: usize) {
        if let Some(mut serving) = self.processes[number].serving.take() {
            serving
                .end_by(Signal::SIGKILL, Duration::from_secs(5))
                .await;
        }
    }

    /// Where each process answers.
    pub fn urls(&self) -> Vec<String> {
        let processes = self.processes.iter();
        processes.map(|process| process.server.url()).collect()
    }

    fn log(&self, step: &str) -> PathBuf {
        self.workspace.log(&format!("{}-{step}", self.purpose))
    }

    async fn prepare(
        workspace: &'a Workspace,
        endpoints: &'a Endpoints,
        purpose: &str,
        program: PathBuf,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let name = format!("eventsphere_{purpose}_{}", random_hex(4)?);
        let shared = endpoints.require(endpoints::DATABASE_URL)?;
        postgres::create_database(shared, &name).await?;
        let mut server = Server::new(workspace, program, endpoints, free_address()?)?
            .with_limits(Limits::Relaxed)
            .with(
                endpoints::DATABASE_URL,
                postgres::with_database(shared, &name)?,
            )
            .with("EVENTSPHERE_MONGODB_DATABASE", &name)
            .with(
                "EVENTSPHERE_KAFKA_TOPIC_PREFIX",
                format!("{}.", random_hex(4)?),
            );
        let url = server.url();
        server = server.with("EVENTSPHERE_PUBLIC_URL", url);
        for (name, value) in settings {
            server = server.with(name, *value);
        }
        let mut world = Self {
            workspace,
            endpoints,
            name,
            purpose: purpose.to_owned(),
            processes: Vec::new(),
        };
        if let Some(bucket) = world.own_bucket() {
            s3::clear_bucket(workspace, &bucket, false)?;
            server = server.with(endpoints::S3_BUCKET, bucket);
        }
        let log = world.log("server");
        world.processes.push(fresh(server, log));
        Ok(world)
    }

    async fn fill_and_serve(&mut self, steps: &[&str]) -> Result<()> {
        for step in steps {
            let log = self.log(step);
            self.processes[0].server.run_logged(step, &log).await?;
        }
        self.serve_all().await
    }

    /// A bucket of its own, where the S3 server is ours.
    fn own_bucket(&self) -> Option<String> {
        let endpoint = self.endpoints.get(endpoints::S3_ENDPOINT)?;
        services::local_port(self.workspace, s3::NAME, endpoint)?;
        Some(self.name.replace('_', "-"))
    }

    /// Where the first process answers.
    pub fn url(&self) -> String {
        self.processes[0].server.url()
    }

    /// The first process's number, 0 if it has ended.
    pub fn server_pid(&self) -> u32 {
        self.processes[0]
            .serving
            .as_ref()
            .and_then(Step::pid)
            .unwrap_or_default()
    }

    /// A command that is to be run against this world.
    pub fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .envs(self.processes[0].server.settings())
            .env("BASE_URL", self.url());
        command
    }

    /// Runs a client to its end and then this world's. The failure names the tests that
    /// node's runner marked as failed.
    pub async fn run_and_close(self, step: &str, client: Command) -> Result<()> {
        let mut failed = BTreeSet::new();
        let status = process::run_seeing(client, |line| failed.extend(failed_journey(line)));
        let status = status.await;
        let log = self.log("server");
        self.close().await;
        let status = status?;
        if status.success() {
            return Ok(());
        }
        let names: Vec<_> = failed.into_iter().collect();
        let cause = match names.as_slice() {
            [] => status.to_string(),
            names => format!("{status}; failed: {}", names.join(", ")),
        };
        let remedy = "its own words are above; the server's are in the log";
        Err(Failure::new(step, cause, remedy).with_log(log).into())
    }

    /// Stops its processes and removes what they stored.
    pub async fn close(mut self) {
        for process in &mut self.processes {
            if let Some(mut serving) = process.serving.take() {
                serving.stop(Duration::from_secs(15)).await;
            }
        }
        if let Err(error) = self.remove_stores().await {
            report::note(&format!("{} could not be removed: {error:#}", self.name));
        }
    }

    async fn remove_stores(&self) -> Result<()> {
        let shared = self.endpoints.require(endpoints::DATABASE_URL)?;
        postgres::drop_database(shared, &self.name).await?;
        let mongodb = self.endpoints.require(endpoints::MONGODB_URL)?;
        match services::local_port(self.workspace, mongo::NAME, mongodb) {
            Some(port) => mongo::drop_database(port, &self.name)?,
            None => report::note(&format!("left in your MongoDB: database {}", self.name)),
        }
        if let Some(bucket) = self.own_bucket() {
            s3::clear_bucket(self.workspace, &bucket, true)?;
        }
        Ok(())
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok((Ipv4Addr::LOCALHOST, services::free_port()?).into())
}

/// A process that is not started yet, with an empty log.
fn fresh(server: Server, log: PathBuf) -> Process {
    let _ = std::fs::remove_file(&log);
    Process {
        server,
        log,
        serving: None,
    }
}

/// The name in a line of node's `spec` reporter about a failed test: `✖ name (12.3ms)`.
fn failed_journey(line: &str) -> Option<String> {
    let (name, took) = line.trim().strip_prefix("✖ ")?.rsplit_once(" (")?;
    took.ends_with("ms)").then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::failed_journey;

    #[test]
    fn failed_journeys_are_told_from_the_other_lines_of_the_runner() {
        let lines = [
            "✔ browsing works (812.4ms)",
            "✖ a ticket opens (at night) (15034.2ms)",
            "✖ failing tests:",
            "ℹ fail 1",
        ];
        let failed: Vec<_> = lines
            .iter()
            .filter_map(|line| failed_journey(line))
            .collect();
        assert_eq!(failed, ["a ticket opens (at night)"]);
    }
}
