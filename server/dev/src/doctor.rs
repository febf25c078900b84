//! `cargo dev doctor`: what this machine lacks, and how to get it.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::report::{self, Failure};
use crate::services::postgres;
use crate::site;
use crate::tools::{self, Tool};
use crate::workspace::{Workspace, env_value, on_path};

/// Whether a thing is there, and what to say about it.
struct Finding {
    name: &'static str,
    found: Option<String>,
    /// Without it nothing works; otherwise something is fetched or left out.
    needed: bool,
    remedy: String,
}

/// Looks for everything the other commands use.
pub fn doctor(workspace: &Workspace) -> Result<()> {
    report::heading("doctor");
    let findings = [
        rust_target(workspace),
        tool("C compiler", &tools::C_COMPILER, true),
        tool("C++ compiler", &tools::CXX_COMPILER, true),
        tool("make", &tools::MAKE, true),
        tool("python3", &tools::PYTHON, true),
        pip(),
        tool("node", &tools::NODE, false),
        tool("npm", &tools::NPM, false),
        chromium(),
        tool("curl", &tools::CURL, false),
        engine(
            "postgres",
            "EVENTSPHERE_DATABASE_URL",
            postgres::installed().map(|(dir, version)| format!("{version} in {}", dir.display())),
        ),
        engine("mongod", "EVENTSPHERE_MONGODB_URL", path_of("mongod")),
        engine("kafka", "EVENTSPHERE_KAFKA_BROKERS", path_of("tansu")),
    ];
    for finding in &findings {
        match &finding.found {
            Some(found) => report::line(finding.name, &format!("✓ {found}")),
            None if finding.needed => report::line(finding.name, &format!("✗ {}", finding.remedy)),
            None => report::line(finding.name, &format!("· {}", finding.remedy)),
        }
    }
    let missing = findings
        .iter()
        .filter(|f| f.needed && f.found.is_none())
        .count();
    if missing == 0 {
        return Ok(());
    }
    let cause = format!("{missing} needed things are missing");
    Err(Failure::new(
        "looking around",
        cause,
        "the lines marked ✗ say how to get them",
    )
    .into())
}

fn rust_target(workspace: &Workspace) -> Finding {
    Finding {
        name: "rust target",
        found: site::has_target(workspace).then(|| "wasm32-unknown-unknown".to_owned()),
        needed: true,
        remedy: "rustup target add wasm32-unknown-unknown".to_owned(),
    }
}

fn tool(name: &'static str, tool: &Tool, needed: bool) -> Finding {
    let found = tool.find().map(|path| path.display().to_string());
    Finding {
        name,
        found,
        needed,
        remedy: format!("{} ({})", tool.how_to_get(), tool.purpose),
    }
}

fn pip() -> Finding {
    let version = tools::python().ok().and_then(|python| {
        process::output_of(std::process::Command::new(python).args(["-m", "pip", "--version"]))
    });
    let found = version.and_then(|text| text.split(" from ").next().map(str::to_owned));
    Finding {
        name: "pip",
        found,
        needed: true,
        remedy: tools::PYTHON.how_to_get(),
    }
}

fn chromium() -> Finding {
    let given = env_value("CHROMIUM")
        .map(PathBuf::from)
        .filter(|path| path.is_file());
    let mut finding = tool("chromium", &tools::CHROMIUM, false);
    finding.found = given
        .map(|path| path.display().to_string())
        .or(finding.found);
    finding
}

/// An engine is never missing: a variable names one, it is installed, or it is fetched.
fn engine(name: &'static str, variable: &str, installed: Option<String>) -> Finding {
    let given = env_value(variable).map(|_| format!("yours, from {variable}"));
    let remedy = format!("not installed; `cargo dev up` fetches one, or set {variable}");
    Finding {
        name,
        found: given.or(installed),
        needed: false,
        remedy,
    }
}

fn path_of(program: &str) -> Option<String> {
    on_path(program).map(|path| path.display().to_string())
}
