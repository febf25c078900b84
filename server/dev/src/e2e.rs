//! What is run against a fresh server from outside: journeys, screenshots, the API fuzzer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::endpoints::Endpoints;
use crate::process;
use crate::report::{self, Failure};
use crate::site;
use crate::tools;
use crate::workspace::Workspace;
use crate::world::World;

const FUZZER: &str = "schemathesis==4.32.5";

/// A script of `end2end/package.json` and where it leaves its files.
struct Script<'a> {
    purpose: &'static str,
    name: &'static str,
    out: PathBuf,
    arguments: &'a [String],
}

/// Walks the browser journeys; arguments go to their runner.
pub async fn journeys(workspace: &Workspace, on: &Endpoints, arguments: &[String]) -> Result<()> {
    let out = workspace.dev("e2e");
    npm_run(
        workspace,
        on,
        Script {
            purpose: "e2e",
            name: "test",
            out,
            arguments,
        },
    )
    .await
}

/// Takes the pictures of the README anew.
pub async fn screenshots(workspace: &Workspace, on: &Endpoints) -> Result<()> {
    let (name, out) = ("screenshots", workspace.path("end2end/screenshots"));
    npm_run(
        workspace,
        on,
        Script {
            purpose: name,
            name,
            out,
            arguments: &[],
        },
    )
    .await
}

async fn npm_run(workspace: &Workspace, on: &Endpoints, script: Script<'_>) -> Result<()> {
    site::build(workspace, false).await?;
    let npm = install_journeys(workspace).await?;
    let chromium = tools::chromium(workspace).await?;
    fs::create_dir_all(&script.out)?;
    let world = World::start(workspace, on, script.purpose, false).await?;
    report::heading(&format!("npm run {}", script.name));
    let mut client = world.client(npm);
    client
        .current_dir(workspace.path("end2end"))
        .args(["run", "--silent", script.name, "--"])
        .args(script.arguments)
        .env("CHROMIUM", chromium)
        .env("OUT_DIR", script.out);
    world.run_and_close(script.purpose, client).await
}

/// Installs what `end2end/package-lock.json` pins, unless it is there already.
async fn install_journeys(workspace: &Workspace) -> Result<PathBuf> {
    tools::NODE.ensure(workspace).await?;
    let npm = tools::NPM.ensure(workspace).await?;
    let place = workspace.path("end2end");
    let wanted = hex::encode(Sha256::digest(fs::read(place.join("package-lock.json"))?));
    let stamp = place.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(npm);
    }
    report::heading("npm ci in end2end");
    let mut command = Command::new(&npm);
    command
        .current_dir(&place)
        .args(["ci", "--no-audit", "--no-fund"])
        // The browser comes from the system.
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    let log = workspace.log("npm-e2e");
    let status = process::run_logged(command, &log).await?;
    if !status.success() {
        let remedy = "see the log; npm must reach its registry";
        return Err(
            Failure::new("npm ci in end2end", status.to_string(), remedy)
                .with_log(log)
                .into(),
        );
    }
    fs::create_dir_all(place.join("node_modules"))?;
    fs::write(stamp, wanted)?;
    Ok(npm)
}

/// Fuzzes the JSON API along its own description.
pub async fn fuzz(workspace: &Workspace, on: &Endpoints) -> Result<()> {
    tools::CURL.ensure(workspace).await?;
    let programs = install_fuzzer(workspace).await?;
    let out = workspace.dev("fuzz");
    fs::create_dir_all(&out)?;
    let world = World::start(workspace, on, "fuzz", false).await?;
    report::heading("fuzzing the API");
    let mut path = vec![programs];
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let mut client = world.client("bash");
    client
        .current_dir(workspace.path("end2end/api"))
        .arg("run.sh")
        .env("PATH", std::env::join_paths(path)?)
        .env("OUT_DIR", out);
    world.run_and_close("fuzz", client).await
}

/// Makes a Python environment with the pinned fuzzer and returns its programs' directory.
async fn install_fuzzer(workspace: &Workspace) -> Result<PathBuf> {
    let place = workspace.dev("venv");
    let stamp = place.join("installed");
    let programs = place.join("bin");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == FUZZER) {
        return Ok(programs);
    }
    let python = tools::PYTHON.ensure(workspace).await?;
    report::note(&format!(
        "fetching {FUZZER} with pip: it fuzzes the API; kept in .dev/venv"
    ));
    let log = workspace.log("venv");
    let mut make = Command::new(&python);
    make.args(["-m", "venv", "--clear"]).arg(&place);
    if !process::run_logged(make, &log).await?.success() {
        // Debian's python3 comes without it.
        tools::install(workspace, tools::PYTHON.packages, tools::PYTHON.purpose).await?;
        let mut again = Command::new(&python);
        again.args(["-m", "venv", "--clear"]).arg(&place);
        finish(again, "making a Python environment", &log).await?;
    }
    let mut install = Command::new(programs.join("python"));
    install.args(["-m", "pip", "install", "--quiet", FUZZER]);
    finish(install, "installing the API fuzzer", &log).await?;
    fs::write(stamp, FUZZER)?;
    Ok(programs)
}

async fn finish(command: Command, step: &str, log: &Path) -> Result<()> {
    let status = process::run_logged(command, log).await?;
    if status.success() {
        return Ok(());
    }
    let remedy = tools::PYTHON.how_to_get();
    Err(Failure::new(step, status.to_string(), remedy)
        .with_log(log)
        .into())
}
