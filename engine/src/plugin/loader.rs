//! Loads the filters of a process: the bundled ones, then the configured files, each with its configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Filters;
use crate::domain::Clock;
use crate::filter::Filter;

use super::engine::{EngineError, Host};
use super::filter::{PluginError, PluginFilter, Setup};
use super::imports::Grants;

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Why the filters can't be loaded; the engine doesn't start without a filter it was told to run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The host can't start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A file can't be read.
    #[error("{path} can't be read: {problem}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What was wrong.
        problem: String,
    },
    /// A filter can't be used.
    #[error("the filter {source_name} can't be used: {error}")]
    Filter {
        /// The file, or the bundled component's name.
        source_name: String,
        /// Why.
        error: PluginError,
    },
    /// Two filters have the same name.
    #[error(
        "there are two filters called {0}; remove one, or switch the bundled ones off with filters.bundled = false"
    )]
    Twice(String),
    /// A configuration is for a filter that isn't there.
    #[error(
        "filters.config_files names the filter {0}, which is not loaded; correct the name or remove it"
    )]
    UnknownConfig(String),
    /// The loader itself failed.
    #[error("filters can't be loaded: {0}")]
    Thread(String),
}

/// The filters of this process.
pub struct Loaded {
    /// In the order they run: bundled, then configured.
    pub filters: Vec<Arc<PluginFilter>>,
    /// How many filters are part of the binary, whether they run or not; 0 means it was built before `make filters`.
    pub bundled_available: usize,
}

impl Loaded {
    /// The filters as the pipeline takes them.
    pub fn live(&self) -> Vec<Arc<dyn Filter>> {
        self.filters.iter().map(|filter| Arc::clone(filter) as Arc<dyn Filter>).collect()
    }
}

/// Compiles and checks every filter. Slow the first time (compiled code is kept in `<data_dir>/cache`), and blocking.
///
/// `key` derives what filters know senders and conversations by: random, kept with the store.
pub fn load(
    filters: &Filters,
    data_dir: &Path,
    key: [u8; 32],
    clock: &Clock,
) -> Result<Loaded, LoadError> {
    // Guests run here, and must not on a thread of tokio's.
    std::thread::scope(|scope| {
        let loading = std::thread::Builder::new()
            .name("rialto-loader".into())
            .spawn_scoped(scope, || load_here(filters, data_dir, key, clock));
        let loading = loading.map_err(|error| LoadError::Thread(error.to_string()))?;
        loading.join().map_err(|_| LoadError::Thread("the loading thread panicked".into()))?
    })
}

fn load_here(
    filters: &Filters,
    data_dir: &Path,
    key: [u8; 32],
    clock: &Clock,
) -> Result<Loaded, LoadError> {
    let host = Host::start(data_dir, filters.memory_mib.saturating_mul(1024 * 1024))?;
    let mut configs = std::collections::BTreeMap::new();
    for (name, path) in &filters.config_files {
        configs.insert(name.clone(), read_config(path)?);
    }
    let setup = Setup { filters, grants: Grants::ALL, key, clock };
    let mut loaded: Vec<Arc<PluginFilter>> = Vec::new();
    let mut add = |source_name: String, bytes: &[u8]| {
        let config = |name: &str| configs.remove(name).unwrap_or_else(|| "{}".to_owned());
        let filter = PluginFilter::load(&host, bytes, config, &setup)
            .map_err(|error| LoadError::Filter { source_name, error })?;
        if loaded.iter().any(|other| other.name() == filter.name()) {
            return Err(LoadError::Twice(filter.name().to_owned()));
        }
        tracing::info!(filter = filter.name(), version = filter.version(), "filter loaded");
        loaded.push(Arc::new(filter));
        Ok(())
    };
    if filters.bundled {
        for (name, bytes) in BUNDLED {
            add(format!("{name} (bundled)"), bytes)?;
        }
        if BUNDLED.is_empty() {
            tracing::warn!(
                "no bundled filters are in this binary; `make filters` builds them, then build the engine again"
            );
        }
    }
    for path in &filters.files {
        let bytes = std::fs::read(path)
            .map_err(|error| LoadError::File { path: path.clone(), problem: error.to_string() })?;
        add(path.display().to_string(), &bytes)?;
    }
    if let Some(name) = configs.into_keys().next() {
        return Err(LoadError::UnknownConfig(name));
    }
    Ok(Loaded { filters: loaded, bundled_available: BUNDLED.len() })
}

fn read_config(path: &Path) -> Result<String, LoadError> {
    let file = |problem: String| LoadError::File { path: path.to_owned(), problem };
    let text = std::fs::read_to_string(path).map_err(|error| file(error.to_string()))?;
    serde_json::from_str::<serde::de::IgnoredAny>(&text)
        .map_err(|error| file(format!("it is no JSON: {error}")))?;
    Ok(text)
}
