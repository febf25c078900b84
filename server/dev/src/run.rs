//! `cargo dev run`: everything a newcomer needs to open the site.

use std::net::{SocketAddr, TcpListener};

use anyhow::Result;

use crate::cargo;
use crate::interrupt::Interrupted;
use crate::report::{self, Failure, Stopwatch};
use crate::server::{Limits, Server};
use crate::services::{self, Wishes};
use crate::site;
use crate::tools;
use crate::workspace::Workspace;

/// What the user may ask of `run`.
#[derive(clap::Args)]
pub struct Options {
    /// Where the site listens
    #[arg(long, env = "EVENTSPHERE_ADDR", default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
    /// Build site and server the way they are deployed
    #[arg(long)]
    release: bool,
    /// How strict the limits are
    #[arg(long, value_enum, env = "EVENTSPHERE_LIMITS", default_value_t)]
    limits: Limits,
    #[command(flatten)]
    wishes: Wishes,
}

/// Runs the site until it is interrupted.
pub async fn run(workspace: &Workspace, options: Options) -> Result<()> {
    refuse_taken(options.addr)?;
    let watch = Stopwatch::start();
    tools::ensure_build(workspace).await?;
    site::build(workspace, options.release).await?;
    report::heading("server");
    let program = cargo::build(workspace, &["server"], options.release)
        .await?
        .join("server");
    let outcome = services::with_services(workspace, &options.wishes, async |endpoints| {
        let server =
            Server::new(workspace, program, endpoints, options.addr)?.with_limits(options.limits);
        report::heading("database and demo world");
        server.run("migrate").await?;
        server.run("seed").await?;
        report::heading("serving");
        let mut serving = server.serve(None).await?;
        say_ready(&watch);
        let status = serving.wait().await?;
        Err(Failure::new(
            "the server ended",
            status.to_string(),
            "its own words are above",
        )
        .into())
    });
    match outcome.await {
        // The usual way to end it.
        Err(error) if error.is::<Interrupted>() => Ok(()),
        other => other,
    }
}

/// Fails early: nobody wants to learn this after the build.
fn refuse_taken(address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) => {
            let remedy = "choose another address with --addr, for example --addr 127.0.0.1:3001";
            Err(Failure::new(format!("listening on {address}"), error.to_string(), remedy).into())
        }
    }
}

/// The server itself prints its addresses and the demo logins.
fn say_ready(watch: &Stopwatch) {
    println!();
    report::line(
        "ready",
        &format!("after {watch}; Ctrl-C stops everything that was started"),
    );
    report::line(
        "engines",
        "addresses in .dev/services.env, logs in .dev/logs",
    );
    println!();
}
