//! How filters do: figures, crashes, logs of the versions that run here.

use std::sync::Arc;

use crate::filter::FilterStatsSnapshot;
use crate::filter::stats::Window;
use crate::plugin::LogLine;

use super::Releases;
use super::load::Loaded;

/// How a filter does on this engine since its versions were made ready.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilterHealth {
    /// The live version, if it runs.
    pub live: Option<VersionHealth>,
    /// The version on trial.
    pub candidate: Option<VersionHealth>,
    /// Why a version that should run can't be loaded.
    pub problem: Option<String>,
}

/// How one version does.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionHealth {
    /// Which.
    pub version: u32,
    /// Since it was made ready.
    pub stats: FilterStatsSnapshot,
    /// Of the last hour and day.
    pub window: Window,
    /// Crashes of the last hour.
    pub crashes_last_hour: usize,
    /// Log lines that exceeded the quota.
    pub log_dropped: u64,
}

/// A line of a filter's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Which version wrote it.
    pub version: u32,
    /// The line.
    pub line: LogLine,
}

impl Releases {
    /// How a filter does on this engine.
    pub fn health(&self, name: &str) -> FilterHealth {
        let view = self.0.view.load();
        let Some(row) = view.state.filters.iter().find(|row| row.name == name) else {
            return FilterHealth::default();
        };
        let of = |version: Option<u32>| {
            let loaded = view.loaded.get(&(name.to_owned(), version?))?;
            Some(self.version_health(loaded))
        };
        FilterHealth {
            live: of(row.live),
            candidate: of(row.candidate.as_ref().map(|it| it.version)),
            problem: view.broken.get(name).cloned(),
        }
    }

    fn version_health(&self, loaded: &Loaded) -> VersionHealth {
        VersionHealth {
            version: loaded.row.number,
            stats: loaded.release.stats.snapshot(),
            window: loaded.release.stats.window(self.0.clock.now()),
            crashes_last_hour: loaded.plugin.crashes_last_hour(),
            log_dropped: loaded.plugin.log().1,
        }
    }

    /// The last lines of the versions that run here, and of one that was switched off, oldest first.
    pub fn logs(&self, name: &str, last: usize) -> Vec<LogEntry> {
        let view = self.0.view.load();
        let mut all: Vec<&Arc<Loaded>> = view.loaded.values().collect();
        all.extend(view.off.values());
        let mut lines: Vec<LogEntry> = all
            .into_iter()
            .filter(|loaded| loaded.row.filter == name)
            .flat_map(|loaded| {
                let version = loaded.row.number;
                loaded.plugin.log().0.into_iter().map(move |line| LogEntry { version, line })
            })
            .collect();
        lines.sort_by_key(|entry| entry.line.at);
        lines.split_off(lines.len().saturating_sub(last))
    }
}
