//! One running instance of a filter: its store, its limits, and calls into it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use wasmtime::component::ResourceTable;
use wasmtime::{PoolConcurrencyLimitError, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::filter::{FaultKind, FilterFault, Lists, Lookback};

use super::bindings::rialto::filter::types;
use super::bindings::{Filter as Exports, FilterPre};
use super::budget::{Budget, DeadlineExceeded, FIRST_LOOK_TICKS, Limits, on_epoch};
use super::counters::Counters;
use super::engine::Host;
use super::log::{FilterLog, LogLevel};
use super::room::Place;
use super::wasi::{self, GuestClock};

/// Bytes a guest may hand to the host in one call, as host memory; what a valid result needs is far less.
const MAX_TRANSFER: usize = 1024 * 1024;
/// Handles to host resources, such as streams, an instance may hold.
const MAX_RESOURCES: usize = 1_024;
/// Bytes kept of an explanation.
const MAX_TEXT: usize = 400;

/// What all instances of a filter share.
#[derive(Debug)]
pub(super) struct Services {
    pub(super) log: Arc<FilterLog>,
    pub(super) counters: Arc<Counters>,
    pub(super) lists: Arc<Lists>,
    /// The guest's randomness: its seed is the component's digest.
    pub(super) random: Box<[u8]>,
}

/// A store's data: all the guest can reach.
pub(super) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    limits: Limits,
    pub(super) budget: Budget,
    pub(super) clock: GuestClock,
    pub(super) services: Arc<Services>,
    pub(super) view: View,
}

/// What of the world around the message the imports of one call see and change.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    /// The past.
    pub(super) lookback: Option<Arc<Lookback>>,
    /// Nothing may change.
    pub(super) rehearsal: bool,
}

impl State {
    /// Writes to the filter's log, quotas aside.
    pub(super) fn note(&self, level: LogLevel, text: &str) {
        self.services.log.write(self.clock.time(), level, text);
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// An instance of a filter. After an error it can never be entered again: drop it.
pub(super) struct Instance {
    store: Store<State>,
    exports: Exports,
    calls: u32,
    /// Linear memory after its first inspection, bytes.
    first_memory: Option<usize>,
    // After the store, so that the place is free only when the memory is.
    _place: Place,
}

impl Instance {
    /// Instantiates within the budget.
    pub(super) fn new(
        host: &Host,
        pre: &FilterPre<State>,
        services: &Arc<Services>,
        now: DateTime<Utc>,
        budget: Budget,
    ) -> Result<Self, FilterFault> {
        let Some(place) = host.room().enter() else { return Err(no_room()) };
        let clock = GuestClock::default();
        clock.set(millis(now));
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_RESOURCES);
        let state = State {
            wasi: wasi::context(&clock, &services.random, &services.log),
            table,
            limits: Limits::new(host.memory_bytes()),
            budget,
            clock,
            services: Arc::clone(services),
            view: View::default(),
        };
        let mut store = Store::new(host.engine(), state);
        store.limiter(|state| &mut state.limits);
        store.set_hostcall_fuel(MAX_TRANSFER);
        store.epoch_deadline_callback(on_epoch);
        store.set_epoch_deadline(FIRST_LOOK_TICKS);
        match pre.instantiate(&mut store) {
            Ok(exports) => Ok(Self { store, exports, calls: 0, first_memory: None, _place: place }),
            Err(error) => Err(explain(&error, store.data())),
        }
    }

    /// Linear memory it takes, bytes.
    pub(super) fn memory(&self) -> usize {
        self.store.data().limits.memory()
    }

    /// What the next call sees.
    pub(super) fn show(&mut self, view: View) {
        self.store.data_mut().view = view;
    }

    /// Whether it should not be used again: too many calls, an eighth of them if its memory grows by them, or little memory
    /// left for the next.
    pub(super) fn is_worn(&mut self, max_calls: u32) -> bool {
        let (memory, most) = (self.memory(), self.store.data().limits.max_memory());
        let grown = memory > *self.first_memory.get_or_insert(memory);
        self.calls >= if grown { max_calls / 8 } else { max_calls } || memory > most / 4 * 3
    }

    /// Sets the time the guest sees and what the next calls may use up.
    pub(super) fn prepare(&mut self, now: DateTime<Utc>, budget: Budget) {
        let state = self.store.data_mut();
        state.clock.set(millis(now));
        state.budget = budget;
    }

    /// Asks the filter what it is.
    pub(super) fn describe(&mut self) -> Result<types::Description, FilterFault> {
        self.call(|exports, store| exports.call_describe(store))
    }

    /// Hands over the configuration, JSON text.
    pub(super) fn configure(
        &mut self,
        config: &str,
    ) -> Result<Result<(), Vec<types::ConfigProblem>>, FilterFault> {
        self.call(|exports, store| exports.call_configure(store, config))
    }

    /// Has it look at a message.
    pub(super) fn inspect(
        &mut self,
        message: types::Message<'_>,
        context: types::Context<'_>,
    ) -> Result<Result<Vec<types::SignalResult>, types::Fault>, FilterFault> {
        self.call(|exports, store| exports.call_inspect(store, message, context))
    }

    fn call<T>(
        &mut self,
        call: impl FnOnce(&Exports, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, FilterFault> {
        self.calls += 1;
        self.store.set_epoch_deadline(FIRST_LOOK_TICKS);
        call(&self.exports, &mut self.store).map_err(|error| explain(&error, self.store.data()))
    }
}

/// Milliseconds since 1970; 0 before.
pub(super) fn millis(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp_millis()).unwrap_or(0)
}

/// A deadline for what happens once, at load; compiled code starts slowly the first time.
pub(super) fn load_deadline(inspection: Duration) -> Duration {
    (inspection * 20).max(Duration::from_secs(2))
}

fn no_room() -> FilterFault {
    FilterFault::new(FaultKind::Overloaded, "no room for another instance")
}

fn explain(error: &wasmtime::Error, state: &State) -> FilterFault {
    if let Some(deadline) = error.downcast_ref::<DeadlineExceeded>() {
        return FilterFault::new(FaultKind::Timeout, deadline.to_string());
    }
    if state.limits.exceeded {
        let mib = state.limits.max_memory() / (1024 * 1024);
        return FilterFault::new(FaultKind::Memory, format!("asked for more than its {mib} MiB"));
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return no_room();
    }
    let cause = error.root_cause().to_string();
    // wasmtime keeps the type of this error to itself.
    if cause.contains("fuel allocated for hostcalls") {
        return FilterFault::new(FaultKind::Invalid, "handed over more than 1 MiB at once");
    }
    let mut text = cause;
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    FilterFault::new(FaultKind::Trap, text)
}
