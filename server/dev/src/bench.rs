//! `cargo dev bench`: the load generator against a fresh release server.

use std::fs;

use anyhow::Result;

use crate::cargo;
use crate::endpoints::Endpoints;
use crate::report;
use crate::site;
use crate::workspace::Workspace;
use crate::world::World;

/// Logins that last as long as the longest run.
const SETTINGS: [(&str, &str); 1] = [("EVENTSPHERE_ACCESS_TOKEN_MINUTES", "240")];

/// Builds both in release and runs one; arguments go to the load generator.
pub async fn bench(workspace: &Workspace, on: &Endpoints, arguments: &[String]) -> Result<()> {
    site::build(workspace, true).await?;
    let programs = cargo::build(workspace, &["server", "load"], true).await?;
    let out = workspace.dev("bench");
    fs::create_dir_all(&out)?;
    let world = World::start_with(workspace, on, "bench", &SETTINGS).await?;
    report::heading("load");
    let mut client = world.client(programs.join("load"));
    client
        .current_dir(workspace.root())
        .args(arguments)
        .env("SERVER_PID", world.server_pid().to_string())
        .env("SERVER_PROGRAM", programs.join("server"))
        .env("BENCH_JSON", out.join("last.json"));
    world.run_and_close("bench", client).await
}
