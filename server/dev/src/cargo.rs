//! Calls of cargo that keep to one set of features, so that nothing is compiled twice.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::report::{self, Failure};
use crate::workspace::Workspace;

/// Variables that `cargo run` sets for us and that a nested cargo must not inherit.
const OWN: [&str; 2] = ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"];

/// A cargo command in the checkout.
pub fn command(workspace: &Workspace, arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace.root()).args(arguments);
    let inherited = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in
        inherited.filter(|name| OWN.contains(&name.as_str()) || name.starts_with("CARGO_PKG_"))
    {
        command.env_remove(name);
    }
    // A developer's live database would make the build depend on its state.
    command.env_remove("DATABASE_URL");
    command
}

/// Runs cargo to its end; its own words are on the terminal.
pub async fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    finish(command(workspace, arguments)).await
}

/// Runs a prepared cargo command; failing is a failure of that step.
pub async fn finish(command: Command) -> Result<()> {
    let words: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy())
        .collect();
    let step = format!("cargo {}", words.join(" "));
    let status = process::run(command).await?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(step, status.to_string(), "its own words are above").into())
}

/// Runs all tests of the workspace; the failure names those that failed.
pub async fn test(workspace: &Workspace) -> Result<()> {
    let arguments = ["test", "--workspace", "--no-fail-fast"];
    let (mut passed, mut failed) = (0, BTreeSet::new());
    let status = process::run_seeing(command(workspace, &arguments), |line| {
        match line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "))
        {
            Some((_, "ok")) => passed += 1,
            Some((name, "FAILED")) => drop(failed.insert(name.to_owned())),
            _ => {}
        }
    });
    let status = status.await?;
    report::note(&format!("{passed} tests passed, {} failed", failed.len()));
    if status.success() {
        return Ok(());
    }
    let names: Vec<_> = failed.into_iter().collect();
    let cause = format!("{status}; failed: {}", names.join(", "));
    Err(Failure::new("cargo test", cause, "its own words are above").into())
}

/// Builds binaries of the workspace and returns where they lie.
pub async fn build(workspace: &Workspace, names: &[&str], release: bool) -> Result<PathBuf> {
    // No `-p`: the features stay those of the whole workspace.
    let mut arguments = vec!["build"];
    for name in names {
        arguments.extend(["--bin", name]);
    }
    if release {
        arguments.push("--release");
    }
    run(workspace, &arguments).await?;
    Ok(workspace
        .target()
        .join(if release { "release" } else { "debug" }))
}
