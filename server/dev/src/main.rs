#![doc = include_str!("../README.md")]

mod bench;
mod cargo;
mod doctor;
mod e2e;
mod endpoints;
mod interrupt;
mod process;
mod report;
mod run;
mod rush;
mod s3_server;
mod server;
mod services;
mod site;
mod sqlx_data;
mod state;
mod test;
mod tools;
mod up;
mod wheel;
mod workspace;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::endpoints::Endpoints;
use crate::interrupt::Interrupted;
use crate::services::{Wishes, with_services};
use crate::workspace::Workspace;

/// The developer's command of EventSphere.
#[derive(Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the local services and leave them running
    Up(Wishes),
    /// Stop the local services
    Down {
        /// Also remove their data and everything fetched for them
        #[arg(long)]
        purge: bool,
    },
    /// Build the site and the server, fill the demo world, serve until Ctrl-C
    Run(run::Options),
    /// Build the browser's half into target/site
    Site {
        /// Optimized, with hashed names and compressed twins
        #[arg(long)]
        release: bool,
    },
    /// Run every check and test
    Test {
        /// Only this part
        #[arg(long, value_enum)]
        only: Option<test::Part>,
        #[command(flatten)]
        wishes: Wishes,
    },
    /// Walk the browser journeys against a fresh server
    E2e {
        /// Passed to the journeys' runner
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Fuzz the JSON API against a fresh server
    Fuzz,
    /// Refresh the offline data of the checked SQL
    Sqlx {
        /// Only compare; fail if it is stale
        #[arg(long)]
        check: bool,
    },
    /// Measure a fresh release server
    Bench {
        /// Name of a measurement and its options, passed to the load generator
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Sell in a rush while processes and the database die, then check every promise
    Rush(rush::Options),
    /// Take the README's pictures anew
    Screenshots,
    /// Say what this machine lacks and how to get it
    Doctor,
    /// The local S3 server, started by `up`
    #[command(hide = true, name = s3_server::COMMAND)]
    S3Server {
        /// Directory of buckets
        root: PathBuf,
        /// Loopback port
        port: u16,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let workspace = match Workspace::locate() {
        Ok(workspace) => workspace,
        Err(error) => {
            report::failure(None, &error);
            return ExitCode::FAILURE;
        }
    };
    match dispatch(&workspace, cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() => ExitCode::from(interrupt::EXIT_CODE),
        Err(error) => {
            report::failure(Some(&workspace), &error);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(workspace: &Workspace, command: Command) -> Result<()> {
    if let Command::S3Server { root, port } = command {
        return s3_server::serve(root, port).await;
    }
    interrupt::listen()?;
    let defaults = Wishes::default();
    match command {
        Command::Up(wishes) => up::up(workspace, &wishes).await,
        Command::Down { purge } => up::down(workspace, purge).await,
        Command::Run(options) => run::run(workspace, options).await,
        Command::Site { release } => site::build(workspace, release).await,
        Command::Test { only, wishes } => test::test(workspace, only, &wishes).await,
        Command::Doctor => doctor::doctor(workspace),
        other => {
            with_services(workspace, &defaults, async |on| {
                against(workspace, on, other).await
            })
            .await
        }
    }
}

/// The commands that only need the services to be there.
async fn against(workspace: &Workspace, on: &Endpoints, command: Command) -> Result<()> {
    match command {
        Command::E2e { arguments } => e2e::journeys(workspace, on, &arguments).await,
        Command::Fuzz => e2e::fuzz(workspace, on).await,
        Command::Sqlx { check } => sqlx_data::refresh(workspace, on, check).await,
        Command::Bench { arguments } => bench::bench(workspace, on, &arguments).await,
        Command::Rush(options) => rush::rush(workspace, on, options).await,
        Command::Screenshots => e2e::screenshots(workspace, on).await,
        _ => Ok(()),
    }
}
