//! What a filter may call: `log` and `counters` where granted, elsewhere stubs that trap and say so.

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::bindings::rialto::filter::{counters, log};
use super::instance::State;
use super::log::LogLevel;
use super::wasi;

/// What an operator lets a filter call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grants {
    /// Write to its own log.
    pub log: bool,
    /// Count in windows.
    pub counters: bool,
}

impl Grants {
    /// Everything there is.
    pub const ALL: Self = Self { log: true, counters: true };
}

/// Counter names and keys are at most so many bytes.
const MAX_NAME: usize = 256;
/// Longest window, seconds.
const MAX_WINDOW: u32 = 86_400;

/// The filter called something it was not granted.
#[derive(Debug, thiserror::Error)]
#[error(
    "called `{interface}.{function}`, which it is not granted; grant this filter `{interface}` to allow it"
)]
struct Ungranted {
    interface: &'static str,
    function: &'static str,
}

/// The filter called a counter with something it can't take.
#[derive(Debug, thiserror::Error)]
enum BadCounter {
    #[error("asked for a window of {0} seconds; 1 to {MAX_WINDOW} are possible")]
    Window(u32),
    #[error("used a counter name or key of more than {MAX_NAME} bytes")]
    Name,
}

/// Everything a filter with these grants can be linked to. Build once per filter version.
pub(super) fn linker(engine: &Engine, grants: Grants) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasi::link(&mut linker)?;
    if grants.log {
        log::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    } else {
        stub(&mut linker, "log", &["write"])?;
    }
    if grants.counters {
        counters::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    } else {
        stub(&mut linker, "counters", &["bump", "distinct"])?;
    }
    Ok(linker)
}

/// Runtimes import their whole world, used or not: what is not granted traps when called, not when linked.
fn stub(
    linker: &mut Linker<State>,
    interface: &'static str,
    functions: &[&'static str],
) -> wasmtime::Result<()> {
    let mut instance = linker.instance(&format!("rialto:filter/{interface}@1.0.0"))?;
    for &function in functions {
        instance.func_new(function, move |store, _, _, _| {
            let ungranted = Ungranted { interface, function };
            store.data().note(LogLevel::Error, &ungranted.to_string());
            Err(ungranted.into())
        })?;
    }
    Ok(())
}

impl log::Host for State {
    fn write(&mut self, level: log::Level, text: String) -> wasmtime::Result<()> {
        self.budget.take_host_call()?;
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        if self.budget.take_log_line() {
            self.note(level, &text);
        } else {
            self.services.log.drop_line();
        }
        Ok(())
    }
}

impl counters::Host for State {
    fn bump(
        &mut self,
        name: String,
        key: String,
        by: u32,
        window_seconds: u32,
    ) -> wasmtime::Result<u64> {
        self.budget.take_host_call()?;
        check(&name, &key, window_seconds)?;
        Ok(self.services.counters.bump(&name, &key, by, window_seconds, self.clock.millis()))
    }

    fn distinct(
        &mut self,
        name: String,
        key: String,
        item: String,
        window_seconds: u32,
    ) -> wasmtime::Result<u64> {
        self.budget.take_host_call()?;
        check(&name, &key, window_seconds)?;
        let now = self.clock.millis();
        Ok(self.services.counters.distinct(&name, &key, &item, window_seconds, now))
    }
}

fn check(name: &str, key: &str, window_seconds: u32) -> Result<(), BadCounter> {
    if !(1..=MAX_WINDOW).contains(&window_seconds) {
        return Err(BadCounter::Window(window_seconds));
    }
    if name.len() > MAX_NAME || key.len() > MAX_NAME {
        return Err(BadCounter::Name);
    }
    Ok(())
}
