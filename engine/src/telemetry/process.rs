//! The process as its system sees it, and the runtime.

use std::fs;

use super::{Page, catalogue, heartbeat, trace};

/// What the system says; what it doesn't say is left out of the page.
#[derive(Debug, Default)]
pub struct Process {
    memory: Option<u64>,
    threads: Option<u64>,
    files: Option<usize>,
    files_most: Option<u64>,
    cpu_seconds: Option<f64>,
}

impl Process {
    /// Reads a few files; takes about a tenth of a millisecond.
    pub fn look() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |text: &str, name: &str, word: usize| -> Option<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().nth(word)?.parse().ok()
        };
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        Self {
            memory: number(&status, "VmRSS:", 0).map(|kib| kib * 1024),
            threads: number(&status, "Threads:", 0),
            // The directory being read is one of them.
            files: fs::read_dir("/proc/self/fd").ok().map(|files| files.count().saturating_sub(1)),
            files_most: number(&limits, "Max open files", 0),
            cpu_seconds: cpu_seconds(),
        }
    }

    /// Writes it. `started`: seconds since 1970.
    pub fn write(&self, page: &mut Page, started: f64) {
        if let Some(memory) = self.memory {
            page.single(&catalogue::PROCESS_MEMORY, memory);
        }
        if let Some(files) = self.files {
            page.single(&catalogue::PROCESS_FILES, files);
        }
        if let Some(most) = self.files_most {
            page.single(&catalogue::PROCESS_FILES_MOST, most);
        }
        if let Some(threads) = self.threads {
            page.single(&catalogue::PROCESS_THREADS, threads);
        }
        if let Some(seconds) = self.cpu_seconds {
            page.single(&catalogue::PROCESS_CPU, seconds);
        }
        page.single(&catalogue::PROCESS_START, started);
    }
}

#[cfg(unix)]
fn cpu_seconds() -> Option<f64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?);
    Some(std::time::Duration::new(seconds, nanos).as_secs_f64())
}

#[cfg(not(unix))]
fn cpu_seconds() -> Option<f64> {
    None
}

/// Writes how busy the runtime is; must be called inside one.
pub fn write_runtime(page: &mut Page) {
    let metrics = tokio::runtime::Handle::current().metrics();
    let workers = metrics.num_workers();
    let busy: f64 =
        (0..workers).map(|worker| metrics.worker_total_busy_duration(worker).as_secs_f64()).sum();
    page.single(&catalogue::RUNTIME_BUSY, busy);
    page.single(&catalogue::RUNTIME_WORKERS, workers);
    page.single(&catalogue::RUNTIME_TASKS, metrics.num_alive_tasks());
    page.single(&catalogue::RUNTIME_QUEUE, metrics.global_queue_depth());
    page.single(&catalogue::SPANS_LOST, trace::lost_so_far());
    heartbeat::write(page);
    page.metric(&catalogue::BUILD_INFO).sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_says_everything() {
        let seen = Process::look();
        assert!(seen.memory.is_some_and(|bytes| bytes > 1_000_000), "{seen:?}");
        assert!(seen.threads.is_some_and(|threads| threads > 0), "{seen:?}");
        assert!(seen.files.is_some_and(|files| files > 2), "{seen:?}");
        assert!(seen.files_most.is_some() && seen.cpu_seconds.is_some(), "{seen:?}");
    }
}
