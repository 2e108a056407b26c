//! The command line: one file per command, and the one match that lists them.

use std::error::Error as _;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};

use crate::app::AppError;
use crate::config::ConfigError;
use crate::identity::{IdentityError, MintError};

mod admin_link;
mod client;
mod export_schema;
mod filter;
mod import;
mod logging;
mod reindex;
mod serve;
mod settings;
mod token;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Green.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Rialto, the messaging engine for classifieds marketplaces.
#[derive(Debug, Parser)]
#[command(name = "rialto", version, styles = STYLES, max_term_width = 100)]
#[command(
    after_help = "Settings come from rialto.toml, then the environment (RIALTO_SERVER__LISTEN=…), then \
                        flags; rialto.example.toml lists them all."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the engine
    Serve(serve::Arguments),
    /// Mint a token for development and print it
    Token(token::Arguments),
    /// Make a one-time link that makes an admin, and print it
    AdminLink(admin_link::Arguments),
    /// Print the GraphQL schema
    ExportSchema(export_schema::Arguments),
    /// Bring data in from files
    #[command(subcommand)]
    Import(Import),
    /// Build the search index anew
    Reindex(reindex::Arguments),
    /// Write, prove and release filters
    #[command(subcommand)]
    Filter(filter::Command),
}

#[derive(Debug, Subcommand)]
enum Import {
    /// Import listings from a file with one JSON object a line
    Listings(import::Arguments),
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0} is not UTF-8")]
    NotUnicode(String),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Import(#[from] import::ImportError),
    #[error(transparent)]
    Reindex(#[from] reindex::ReindexError),
    #[error(transparent)]
    Filter(#[from] filter::FilterError),
    #[error(transparent)]
    Link(#[from] admin_link::LinkError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    #[error("stopped by force; what was acknowledged is stored")]
    Forced,
}

/// Runs the command the process was started with; its failure is told on standard error.
pub fn run() -> ExitCode {
    let command = Arguments::parse().command;
    // To a check, 1 is the answer no.
    let failed = match command {
        Command::Filter(_) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    };
    let done = match command {
        Command::Serve(arguments) => serve::run(arguments).map(|()| ExitCode::SUCCESS),
        Command::Token(arguments) => token::run(&arguments).map(|()| ExitCode::SUCCESS),
        Command::AdminLink(arguments) => admin_link::run(&arguments).map(|()| ExitCode::SUCCESS),
        Command::ExportSchema(arguments) => {
            export_schema::run(&arguments).map(|()| ExitCode::SUCCESS)
        }
        Command::Reindex(arguments) => reindex::run(&arguments),
        Command::Import(Import::Listings(arguments)) => import::run(&arguments),
        Command::Filter(command) => filter::run(&command),
    };
    done.unwrap_or_else(|error| {
        tell(&error);
        failed
    })
}

/// The error and its causes, unless a cause was told by the error already.
fn tell(error: &CliError) {
    let (red, plain) =
        if io::stderr().is_terminal() { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = error.source();
    }
    eprintln!("{red}error:{plain} {told}");
}

/// A runtime for a command that waits for something.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| CliError::Io { what: "the runtime could not be started".into(), source })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_and_argument_is_explained() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "`{}` has no help", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "`{}` has no help", argument.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
