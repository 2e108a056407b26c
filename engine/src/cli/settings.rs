//! The flags every command shares, and how the process's surroundings become settings.

use std::path::{Path, PathBuf};

use super::CliError;
use crate::config::{self, Config, DEFAULT_FILE, Override, Sources};

/// Where settings are read from.
#[derive(Debug, clap::Args)]
pub(super) struct Settings {
    /// Settings file; without it rialto.toml in the working directory is read, if there is one
    #[arg(long, value_name = "FILE", env = config::FILE_VARIABLE)]
    config: Option<PathBuf>,
    /// Directory of the store, the signing secret and compiled filters [default: data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Settings {
    /// Loads and checks the configuration; `flags` are the command's own.
    pub(super) fn load(&self, mut flags: Vec<Override>) -> Result<Config, CliError> {
        if let Some(path) = &self.data_dir {
            let value =
                path.to_str().ok_or_else(|| CliError::NotUnicode("--data-dir".into()))?.to_owned();
            flags.push(Override { setting: "server.data_dir", flag: "--data-dir", value });
        }
        let file = self
            .config
            .clone()
            .or_else(|| Path::new(DEFAULT_FILE).exists().then(|| PathBuf::from(DEFAULT_FILE)));
        Ok(config::load(Sources { file, env: environment()?, overrides: flags })?)
    }
}

fn environment() -> Result<Vec<(String, String)>, CliError> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let variables = std::env::vars_os();
    variables
        .filter(|(name, _)| name.to_string_lossy().starts_with("RIALTO_"))
        .map(|(name, value)| {
            let name = name
                .into_string()
                .map_err(|name| CliError::NotUnicode(format!("the variable {}", name.display())))?;
            let value = value
                .into_string()
                .map_err(|_| CliError::NotUnicode(format!("the value of {name}")))?;
            Ok((name, value))
        })
        .collect()
}
