//! A filter's own log: the last lines in memory, a quota per minute, and what exceeds it counted.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Bytes kept of a line.
const MAX_LINE: usize = 1_024;
/// Lines kept.
const KEPT: usize = 512;
/// Lines a minute from the filter itself.
const PER_MINUTE: u32 = 600;
/// Lines a minute from the host about the filter: one that talks much can't hide why it fails.
const HOST_PER_MINUTE: u32 = 60;

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For the filter's author.
    Debug,
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warn,
    /// Something failed.
    Error,
}

/// A line a filter wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: DateTime<Utc>,
    /// How important.
    pub level: LogLevel,
    /// At most 1 KiB.
    pub text: String,
}

/// One filter's log.
#[derive(Debug)]
pub(super) struct FilterLog {
    filter: String,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    dropped: u64,
    minute: Option<DateTime<Utc>>,
    in_minute: u32,
    by_host: u32,
}

impl FilterLog {
    /// An empty log of the filter of this name.
    pub(super) fn new(filter: String) -> Self {
        Self { filter, ring: Mutex::default() }
    }

    /// Keeps a line of the filter's, and passes it to `tracing`, unless the minute's quota is used up; then counts it.
    pub(super) fn write(&self, at: DateTime<Utc>, level: LogLevel, text: &str) {
        self.add(at, level, text, |ring| (&mut ring.in_minute, PER_MINUTE));
    }

    /// Keeps a line of the host's about the filter, with a quota of its own.
    pub(super) fn write_host(&self, at: DateTime<Utc>, level: LogLevel, text: &str) {
        self.add(at, level, text, |ring| (&mut ring.by_host, HOST_PER_MINUTE));
    }

    fn add(
        &self,
        at: DateTime<Utc>,
        level: LogLevel,
        text: &str,
        quota: fn(&mut Ring) -> (&mut u32, u32),
    ) {
        // A line is one line: a filter can't make up others, nor move the cursor of whoever reads it.
        let text = text[..text.floor_char_boundary(MAX_LINE)].replace(char::is_control, " ");
        let mut ring = self.lock();
        if ring.minute.is_none_or(|start| (at - start).abs() >= TimeDelta::minutes(1)) {
            ring.minute = Some(at);
            (ring.in_minute, ring.by_host) = (0, 0);
        }
        let (used, most) = quota(&mut ring);
        if *used >= most {
            ring.dropped += 1;
            return;
        }
        *used += 1;
        if ring.lines.len() == KEPT {
            ring.lines.pop_front();
        }
        ring.lines.push_back(LogLine { at, level, text: text.clone() });
        drop(ring);
        let filter = self.filter.as_str();
        match level {
            LogLevel::Debug => tracing::debug!(filter, "{text}"),
            LogLevel::Info => tracing::info!(filter, "{text}"),
            LogLevel::Warn => tracing::warn!(filter, "{text}"),
            LogLevel::Error => tracing::error!(filter, "{text}"),
        }
    }

    /// Counts a line that exceeded a quota.
    pub(super) fn drop_line(&self) {
        self.lock().dropped += 1;
    }

    /// The lines kept, oldest first, and how many were not.
    pub(super) fn read(&self) -> (Vec<LogLine>, u64) {
        let ring = self.lock();
        (ring.lines.iter().cloned().collect(), ring.dropped)
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        let log = FilterLog::new("test".into());
        log.write(DateTime::default(), LogLevel::Info, "a\nERROR b\u{1b}[2Jc");
        assert_eq!(log.read().0[0].text, "a ERROR b [2Jc");
    }

    #[test]
    fn lines_are_cut_bounded_and_counted() {
        let log = FilterLog::new("test".into());
        let start = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        log.write(start, LogLevel::Info, &"é".repeat(1_000));
        for _ in 0..PER_MINUTE + 9 {
            log.write(start, LogLevel::Info, "line");
        }
        let (lines, dropped) = log.read();
        assert_eq!((lines.len(), dropped), (KEPT, 10), "600 a minute are taken, 512 kept");
        log.write_host(start, LogLevel::Error, "it crashed");
        let (lines, dropped) = log.read();
        assert_eq!(dropped, 10, "the host has a quota of its own");
        assert_eq!(lines.last().map(|line| line.text.as_str()), Some("it crashed"));
        log.write(start + TimeDelta::minutes(1), LogLevel::Warn, &"é".repeat(1_000));
        let (lines, dropped) = log.read();
        assert_eq!(dropped, 10, "a new minute has a new quota");
        assert_eq!(lines.last().map(|line| line.text.len()), Some(MAX_LINE));
    }
}
