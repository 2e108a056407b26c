//! Where log lines go: standard error, as text for people or as JSON.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging for the whole process. The filter was checked with the configuration.
pub(super) fn start(config: &Log) {
    let filter = EnvFilter::new(&config.filter);
    // A line that can't be written is lost. To tell so on standard error too, as is the default, would panic where that is
    // closed, and end whatever task logs, the one that waits for signals among them.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .log_internal_errors(false);
    // A second subscriber in one process is refused; the first one goes on.
    let _ = match config.format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
