//! What one call into a filter may use up: time, memory, host calls, log lines.

use std::time::{Duration, Instant};

use wasmtime::{ResourceLimiter, StoreContextMut, UpdateDeadline};

use crate::filter::pipeline::DEADLINE_STRETCH;

use super::instance::State;

/// Calls of granted imports in one inspection.
const MAX_HOST_CALLS: u32 = 1_024;
/// Bytes handed over to and got from granted imports in one inspection.
const MAX_HOST_BYTES: usize = 1024 * 1024;
/// When a running inspection's time is looked at first, epoch ticks of a millisecond.
pub(super) const FIRST_LOOK_TICKS: u64 = 2;
const FIRST_LOOK: Duration = Duration::from_millis(FIRST_LOOK_TICKS);
/// Log lines kept of one inspection.
const MAX_LOG_LINES: u32 = 32;
/// Elements of all tables of an instance; a JavaScript guest has some 8,000.
const MAX_TABLE_ELEMENTS: usize = 100_000;

/// The filter used up its deadline.
#[derive(Debug, thiserror::Error)]
#[error("used up its deadline of {} ms", .0.as_millis())]
pub(super) struct DeadlineExceeded(Duration);

/// The filter called imports too often, or with too much.
#[derive(Debug, thiserror::Error)]
pub(super) enum HostCallQuota {
    /// Too often.
    #[error("made more than {MAX_HOST_CALLS} host calls in one inspection")]
    Calls,
    /// With too much.
    #[error("exchanged more than {} KiB with the host in one inspection", MAX_HOST_BYTES / 1024)]
    Bytes,
}

/// One call's allowance.
///
/// The deadline counts the thread's own processor time, so that a busy machine is not held against the filter; the
/// wall clock may show at most `DEADLINE_STRETCH` times as much.
#[derive(Debug)]
pub(super) struct Budget {
    deadline: Duration,
    started: Instant,
    /// The thread's time at the start, once it was worth asking for.
    used_before: Option<Duration>,
    host_calls: u32,
    host_bytes: usize,
    log_lines: u32,
}

impl Budget {
    /// Starts counting now, on this thread.
    pub(super) fn start(deadline: Duration) -> Self {
        Self {
            deadline,
            started: Instant::now(),
            used_before: None,
            host_calls: MAX_HOST_CALLS,
            host_bytes: MAX_HOST_BYTES,
            log_lines: MAX_LOG_LINES,
        }
    }

    /// Counts a host call and the bytes exchanged in it.
    pub(super) fn take_host_call(&mut self, bytes: usize) -> Result<(), HostCallQuota> {
        self.host_calls = self.host_calls.checked_sub(1).ok_or(HostCallQuota::Calls)?;
        self.host_bytes = self.host_bytes.checked_sub(bytes).ok_or(HostCallQuota::Bytes)?;
        Ok(())
    }

    /// Counts a log line; false if it is one too many.
    pub(super) fn take_log_line(&mut self) -> bool {
        let left = self.log_lines.checked_sub(1);
        self.log_lines = left.unwrap_or(0);
        left.is_some()
    }

    /// What is left of the deadline, or that nothing is.
    ///
    /// Asking the kernel for the thread's time costs as much as a short inspection's own work, and most are over before
    /// the first look: so it is asked at that look, and what was used until then is taken to be the time that passed.
    fn left(&mut self) -> Result<Duration, DeadlineExceeded> {
        let (passed, now) = (self.started.elapsed(), thread_time());
        let before = now.saturating_sub(passed.min(FIRST_LOOK));
        let used = now.saturating_sub(*self.used_before.get_or_insert(before));
        let over = passed >= self.deadline * DEADLINE_STRETCH;
        match self.deadline.checked_sub(used) {
            Some(left) if !left.is_zero() && !over => Ok(left),
            _ => Err(DeadlineExceeded(self.deadline)),
        }
    }
}

/// Called when a store's epoch deadline passes.
pub(super) fn on_epoch(mut store: StoreContextMut<'_, State>) -> wasmtime::Result<UpdateDeadline> {
    let left = store.data_mut().budget.left()?;
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

    /// In use, bytes.
    pub(super) fn memory(&self) -> usize {
        self.memory
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
