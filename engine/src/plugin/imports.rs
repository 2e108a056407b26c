//! What a filter may call: `log`, `counters`, `lists` and `history` where granted, elsewhere stubs that trap and say so.
//! What it hands over is checked, counted and bounded.

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::bindings::rialto::filter::{counters, history, lists, log};
use super::counters::Counter;
use super::grants::Grants;
use super::instance::State;
use super::log::LogLevel;
use super::wasi;

/// Names and keys are at most so many bytes.
const MAX_NAME: usize = 256;
/// Longest window, seconds.
const MAX_WINDOW: u32 = 86_400;
/// Entries looked up at once.
const MAX_ENTRIES: usize = 1_024;
/// What a call counts beside the bytes it hands over.
const CALL_BYTES: usize = 16;

/// The filter called something it was not granted.
#[derive(Debug, thiserror::Error)]
#[error(
    "called `{interface}.{function}`, which it is not granted; grant this filter `{interface}` to allow it"
)]
struct Ungranted {
    interface: &'static str,
    function: &'static str,
}

/// The filter called an import with something it can't take.
#[derive(Debug, thiserror::Error)]
enum BadCall {
    #[error("called `{0}` with a window of {1} seconds; 1 to {MAX_WINDOW} are possible")]
    Window(&'static str, u32),
    #[error("called `{0}` with a name or key of {1} bytes; at most {MAX_NAME} are possible")]
    Name(&'static str, usize),
    #[error("called `{0}` with {1} entries; at most {MAX_ENTRIES} are possible")]
    Entries(&'static str, usize),
    #[error("called `{0}` with a similarity of {1}; it must be 0 to 1")]
    Similarity(&'static str, f32),
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
    if grants.lists {
        lists::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    } else {
        stub(&mut linker, "lists", &["find"])?;
    }
    if grants.history {
        history::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    } else {
        stub(&mut linker, "history", &["recent", "similar"])?;
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
        instance
            .func_new(function, move |_, _, _, _| Err(Ungranted { interface, function }.into()))?;
    }
    Ok(())
}

impl log::Host for State {
    fn write(&mut self, level: log::Level, text: String) -> wasmtime::Result<()> {
        self.budget.take_host_call(CALL_BYTES + text.len())?;
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
        const CALL: &str = "counters.bump";
        self.budget.take_host_call(CALL_BYTES + name.len() + key.len())?;
        check_window(CALL, window_seconds)?;
        check_name(CALL, &name)?;
        check_name(CALL, &key)?;
        let counter = Counter { name: &name, key: &key, window_seconds };
        Ok(self.services.counters.bump(&counter, by, self.clock.millis(), self.view.rehearsal))
    }

    fn distinct(
        &mut self,
        name: String,
        key: String,
        item: String,
        window_seconds: u32,
    ) -> wasmtime::Result<u64> {
        const CALL: &str = "counters.distinct";
        self.budget.take_host_call(CALL_BYTES + name.len() + key.len() + item.len())?;
        check_window(CALL, window_seconds)?;
        check_name(CALL, &name)?;
        check_name(CALL, &key)?;
        let counter = Counter { name: &name, key: &key, window_seconds };
        let (now, rehearsal) = (self.clock.millis(), self.view.rehearsal);
        Ok(self.services.counters.distinct(&counter, &item, now, rehearsal))
    }
}

impl lists::Host for State {
    fn find(&mut self, name: String, entries: Vec<String>) -> wasmtime::Result<Vec<u32>> {
        const CALL: &str = "lists.find";
        let bytes = entries.iter().map(|entry| CALL_BYTES + entry.len()).sum::<usize>();
        self.budget.take_host_call(CALL_BYTES + name.len() + bytes)?;
        check_name(CALL, &name)?;
        if entries.len() > MAX_ENTRIES {
            return Err(BadCall::Entries(CALL, entries.len()).into());
        }
        Ok(self.services.lists.find(&name, &entries))
    }
}

impl history::Host for State {
    fn recent(
        &mut self,
        scope: history::Scope,
        limit: u32,
    ) -> wasmtime::Result<Vec<history::PastMessage>> {
        let Some(lookback) = self.view.lookback.as_deref() else {
            self.budget.take_host_call(CALL_BYTES)?;
            return Ok(Vec::new());
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let messages = match scope {
            history::Scope::Sender => lookback.of_sender(limit),
            history::Scope::Conversation => lookback.of_conversation(limit),
        };
        let bytes = messages.iter().map(|past| CALL_BYTES + past.text.len()).sum::<usize>();
        self.budget.take_host_call(CALL_BYTES + bytes)?;
        let told = messages.iter().map(|past| {
            let (by_sender, in_conversation) = lookback.relation(past);
            let age_seconds = lookback.age_seconds(past.at);
            history::PastMessage {
                text: past.text.to_string(),
                age_seconds,
                by_sender,
                in_conversation,
            }
        });
        Ok(told.collect())
    }

    fn similar(
        &mut self,
        window_seconds: u32,
        min_similarity: f32,
    ) -> wasmtime::Result<history::SimilarMessages> {
        const CALL: &str = "history.similar";
        self.budget.take_host_call(CALL_BYTES)?;
        check_window(CALL, window_seconds)?;
        // Also refuses NaN, which is in no range.
        if !(0.0..=1.0).contains(&min_similarity) {
            return Err(BadCall::Similarity(CALL, min_similarity).into());
        }
        let Some(lookback) = self.view.lookback.as_deref() else {
            return Ok(history::SimilarMessages {
                messages: 0,
                conversations: 0,
                oldest_seconds: 0,
            });
        };
        let found = lookback.similar(window_seconds, min_similarity);
        Ok(history::SimilarMessages {
            messages: found.messages,
            conversations: found.conversations,
            oldest_seconds: found.oldest.map_or(0, |oldest| lookback.age_seconds(oldest)),
        })
    }
}

fn check_window(call: &'static str, seconds: u32) -> Result<(), BadCall> {
    if (1..=MAX_WINDOW).contains(&seconds) { Ok(()) } else { Err(BadCall::Window(call, seconds)) }
}

fn check_name(call: &'static str, name: &str) -> Result<(), BadCall> {
    if name.len() <= MAX_NAME { Ok(()) } else { Err(BadCall::Name(call, name.len())) }
}
