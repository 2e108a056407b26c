//! Backtests: runs a draft filter or policy over stored history or a file, and tells what would have changed.
//! It judges recorded inputs, touches no live counter, and takes a bounded share of a core.

mod confusion;
mod file;
mod history;
mod item;
mod jobs;
mod pace;
mod plan;
mod report;
mod run;
mod worker;

pub use confusion::Confusion;
pub use file::{FileError, FileFormat, FileMessage, label, parse};
pub use history::HistoryRange;
pub use jobs::{Backtests, Request, RequestedSource};
pub use plan::{Backtest, Plan, Progress, Source, State, UnderTest};
pub use report::{Place, Report, Sample, SignalCount, Timing, Transition, is_caught};
