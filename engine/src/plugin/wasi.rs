//! The WASI that language runtimes expect, and nothing behind it: no files, network, environment or sleep; the clock is
//! the inspection's, randomness is seeded, and standard error goes to the filter's log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtxView, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::bindings::sync::{filesystem::types, io};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem::preopens, random};
use wasmtime_wasi::p2::{DynPollable, OutputStream, Pollable, StreamResult};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiView};

use super::instance::State;
use super::log::{FilterLog, LogLevel};

/// Bytes of randomness one call may ask for.
const MAX_RANDOM: u64 = 64 * 1024;
/// Seeded bytes before the randomness repeats itself.
const RANDOM_PERIOD: usize = 1_024;
/// Bytes of standard error taken at once.
const STDERR_PERMIT: usize = 4_096;

/// The one time a guest can see: the inspection's, milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub(super) struct GuestClock(Arc<AtomicU64>);

impl GuestClock {
    /// Sets it for the next call.
    pub(super) fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::Relaxed);
    }

    /// What the guest sees, milliseconds since 1970.
    pub(super) fn millis(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// The same as a date.
    pub(super) fn time(&self) -> chrono::DateTime<chrono::Utc> {
        i64::try_from(self.millis())
            .ok()
            .and_then(DateTime::from_timestamp_millis)
            .unwrap_or_default()
    }
}

impl HostWallClock for GuestClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.millis())
    }
}

impl HostMonotonicClock for GuestClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        self.millis().saturating_mul(1_000_000)
    }
}

/// The randomness of a filter's instances: the same seed gives the same.
pub(super) fn randomness(seed: &[u8; 32]) -> Box<[u8]> {
    let mut random = vec![0; RANDOM_PERIOD];
    blake3::Hasher::new_keyed(seed).finalize_xof().fill(&mut random);
    random.into()
}

/// An empty context.
pub(super) fn context(clock: &GuestClock, random: &[u8], log: &Arc<FilterLog>) -> WasiCtx {
    let (first, second) = random.split_at(random.len() / 2);
    let number = first.first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes));
    WasiCtx::builder()
        .wall_clock(clock.clone())
        .monotonic_clock(clock.clone())
        .secure_random(Deterministic::new(first.to_vec()))
        .insecure_random(Deterministic::new(second.to_vec()))
        .insecure_random_seed(number)
        .max_random_size(MAX_RANDOM)
        .allow_ip_name_lookup(false)
        .allow_tcp(false)
        .allow_udp(false)
        .stderr(Stderr { log: Arc::clone(log), clock: clock.clone(), line: Vec::new() })
        .build()
}

/// Links what language runtimes import: io, clocks, random, cli, and a file system without any directory.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    use wasmtime_wasi::p2::bindings::io::error;

    error::add_to_linker::<State, Table>(linker, table)?;
    io::poll::add_to_linker::<State, Table>(linker, table)?;
    io::streams::add_to_linker::<State, Table>(linker, table)?;
    clocks::wall_clock::add_to_linker::<State, WasiClocks>(linker, State::clocks)?;
    clocks::monotonic_clock::add_to_linker::<State, Sleepless>(linker, |state| {
        SleeplessView(state.clocks())
    })?;
    random::random::add_to_linker::<State, WasiRandom>(linker, random_context)?;
    random::insecure::add_to_linker::<State, WasiRandom>(linker, random_context)?;
    random::insecure_seed::add_to_linker::<State, WasiRandom>(linker, random_context)?;
    cli::exit::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::environment::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    types::add_to_linker::<State, WasiFilesystem>(linker, State::filesystem)?;
    preopens::add_to_linker::<State, WasiFilesystem>(linker, State::filesystem)
}

fn table(state: &mut State) -> &mut ResourceTable {
    state.ctx().table
}

fn random_context(state: &mut State) -> &mut WasiRandomCtx {
    state.ctx().ctx.random()
}

struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// A monotonic clock one can't wait for: a guest that sleeps would keep its thread beyond any deadline.
struct Sleepless;

impl HasData for Sleepless {
    type Data<'a> = SleeplessView<'a>;
}

struct SleeplessView<'a>(WasiClocksCtxView<'a>);

/// The guest tried to sleep.
#[derive(Debug, thiserror::Error)]
#[error("tried to sleep; a filter can't wait for time to pass")]
struct Slept;

impl monotonic_clock::Host for SleeplessView<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        self.0.now()
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        self.0.resolution()
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        if when > self.0.now()? {
            return Err(Slept.into());
        }
        self.0.subscribe_instant(when)
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        if duration > 0 {
            return Err(Slept.into());
        }
        self.0.subscribe_duration(duration)
    }
}

/// Standard error: each line becomes one of the filter's log. Runtimes write there why they crash.
#[derive(Clone)]
struct Stderr {
    log: Arc<FilterLog>,
    clock: GuestClock,
    line: Vec<u8>,
}

impl Stderr {
    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.trim_end();
        if !line.is_empty() {
            self.log.write(self.clock.time(), LogLevel::Error, line);
        }
        self.line.clear();
    }
}

impl IsTerminal for Stderr {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stderr {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Stderr {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        for byte in bytes {
            if byte == b'\n' || self.line.len() >= STDERR_PERMIT {
                self.end_line();
            }
            if byte != b'\n' {
                self.line.push(byte);
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(STDERR_PERMIT)
    }
}

impl Drop for Stderr {
    fn drop(&mut self) {
        self.end_line();
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stderr {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests {
    use monotonic_clock::Host as _;

    use super::*;

    struct Guest(WasiCtx, ResourceTable);

    impl WasiView for Guest {
        fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
            wasmtime_wasi::WasiCtxView { ctx: &mut self.0, table: &mut self.1 }
        }
    }

    #[test]
    fn time_stands_still_and_nobody_can_wait_for_it() {
        let clock = GuestClock::default();
        clock.set(5_000);
        let log = Arc::new(FilterLog::new("test".into()));
        let mut guest = Guest(context(&clock, &randomness(&[1; 32]), &log), ResourceTable::new());
        let mut view = SleeplessView(guest.clocks());
        assert_eq!(view.now().expect("a time"), 5_000_000_000);
        for slept in [view.subscribe_duration(1), view.subscribe_instant(5_000_000_001)] {
            let error = slept.map(|_| ()).expect_err("waiting is refused");
            assert!(error.is::<Slept>(), "{error}");
        }
        view.subscribe_duration(0).expect("asking for no time is no sleep");
        view.subscribe_instant(1).expect("the past is no sleep");
    }

    #[test]
    fn standard_error_becomes_log_lines_of_bounded_length() {
        let clock = GuestClock::default();
        let log = Arc::new(FilterLog::new("test".into()));
        let mut stream = Stderr { log: Arc::clone(&log), clock, line: Vec::new() };
        let long = "x".repeat(3 * STDERR_PERMIT);
        for text in ["panicked at ", "lib.rs\n\n", "and ", &long] {
            stream.write(bytes::Bytes::from(text.to_owned())).expect("taken");
        }
        drop(stream);
        let (lines, _) = log.read();
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts[0], "panicked at lib.rs");
        assert_eq!(texts.len(), 5, "the long line came in parts");
        assert!(texts.iter().all(|text| text.len() <= 1_024), "each is cut");
    }
}
