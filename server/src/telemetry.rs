//! What the program tells its operators: log lines, one line per request, health,
//! a few numbers.

mod health;
mod numbers;
mod request;

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Config, LogFormat};

pub use health::routes as health;
pub use numbers::Numbers;
pub use request::{note_actor, request_line};

/// Begins logging to standard error.
///
/// # Errors
/// When the filter cannot be read, or logging has begun already.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let filter: EnvFilter = config
        .log
        .parse()
        .map_err(|error| anyhow::anyhow!("EVENTSPHERE_LOG: {error}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    match config.log_format {
        LogFormat::Text => registry.with(lines.compact()).try_init()?,
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init()?,
    }
    Ok(())
}
