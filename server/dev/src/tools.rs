//! Programs of the machine that some steps need: found, installed as root, or explained.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::report::{self, Failure};
use crate::workspace::{Workspace, env_value, on_path};

/// A program some step needs, and where it comes from.
pub struct Tool {
    /// Names it goes by on `PATH`, the first found is taken.
    pub names: &'static [&'static str],
    /// Debian's packages that bring it.
    pub packages: &'static [&'static str],
    /// What it is needed for.
    pub purpose: &'static str,
    /// Where people without apt get it.
    pub elsewhere: &'static str,
}

/// Runs the browser journeys' scripts.
pub const NODE: Tool = Tool {
    names: &["node", "nodejs"],
    packages: &["nodejs", "npm"],
    purpose: "browser journeys and wasm-opt",
    elsewhere: "Node.js 18 or newer from nodejs.org or your package manager",
};

/// Installs the pinned npm packages.
pub const NPM: Tool = Tool {
    names: &["npm"],
    packages: &["npm"],
    purpose: "browser journeys and wasm-opt",
    elsewhere: "npm comes with Node.js",
};

/// The browser of the journeys.
pub const CHROMIUM: Tool = Tool {
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ],
    packages: &["chromium"],
    purpose: "browser journeys and screenshots",
    elsewhere: "Chromium or Chrome from your package manager, or set CHROMIUM to its path",
};

/// Runs pip, unpacks wheels, runs the API fuzzer.
pub const PYTHON: Tool = Tool {
    names: &["python3"],
    packages: &["python3", "python3-pip", "python3-venv"],
    purpose: "fetching local services and fuzzing the API",
    elsewhere: "Python 3.9 or newer with pip and venv",
};

/// Logs in for the API fuzzer.
pub const CURL: Tool = Tool {
    names: &["curl"],
    packages: &["curl"],
    purpose: "fuzzing the API",
    elsewhere: "curl from your package manager",
};

/// Compiles the C parts of dependencies.
pub const C_COMPILER: Tool = Tool {
    names: &["cc", "gcc", "clang"],
    packages: &["build-essential"],
    purpose: "the Kafka client and the TLS library",
    elsewhere: "a C compiler from your package manager (Xcode command line tools on macOS)",
};

/// Compiles the C++ parts of dependencies.
pub const CXX_COMPILER: Tool = Tool {
    names: &["c++", "g++", "clang++"],
    packages: &["build-essential"],
    purpose: "the Kafka client",
    elsewhere: "a C++ compiler from your package manager (Xcode command line tools on macOS)",
};

/// Builds the Kafka client's C part.
pub const MAKE: Tool = Tool {
    names: &["make"],
    packages: &["make"],
    purpose: "the Kafka client",
    elsewhere: "GNU make from your package manager",
};

impl Tool {
    /// Where it is, if it is there.
    pub fn find(&self) -> Option<PathBuf> {
        self.names.iter().find_map(|name| on_path(name))
    }

    /// Where it is; as root on Debian it is installed first if need be.
    pub async fn ensure(&self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(found) = self.find() {
            return Ok(found);
        }
        install(workspace, self.packages, self.purpose).await?;
        self.find().ok_or_else(|| self.missing().into())
    }

    /// The remedy in words.
    pub fn how_to_get(&self) -> String {
        format!(
            "apt-get install {} — or: {}",
            self.packages.join(" "),
            self.elsewhere
        )
    }

    fn missing(&self) -> Failure {
        let cause = format!(
            "`{}` is not on PATH (needed for {})",
            self.names[0], self.purpose
        );
        Failure::new("looking for a program", cause, self.how_to_get())
    }
}

/// Installs Debian packages when that is possible without asking anyone; else does nothing.
pub async fn install(workspace: &Workspace, packages: &[&str], purpose: &str) -> Result<()> {
    if !is_root() || on_path("apt-get").is_none() {
        return Ok(());
    }
    let list = packages.join(" ");
    report::note(&format!(
        "installing {list} with apt-get (you are root): {purpose}"
    ));
    for arguments in [
        vec!["update"],
        [vec!["install", "--yes"], packages.to_vec()].concat(),
    ] {
        let mut apt = Command::new("apt-get");
        apt.arg("--quiet")
            .args(&arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        let log = workspace.log("apt");
        if !process::run_logged(apt, &log).await?.success() {
            let step = format!("apt-get {}", arguments.join(" "));
            let remedy = format!("install {list} by hand, then run the command again");
            return Err(Failure::new(step, "it failed", remedy).with_log(log).into());
        }
    }
    Ok(())
}

/// Makes sure that the server can be compiled.
pub async fn ensure_build(workspace: &Workspace) -> Result<()> {
    for tool in [C_COMPILER, CXX_COMPILER, MAKE] {
        tool.ensure(workspace).await?;
    }
    Ok(())
}

/// Whether we run as the super-user.
pub fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// The Python interpreter.
pub fn python() -> Result<PathBuf> {
    PYTHON.find().ok_or_else(|| PYTHON.missing().into())
}

/// A pip command, installed first if need be.
pub async fn pip(workspace: &Workspace) -> Result<Command> {
    let python = PYTHON.ensure(workspace).await?;
    if !has_pip(&python) {
        install(workspace, PYTHON.packages, PYTHON.purpose).await?;
    }
    if !has_pip(&python) {
        return Err(PYTHON.missing().into());
    }
    let mut command = Command::new(python);
    command
        .args(["-m", "pip"])
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    Ok(command)
}

fn has_pip(python: &PathBuf) -> bool {
    process::output_of(Command::new(python).args(["-m", "pip", "--version"])).is_some()
}

/// The browser, from `CHROMIUM` or `PATH`, installed first if need be.
pub async fn chromium(workspace: &Workspace) -> Result<PathBuf> {
    match env_value("CHROMIUM") {
        Some(path) => Ok(PathBuf::from(path)),
        None => CHROMIUM.ensure(workspace).await,
    }
}
