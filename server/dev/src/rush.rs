//! `cargo dev rush`: selling in a rush while processes and the database die.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio_util::sync::CancellationToken;

use crate::cargo;
use crate::endpoints::{self, Endpoints};
use crate::process;
use crate::report::{self, Failure};
use crate::services::postgres::Brittle;
use crate::state::random_hex;
use crate::workspace::Workspace;
use crate::world::World;

/// The shortest holds and offers there are, so that many run out; and logins that last as long as
/// the rush.
const SETTINGS: [(&str, &str); 5] = [
    ("EVENTSPHERE_HOLD_MINUTES", "1"),
    ("EVENTSPHERE_OFFER_MINUTES", "1"),
    ("EVENTSPHERE_ACCESS_TOKEN_MINUTES", "240"),
    ("EVENTSPHERE_SIMULATOR_DELAY_MS", "5"),
    ("EVENTSPHERE_LOG", "warn"),
];

/// What the user may ask of `rush`.
#[derive(clap::Args)]
pub struct Options {
    /// How many times somebody tries to get something
    #[arg(long, default_value_t = 100_000)]
    attempts: u64,
    /// How many places there are
    #[arg(long, default_value_t = 20_000)]
    places: u32,
    /// No new attempt begins after so many seconds
    #[arg(long, default_value_t = 900)]
    seconds: u64,
    /// Draws who wants what, and what dies when; a random one without
    #[arg(long)]
    seed: Option<u64>,
    /// How many seconds lie between two faults, at most
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=600))]
    calm: u64,
    /// Build the server the way it is deployed
    #[arg(long)]
    release: bool,
}

/// Runs it on stores of its own; fails if a promise did not hold.
pub async fn rush(workspace: &Workspace, on: &Endpoints, options: Options) -> Result<()> {
    let seed = match options.seed {
        Some(seed) => seed,
        None => u64::from_str_radix(&random_hex(4)?, 16)?,
    };
    let programs = cargo::build(workspace, &["server", "load"], options.release).await?;
    report::heading("a database of its own");
    let mut database = Brittle::start(workspace, "rush").await?;
    let mut engines = on.clone();
    engines.set(endpoints::DATABASE_URL, database.url("eventsphere"));
    let world = World::start_empty(workspace, &engines, "rush", options.release, &SETTINGS).await;
    let outcome = match world {
        Ok(mut world) => {
            let run = Run {
                options: &options,
                load: programs.join("load"),
                out: workspace.dev("rush"),
                seed,
            };
            let outcome = run.through(&mut world, &mut database).await;
            // Its stores are removed on a database that answers.
            let _ = database.serve().await;
            world.close().await;
            outcome
        }
        Err(error) => Err(error),
    };
    database.remove().await;
    outcome
}

struct Run<'a> {
    options: &'a Options,
    load: PathBuf,
    out: PathBuf,
    seed: u64,
}

impl Run<'_> {
    /// The stage in peace, the attack under faults, then the check in peace.
    async fn through(&self, world: &mut World<'_>, database: &mut Brittle) -> Result<()> {
        world.add_process().await?;
        fs::create_dir_all(&self.out)?;
        report::heading(&format!("the rush, seed {}", self.seed));
        let status = process::run(self.stage(world)).await?;
        self.expect(status, "making event and buyers")?;
        let attack = self.load(world, "attack");
        let over = CancellationToken::new();
        // Whichever fails ends the other.
        let (status, faults) = tokio::try_join!(
            async {
                let _over = over.clone().drop_guard();
                process::run(attack).await
            },
            faults(self, world, database, &over)
        )?;
        self.expect(status, "the rush")?;
        report::heading("settling, then the check");
        let status = process::run(self.check(world, &faults)).await?;
        self.expect(status, "the check of the rush")
    }

    fn stage(&self, world: &World<'_>) -> Command {
        let mut command = self.load(world, "stage");
        let options = self.options;
        for (name, value) in [
            ("--attempts", options.attempts),
            ("--places", options.places.into()),
            ("--seconds", options.seconds),
            ("--seed", self.seed),
        ] {
            command.arg(name).arg(value.to_string());
        }
        command
    }

    fn check(&self, world: &World<'_>, faults: &Faults) -> Command {
        let mut command = self.load(world, "check");
        for (name, value) in [
            ("--kills", faults.kills),
            ("--database-stops", faults.database_stops),
        ] {
            command.arg(name).arg(value.to_string());
        }
        command.arg("--json").arg(self.out.join("last.json"));
        command
    }

    fn load(&self, world: &World<'_>, part: &str) -> Command {
        let mut command = world.client(&self.load);
        command.args(["rush", part]);
        for url in world.urls() {
            command.args(["--door", &url]);
        }
        command.arg("--journal").arg(self.out.join("journal.json"));
        command
    }

    fn expect(&self, status: ExitStatus, step: &str) -> Result<()> {
        if status.success() {
            return Ok(());
        }
        let remedy = format!(
            "its own words are above, the servers' in .dev/logs/rush-server*.log; again with --seed {}",
            self.seed
        );
        Err(Failure::new(step, status.to_string(), remedy).into())
    }
}

/// What was broken.
#[derive(Default)]
struct Faults {
    kills: u64,
    database_stops: u64,
}

/// Breaks something now and then until it is `over`; ends with everything up again.
async fn faults(
    run: &Run<'_>,
    world: &mut World<'_>,
    database: &mut Brittle,
    over: &CancellationToken,
) -> Result<Faults> {
    let (mut dice, mut faults) = (StdRng::seed_from_u64(run.seed), Faults::default());
    let mut calm = Duration::from_millis(dice.random_range(800..2500));
    while over
        .run_until_cancelled(tokio::time::sleep(calm))
        .await
        .is_some()
    {
        let down_for = Duration::from_millis(dice.random_range(100..2000));
        if dice.random_ratio(1, 4) {
            faults.database_stops += 1;
            database.stop_at_once().await;
            tokio::time::sleep(down_for).await;
            database.serve().await?;
        } else {
            faults.kills += 1;
            world.kill(dice.random_range(0..2)).await;
            tokio::time::sleep(down_for).await;
        }
        // A server may have given up without its database.
        world.serve_all().await?;
        calm = Duration::from_millis(dice.random_range(1000..=run.options.calm * 1000));
    }
    Ok(faults)
}
