//! A component on this machine: read, compiled once, and run by the host that engines have.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::FilterError;
use crate::cli::settings::{self, CACHE_VARIABLE};
use crate::config::Filters;
use crate::domain::Clock;
use crate::filter::Lists;
use crate::plugin::{self, Grants, Host, PluginFilter, Setup};

/// What an inspection may use up, and where compiled filters are kept.
#[derive(Debug, clap::Args)]
pub(super) struct Limits {
    /// Time for one inspection, milliseconds
    #[arg(long, value_name = "MS", default_value_t = Filters::default().deadline_ms)]
    deadline_ms: u64,
    /// Memory of one instance, MiB
    #[arg(long, value_name = "MIB", default_value_t = Filters::default().memory_mib)]
    memory_mib: usize,
    /// Where compiled filters are kept [default: rialto/filters in the user's cache directory]
    #[arg(long, value_name = "DIR", env = CACHE_VARIABLE)]
    cache_dir: Option<PathBuf>,
}

impl Limits {
    /// Where compiled filters are kept.
    pub(super) fn cache(&self) -> PathBuf {
        let user = || settings::cache_dir().unwrap_or_else(std::env::temp_dir);
        self.cache_dir.clone().unwrap_or_else(|| user().join("rialto/filters"))
    }
}

/// A component and what to call it.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) bytes: Cow<'static, [u8]>,
}

impl Source {
    /// A component in a file.
    pub(super) fn file(path: &Path) -> Result<Self, FilterError> {
        let bytes = std::fs::read(path).map_err(|source| FilterError::file(path, source))?;
        Ok(Self { name: path.display().to_string(), bytes: bytes.into() })
    }

    /// A component in a file, or else the bundled filter of this name.
    pub(super) fn file_or_bundled(name: &str) -> Result<Self, FilterError> {
        let path = Path::new(name);
        if path.exists() || path.extension().is_some_and(|kind| kind == "wasm") {
            return Self::file(path);
        }
        let spelled = name.replace('-', "_");
        match plugin::bundled().find(|(bundled, _)| *bundled == spelled) {
            Some((_, bytes)) => Ok(Self { name: name.to_owned(), bytes: bytes.into() }),
            None => Err(FilterError::Usage(format!(
                "{name} is no file and no bundled filter; {}",
                bundled_names()
            ))),
        }
    }
}

/// Runs components as an engine would, but never switches one off.
pub(super) struct Bench {
    pub(super) host: Host,
    pub(super) clock: Clock,
    pub(super) lists: Arc<Lists>,
    filters: Filters,
}

impl Bench {
    /// Starts a host that keeps compiled filters in this directory.
    pub(super) fn open(limits: &Limits, cache: &Path) -> Result<Self, FilterError> {
        let filters = Filters {
            deadline_ms: limits.deadline_ms,
            memory_mib: limits.memory_mib,
            max_crashes: usize::MAX,
            ..Filters::default()
        };
        let host = Host::start(cache, filters.memory_mib.saturating_mul(1024 * 1024))?;
        Ok(Self { host, clock: Clock::system(), lists: Arc::new(Lists::new()), filters })
    }

    /// Compiles (or finds compiled) and configures a filter; shows that it is at work.
    pub(super) fn load(
        &self,
        source: &Source,
        config: Option<&Path>,
        recycle_after: Option<u32>,
    ) -> Result<PluginFilter, FilterError> {
        let config = match config {
            Some(path) => super::read_text(path)?,
            None => "{}".to_owned(),
        };
        let mut filters = self.filters.clone();
        filters.recycle_after = recycle_after.unwrap_or(filters.recycle_after);
        let setup = Setup {
            grants: Grants::ALL,
            lists: Arc::clone(&self.lists),
            ..Setup::new(&filters, [0; 32], &self.clock)
        };
        let spinner = spinner(&format!("compiling {}", source.name));
        let loaded = PluginFilter::load(&self.host, &source.bytes, &config, &setup);
        spinner.finish_and_clear();
        loaded.map_err(|error| FilterError::Plugin { filter: source.name.clone(), error })
    }
}

fn bundled_names() -> String {
    let names: Vec<String> = plugin::bundled().map(|(name, _)| name.replace('_', "-")).collect();
    match names.as_slice() {
        [] => "this binary was built without any (`make filters` builds them)".to_owned(),
        names => format!("bundled are {}", names.join(", ")),
    }
}

/// Turns on a terminal until it is finished.
pub(super) fn spinner(message: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(message.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// A bar over this many messages.
pub(super) fn progress(messages: usize) -> ProgressBar {
    let bar = ProgressBar::new(messages as u64);
    let style = ProgressStyle::with_template(
        "{spinner} [{bar:40.green/dim}] {percent:>3} %  {human_pos} of {human_len}  {eta}",
    );
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
