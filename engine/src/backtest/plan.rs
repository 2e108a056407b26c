//! What a backtest is to do, as it is kept with its result.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::history::HistoryRange;
use super::report::Report;
use crate::domain::UserId;

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnderTest {
    /// A version of a filter, in place of the live one or beside it.
    Filter {
        /// The filter's name.
        name: String,
        /// Its version.
        version: u32,
    },
    /// A saved policy, in place of the active one.
    Policy {
        /// Its version.
        version: u32,
    },
    /// A policy that was only written down, TOML.
    PolicyText(String),
}

/// What it is tried on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// What was said here.
    History(HistoryRange),
    /// Messages of a file, judged by the live filters as well.
    File {
        /// The file's name.
        name: String,
        /// How many messages it has.
        messages: u64,
    },
}

/// Everything a backtest was asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What is tried.
    pub under_test: UnderTest,
    /// On what.
    pub source: Source,
    /// Share of one core it may take, 0.01 to 1.
    pub share: f64,
}

/// Where a backtest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for another one to end.
    Queued,
    /// Judges.
    Running,
    /// Ended; the report is complete.
    Done,
    /// Somebody stopped it; the report is of what it had judged.
    Cancelled,
    /// It could not go on.
    Failed,
    /// The engine stopped before it ended.
    Interrupted,
}

impl State {
    /// Whether nothing will change any more.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// How far a backtest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Where it is.
    pub state: State,
    /// Messages judged.
    pub done: u64,
    /// Messages there are; `None` until they are counted.
    pub total: Option<u64>,
    /// Why it failed.
    pub problem: Option<String>,
}

/// A backtest and, once there is one, its report.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// Sorts by time of creation.
    pub id: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: UserId,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it was asked to do.
    pub plan: Plan,
    /// How far it is.
    pub progress: Progress,
    /// What it found; `None` in lists and before it ended.
    pub report: Option<Report>,
}
