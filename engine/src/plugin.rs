//! The WebAssembly host: admits components, runs them within limits, and makes each a `Filter`.
//! A filter that loops, allocates, traps, lies or sleeps costs its own message its own deadline, nothing else.

mod admission;
mod bindings;
mod budget;
mod convert;
mod counters;
mod engine;
mod filter;
mod imports;
mod instance;
mod loader;
mod log;
mod pool;
mod wasi;

pub use admission::Refusal;
pub use engine::{EngineError, Host};
pub use filter::{PluginError, PluginFilter, Setup};
pub use imports::Grants;
pub use loader::{LoadError, Loaded, load};
pub use log::{LogLevel, LogLine};
