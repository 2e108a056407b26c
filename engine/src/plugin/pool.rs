//! Instances of one filter version: taken for a call, put back if it went well, replaced after so many calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::filter::{FaultKind, FilterFault};

use super::bindings::FilterPre;
use super::bindings::rialto::filter::types;
use super::budget::Budget;
use super::engine::Host;
use super::instance::{Instance, Services, State, View};
use super::room::{Idle, Kept};
use super::schema::ConfigProblem;

/// Makes and keeps configured instances.
pub(super) struct Pool {
    host: Host,
    pre: FilterPre<State>,
    services: Arc<Services>,
    config: String,
    recycle_after: u32,
    idle: Arc<Waiting>,
}

/// The idle instances, the longest idle first.
#[derive(Default)]
struct Waiting(Mutex<VecDeque<(u64, Kept, Instance)>>);

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, Kept, Instance)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle for Waiting {
    fn oldest(&self) -> Option<u64> {
        self.lock().front().map(|(turn, _, _)| *turn)
    }

    fn drop_oldest(&self) {
        let oldest = self.lock().pop_front();
        drop(oldest);
    }
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
        let idle = Arc::<Waiting>::default();
        let weak: Weak<Waiting> = Arc::downgrade(&idle);
        host.room().register(weak);
        Self { host, pre, services, config, recycle_after, idle }
    }

    /// What runs the instances.
    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// The configuration, JSON text.
    pub(super) fn config(&self) -> &str {
        &self.config
    }

    /// An instance ready for `inspect`; making one counts into the same deadline.
    pub(super) fn take(
        &self,
        now: DateTime<Utc>,
        deadline: Duration,
        view: View,
    ) -> Result<Instance, FilterFault> {
        let budget = Budget::start(deadline);
        // The latest used is the warmest.
        let idle = self.idle.lock().pop_back();
        let mut instance = match idle {
            Some((_, _, mut instance)) => {
                instance.prepare(now, budget);
                instance
            }
            None => self.make(now, budget)?.map_err(|problems| {
                let problems = problem_list(&problems);
                FilterFault::new(FaultKind::Fault, format!("refused its configuration: {problems}"))
            })?,
        };
        instance.show(view);
        Ok(instance)
    }

    /// A new instance, configured; the inner error is the filter's opinion of the configuration.
    pub(super) fn make(
        &self,
        now: DateTime<Utc>,
        budget: Budget,
    ) -> Result<Result<Instance, Vec<ConfigProblem>>, FilterFault> {
        let mut instance = Instance::new(&self.host, &self.pre, &self.services, now, budget)?;
        let problems = instance.configure(&self.config)?.err();
        Ok(match problems {
            None => Ok(instance),
            Some(problems) => Err(problems.into_iter().take(32).map(told).collect()),
        })
    }

    /// Keeps an instance for the next message, unless it is worn.
    pub(super) fn put(&self, mut instance: Instance) {
        if instance.is_worn(self.recycle_after) {
            return;
        }
        instance.show(View::default());
        let room = self.host.room();
        let kept = room.keep(instance.memory());
        self.idle.lock().push_back((room.turn(), kept, instance));
        room.tidy();
    }
}

/// A guest's problem within our bounds.
fn told(problem: types::ConfigProblem) -> ConfigProblem {
    let cut = |text: String| text.chars().take(200).collect::<String>();
    ConfigProblem { path: cut(problem.path), problem: cut(problem.problem) }
}

/// The first few problems, for people.
pub(super) fn problem_list(problems: &[ConfigProblem]) -> String {
    let lines = problems.iter().take(10).map(ToString::to_string);
    lines.collect::<Vec<_>>().join("; ")
}
