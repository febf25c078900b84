#![doc = include_str!("../README.md")]

mod about;
mod client;
mod database;
mod floor;
mod measure;
mod report;
mod rush;
mod scenarios;
mod world;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};

use crate::{
    about::About,
    database::Database,
    floor::Floor,
    measure::Plan,
    report::Report,
    scenarios::{Bench, Crowd, Scenario},
};

/// Measures a running server against a floor.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The server under test, on loopback.
    #[arg(long, env = "BASE_URL", default_value = "http://127.0.0.1:3000")]
    base_url: String,
    /// Its process id, for CPU time and memory.
    #[arg(long, env = "SERVER_PID")]
    server_pid: Option<u32>,
    /// Its program, for a second process on the same stores.
    #[arg(long, env = "SERVER_PROGRAM")]
    server_program: Option<PathBuf>,
    /// Its Postgres: for floors of SQL, and for counting the rows after purchases.
    #[arg(long, env = "EVENTSPHERE_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The limits that the server has, for the report.
    #[arg(long, env = "EVENTSPHERE_LIMITS")]
    limits: Option<String>,
    /// How long each measurement runs.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many connections read at once; those who buy are always 256.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Also write the table as JSON.
    #[arg(long, env = "BENCH_JSON")]
    json: Option<PathBuf>,
    /// Which scenarios; all without one.
    names: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the floor: answers "hello" to everything.
    #[command(hide = true)]
    Floor,
    /// Sells in a rush and checks every promise; `cargo dev rush` adds the faults.
    #[command(subcommand)]
    Rush(rush::Part),
}

fn main() -> Result<()> {
    // For the product's own code in the floor of settlement.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match args.command {
        Some(Command::Floor) => runtime.block_on(floor::serve(args.database_url)),
        Some(Command::Rush(part)) => runtime.block_on(part.run()),
        None => runtime.block_on(bench(args)),
    }
}

async fn bench(args: Args) -> Result<()> {
    let target = client::Target::parse(&args.base_url)?;
    ensure!(target.is_loopback(), "{} is not on loopback", args.base_url);
    ensure!((1..=60).contains(&args.seconds), "--seconds is 1 to 60");
    ensure!(
        (1..=512).contains(&args.connections),
        "--connections is 1 to 512"
    );
    let plan = Plan {
        connections: args.connections,
        time: Duration::from_secs(args.seconds),
    };
    let database = match args.database_url.as_deref() {
        Some(url) => Some(Database::connect(url).await?),
        None => None,
    };
    let about = About::now(database.as_ref(), args.limits, plan.time).await?;
    let logs = args.json.as_deref().and_then(Path::parent);
    let bench = Bench {
        floor: Floor::start(args.database_url.as_deref()).await?,
        target,
        pid: args.server_pid,
        database,
        program: args.server_program,
        logs: logs.map_or_else(std::env::temp_dir, Path::to_path_buf),
        plan,
        crowd: Crowd::default(),
    };
    let mut report = Report::new(args.server_pid, about);
    for scenario in Scenario::chosen(&args.names)? {
        eprintln!("measuring {} …", scenario.name());
        report.add(scenario.run(&bench).await);
        // At once: whatever comes next loses nothing.
        if let Some(path) = &args.json {
            report.save(path)?;
        }
    }
    report.print();
    report.verdict()
}
