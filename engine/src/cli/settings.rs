//! The flags every command shares, and how the process's surroundings become settings.

use std::path::{Path, PathBuf};

use super::CliError;
use crate::config::{self, Config, DEFAULT_FILE, Override, Sources};

/// Variables that stand for a flag of some commands and are no settings.
const FLAGS: [&str; 3] = [URL_VARIABLE, TOKEN_VARIABLE, CACHE_VARIABLE];
/// A running engine's address.
pub(super) const URL_VARIABLE: &str = "RIALTO_URL";
/// A token for a running engine.
pub(super) const TOKEN_VARIABLE: &str = "RIALTO_TOKEN";
/// Where commands keep compiled filters.
pub(super) const CACHE_VARIABLE: &str = "RIALTO_CACHE_DIR";

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
    /// The same from flags of other names.
    pub(super) fn of(config: Option<PathBuf>, data_dir: Option<PathBuf>) -> Self {
        Self { config, data_dir }
    }

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

/// The user's directory for what can be made again, as the system has it.
pub(super) fn cache_dir() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "with `environment`, the one place that does")]
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let home = std::env::home_dir;
    if cfg!(target_os = "windows") {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
    }
}

/// Whether output to a terminal may have colours (<https://no-color.org>).
pub(super) fn colours() -> bool {
    #[expect(clippy::disallowed_methods, reason = "with `environment`, the one place that does")]
    let unwanted = std::env::var_os("NO_COLOR");
    unwanted.is_none_or(|value| value.is_empty())
}

fn environment() -> Result<Vec<(String, String)>, CliError> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let variables = std::env::vars_os();
    variables
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            name.starts_with("RIALTO_") && !FLAGS.contains(&&*name)
        })
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
