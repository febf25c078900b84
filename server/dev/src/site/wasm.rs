//! From Rust to what a browser loads: cargo, wasm-bindgen, wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use super::NAME;
use crate::cargo;
use crate::process;
use crate::report::{self, Failure, Stopwatch};
use crate::tools;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// The pinned npm package, as in `npm/package-lock.json`.
pub const OPTIMIZER: &str = "binaryen 132.0.0";

/// Only what every browser of the last years knows; more makes Chromium refuse the file.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Compiles `frontend` for the browser and returns the raw module.
pub async fn compile(workspace: &Workspace, release: bool) -> Result<PathBuf> {
    ensure_target(workspace)?;
    let profile = if release { "wasm-release" } else { "wasm-dev" };
    // One package here: the others do not compile for a browser.
    let arguments = [
        "build",
        "--package",
        "frontend",
        "--lib",
        "--target",
        TARGET,
        "--profile",
        profile,
    ];
    cargo::run(workspace, &arguments).await?;
    Ok(workspace
        .target()
        .join(TARGET)
        .join(profile)
        .join("frontend.wasm"))
}

/// Adds the compiler's browser target if it is missing.
pub fn ensure_target(workspace: &Workspace) -> Result<()> {
    if has_target(workspace) {
        return Ok(());
    }
    report::note(&format!("adding the Rust target {TARGET} with rustup"));
    let mut rustup = Command::new("rustup");
    rustup
        .current_dir(workspace.root())
        .args(["target", "add", TARGET]);
    if rustup.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let remedy = format!("rustup target add {TARGET}");
    Err(Failure::new(
        "preparing the browser build",
        "the Rust target is missing",
        remedy,
    )
    .into())
}

/// Whether the compiler knows browsers.
pub fn has_target(workspace: &Workspace) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(workspace.root());
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    process::output_of(&mut rustc).is_some_and(|dir| Path::new(&dir).is_dir())
}

/// Writes the JavaScript glue and the bound module into `package`.
pub async fn bind(module: &Path, package: &Path, release: bool) -> Result<()> {
    let watch = Stopwatch::start();
    let (module, package) = (module.to_owned(), package.to_owned());
    let work = tokio::task::spawn_blocking(move || {
        Bindgen::new()
            .input_path(module)
            .out_name(NAME)
            .web(true)?
            .typescript(false)
            .omit_default_module_path(true)
            .remove_name_section(release)
            .remove_producers_section(release)
            .generate(package)
    });
    work.await?
        .map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
    report::line("bindings", &format!("made in {watch}"));
    Ok(())
}

/// Shrinks the module in place with `wasm-opt`.
pub async fn optimize(workspace: &Workspace, module: &Path) -> Result<()> {
    let program = optimizer(workspace).await?;
    let watch = Stopwatch::start();
    let optimized = module.with_extension("opt");
    let mut command = Command::new(program);
    command.arg(module).arg("-o").arg(&optimized).args(FEATURES);
    command.args(["-Oz", "--strip-debug", "--strip-producers"]);
    let log = workspace.log("wasm-opt");
    let status = process::run_logged(command, &log).await?;
    if !status.success() {
        let remedy = "see the log; `cargo dev site` without --release does not need it";
        return Err(Failure::new("wasm-opt", status.to_string(), remedy)
            .with_log(log)
            .into());
    }
    fs::rename(optimized, module)?;
    report::line("wasm-opt", &format!("done in {watch}"));
    Ok(())
}

/// The `wasm-opt` of the pinned npm package, installed under `.dev/npm` if need be.
async fn optimizer(workspace: &Workspace) -> Result<PathBuf> {
    let place = workspace.dev("npm");
    let program = place.join("node_modules/.bin/wasm-opt");
    let source = workspace.path("server/dev/npm");
    let current = ["package.json", "package-lock.json"]
        .iter()
        .all(|name| fs::read(source.join(name)).ok() == fs::read(place.join(name)).ok());
    if current && program.is_file() {
        return Ok(program);
    }
    tools::NODE.ensure(workspace).await?;
    let npm = tools::NPM.ensure(workspace).await?;
    fs::create_dir_all(&place)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), place.join(name))?;
    }
    report::note(&format!(
        "fetching {OPTIMIZER} with npm: wasm-opt shrinks the browser's file"
    ));
    let mut command = Command::new(npm);
    command
        .current_dir(&place)
        .args(["ci", "--no-audit", "--no-fund"]);
    let log = workspace.log("npm");
    let status = process::run_logged(command, &log).await?;
    if status.success() && program.is_file() {
        return Ok(program);
    }
    let remedy = "see the log; npm must reach its registry";
    Err(
        Failure::new("npm ci in .dev/npm", status.to_string(), remedy)
            .with_log(log)
            .into(),
    )
}
