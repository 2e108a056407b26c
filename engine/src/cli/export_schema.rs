//! `rialto export-schema`: the GraphQL schema as the code has it.

use std::io::Write as _;
use std::path::PathBuf;

use super::CliError;
use crate::graphql;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let schema = graphql::sdl();
    let (written, what) = match &arguments.output {
        Some(path) => (std::fs::write(path, schema), path.display().to_string()),
        None => (std::io::stdout().write_all(schema.as_bytes()), "standard output".to_owned()),
    };
    written.map_err(|source| CliError::Io { what, source })
}
