//! What one call into a filter may use up: time, memory, host calls, log lines.

use std::time::{Duration, Instant};

use wasmtime::{ResourceLimiter, StoreContextMut, UpdateDeadline};

use crate::filter::pipeline::DEADLINE_STRETCH;

use super::instance::State;

/// Calls of granted imports in one inspection.
const MAX_HOST_CALLS: u32 = 10_000;
/// Log lines kept of one inspection.
const MAX_LOG_LINES: u32 = 32;
/// Elements of all tables of an instance; a JavaScript guest has some 8,000.
const MAX_TABLE_ELEMENTS: usize = 100_000;

/// The filter used up its deadline.
#[derive(Debug, thiserror::Error)]
#[error("used up its deadline of {} ms", .0.as_millis())]
pub(super) struct DeadlineExceeded(Duration);

/// The filter called imports too often.
#[derive(Debug, thiserror::Error)]
#[error("made more than {MAX_HOST_CALLS} host calls in one inspection")]
pub(super) struct TooManyHostCalls;

/// One call's allowance.
///
/// The deadline counts the thread's own processor time, so that a busy machine is not held against the filter; the
/// wall clock may show at most `DEADLINE_STRETCH` times as much.
#[derive(Debug)]
pub(super) struct Budget {
    deadline: Duration,
    started: Instant,
    used_before: Duration,
    host_calls: u32,
    log_lines: u32,
}

impl Budget {
    /// Starts counting now, on this thread.
    pub(super) fn start(deadline: Duration) -> Self {
        Self {
            deadline,
            started: Instant::now(),
            used_before: thread_time(),
            host_calls: MAX_HOST_CALLS,
            log_lines: MAX_LOG_LINES,
        }
    }

    /// The deadline in epoch ticks (of a millisecond).
    pub(super) fn ticks(&self) -> u64 {
        u64::try_from(self.deadline.as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// Counts a host call.
    pub(super) fn take_host_call(&mut self) -> Result<(), TooManyHostCalls> {
        self.host_calls = self.host_calls.checked_sub(1).ok_or(TooManyHostCalls)?;
        Ok(())
    }

    /// Counts a log line; false if it is one too many.
    pub(super) fn take_log_line(&mut self) -> bool {
        let left = self.log_lines.checked_sub(1);
        self.log_lines = left.unwrap_or(0);
        left.is_some()
    }

    /// What is left of the deadline, or that nothing is.
    fn left(&self) -> Result<Duration, DeadlineExceeded> {
        let over = self.started.elapsed() >= self.deadline * DEADLINE_STRETCH;
        match self.deadline.checked_sub(thread_time().saturating_sub(self.used_before)) {
            Some(left) if !left.is_zero() && !over => Ok(left),
            _ => Err(DeadlineExceeded(self.deadline)),
        }
    }
}

/// Called when a store's epoch deadline passes.
#[expect(clippy::needless_pass_by_value, reason = "the callback's signature is wasmtime's")]
pub(super) fn on_epoch(store: StoreContextMut<'_, State>) -> wasmtime::Result<UpdateDeadline> {
    let left = store.data().budget.left()?;
    Ok(UpdateDeadline::Continue(u64::try_from(left.as_millis()).unwrap_or(1).max(1)))
}

#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Without a thread clock the wall clock alone counts.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed()
}

/// Bounds an instance's memories and tables, all of them together.
#[derive(Debug)]
pub(super) struct Limits {
    max_memory: usize,
    memory: usize,
    tables: usize,
    /// Whether more was asked for than there is: the reason of the trap that follows.
    pub(super) exceeded: bool,
}

impl Limits {
    /// At most so many bytes of linear memory.
    pub(super) fn new(max_memory: usize) -> Self {
        Self { max_memory, memory: 0, tables: 0, exceeded: false }
    }

    /// The bound, bytes.
    pub(super) fn max_memory(&self) -> usize {
        self.max_memory
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_add(desired.saturating_sub(current));
        if total > self.max_memory || maximum.is_some_and(|maximum| desired > maximum) {
            self.exceeded = true;
            return Ok(false);
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.tables.saturating_add(desired.saturating_sub(current));
        if total > MAX_TABLE_ELEMENTS || maximum.is_some_and(|maximum| desired > maximum) {
            self.exceeded = true;
            return Ok(false);
        }
        self.tables = total;
        Ok(true)
    }
}
