//! What the user sees: progress lines, and failures that name step, log and remedy.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::workspace::Workspace;

/// How many lines of a log are shown with a failure.
const LOG_TAIL: usize = 12;

/// A step that failed, with what a person needs to go on.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was being done, in words.
    pub step: String,
    /// What went wrong.
    pub cause: String,
    /// Where the details are.
    pub log: Option<PathBuf>,
    /// What to do about it.
    pub remedy: String,
}

impl Failure {
    /// A failure without a log file.
    pub fn new(
        step: impl Into<String>,
        cause: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            step: step.into(),
            cause: cause.into(),
            log: None,
            remedy: remedy.into(),
        }
    }

    /// Adds the log file that has the details.
    #[must_use]
    pub fn with_log(mut self, log: impl Into<PathBuf>) -> Self {
        self.log = Some(log.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.cause)
    }
}

impl Error for Failure {}

/// Prints an error the way a person can act on.
pub fn failure(workspace: Option<&Workspace>, error: &anyhow::Error) {
    let Some(failure) = error.downcast_ref::<Failure>() else {
        eprintln!("\n✗ {error:#}");
        return;
    };
    eprintln!("\n✗ {failure}");
    if let Some(log) = &failure.log {
        let shown = workspace.map_or_else(|| log.display().to_string(), |w| w.short(log));
        eprintln!("  log     {shown}");
        for line in tail(log) {
            eprintln!("          │ {line}");
        }
    }
    eprintln!("  remedy  {}", failure.remedy);
}

/// The last lines of a log file; empty when it cannot be read.
fn tail(log: &Path) -> Vec<String> {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(LOG_TAIL);
    lines[from..]
        .iter()
        .map(|line| line.chars().take(240).collect())
        .collect()
}

/// Announces a step that takes a while.
pub fn heading(text: &str) {
    println!("\n▸ {text}");
}

/// One aligned line about one thing.
pub fn line(subject: &str, text: &str) {
    println!("  {subject:<12} {text}");
}

/// A line of its own, for what must not be overlooked.
pub fn note(text: &str) {
    println!("  {text}");
}

/// Measures a step for its closing words.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts counting.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&seconds(self.elapsed()))
    }
}

/// A duration in the unit a person would use.
pub fn seconds(duration: Duration) -> String {
    let total = duration.as_secs();
    if total >= 60 {
        return format!("{} min {:02} s", total / 60, total % 60);
    }
    format!("{:.1} s", duration.as_secs_f64())
}
