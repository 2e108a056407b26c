//! The load driver: scenarios from sockets up. `scenario` is what it can do, `fleet` runs threads of `driver`s,
//! each an event loop over many sockets; `server` looks at the driven processes from outside.

pub mod arguments;
pub mod caller;
pub mod connection;
pub mod driver;
pub mod error;
pub mod fleet;
pub mod frame;
pub mod json;
pub mod link;
pub mod market;
pub mod operations;
pub mod progress;
pub mod report;
pub mod scenario;
pub mod sequence;
pub mod server;
pub mod stats;
pub mod talk;
pub mod texts;
pub mod timer;
pub mod token;

use arguments::{Arguments, Scenario};
use error::LoadError;

/// Does what was asked.
pub fn run(arguments: &Arguments) -> Result<(), LoadError> {
    match &arguments.scenario {
        Scenario::Chat(asked) => scenario::chat::run(asked),
        Scenario::Fanout(asked) => scenario::fanout::run(asked),
        Scenario::Idle(asked) => scenario::idle::run(asked),
        Scenario::Storm(asked) => scenario::storm::run(asked),
        Scenario::Overload(asked) => scenario::overload::run(asked),
        Scenario::Mixed(asked) => scenario::mixed::run(asked),
        Scenario::Crash(asked) => scenario::crash::run(asked),
        Scenario::Compare(asked) => scenario::compare::run(asked),
        Scenario::Replay(asked) => scenario::replay::run(asked),
    }
}
