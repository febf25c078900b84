//! Selling in a rush: thousands of clients that want an answer while processes and the
//! database die, each with a journal of what it was told, and a checker that compares the
//! journals with the rows afterwards. Starting and killing is `cargo dev rush`'s part.

mod actions;
mod attack;
mod check;
mod journal;
mod settle;
mod shop;
mod stage;
mod table;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};

use self::{
    check::Faults,
    journal::Journal,
    shop::Shop,
    stage::{Size, Stage},
};
use crate::client::Target;

/// The rows, read by auditor and checker alone.
#[derive(Args)]
pub struct Rows {
    /// The servers' Postgres.
    #[arg(long, env = "EVENTSPHERE_DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

/// What to do.
#[derive(Subcommand)]
pub enum Part {
    /// Makes event and accounts, in peace; the journal begins with them.
    Stage {
        /// The server processes.
        #[arg(long = "door", required = true)]
        doors: Vec<String>,
        /// Where the journal goes.
        #[arg(long)]
        journal: PathBuf,
        #[command(flatten)]
        size: Size,
    },
    /// Makes all attempts and writes the journal.
    Attack {
        /// The server processes.
        #[arg(long = "door", required = true)]
        doors: Vec<String>,
        /// What [`Part::Stage`] wrote; what is told goes there too.
        #[arg(long)]
        journal: PathBuf,
        #[command(flatten)]
        rows: Rows,
    },
    /// Ends the line, lets everything settle, sells what is left, compares journal, rows and API.
    Check {
        /// The server processes.
        #[arg(long = "door", required = true)]
        doors: Vec<String>,
        /// What [`Part::Attack`] wrote.
        #[arg(long)]
        journal: PathBuf,
        /// Also write the findings as JSON.
        #[arg(long)]
        json: Option<PathBuf>,
        #[command(flatten)]
        faults: Faults,
        #[command(flatten)]
        rows: Rows,
    },
}

impl Part {
    /// Does it.
    ///
    /// # Errors
    /// When a promise did not hold, or something stands in the way of finding out.
    pub async fn run(self) -> Result<()> {
        match self {
            Self::Stage {
                doors,
                journal,
                size,
            } => {
                let stage = Stage::build(&open(&doors, size.clients)?, size).await?;
                Journal::of(stage).save(&journal)
            }
            Self::Attack {
                doors,
                journal,
                rows,
            } => {
                let stage = Journal::load(&journal)?.stage;
                let (shop, db) = (open(&doors, stage.size.clients)?, connect(&rows).await?);
                let written = attack::run(&shop, &db, stage).await?;
                written.save(&journal)
            }
            Self::Check {
                doors,
                journal,
                json,
                faults,
                rows,
            } => {
                let mut journal = Journal::load(&journal)?;
                let (shop, db) = (open(&doors, 32)?.patient(), connect(&rows).await?);
                settle::leave_the_line(&shop, &mut journal).await;
                settle::quiet(&db, &mut journal).await?;
                settle::sell_the_rest(&shop, &mut journal).await?;
                let findings = check::everything(&shop, &db, &journal, &faults).await?;
                table::print(&findings);
                if let Some(path) = json {
                    std::fs::write(path, serde_json::to_vec_pretty(&findings)?)?;
                }
                table::verdict(&findings)
            }
        }
    }
}

fn open(doors: &[String], clients: usize) -> Result<Shop> {
    ensure!((1..=512).contains(&clients), "--clients is 1 to 512");
    let targets: Vec<Target> = doors
        .iter()
        .map(|door| Target::parse(door))
        .collect::<Result<_>>()?;
    ensure!(
        targets.iter().all(Target::is_loopback),
        "{doors:?} are not all on loopback"
    );
    Ok(Shop::new(targets, clients))
}

async fn connect(rows: &Rows) -> Result<store::Db> {
    let connected = store::Db::connect(&rows.database_url, 2).await;
    connected.context("cannot reach Postgres (EVENTSPHERE_DATABASE_URL)")
}
