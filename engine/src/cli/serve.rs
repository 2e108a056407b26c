//! `rialto serve`: starts the engine and waits until it has stopped.

use std::net::SocketAddr;
use std::time::Duration;

use super::settings::Settings;
use super::{CliError, logging, runtime};
use crate::app;
use crate::config::Override;
use crate::shutdown::Shutdown;

/// After a forced stop: how long rooms may take to return before the process leaves them behind.
const LAST_MOMENT: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:4000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    settings: Settings,
    /// Fill the store with a small demo marketplace and print tokens for it
    #[arg(long)]
    demo: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its own arguments")]
pub(super) fn run(arguments: Arguments) -> Result<(), CliError> {
    let listen = arguments.listen.map(|address| Override {
        setting: "server.listen",
        flag: "--listen",
        value: address.to_string(),
    });
    let config = arguments.settings.load(listen.into_iter().collect())?;
    logging::start(&config.log);
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let drain = Duration::from_secs(config.server.drain_seconds);
        let patience = Duration::from_secs(config.server.shutdown_seconds);
        let shutdown = Shutdown::on_signals(drain, patience).map_err(|source| CliError::Io {
            what: "the process can't listen to signals".into(),
            source,
        })?;
        tokio::select! {
            outcome = app::run(config, arguments.demo, shutdown.clone()) => outcome?,
            () = forced(&shutdown) => {}
        }
        if shutdown.is_hard() { Err(CliError::Forced) } else { Ok(()) }
    });
    runtime.shutdown_timeout(LAST_MOMENT);
    outcome
}

async fn forced(shutdown: &Shutdown) {
    shutdown.hard().await;
    tokio::time::sleep(LAST_MOMENT).await;
}
