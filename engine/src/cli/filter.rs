//! `rialto filter`: write a filter, prove it on this machine, and run its life in an engine; one file per command.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::CliError;
use super::client::ClientError;
use crate::plugin::{EngineError, PluginError};

mod backtest;
mod bench;
mod cases;
mod check;
mod component;
mod eval;
mod excerpt;
mod list;
mod logs;
mod mode;
mod new;
mod paint;
mod push;
mod remote;
mod samples;
mod test;
mod update;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a new filter: a small whole project to change
    New(new::Arguments),
    /// Say whether an engine would take a component, and as what
    Check(check::Arguments),
    /// Run a filter's cases and show what differs
    Test(test::Arguments),
    /// Measure a filter: time per message, memory, size, compile time
    Bench(bench::Arguments),
    /// Judge a filter by labelled messages
    Eval(eval::Arguments),
    /// Upload a component to a running engine as a new version
    Push(push::Arguments),
    /// Show an engine's filters, their versions and how they do
    List(list::Arguments),
    /// Show what a filter wrote to its log
    Logs(logs::Arguments),
    /// Give a version its mode
    Mode(mode::Arguments),
    /// Make an earlier version live again
    Rollback(mode::RollbackArguments),
    /// Try a version or a policy on messages of the past: what would have changed?
    Backtest(Box<backtest::Arguments>),
}

/// Why a command could not do its work; the exit code is then 2.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {problem}", path.display())]
    Content { path: PathBuf, problem: String },
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Host(#[from] EngineError),
    #[error("{filter} can't be used: {error}")]
    Plugin { filter: String, error: PluginError },
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl FilterError {
    fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content { path: path.to_owned(), problem: problem.into() }
    }
}

/// Runs a command: 0 is yes, 1 is no (refused, differs), an error is 2.
pub(super) fn run(command: &Command) -> Result<ExitCode, CliError> {
    let done = |()| ExitCode::SUCCESS;
    Ok(match command {
        Command::New(arguments) => new::run(arguments).map(done)?,
        Command::Check(arguments) => check::run(arguments)?,
        Command::Test(arguments) => test::run(arguments)?,
        Command::Bench(arguments) => bench::run(arguments).map(done)?,
        Command::Eval(arguments) => eval::run(arguments).map(done)?,
        Command::Push(arguments) => push::run(arguments).map(done)?,
        Command::List(arguments) => list::run(arguments).map(done)?,
        Command::Logs(arguments) => logs::run(arguments).map(done)?,
        Command::Mode(arguments) => mode::run(arguments).map(done)?,
        Command::Rollback(arguments) => mode::roll_back(arguments).map(done)?,
        Command::Backtest(arguments) => backtest::run(arguments)?,
    })
}

/// The text of a file.
fn read_text(path: &Path) -> Result<String, FilterError> {
    std::fs::read_to_string(path).map_err(|source| FilterError::file(path, source))
}
