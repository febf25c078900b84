//! Ctrl-C and its kin: asked once we end in order, asked twice at once.

use std::fmt;
use std::process::exit;
use std::sync::LazyLock;

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a program that was interrupted returns to its shell.
pub const EXIT_CODE: u8 = 130;

static REQUESTED: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// The error of work that was cut short because the user asked for it.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Listens for SIGINT, SIGTERM and SIGHUP from now on.
pub fn listen() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    TaskTracker::new().spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            if REQUESTED.is_cancelled() {
                eprintln!("\nended at once; `cargo dev down` stops what is left");
                exit(i32::from(EXIT_CODE));
            }
            eprintln!("\nending what was started (once more to skip this)");
            REQUESTED.cancel();
        }
    });
    Ok(())
}

/// Waits until the user asks to end.
pub async fn requested() {
    REQUESTED.cancelled().await;
}

/// An error if the user asked to end.
pub fn check() -> Result<()> {
    if REQUESTED.is_cancelled() {
        return Err(Interrupted.into());
    }
    Ok(())
}
