//! The S3 server: this very binary in another process, storing files under `.dev/data/s3`.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Site, Starting, accepts, stop_orphans};
use crate::process;
use crate::report::Stopwatch;
use crate::s3_server;
use crate::state::Running;
use crate::workspace::Workspace;

/// The service's name in state, logs and lines.
pub const NAME: &str = "s3";

/// Starts the server unless it runs; returns its port.
pub async fn start(site: &Site<'_>) -> Result<u16> {
    if let Some(running) = site.found(NAME)? {
        return Ok(running.port);
    }
    stop_orphans(site.workspace, NAME).await;
    let root = site.data(NAME);
    fs::create_dir_all(&root)?;
    let port = site.port(NAME)?;
    let log = site.workspace.log(NAME);
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(s3_server::COMMAND)
        .arg(&root)
        .arg(port.to_string())
        .env(s3_server::ACCESS_KEY, &site.secrets.s3_access_key)
        .env(s3_server::SECRET_KEY, &site.secrets.s3_secret_key);
    let watch = Stopwatch::start();
    let process = process::spawn_service(command, &log)?;
    let running = Running {
        process,
        port,
        origin: "s3s-fs, built in".to_owned(),
    };
    site.remember(NAME, running.clone())?;
    let remedy = "see the log; or set EVENTSPHERE_S3_ENDPOINT to a server of yours";
    let starting = Starting {
        name: NAME,
        watch,
        running,
        log,
        remedy,
    };
    starting
        .until(Duration::from_secs(20), async || accepts(port))
        .await?;
    starting.announce();
    Ok(port)
}

/// Empties a bucket of the local server, or removes it.
pub fn clear_bucket(workspace: &Workspace, bucket: &str, remove: bool) -> Result<()> {
    let root = workspace.dev(&format!("data/{NAME}"));
    let dir = root.join(bucket);
    let _ = fs::remove_dir_all(&dir);
    // Beside the bucket lie facts about its objects, in files named after it.
    let prefix = format!(".bucket-{}.", URL_SAFE_NO_PAD.encode(bucket));
    for entry in fs::read_dir(&root)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = fs::remove_file(entry.path());
        }
    }
    if !remove {
        fs::create_dir_all(dir)?;
    }
    Ok(())
}

/// Makes a bucket; for this server it is a directory.
pub fn create_bucket(site: &Site<'_>, bucket: &str) -> Result<()> {
    Ok(fs::create_dir_all(site.data(NAME).join(bucket))?)
}
