//! Idle instances of one filter version: taken for a call, put back if it went well, replaced after so many calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::filter::{FaultKind, FilterFault};

use super::bindings::FilterPre;
use super::bindings::rialto::filter::types::ConfigProblem;
use super::budget::Budget;
use super::engine::Host;
use super::instance::{Instance, Services, State};

/// Makes and keeps configured instances. There are never more than inspector threads.
pub(super) struct Pool {
    host: Host,
    pre: FilterPre<State>,
    services: Arc<Services>,
    config: String,
    recycle_after: u32,
    idle: Mutex<Vec<Instance>>,
}

impl Pool {
    /// An empty pool; every instance gets the configuration (JSON text) before its first message.
    pub(super) fn new(
        host: Host,
        pre: FilterPre<State>,
        services: Arc<Services>,
        config: String,
        recycle_after: u32,
    ) -> Self {
        Self { host, pre, services, config, recycle_after, idle: Mutex::default() }
    }

    /// What runs the instances.
    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// An instance ready for `inspect`; making one counts into the same deadline.
    pub(super) fn take(
        &self,
        now: DateTime<Utc>,
        deadline: Duration,
    ) -> Result<Instance, FilterFault> {
        let budget = Budget::start(deadline);
        let idle = self.lock().pop();
        if let Some(mut instance) = idle {
            instance.prepare(now, budget);
            return Ok(instance);
        }
        self.make(now, budget)?.map_err(|problems| {
            let problems = problem_list(&problems);
            FilterFault::new(FaultKind::Fault, format!("refused its configuration: {problems}"))
        })
    }

    /// A new instance, configured; the inner error is the filter's opinion of the configuration.
    pub(super) fn make(
        &self,
        now: DateTime<Utc>,
        budget: Budget,
    ) -> Result<Result<Instance, Vec<ConfigProblem>>, FilterFault> {
        let mut instance = Instance::new(&self.host, &self.pre, &self.services, now, budget)?;
        Ok(instance.configure(&self.config)?.map(|()| instance))
    }

    /// Keeps an instance for the next message, unless it is worn.
    pub(super) fn put(&self, instance: Instance) {
        if instance.calls() < self.recycle_after {
            self.lock().push(instance);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Instance>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first few problems, for people.
pub(super) fn problem_list(problems: &[ConfigProblem]) -> String {
    let lines = problems.iter().take(10).map(|one| {
        let cut = |text: &str| text.chars().take(200).collect::<String>();
        format!("{}: {}", cut(&one.path), cut(&one.problem))
    });
    lines.collect::<Vec<_>>().join("; ")
}
