//! One line in the log for each request that failed: its id, what it was, the codes, how long it took. Never what it said.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Lines a second; what is over is counted and told once, so that nobody fills the disk by asking nonsense.
const A_SECOND: u64 = 100;
const SECOND: u64 = 1_000_000_000;

/// Codes that are the engine's fault rather than the client's.
const SERIOUS: [&str; 4] = ["INTERNAL", "UNAVAILABLE", "TIMEOUT", "SEARCH_UNAVAILABLE"];

/// A request that failed.
#[derive(Debug)]
pub struct Failed<'a> {
    /// Its id; a socket's operations have the socket's.
    pub request: &'a str,
    /// How it came in.
    pub transport: &'static str,
    /// What it was: kind and root field, or method and route.
    pub operation: (&'a str, &'a str),
    /// Codes of its errors, by commas.
    pub codes: &'a str,
    /// HTTP's status, if that was not 200.
    pub status: Option<u16>,
    /// From its beginning to its answer.
    pub took: Duration,
}

impl Failed<'_> {
    /// Writes the line, unless there were too many this second.
    pub fn tell(&self) {
        if !allowed(super::now() / SECOND) {
            return;
        }
        let Self { request, transport, operation: (kind, name), codes, status, took } = self;
        let ms = took.as_secs_f64() * 1_000.0;
        let serious = status.is_some_and(|status| status >= 500)
            || codes.split(',').any(|code| SERIOUS.contains(&code));
        if serious {
            tracing::warn!(request, transport, kind, name, codes, status, ms, "a request failed");
        } else {
            tracing::info!(request, transport, kind, name, codes, status, ms, "a request failed");
        }
    }
}

static THIS_SECOND: AtomicU64 = AtomicU64::new(0);
static TOLD: AtomicU64 = AtomicU64::new(0);

/// Whether one more line may be written in this second. Counts are approximate while a second begins.
fn allowed(second: u64) -> bool {
    if THIS_SECOND.swap(second, Ordering::Relaxed) != second {
        let told = TOLD.swap(0, Ordering::Relaxed);
        if told > A_SECOND {
            let left_out = told - A_SECOND;
            tracing::warn!(left_out, "more requests failed than are logged in a second");
        }
    }
    TOLD.fetch_add(1, Ordering::Relaxed) < A_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_second_are_bounded() {
        let second = u64::MAX / SECOND;
        let told = (0..1_000).filter(|_| allowed(second)).count() as u64;
        assert!(told <= A_SECOND, "{told} lines");
        assert!(allowed(second + 1), "a new second");
    }
}
