//! The program: `server serve`, `worker`, `migrate`, `seed`, `openapi`, `doctor`, `settings`.

use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use server::{
    api,
    config::{self, Config},
    doctor, seed,
    serve::{self, Role},
    telemetry, wire,
};

/// The system's allocator (glibc) keeps the 19 MiB of a password's hash once for every
/// thread that ever computed one: 192 registrations at once left 700 MiB behind.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events, from the idea to the door.
#[derive(Parser)]
#[command(name = "server", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the site and the API; does the work behind them too unless told otherwise.
    Serve {
        /// What this process does.
        #[arg(long, value_enum, default_value = "all")]
        role: Role,
    },
    /// Does the work behind the answers alone: relay, consumers, jobs.
    Worker,
    /// Brings the database to this program's schema; safe with several at once.
    Migrate,
    /// Makes the demo world; what is there already stays.
    Seed,
    /// Prints the OpenAPI document.
    Openapi,
    /// Checks the settings and every engine, and says what to do.
    Doctor,
    /// Prints every setting with its default, in the form of a settings file.
    Settings,
}

fn main() -> ExitCode {
    // Two TLS stacks in one program panic at run time: this one is for everybody.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let Cli { config, command } = read_command()?;
    match command {
        Command::Openapi => {
            println!("{}", api::openapi::document().to_pretty_json()?);
            return Ok(ExitCode::SUCCESS);
        }
        Command::Settings => {
            print!("{}", config::example(&config::command()));
            return Ok(ExitCode::SUCCESS);
        }
        _ => telemetry::start(&config)?,
    }
    runtime()?.block_on(perform(config, command))
}

/// The command line, with the values of `--config FILE` below environment and flags.
fn read_command() -> anyhow::Result<Cli> {
    let mut command = Cli::command();
    // The file is found by a first look that forgives everything else.
    let first = command.clone().ignore_errors(true).get_matches();
    if let Some(path) = first.get_one::<std::path::PathBuf>("config") {
        command = config::with_file(command, path)?;
    }
    let matches = command.get_matches();
    Cli::from_arg_matches(&matches).map_err(|error| error.exit())
}

/// A blocked worker thread must never be the last one, whatever machine this is.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.max(4))
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

async fn perform(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve { role } => serve::run(&config, role).await?,
        Command::Worker => serve::run(&config, Role::Worker).await?,
        Command::Migrate => {
            wire::database(&config)
                .await?
                .migrate()
                .await
                .context("cannot migrate")?;
            println!("the database has this program's schema");
        }
        Command::Seed => seed::run(&config).await?,
        Command::Doctor => {
            return Ok(if doctor::run(&config).await {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Command::Openapi | Command::Settings => {}
    }
    Ok(ExitCode::SUCCESS)
}
