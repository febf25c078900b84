//! `cargo dev test`: everything that must hold before a change is shared.

use std::time::Duration;

use anyhow::Result;

use crate::cargo;
use crate::e2e;
use crate::endpoints::Endpoints;
use crate::interrupt::Interrupted;
use crate::report::{self, Failure, Stopwatch, seconds};
use crate::services::{self, Wishes};
use crate::sqlx_data;
use crate::tools;
use crate::workspace::Workspace;

/// A part of the tests that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Formatting
    Fmt,
    /// Lints, for server and browser
    Clippy,
    /// Offline SQL data and `cargo test`
    Rust,
    /// Browser journeys
    E2e,
    /// The API fuzzer
    Api,
}

/// Runs the parts in order, says how each went, fails if one did.
pub async fn test(workspace: &Workspace, only: Option<Part>, wishes: &Wishes) -> Result<()> {
    tools::ensure_build(workspace).await?;
    let mut run = Run {
        workspace,
        results: Vec::new(),
        interrupted: false,
    };
    let wanted = |part: Part| only.is_none_or(|only| only == part);
    if wanted(Part::Fmt) {
        run.step(
            "formatting",
            cargo::run(workspace, &["fmt", "--all", "--check"]),
        )
        .await;
    }
    if wanted(Part::Clippy) {
        run.step("lints", clippy(workspace)).await;
        run.step("lints, browser", clippy_browser(workspace)).await;
    }
    if [Part::Rust, Part::E2e, Part::Api].into_iter().any(wanted) && !run.interrupted {
        let outcome = services::with_services(workspace, wishes, async |on| {
            run.with_services(on, wanted).await;
            Ok(())
        });
        if let Err(error) = outcome.await {
            run.step("services", async { Err(error) }).await;
        }
    }
    run.summary()
}

struct Run<'a> {
    workspace: &'a Workspace,
    results: Vec<(&'static str, Duration, Option<String>)>,
    interrupted: bool,
}

impl Run<'_> {
    async fn with_services(&mut self, on: &Endpoints, wanted: impl Fn(Part) -> bool) {
        let workspace = self.workspace;
        if wanted(Part::Rust) {
            self.step("offline SQL data", sqlx_data::refresh(workspace, on, true))
                .await;
            self.step("cargo test", cargo::test(workspace)).await;
        }
        if wanted(Part::E2e) {
            self.step("browser journeys", e2e::journeys(workspace, on, &[]))
                .await;
        }
        if wanted(Part::Api) {
            self.step("API fuzzing", e2e::fuzz(workspace, on)).await;
        }
    }

    async fn step(&mut self, name: &'static str, work: impl Future<Output = Result<()>>) {
        if self.interrupted {
            return;
        }
        report::heading(name);
        let watch = Stopwatch::start();
        let outcome = work.await;
        if let Err(error) = &outcome {
            self.interrupted = error.is::<Interrupted>();
            report::failure(Some(self.workspace), error);
        }
        let cause = outcome.err().map(|error| format!("{error:#}"));
        self.results.push((name, watch.elapsed(), cause));
    }

    fn summary(&self) -> Result<()> {
        report::heading("summary");
        for (name, took, cause) in &self.results {
            let sign = if cause.is_none() { "✓" } else { "✗" };
            println!("  {sign} {name:<20} {:>12}", seconds(*took));
            if let Some(cause) = cause {
                println!("      {cause}");
            }
        }
        if self.interrupted {
            return Err(Interrupted.into());
        }
        let failed = self.results.iter().filter(|(.., cause)| cause.is_some());
        let failed = failed.count();
        if failed == 0 {
            return Ok(());
        }
        let cause = format!("{failed} of {} steps failed", self.results.len());
        let remedy = "the first ✗ above says more; `cargo dev test --only …` runs one part again";
        Err(Failure::new("testing", cause, remedy).into())
    }
}

async fn clippy(workspace: &Workspace) -> Result<()> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    cargo::run(workspace, &arguments).await
}

async fn clippy_browser(workspace: &Workspace) -> Result<()> {
    crate::site::ensure_target(workspace)?;
    let target = ["--target", "wasm32-unknown-unknown"];
    let arguments = [
        &["clippy", "--package", "frontend"],
        &target[..],
        &["--", "-D", "warnings"],
    ];
    cargo::run(workspace, &arguments.concat()).await
}
