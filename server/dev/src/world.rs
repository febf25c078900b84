//! A fresh server with its own database, demo world and port, gone after use.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::cargo;
use crate::endpoints::{self, Endpoints};
use crate::process::{self, Step};
use crate::report::{self, Failure, Stopwatch};
use crate::server::{Limits, Server};
use crate::services::{self, mongo, postgres, s3};
use crate::state::random_hex;
use crate::workspace::Workspace;

/// A running server that nobody else uses.
pub struct World<'a> {
    workspace: &'a Workspace,
    endpoints: &'a Endpoints,
    name: String,
    server: Server,
    serving: Option<Step>,
}

impl<'a> World<'a> {
    /// Builds the server, makes its stores, fills and starts it.
    pub async fn start(
        workspace: &'a Workspace,
        endpoints: &'a Endpoints,
        purpose: &str,
        release: bool,
    ) -> Result<Self> {
        let program = cargo::build(workspace, &["server"], release)
            .await?
            .join("server");
        report::heading(&format!("a fresh server for {purpose}"));
        let watch = Stopwatch::start();
        let name = format!("eventsphere_{purpose}_{}", random_hex(4)?);
        let mut world = Self::prepare(workspace, endpoints, name, program).await?;
        let outcome = world.fill_and_serve(purpose).await;
        if let Err(error) = outcome {
            world.close().await;
            return Err(error);
        }
        report::line("server", &format!("up in {watch}  {}", world.url()));
        Ok(world)
    }

    async fn prepare(
        workspace: &'a Workspace,
        endpoints: &'a Endpoints,
        name: String,
        program: PathBuf,
    ) -> Result<Self> {
        let shared = endpoints.require(endpoints::DATABASE_URL)?;
        postgres::create_database(shared, &name).await?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, services::free_port()?));
        let mut server = Server::new(workspace, program, endpoints, address)?
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
        let mut world = Self {
            workspace,
            endpoints,
            name,
            server,
            serving: None,
        };
        if let Some(bucket) = world.own_bucket() {
            s3::clear_bucket(workspace, &bucket, false)?;
            world.server = world.server.with(endpoints::S3_BUCKET, bucket);
        }
        Ok(world)
    }

    async fn fill_and_serve(&mut self, purpose: &str) -> Result<()> {
        let log = |step: &str| self.workspace.log(&format!("{purpose}-{step}"));
        self.server.run_logged("migrate", &log("migrate")).await?;
        self.server.run_logged("seed", &log("seed")).await?;
        self.serving = Some(self.server.serve(Some(&log("server"))).await?);
        Ok(())
    }

    /// A bucket of its own, where the S3 server is ours.
    fn own_bucket(&self) -> Option<String> {
        let endpoint = self.endpoints.get(endpoints::S3_ENDPOINT)?;
        services::local_port(self.workspace, s3::NAME, endpoint)?;
        Some(self.name.replace('_', "-"))
    }

    /// Where the server answers.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The server's process number, 0 if it has ended.
    pub fn server_pid(&self) -> u32 {
        self.serving
            .as_ref()
            .and_then(Step::pid)
            .unwrap_or_default()
    }

    /// A command that is to be run against this world.
    pub fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .envs(self.server.settings())
            .env("BASE_URL", self.url());
        command
    }

    /// Runs a client to its end and then this world's. The failure names the tests that
    /// node's runner marked as failed.
    pub async fn run_and_close(self, step: &str, client: Command) -> Result<()> {
        let mut failed = BTreeSet::new();
        let status = process::run_seeing(client, |line| failed.extend(failed_journey(line)));
        let status = status.await;
        let log = self.workspace.log(&format!("{step}-server"));
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

    /// Stops the server and removes what it stored.
    pub async fn close(mut self) {
        if let Some(mut serving) = self.serving.take() {
            serving.stop(Duration::from_secs(15)).await;
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
