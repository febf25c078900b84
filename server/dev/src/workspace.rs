//! Where things lie: the checkout, its `.dev/` state and the build output.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The checkout this command works on; every path of ours is derived from it.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the checkout that this binary was built from.
    pub fn locate() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .ancestors()
            .find(|dir| dir.join("Cargo.lock").is_file() && dir.join("frontend").is_dir())
            .with_context(|| format!("no EventSphere checkout above {}", manifest.display()))?;
        Ok(Self {
            root: root.canonicalize()?,
        })
    }

    /// The checkout's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path inside `.dev/`, the state of this checkout that git does not see.
    pub fn dev(&self, relative: &str) -> PathBuf {
        self.root.join(".dev").join(relative)
    }

    /// The log file of a service or step.
    pub fn log(&self, name: &str) -> PathBuf {
        self.dev(&format!("logs/{name}.log"))
    }

    /// Cargo's build output, wherever the user's settings put it.
    pub fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// The site that `cargo dev site` builds and the server serves.
    pub fn site(&self) -> PathBuf {
        self.target().join("site")
    }

    /// Eight hex digits that tell this checkout from others on the machine.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        hex::encode(&digest[..4])
    }

    /// The path as a person in the checkout would type it.
    pub fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// A variable that is set to something, as text.
pub fn env_value(name: &str) -> Option<String> {
    std::env::var_os(name)
        .map(OsString::into_string)?
        .ok()
        .filter(|value| !value.is_empty())
}

/// The first executable of that name on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}
