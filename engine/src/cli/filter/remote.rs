//! What a running engine is asked about filters: the connection, and mutations that say what a person can mend.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::FilterError;
use crate::cli::CliError;
use crate::cli::client::{self, Client, ClientError, UserError, read};
use crate::cli::settings::{Settings, TOKEN_VARIABLE, URL_VARIABLE};
use crate::config;
use crate::domain::Role;

/// Which engine, and as whom.
#[derive(Debug, clap::Args)]
pub(super) struct Connection {
    /// The running engine's address
    #[arg(long, env = URL_VARIABLE, default_value = "http://127.0.0.1:4000", help_heading = "Engine")]
    url: String,
    /// An admin's token (a moderator's to read); without it one is minted with the data directory's secret
    #[arg(long, env = TOKEN_VARIABLE, hide_env_values = true, help_heading = "Engine")]
    token: Option<String>,
    /// Data directory of an engine on this machine [default: data]
    #[arg(long, value_name = "DIR", help_heading = "Engine")]
    data_dir: Option<PathBuf>,
    /// Settings file of an engine on this machine
    #[arg(long, value_name = "FILE", env = config::FILE_VARIABLE, help_heading = "Engine")]
    settings: Option<PathBuf>,
}

impl Connection {
    /// Prepares the client; nothing is sent yet.
    pub(super) fn open(&self) -> Result<Engine, CliError> {
        let settings = Settings::of(self.settings.clone(), self.data_dir.clone());
        let token = self.token.as_deref();
        let token = client::token(token, || settings.load(Vec::new()), "rialto-cli", Role::Admin)?;
        Ok(Engine(Client::open(&self.url, &token).map_err(FilterError::from)?))
    }
}

/// One engine.
pub(super) struct Engine(Client);

impl Engine {
    /// Runs a query whose one field is called `result`; a null is an answer too.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: Value,
    ) -> Result<T, FilterError> {
        Ok(read(self.0.ask(query, variables).await?)?)
    }

    /// Runs a mutation with one `input`; what a person can mend is an error here.
    pub(super) async fn mutate<T: DeserializeOwned>(
        &self,
        query: &str,
        input: Value,
    ) -> Result<T, FilterError> {
        payload(self.0.ask(query, json!({"input": input})).await?)
    }

    /// The same with a file for a field of the input.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        query: &str,
        input: Value,
        (field, name, bytes): (&str, &str, &[u8]),
    ) -> Result<T, FilterError> {
        let path = format!("input.{field}");
        payload(self.0.upload(query, json!({"input": input}), (&path, name, bytes)).await?)
    }
}

fn payload<T: DeserializeOwned>(answer: Value) -> Result<T, FilterError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Errors {
        #[serde(default)]
        user_errors: Vec<UserError>,
    }
    let errors: Errors = read(answer.clone())?;
    if !errors.user_errors.is_empty() {
        return Err(ClientError::Refused(UserError::told(&errors.user_errors)).into());
    }
    Ok(read(answer)?)
}
