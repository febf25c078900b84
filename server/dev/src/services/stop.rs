//! Ending services: the recorded ones, lost ones, and all of them when the last user leaves.

use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::Signal;

use super::{kafka, mongo, postgres, s3};
use crate::endpoints::Endpoints;
use crate::process::{self, Identity};
use crate::report;
use crate::state::{Exclusive, InUse, State};
use crate::workspace::Workspace;

/// How a service is asked to end; the rest follows from its name.
struct Manner {
    name: &'static str,
    polite: Signal,
    insist: Signal,
}

/// In the order in which they are stopped: each before what it stores to.
const MANNERS: [Manner; 4] = [
    Manner {
        name: kafka::NAME,
        polite: Signal::SIGTERM,
        insist: Signal::SIGKILL,
    },
    Manner {
        name: s3::NAME,
        polite: Signal::SIGTERM,
        insist: Signal::SIGKILL,
    },
    Manner {
        name: mongo::NAME,
        polite: Signal::SIGTERM,
        insist: Signal::SIGKILL,
    },
    // Fast shutdown, then immediate: a killed postmaster would leave its children.
    Manner {
        name: postgres::NAME,
        polite: Signal::SIGINT,
        insist: Signal::SIGQUIT,
    },
];

/// Stops this checkout's services; true if any was running.
pub async fn down(workspace: &Workspace) -> Result<bool> {
    let _exclusive = Exclusive::acquire(workspace)?;
    stop_all(workspace).await
}

async fn stop_all(workspace: &Workspace) -> Result<bool> {
    let mut state = State::load(workspace);
    let mut any = false;
    for manner in &MANNERS {
        for process in processes(workspace, &state, manner.name) {
            any = true;
            process
                .stop(manner.polite, manner.insist, Duration::from_secs(20))
                .await;
            report::line(manner.name, "stopped");
        }
        state.running.remove(manner.name);
    }
    state.keep = false;
    state.save(workspace)?;
    Endpoints::forget(workspace);
    Ok(any)
}

/// The service's process: the recorded one, or one that still holds its data directory.
fn processes(workspace: &Workspace, state: &State, name: &str) -> Vec<Identity> {
    if let Some(running) = state.alive(name) {
        return vec![running.process.clone()];
    }
    orphans(workspace, name)
}

/// Processes of ours whose record was lost, told by the data directory they were given.
fn orphans(workspace: &Workspace, name: &str) -> Vec<Identity> {
    let needle = match name {
        postgres::NAME => postgres::home(workspace).join(postgres::DATA),
        // Its data lies with S3; its program is this checkout's own copy.
        kafka::NAME => kafka::own_program(workspace),
        _ => workspace.dev(&format!("data/{name}")),
    };
    process::mentioning(&needle.to_string_lossy())
}

/// Stops processes of ours whose record was lost, before starting in their place.
pub async fn stop_orphans(workspace: &Workspace, name: &str) {
    for orphan in orphans(workspace, name) {
        orphan
            .stop(Signal::SIGTERM, Signal::SIGKILL, Duration::from_secs(10))
            .await;
    }
}

/// Ends the services if the last user leaves and nobody asked to keep them.
pub async fn release(workspace: &Workspace, in_use: InUse) -> Result<()> {
    let _exclusive = Exclusive::acquire(workspace)?;
    if in_use.leave() && !State::load(workspace).keep {
        report::heading("stopping services");
        stop_all(workspace).await?;
    }
    Ok(())
}
