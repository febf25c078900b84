//! `cargo dev up` and `cargo dev down`: local services that live until told otherwise.

use std::fs;

use anyhow::Result;

use crate::report;
use crate::services::{self, Wishes, postgres};
use crate::workspace::Workspace;

/// Starts what is missing and leaves it running.
pub async fn up(workspace: &Workspace, wishes: &Wishes) -> Result<()> {
    services::up(workspace, wishes, true).await?;
    println!();
    report::note("addresses in .dev/services.env, logs in .dev/logs; `cargo dev down` stops them");
    Ok(())
}

/// Stops the services; `purge` also removes all they stored and what was fetched for them.
pub async fn down(workspace: &Workspace, purge: bool) -> Result<()> {
    let any = services::down(workspace).await?;
    if purge {
        let home = postgres::home(workspace);
        for dir in [home.clone(), workspace.dev("")] {
            if dir.exists() {
                fs::remove_dir_all(&dir)?;
                report::line("removed", &workspace.short(&dir));
            }
        }
    } else if !any {
        report::note("nothing was running");
    }
    Ok(())
}
