//! Reads the settings from file, environment and flags, and names the source of a wrong one.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use config::{FileFormat, Value as RawValue, ValueKind};
use serde_json::{Map, Value};

use super::{Config, validate};

/// Read from the working directory when no other file is named.
pub const DEFAULT_FILE: &str = "rialto.toml";
/// Names the file, as `--config` does; the one `RIALTO_` variable that is not a setting.
pub const FILE_VARIABLE: &str = "RIALTO_CONFIG";
const PREFIX: &str = "RIALTO_";

/// Where settings come from. Later ones win: file, environment, flags.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A TOML file; it must exist.
    pub file: Option<PathBuf>,
    /// Environment variables; those that do not start with `RIALTO_` are left alone.
    pub env: Vec<(String, String)>,
    /// Command line flags.
    pub overrides: Vec<Override>,
}

/// A setting given on the command line.
#[derive(Debug, Clone)]
pub struct Override {
    /// The setting, such as `server.listen`.
    pub setting: &'static str,
    /// The flag, such as `--listen`.
    pub flag: &'static str,
    /// What was given.
    pub value: String,
}

/// Where a setting's value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// In this file.
    File(PathBuf),
    /// In this environment variable.
    Environment(String),
    /// With this flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Environment(name) => write!(f, "from the environment variable {name}"),
            Self::Flag(flag) => write!(f, "from the flag {flag}"),
        }
    }
}

/// Why the configuration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read, or is not TOML.
    #[error("configuration file {}: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such setting.
    #[error("unknown setting `{setting}` {origin}; allowed: {allowed}")]
    Unknown {
        /// What was written.
        setting: String,
        /// Where.
        origin: Origin,
        /// What could stand there.
        allowed: String,
    },
    /// The value is not one this setting can have.
    #[error("wrong setting `{}` {origin}: {}; allowed: {}", fault.setting, fault.reason, fault.allowed())]
    Wrong {
        /// Which setting, and what is wrong with it.
        fault: validate::Fault,
        /// Where the value was given.
        origin: Origin,
    },
}

/// Reads, merges and checks the settings.
pub fn load(sources: Sources) -> Result<Config, ConfigError> {
    let known = Known::new();
    let mut given = Given { file: sources.file.clone(), named: BTreeMap::new() };
    let mut builder = config::Config::builder();
    if let Some(path) = &sources.file {
        let failed = |reason: String| ConfigError::File { path: path.clone(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        // Built on its own first, so that a syntax error is known to be the file's.
        let file = config::File::from_str(&text, FileFormat::Toml);
        config::Config::builder()
            .add_source(file.clone())
            .build()
            .map_err(|error| failed(error.to_string()))?;
        builder = builder.add_source(file);
    }
    for (name, value) in &sources.env {
        let Some(tail) = name.strip_prefix(PREFIX).filter(|_| name != FILE_VARIABLE) else {
            continue;
        };
        let origin = Origin::Environment(name.clone());
        let setting = known.setting_of(tail).ok_or_else(|| ConfigError::Unknown {
            setting: name.clone(),
            origin: origin.clone(),
            allowed: known.variables_near(tail),
        })?;
        builder = given.set(builder, &known, setting, origin, value)?;
    }
    for flag in &sources.overrides {
        let origin = Origin::Flag(flag.flag);
        builder = given.set(builder, &known, flag.setting.to_owned(), origin, &flag.value)?;
    }
    let merged: Value =
        builder.build().and_then(config::Config::try_deserialize).map_err(|error| {
            ConfigError::File { path: sources.file.unwrap_or_default(), reason: error.to_string() }
        })?;
    known.refuse_unknown(&merged, &given)?;
    let config: Config = serde_path_to_error::deserialize(&merged).map_err(|error| {
        let setting = error.path().to_string();
        let reason = if validate::is_secret(&setting) {
            "not a text".to_owned()
        } else {
            error.inner().to_string()
        };
        given.wrong(validate::Fault { setting, reason })
    })?;
    config.validate().map_err(|fault| given.wrong(fault))?;
    Ok(config)
}

/// What was given where.
struct Given {
    file: Option<PathBuf>,
    named: BTreeMap<String, Origin>,
}

impl Given {
    fn set(
        &mut self,
        builder: config::ConfigBuilder<config::builder::DefaultState>,
        known: &Known,
        setting: String,
        origin: Origin,
        text: &str,
    ) -> Result<config::ConfigBuilder<config::builder::DefaultState>, ConfigError> {
        self.named.insert(setting.clone(), origin);
        let value = known.parse(&setting, text).map_err(|reason| {
            self.wrong(validate::Fault { setting: setting.clone(), reason: reason.to_owned() })
        })?;
        builder
            .set_override(&setting, RawValue::new(None, value))
            .map_err(|error| self.wrong(validate::Fault { setting, reason: error.to_string() }))
    }

    /// The origin of a setting, or of the list or table that it is a part of.
    fn origin(&self, setting: &str) -> Origin {
        let named = self.named.iter().find(|(name, _)| {
            setting
                .strip_prefix(name.as_str())
                .is_some_and(|tail| tail.is_empty() || tail.starts_with(['.', '[']))
        });
        match (named, &self.file) {
            (Some((_, origin)), _) => origin.clone(),
            (None, Some(path)) => Origin::File(path.clone()),
            (None, None) => Origin::Default,
        }
    }

    fn wrong(&self, fault: validate::Fault) -> ConfigError {
        let origin = self.origin(&fault.setting);
        ConfigError::Wrong { fault, origin }
    }
}

/// The settings there are, learned from the defaults.
struct Known(Map<String, Value>);

impl Known {
    fn new() -> Self {
        Self(validate::as_json(&Config::default()).unwrap_or_default())
    }

    /// The setting a variable means: `SERVER__DATA_DIR` is `server.data_dir`, and
    /// `FILTERS__CONFIG_FILES__LINK_GUARD` is `filters.config_files.link-guard`.
    fn setting_of(&self, tail: &str) -> Option<String> {
        let parts: Vec<String> = tail.split("__").map(str::to_lowercase).collect();
        let field = self.0.get(parts.first()?)?.get(parts.get(1)?)?;
        match (&parts[2..], field) {
            ([], Value::Object(_)) => None,
            ([], _) => Some(parts.join(".")),
            ([key], Value::Object(_)) if !key.is_empty() => {
                Some(format!("{}.{}.{}", parts[0], parts[1], key.replace('_', "-")))
            }
            _ => None,
        }
    }

    fn variables_near(&self, tail: &str) -> String {
        let section = tail.split("__").next().unwrap_or_default().to_lowercase();
        match self.0.get(&section) {
            Some(fields) => list(keys(fields).map(|field| {
                format!("{PREFIX}{}__{}", section.to_uppercase(), field.to_uppercase())
            })),
            None => list(self.0.keys().map(|name| format!("{PREFIX}{}__…", name.to_uppercase()))),
        }
    }

    /// Reads a text as the kind of value the setting has: number, truth value, list (by commas) or text.
    fn parse(&self, setting: &str, text: &str) -> Result<ValueKind, &'static str> {
        let mut parts = setting.split('.');
        let field = parts.next().and_then(|section| self.0.get(section)?.get(parts.next()?));
        Ok(match field {
            Some(Value::Number(_)) => {
                ValueKind::U64(text.trim().parse().map_err(|_| "not a whole number")?)
            }
            Some(Value::Bool(_)) => {
                ValueKind::Boolean(text.trim().parse().map_err(|_| "not a truth value")?)
            }
            Some(Value::Array(_)) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                ValueKind::Array(items.map(|item| RawValue::new(None, item)).collect())
            }
            _ => ValueKind::String(text.to_owned()),
        })
    }

    fn refuse_unknown(&self, merged: &Value, given: &Given) -> Result<(), ConfigError> {
        let unknown = |setting: String, allowed: String| {
            let origin = given.origin(&setting);
            Err(ConfigError::Unknown { setting, origin, allowed })
        };
        for section in keys(merged) {
            let Some(fields) = self.0.get(section) else {
                return unknown(
                    section.to_owned(),
                    list(self.0.keys().map(|name| format!("[{name}]"))),
                );
            };
            for field in keys(&merged[section]) {
                if fields.get(field).is_none() {
                    let allowed = list(keys(fields).map(|name| format!("`{name}`")));
                    return unknown(format!("{section}.{field}"), allowed);
                }
            }
        }
        Ok(())
    }
}

fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().into_iter().flat_map(Map::keys).map(String::as_str)
}

fn list(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
