//! `rialto-load`: see `--help`.

use std::process::ExitCode;

use clap::Parser;
use rialto_load::arguments::Arguments;

fn main() -> ExitCode {
    match rialto_load::run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rialto-load: {error}");
            ExitCode::FAILURE
        }
    }
}
