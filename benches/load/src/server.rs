//! The server, seen from outside: what its processes take of CPU, memory and disk.

pub mod metrics;
mod perf;
mod process;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::LoadError;
use crate::operations::Metrics;

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(500);

/// What the processes have taken since they began, and hold now.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// CPU time, user and system, ended children included.
    pub cpu: Duration,
    /// Resident memory, bytes; of files and shared memory the largest part that one process has.
    pub memory: u64,
    /// Bytes caused to be written to disks.
    pub written: u64,
}

/// The processes of a server, and its counters.
#[derive(Debug, Clone)]
pub struct Server {
    roots: Vec<u32>,
    address: SocketAddr,
    counters: Metrics,
    /// Count syncs with `perf` and not by counters.
    traced: bool,
}

/// What a server took during a phase.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// CPU time.
    pub cpu: Duration,
    /// Bytes written.
    pub written: u64,
    /// Files synced; `None` if the server has no counter of it.
    pub syncs: Option<u64>,
    /// Most memory seen, bytes.
    pub peak: u64,
    /// Memory at the end, bytes.
    pub end: u64,
    /// Memory over time: seconds since the phase began, bytes.
    pub memory: Vec<(f64, u64)>,
}

impl Server {
    /// These processes with all their children, or those that listen at `address`.
    pub fn find(
        pids: &[u32],
        address: SocketAddr,
        counters: &Metrics,
        traced: bool,
    ) -> Result<Self, LoadError> {
        let roots =
            if pids.is_empty() { process::listening(address.port()) } else { pids.to_vec() };
        let counters = counters.clone();
        if roots.is_empty() {
            let words =
                format!("no process of ours to see listens at {address}: name it with --pid");
            return Err(LoadError::Setup(words));
        }
        if let Some(gone) = roots.iter().find(|pid| !process::lives(**pid)) {
            return Err(LoadError::Setup(format!("there is no process {gone}")));
        }
        Ok(Self { roots, address, counters, traced })
    }

    /// What it has taken, and holds.
    pub fn usage(&self) -> Usage {
        let all: BTreeSet<u32> = process::with_children(&self.roots);
        let mut usage = Usage::default();
        // What processes share is about the same in each: the exact share would take walking all their pages.
        let mut shared = 0;
        for pid in all {
            usage.cpu += process::cpu(pid).unwrap_or_default();
            let memory = process::memory(pid).unwrap_or_default();
            usage.memory += memory.own;
            shared = shared.max(memory.shared);
            usage.written += process::written(pid).unwrap_or_default();
        }
        usage.memory += shared;
        usage
    }

    /// The sum of its sync counters; `None` if it has none.
    pub fn syncs(&self) -> Option<u64> {
        if self.counters.syncs.is_empty() {
            return None;
        }
        let text = metrics::fetch(self.address, &self.counters.path)?;
        metrics::sum(&text, &self.counters.syncs)
    }

    /// Runs `work` and tells what the server took meanwhile.
    pub fn during<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, LoadError> + Send,
    ) -> Result<(T, Taken), LoadError> {
        let trace = || perf::Counter::start(process::with_children(&self.roots));
        let perf = self.traced.then(trace).flatten();
        let syncs = if self.traced { None } else { self.syncs() };
        let (before, start) = (self.usage(), Instant::now());
        let mut taken = Taken { peak: before.memory, ..Taken::default() };
        let over = AtomicBool::new(false);
        let result = std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                while !over.load(Ordering::Acquire) {
                    let now = self.usage().memory;
                    taken.memory.push((start.elapsed().as_secs_f64(), now));
                    taken.peak = taken.peak.max(now);
                    std::thread::park_timeout(EVERY);
                }
            });
            let result = work();
            over.store(true, Ordering::Release);
            watcher.thread().unpark();
            result
        });
        let after = self.usage();
        taken.cpu = after.cpu.saturating_sub(before.cpu);
        taken.written = after.written.saturating_sub(before.written);
        taken.end = after.memory;
        taken.peak = taken.peak.max(after.memory);
        taken.syncs = match perf {
            Some(perf) => perf.finish(),
            None => syncs.and_then(|before| self.syncs()?.checked_sub(before)),
        };
        Ok((result?, taken))
    }
}
