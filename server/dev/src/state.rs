//! What this checkout remembers between commands: running services, ports, secrets.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::process::Identity;
use crate::report;
use crate::workspace::Workspace;

/// The services this checkout has started, kept in `.dev/state.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Set by `up`: the services outlive the commands that use them.
    pub keep: bool,
    /// Service name to its process.
    pub running: BTreeMap<String, Running>,
    /// Ports used last time, tried first the next time.
    pub ports: BTreeMap<String, u16>,
}

/// One service process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    /// The process, told from others that may get its number later.
    pub process: Identity,
    /// The loopback port it listens on.
    pub port: u16,
    /// What it is and where it came from, for people.
    pub origin: String,
}

impl State {
    /// Reads the state; none yet, or one that cannot be read, is an empty one.
    pub fn load(workspace: &Workspace) -> Self {
        read_json(&workspace.dev("state.json")).unwrap_or_default()
    }

    /// Writes the state whole.
    pub fn save(&self, workspace: &Workspace) -> Result<()> {
        write_json(&workspace.dev("state.json"), self)
    }

    /// The process of a service, if it is alive.
    pub fn alive(&self, name: &str) -> Option<&Running> {
        self.running
            .get(name)
            .filter(|running| running.process.is_alive())
    }
}

/// Random values made once per checkout, readable by its owner only.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Password of the local Postgres role.
    pub postgres_password: String,
    /// Access key of the local S3 server.
    pub s3_access_key: String,
    /// Secret key of the local S3 server.
    pub s3_secret_key: String,
    /// Signs the tokens of local servers, so that logins outlive a restart.
    pub token_secret: String,
}

impl Secrets {
    /// Reads the secrets, making them the first time.
    pub fn load_or_create(workspace: &Workspace) -> Result<Self> {
        let path = workspace.dev("secrets.json");
        if let Some(secrets) = read_json(&path) {
            return Ok(secrets);
        }
        let secrets = Self {
            postgres_password: random_hex(16)?,
            s3_access_key: format!("dev{}", random_hex(8)?),
            s3_secret_key: random_hex(20)?,
            token_secret: random_hex(32)?,
        };
        write_json(&path, &secrets)?;
        Ok(secrets)
    }
}

/// Random bytes from the system, as hex digits.
pub fn random_hex(bytes: usize) -> Result<String> {
    let mut buffer = vec![0; bytes];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut buffer))
        .context("cannot read random bytes from /dev/urandom")?;
    Ok(hex::encode(buffer))
}

/// One command at a time changes the services of a checkout.
pub struct Exclusive(#[expect(dead_code, reason = "held for its lock")] File);

impl Exclusive {
    /// Waits for other commands of this checkout that start or stop services.
    pub fn acquire(workspace: &Workspace) -> Result<Self> {
        let file = lock_file(workspace, "lock")?;
        if file.try_lock().is_err() {
            report::note("another `cargo dev` starts or stops services here; waiting for it");
            file.lock().context("cannot lock .dev/lock")?;
        }
        Ok(Self(file))
    }
}

/// Says that a command uses the services; the last user knows that it is the last.
pub struct InUse(File);

impl InUse {
    /// Joins the users of this checkout's services.
    pub fn join(workspace: &Workspace) -> Result<Self> {
        let file = lock_file(workspace, "in-use")?;
        file.lock_shared().context("cannot lock .dev/in-use")?;
        Ok(Self(file))
    }

    /// Leaves, and says whether nobody else is left.
    pub fn leave(self) -> bool {
        self.0.unlock().is_ok() && self.0.try_lock().is_ok()
    }
}

fn lock_file(workspace: &Workspace, name: &str) -> Result<File> {
    let path = workspace.dev(name);
    fs::create_dir_all(workspace.dev(""))?;
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    write_private(path, &serde_json::to_vec_pretty(value)?)
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    fs::rename(&new, path).with_context(|| format!("cannot write {}", path.display()))
}
