//! A component as a `Filter`: one inspection within its limits, its result checked, its crashes counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Filters;
use crate::domain::Clock;
use crate::filter::{FaultKind, Filter, FilterFault, Signal, SignalDescription, Subject};

use super::admission::{self, Refusal};
use super::budget::Budget;
use super::convert::{Keys, Lists, validate};
use super::counters::Counters;
use super::engine::Host;
use super::imports::{Grants, linker};
use super::instance::{Instance, Services, load_deadline};
use super::log::{FilterLog, LogLine};
use super::pool::{Pool, problem_list};

/// A WebAssembly filter.
pub struct PluginFilter {
    name: String,
    version: String,
    signals: Vec<SignalDescription>,
    pool: Pool,
    services: Arc<Services>,
    deadline: Duration,
    key: [u8; 32],
    clock: Clock,
    max_crashes: usize,
    crashes: Mutex<VecDeque<DateTime<Utc>>>,
    quarantined: AtomicBool,
}

/// What a filter is loaded with, beside its component.
#[derive(Debug, Clone)]
pub struct Setup<'a> {
    /// Limits.
    pub filters: &'a Filters,
    /// What it may call.
    pub grants: Grants,
    /// Derives the opaque keys of senders and conversations: random, one per store.
    pub key: [u8; 32],
    /// The time for crash counting and loading.
    pub clock: &'a Clock,
}

/// Why a filter can't be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PluginError {
    /// The component was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It doesn't like its configuration.
    #[error("it refuses its configuration: {0}")]
    Config(String),
    /// It failed on its configuration.
    #[error("its `configure` failed: {0}")]
    Configure(FilterFault),
}

impl PluginFilter {
    /// Admits a component, with the configuration (JSON text) that `config_of` has for its name. Slow; runs guest code,
    /// so call it from a thread that is not tokio's.
    pub fn load(
        host: &Host,
        bytes: &[u8],
        config_of: impl FnOnce(&str) -> String,
        setup: &Setup<'_>,
    ) -> Result<Self, PluginError> {
        let filters = setup.filters;
        let linker = linker(host.engine(), setup.grants)
            .map_err(|error| Refusal::World(format!("{error:#}")))?;
        let limit = filters.max_component_mib.saturating_mul(1024 * 1024);
        let pre = admission::admit(host, &linker, bytes, limit)?;
        let digest = blake3::hash(bytes);
        let deadline = Duration::from_millis(filters.deadline_ms);
        let now = setup.clock.now();
        let services = |name: &str| {
            let log = Arc::new(FilterLog::new(name.to_owned()));
            Arc::new(Services { log, counters: Counters::new(), seed: *digest.as_bytes() })
        };

        let running = host.running();
        let budget = Budget::start(load_deadline(deadline));
        let described = Instance::new(host, &pre, &services("describe"), now, budget)
            .and_then(|mut instance| instance.describe())
            .map_err(Refusal::Describe)?;
        let described = admission::check_description(described)?;
        let services = services(&described.name);
        let config = config_of(&described.name);
        let pool =
            Pool::new(host.clone(), pre, Arc::clone(&services), config, filters.recycle_after);
        let first = pool
            .make(now, Budget::start(load_deadline(deadline)))
            .map_err(PluginError::Configure)?
            .map_err(|problems| PluginError::Config(problem_list(&problems)))?;
        pool.put(first);
        drop(running);
        Ok(Self {
            version: format!("{}+{}", described.version, &digest.to_hex()[..8]),
            name: described.name,
            signals: described.signals,
            pool,
            services,
            deadline,
            key: setup.key,
            clock: setup.clock.clone(),
            max_crashes: filters.max_crashes.max(1),
            crashes: Mutex::default(),
            quarantined: AtomicBool::new(false),
        })
    }

    /// The last lines it logged, oldest first, and how many exceeded its quotas.
    pub fn log(&self) -> (Vec<LogLine>, u64) {
        self.services.log.read()
    }

    /// Whether it crashed too often and is switched off.
    pub fn is_quarantined(&self) -> bool {
        self.quarantined.load(Ordering::Acquire)
    }

    /// Switches it on again and forgets its crashes.
    pub fn release(&self) {
        self.crashes.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.quarantined.store(false, Ordering::Release);
    }

    fn run(&self, subject: &Subject, earlier: &[Signal]) -> Result<Vec<Signal>, FilterFault> {
        let keys = Keys::derive(&self.key, subject);
        let (sender, conversation) = (keys.sender.to_hex(), keys.conversation.to_hex());
        let lists = Lists::new(subject, earlier);
        let earlier = lists.earlier(earlier);
        let context = lists.context(subject, (sender.as_str(), conversation.as_str()), &earlier);
        let message = lists.message(subject);

        let _running = self.pool.host().running();
        let mut instance = self.pool.take(subject.now, self.deadline)?;
        let result = instance.inspect(message, context)?;
        // An instance that lied is dropped like one that crashed: it may be broken.
        let signals = match result {
            Ok(signals) => validate(&subject.text, &self.signals, signals)?,
            Err(fault) => {
                self.pool.put(instance);
                let text = fault.message.chars().take(400).collect::<String>();
                return Err(FilterFault::new(FaultKind::Fault, text));
            }
        };
        self.pool.put(instance);
        Ok(signals)
    }

    fn count_crash(&self, fault: &FilterFault) {
        let now = self.clock.now();
        let mut crashes = self.crashes.lock().unwrap_or_else(PoisonError::into_inner);
        crashes.retain(|crash| now - *crash < TimeDelta::hours(1));
        crashes.push_back(now);
        if crashes.len() >= self.max_crashes && !self.quarantined.swap(true, Ordering::AcqRel) {
            tracing::error!(
                filter = self.name,
                version = self.version,
                crashes = crashes.len(),
                last = %fault,
                "filter is quarantined after too many crashes in an hour: its messages go by its fail mode until the engine is restarted without it or with a better version"
            );
        }
    }
}

impl Filter for PluginFilter {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn signals(&self) -> &[SignalDescription] {
        &self.signals
    }

    fn inspect(&self, subject: &Subject, earlier: &[Signal]) -> Result<Vec<Signal>, FilterFault> {
        if self.is_quarantined() {
            let text = "crashed too often within an hour and is switched off";
            return Err(FilterFault::new(FaultKind::Quarantined, text));
        }
        let result = self.run(subject, earlier);
        if let Err(fault) = &result
            && matches!(fault.kind, FaultKind::Timeout | FaultKind::Memory | FaultKind::Trap)
        {
            self.count_crash(fault);
        }
        result
    }
}
