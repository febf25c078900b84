//! The product's server as a child: its settings, its subcommands, waiting until it answers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::endpoints::Endpoints;
use crate::interrupt;
use crate::process::{self, Step};
use crate::report::Failure;
use crate::state::Secrets;
use crate::workspace::{Workspace, env_value};

/// How strict the server's limits are.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub enum Limits {
    /// High enough that tests on this machine do not meet them
    #[default]
    Relaxed,
    /// Those of a real installation
    Production,
}

impl Limits {
    fn word(self) -> &'static str {
        match self {
            Self::Relaxed => "relaxed",
            Self::Production => "production",
        }
    }
}

/// A server program with the settings it is to run with.
pub struct Server {
    program: PathBuf,
    settings: BTreeMap<String, String>,
    address: SocketAddr,
}

impl Server {
    /// A server of this checkout on these engines; the user's own variables win.
    pub fn new(
        workspace: &Workspace,
        program: PathBuf,
        endpoints: &Endpoints,
        address: SocketAddr,
    ) -> Result<Self> {
        let mut settings: BTreeMap<_, _> = endpoints
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let secrets = Secrets::load_or_create(workspace)?;
        let site = workspace.site().display().to_string();
        for (name, value) in [
            ("EVENTSPHERE_PUBLIC_URL", base_url(address)),
            ("EVENTSPHERE_MONGODB_DATABASE", "eventsphere".to_owned()),
            ("EVENTSPHERE_TOKEN_SECRET", secrets.token_secret),
            ("EVENTSPHERE_SITE_ROOT", site),
        ] {
            settings.insert(name.to_owned(), env_value(name).unwrap_or(value));
        }
        settings.insert("EVENTSPHERE_ADDR".to_owned(), address.to_string());
        Ok(Self {
            program,
            settings,
            address,
        })
    }

    /// Sets one variable, whatever the user's environment says.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// Sets how strict it is.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        self.with("EVENTSPHERE_LIMITS", limits.word())
    }

    /// Its settings, for a child's environment.
    pub fn settings(&self) -> impl Iterator<Item = (&String, &String)> {
        self.settings.iter()
    }

    /// Where a person or a test reaches it.
    pub fn url(&self) -> String {
        base_url(self.address)
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(subcommand).envs(&self.settings);
        command
    }

    /// Runs a subcommand that ends by itself, its words on the terminal.
    pub async fn run(&self, subcommand: &str) -> Result<()> {
        let status = process::run(self.command(subcommand)).await?;
        let remedy = "its own words are above; `cargo dev doctor` looks for what is missing";
        status.success().then_some(()).ok_or_else(|| {
            Failure::new(format!("server {subcommand}"), status.to_string(), remedy).into()
        })
    }

    /// Runs a subcommand that ends by itself, its words in a log.
    pub async fn run_logged(&self, subcommand: &str, log: &Path) -> Result<()> {
        let status = process::run_logged(self.command(subcommand), log).await?;
        status.success().then_some(()).ok_or_else(|| {
            Failure::new(
                format!("server {subcommand}"),
                status.to_string(),
                "see the log",
            )
            .with_log(log)
            .into()
        })
    }

    /// The same server on another address.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> Self {
        let server = Self {
            program: self.program.clone(),
            settings: self.settings.clone(),
            address,
        };
        server.with("EVENTSPHERE_ADDR", address.to_string())
    }

    /// Starts serving and waits until it answers; words go to the end of `log`, or to the
    /// terminal without one.
    pub async fn serve(&self, log: Option<&Path>) -> Result<Step> {
        let mut command = self.command("serve");
        if let Some(log) = log {
            let file = File::options().create(true).append(true).open(log)?;
            command.stdout(file.try_clone()?).stderr(file);
        }
        let mut step = Step::spawn(command)?;
        let until = Instant::now() + Duration::from_mins(1);
        while !is_live(self.address) {
            interrupt::check()?;
            let cause = match step.ended()? {
                Some(status) => status.to_string(),
                None if Instant::now() > until => "no answer on /livez in time".to_owned(),
                None => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let failure = Failure::new("starting the server", cause, "see its own words");
            return Err(log.map_or(anyhow!(failure.clone()), |log| failure.with_log(log).into()));
        }
        Ok(step)
    }
}

/// The address as a browser on this machine would write it.
fn base_url(address: SocketAddr) -> String {
    let host = match address {
        address if address.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    format!("http://{host}:{}", address.port())
}

fn is_live(address: SocketAddr) -> bool {
    let mut reach = address;
    if reach.ip().is_unspecified() {
        reach.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&reach, Duration::from_millis(500))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b"200"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_all_interfaces_is_reached_over_loopback() {
        let address = "0.0.0.0:3000".parse().expect("an address");
        assert_eq!(base_url(address), "http://127.0.0.1:3000");
    }

    #[test]
    fn an_ipv6_address_is_written_in_brackets() {
        assert_eq!(
            base_url("[::1]:80".parse().expect("an address")),
            "http://[::1]:80"
        );
    }
}
