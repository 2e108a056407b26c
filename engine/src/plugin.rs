//! The WebAssembly host: admits components, runs them within limits, and makes each a `Filter`.
//! A filter that loops, allocates, traps, lies or sleeps costs its own message its own deadline, nothing else.

mod admission;
mod bindings;
mod budget;
mod bundled;
mod compiler;
mod convert;
mod counters;
mod engine;
mod filter;
mod grants;
mod imports;
mod instance;
mod log;
mod pool;
mod report;
mod room;
mod schema;
mod setup;
mod wasi;

pub use admission::Refusal;
pub use bundled::bundled;
pub use counters::Counters;
pub use engine::{EngineError, Host, HostUsage};
pub use filter::{PluginError, PluginFilter};
pub use grants::{Grants, UnknownGrant};
pub use log::{LogLevel, LogLine};
pub use report::{AdmissionReport, admit};
pub use schema::ConfigProblem;
pub use setup::{Alarm, AlarmKind, AlarmSink, Setup};
