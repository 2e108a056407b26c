//! How filters do on this engine, in figures.

use async_graphql::SimpleObject;

use super::verdict::Action;
use crate::domain;
use crate::release::{self, VersionHealth};

/// How many failures of a kind.
#[derive(Debug, Clone, SimpleObject)]
pub struct FaultCount {
    /// Such as `timeout` or `trap`.
    kind: &'static str,
    /// How many.
    count: u64,
}

/// How many messages got an action by a filter's signals.
#[derive(Debug, Clone, SimpleObject)]
pub struct ActionCount {
    /// The action.
    action: Action,
    /// How many.
    count: u64,
}

impl ActionCount {
    /// So many messages got this action.
    pub fn new(action: domain::Action, count: u64) -> Self {
        Self { action: action.into(), count }
    }
}

/// How a version does on this engine since it was made ready.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterVersionHealth {
    /// Which.
    version: u32,
    /// Messages it looked at.
    inspected: u64,
    /// Of these, messages it gave a signal for.
    flagged: u64,
    /// Failures by kind.
    faults: Vec<FaultCount>,
    /// Messages its signals contributed to, by the action they led to.
    actions: Vec<ActionCount>,
    /// Half of its inspections took no longer, microseconds.
    p50_micros: f64,
    /// 99 of 100 inspections took no longer, microseconds.
    p99_micros: f64,
    /// The longest, microseconds.
    max_micros: f64,
    /// Messages of the last hour it looked at.
    inspected_last_hour: u64,
    /// Messages of the last hour it gave a signal for.
    flagged_last_hour: u64,
    /// Messages its signals got masked or worse since midnight UTC.
    acted_today: u64,
    /// Crashes of the last hour.
    crashes_last_hour: u64,
    /// Log lines that exceeded the quota.
    log_lines_dropped: u64,
}

impl From<&VersionHealth> for FilterVersionHealth {
    fn from(health: &VersionHealth) -> Self {
        let stats = &health.stats;
        let faults = stats.faults.iter();
        let actions = stats.acted.iter();
        Self {
            version: health.version,
            inspected: stats.inspected,
            flagged: stats.flagged,
            faults: faults
                .map(|(kind, count)| FaultCount { kind: kind.as_str(), count: *count })
                .collect(),
            actions: actions.map(|(action, count)| ActionCount::new(*action, *count)).collect(),
            p50_micros: stats.p50_micros,
            p99_micros: stats.p99_micros,
            max_micros: stats.max_micros,
            inspected_last_hour: health.window.hour.inspected,
            flagged_last_hour: health.window.hour.flagged,
            acted_today: health.window.acted_today,
            crashes_last_hour: health.crashes_last_hour as u64,
            log_lines_dropped: health.log_dropped,
        }
    }
}

/// How a filter does on this engine.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterHealth {
    /// The live version, if it runs.
    live: Option<FilterVersionHealth>,
    /// The version on trial.
    candidate: Option<FilterVersionHealth>,
    /// Why a version that should run can't be loaded.
    problem: Option<String>,
}

impl From<release::FilterHealth> for FilterHealth {
    fn from(health: release::FilterHealth) -> Self {
        Self {
            live: health.live.as_ref().map(FilterVersionHealth::from),
            candidate: health.candidate.as_ref().map(FilterVersionHealth::from),
            problem: health.problem,
        }
    }
}
