//! Figures of the running process: lock-free instruments that rooms record into, and the page Prometheus reads.
//! Knows no room; whoever records hands over numbers and words from closed lists, never what a client chose.

pub mod catalogue;
pub mod conversations;
pub mod door;
pub mod failures;
pub mod heartbeat;
pub mod instrument;
pub mod live;
pub mod memory;
pub mod names;
pub mod operations;
pub mod page;
pub mod process;
pub mod search;
pub mod sends;
pub mod store;
pub mod trace;

pub use instrument::{Counter, Gauge, Histogram, LATENCIES, SIZES};
pub use names::Names;
pub use page::Page;

use std::sync::OnceLock;
use std::time::Instant;

/// Nanoseconds since this was first asked for: a moment that fits an atomic.
pub(crate) fn now() -> u64 {
    static BASE: OnceLock<Instant> = OnceLock::new();
    nanos(BASE.get_or_init(Instant::now).elapsed())
}

pub(crate) fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
