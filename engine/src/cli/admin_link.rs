//! `rialto admin-link`: a one-time link that makes an admin, from the store or a running engine.

use std::io::Write as _;

use serde_json::{Value, json};

use super::client::{Client, ClientError, UserError};
use super::settings::Settings;
use super::{CliError, runtime};
use crate::config::Config;
use crate::domain::{Clock, Role};
use crate::staff::{Staff, StaffError};
use crate::store::{Store, StoreError};

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error("the store could not be opened; if an engine runs on it, name its address with --url")]
    InUse(#[source] StoreError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Staff(#[from] StaffError),
    #[error(transparent)]
    Client(#[from] ClientError),
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Address of a running engine; without it the store must not be in use
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Token of an admin for that engine; made from the data directory's secret if not given
    #[arg(long, value_name = "TOKEN", requires = "url")]
    token: Option<String>,
}

const INVITE: &str = "mutation { result: inviteStaff(input: {role: ADMIN}) { link userErrors { message field \
    retryAfterSeconds } } }";

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let config = arguments.settings.load(Vec::new())?;
    let link = runtime()?.block_on(async {
        match &arguments.url {
            Some(url) => by_engine(&config, url, arguments.token.as_deref()).await,
            None => by_store(&config).await,
        }
    })?;
    writeln!(std::io::stdout(), "{link}")
        .map_err(|source| CliError::Io { what: "standard output".into(), source })
}

async fn by_engine(config: &Config, url: &str, token: Option<&str>) -> Result<String, CliError> {
    let config = || Ok(config.clone());
    let token = super::client::token(token, config, "rialto-admin-link", Role::Admin)?;
    let client = Client::open(url, &token).map_err(LinkError::from)?;
    let answer = client.ask(INVITE, json!({})).await.map_err(LinkError::from)?;
    match answer["link"].as_str() {
        Some(path) => Ok(format!("{}{path}", url.trim_end_matches('/'))),
        None => {
            let errors = answer.get("userErrors").cloned().unwrap_or(Value::Null);
            let errors: Vec<UserError> = serde_json::from_value(errors).unwrap_or_default();
            Err(LinkError::Client(ClientError::Refused(UserError::told(&errors))).into())
        }
    }
}

async fn by_store(config: &Config) -> Result<String, CliError> {
    let clock = Clock::system();
    let opened = Store::open(&config.store, &config.server.data_dir, clock.clone()).await;
    let store = opened.map_err(|error| match error {
        StoreError::Unavailable(_) if config.store.address == "embedded" => LinkError::InUse(error),
        error => LinkError::Store(error),
    })?;
    let link = Staff::new(store.clone(), config.staff.clone(), clock).admin_link().await;
    if let Err(error) = store.close().await {
        tracing::warn!(%error, "the store was not closed cleanly");
    }
    let (secret, _) = link.map_err(LinkError::from)?;
    Ok(format!("http://{}/admin/join#{secret}", config.server.listen))
}
