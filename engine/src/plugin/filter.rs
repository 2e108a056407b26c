//! A component as a `Filter`: one inspection within its limits, its result checked, its crashes counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::domain::Clock;
use crate::filter::{FaultKind, Filter, FilterFault, Purpose, Signal, SignalDescription, Subject};

use super::admission::{Admitted, Refusal, admitted, on_plain_thread};
use super::bindings::FilterPre;
use super::budget::Budget;
use super::convert::{Keys, Lists, validate};
use super::engine::Host;
use super::grants::Grants;
use super::imports::linker;
use super::instance::{Services, State, View, load_deadline};
use super::log::{FilterLog, LogLevel, LogLine};
use super::pool::{Pool, problem_list};
use super::report::AdmissionReport;
use super::schema::ConfigProblem;
use super::setup::{Alarm, AlarmKind, AlarmSink, Setup};
use super::wasi;

/// Largest configuration, bytes.
const MAX_CONFIG: usize = 256 * 1024;

/// A WebAssembly filter: a component with a configuration and grants.
pub struct PluginFilter {
    version: String,
    admitted: Arc<Admitted>,
    config_hash: Arc<str>,
    grants: Grants,
    looks_back: bool,
    pool: Pool,
    services: Arc<Services>,
    deadline: Duration,
    key: [u8; 32],
    clock: Clock,
    max_crashes: usize,
    crashes: Mutex<VecDeque<DateTime<Utc>>>,
    quarantined: AtomicBool,
    alarm: Option<AlarmSink>,
}

/// Why a filter can't be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PluginError {
    /// The component was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The configuration doesn't fit its schema, or it doesn't like it.
    #[error("it refuses its configuration: {}", problem_list(.0))]
    Config(Vec<ConfigProblem>),
    /// It failed on its configuration.
    #[error("its `configure` failed: {0}")]
    Configure(FilterFault),
}

impl PluginFilter {
    /// Admits a component unless that was done lately, and configures it with JSON text. Slow for a new component; runs guest
    /// code, but not on the caller's thread.
    pub fn load(
        host: &Host,
        bytes: &[u8],
        config: &str,
        setup: &Setup<'_>,
    ) -> Result<Self, PluginError> {
        let filters = setup.filters;
        let admitted = admitted(host, bytes, filters)?;
        let config = check_config(&admitted, config).map_err(PluginError::Config)?;
        let linker = linker(host.engine(), setup.grants);
        let pre = linker.and_then(|linker| linker.instantiate_pre(&admitted.component));
        let pre = pre
            .and_then(FilterPre::<State>::new)
            .map_err(|error| Refusal::World(format!("{error:#}")))?;
        let services = Arc::new(Services {
            log: Arc::new(FilterLog::new(admitted.report.name.clone())),
            counters: setup.counters.clone().unwrap_or_default(),
            lists: Arc::clone(&setup.lists),
            random: wasi::randomness(&admitted.digest),
        });
        let config_hash = blake3::hash(config.as_bytes()).to_hex().as_str().into();
        let pool =
            Pool::new(host.clone(), pre, Arc::clone(&services), config, filters.recycle_after);
        let deadline = Duration::from_millis(filters.deadline_ms);
        let now = setup.clock.now();
        let first = on_plain_thread(|| {
            let _running = host.running();
            pool.make(now, Budget::start(load_deadline(deadline)))
        });
        let first = first.map_err(PluginError::Configure)?.map_err(PluginError::Config)?;
        pool.put(first);
        Ok(Self {
            version: format!("{}+{}", admitted.report.semver, &admitted.report.digest[..8]),
            looks_back: setup.grants.history && admitted.report.wants.history,
            admitted,
            config_hash,
            grants: setup.grants,
            pool,
            services,
            deadline,
            key: setup.key,
            clock: setup.clock.clone(),
            max_crashes: filters.max_crashes.max(1),
            crashes: Mutex::default(),
            quarantined: AtomicBool::new(false),
            alarm: setup.alarm.clone(),
        })
    }

    /// What it says of itself, and what admission found.
    pub fn description(&self) -> &Arc<AdmissionReport> {
        &self.admitted.report
    }

    /// Its own version, such as `1.0.0`.
    pub fn semver(&self) -> &str {
        &self.admitted.report.semver
    }

    /// BLAKE3 of the component, 64 hexadecimal digits.
    pub fn digest(&self) -> &Arc<str> {
        &self.admitted.report.digest
    }

    /// BLAKE3 of the configuration as `config` gives it, 64 hexadecimal digits.
    pub fn config_hash(&self) -> &Arc<str> {
        &self.config_hash
    }

    /// The configuration: JSON text without white space, keys sorted.
    pub fn config(&self) -> &str {
        self.pool.config()
    }

    /// What it may call.
    pub fn grants(&self) -> Grants {
        self.grants
    }

    /// The last lines of its log, oldest first, and how many exceeded its quotas.
    pub fn log(&self) -> (Vec<LogLine>, u64) {
        self.services.log.read()
    }

    /// How often it crashed within the last hour.
    pub fn crashes_last_hour(&self) -> usize {
        self.recent_crashes(self.clock.now()).len()
    }

    /// Whether it crashed too often and is switched off.
    pub fn is_quarantined(&self) -> bool {
        self.quarantined.load(Ordering::Acquire)
    }

    /// Switches it on again and forgets its crashes.
    pub fn release(&self) {
        self.recent_crashes(self.clock.now()).clear();
        self.quarantined.store(false, Ordering::Release);
    }

    fn run(&self, subject: &Subject, earlier: &[Signal]) -> Result<Vec<Signal>, FilterFault> {
        let own;
        let keys = match subject.derived(|subject| Keys::derive(&self.key, subject)) {
            Some(keys) if keys.are_of(&self.key) => keys,
            _ => {
                own = Keys::derive(&self.key, subject);
                &own
            }
        };
        let lists = Lists::new(subject, earlier);
        let earlier = lists.earlier(earlier);
        let context = lists.context(subject, keys, &earlier);
        let message = lists.message(subject);
        let view = View {
            lookback: if self.looks_back { subject.lookback().cloned() } else { None },
            rehearsal: subject.purpose() == Purpose::Rehearsal,
        };

        let _running = self.pool.host().running();
        let mut instance = self.pool.take(subject.now, self.deadline, view)?;
        let result = instance.inspect(message, context)?;
        // An instance that lied is dropped like one that crashed: it may be broken.
        let signals = match result {
            Ok(signals) => validate(&subject.text, self.signals(), signals)?,
            Err(fault) => {
                self.pool.put(instance);
                let text = fault.message.chars().take(400).collect::<String>();
                return Err(FilterFault::new(FaultKind::Fault, text));
            }
        };
        self.pool.put(instance);
        Ok(signals)
    }

    fn recent_crashes(&self, now: DateTime<Utc>) -> MutexGuard<'_, VecDeque<DateTime<Utc>>> {
        let mut crashes = self.crashes.lock().unwrap_or_else(PoisonError::into_inner);
        crashes.retain(|crash| now - *crash < TimeDelta::hours(1));
        crashes
    }

    fn count_crash(&self, fault: &FilterFault) {
        let now = self.clock.now();
        let mut crashes = self.recent_crashes(now);
        crashes.push_back(now);
        let count = crashes.len();
        drop(crashes);
        if count < self.max_crashes || self.quarantined.swap(true, Ordering::AcqRel) {
            return;
        }
        tracing::error!(
            filter = self.name(),
            version = self.version,
            crashes = count,
            last = %fault,
            "filter is switched off after too many crashes in an hour: its messages go by its fail mode until it is released or replaced"
        );
        if let Some(alarm) = &self.alarm {
            alarm(Alarm {
                filter: self.name().to_owned(),
                version: self.version.clone(),
                kind: AlarmKind::Crashes,
                text: format!("{count} crashes within an hour; the last was {fault}"),
            });
        }
    }
}

/// The configuration in one way of writing, if it fits the filter's own schema.
fn check_config(admitted: &Admitted, text: &str) -> Result<String, Vec<ConfigProblem>> {
    let whole = |problem: String| vec![ConfigProblem { path: String::new(), problem }];
    if text.len() > MAX_CONFIG {
        return Err(whole(format!("has {} bytes; at most {MAX_CONFIG} are taken", text.len())));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| whole(format!("is no JSON: {error}")))?;
    let problems = admitted.schema.check(&value);
    if problems.is_empty() { Ok(value.to_string()) } else { Err(problems) }
}

impl Filter for PluginFilter {
    fn name(&self) -> &str {
        &self.admitted.report.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn signals(&self) -> &[SignalDescription] {
        &self.admitted.report.signals
    }

    fn looks_back(&self) -> bool {
        self.looks_back
    }

    fn inspect(&self, subject: &Subject, earlier: &[Signal]) -> Result<Vec<Signal>, FilterFault> {
        if self.is_quarantined() {
            let text = "crashed too often within an hour and is switched off";
            return Err(FilterFault::new(FaultKind::Quarantined, text));
        }
        let result = self.run(subject, earlier);
        if let Err(fault) = &result {
            let crashed =
                matches!(fault.kind, FaultKind::Timeout | FaultKind::Memory | FaultKind::Trap);
            if crashed && subject.purpose() == Purpose::Live {
                self.count_crash(fault);
            }
            if fault.kind != FaultKind::Overloaded {
                let level =
                    if fault.kind == FaultKind::Fault { LogLevel::Warn } else { LogLevel::Error };
                self.services.log.write_host(subject.now, level, &fault.to_string());
            }
        }
        result
    }
}
