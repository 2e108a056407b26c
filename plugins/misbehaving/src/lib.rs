//! A filter that does what no filter should, chosen by a word in the message: proves that the host holds.

mod misdeeds;

use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, SignalDescription,
    export_filter,
};
use serde::Deserialize;

/// How configuring goes wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Refuse the configuration, with problems at two places.
    reject: bool,
    /// Trap while configuring.
    trap: bool,
}

/// Does what the message says.
#[derive(Debug)]
pub struct Misbehaving;

impl Filter for Misbehaving {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "misbehaving",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: &[SignalDescription {
                id: "misbehaving.declared",
                description: "The one signal this filter declares",
                default_weight: 1.0,
            }],
        }
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        assert!(!config.trap, "told to trap while configuring");
        if config.reject {
            return Err(vec![
                ConfigProblem::new("/reject", "told to refuse"),
                ConfigProblem::new("/hosts/0", "there is no such thing"),
            ]);
        }
        Ok(Self)
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        misdeeds::chosen_by(message)
    }
}

export_filter!(Misbehaving);
