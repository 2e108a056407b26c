//! A filter that does what no filter should: proves that the host holds.
//!
//! A word in the message, in the configuration or in the component itself says what; see the tables in
//! `misdeeds`, `configuring` and `describing`.

mod configuring;
mod describing;
mod misdeeds;

use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, export_filter,
};

pub use configuring::Config;

/// Does what the message says.
#[derive(Debug)]
pub struct Misbehaving;

impl Filter for Misbehaving {
    type Config = Config;

    fn describe() -> Description {
        describing::description()
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        config.act().map(|()| Self)
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        misdeeds::chosen_by(message)
    }
}

export_filter!(Misbehaving);
