//! The pipeline: one message, every live filter in order on an inspector's thread, one verdict.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{fmt, io};

use arc_swap::ArcSwap;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::config::{FailMode, Filters};
use crate::domain::{RecordedSignal, Verdict};

use super::policy::{FAILED, Policy, Weighted};
use super::pool::{Inspectors, Outcome};
use super::{FaultKind, Filter, FilterFault, Inspection, Signal, Subject};

/// Too many messages wait for an inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many messages wait for inspection; try again in a second")]
pub struct Overloaded;

/// A filter that judges live messages, and what its failure means.
#[derive(Clone)]
pub struct LiveFilter {
    /// The filter.
    pub filter: Arc<dyn Filter>,
    /// What becomes of a message it fails on.
    pub fail_mode: FailMode,
}

/// Everything that judges a message; a message is judged wholly by one set.
#[derive(Clone)]
pub struct FilterSet {
    /// In the order they run.
    pub filters: Vec<LiveFilter>,
    /// Turns their signals into a verdict.
    pub policy: Arc<Policy>,
}

impl FilterSet {
    /// A set whose filters all have the same fail mode.
    pub fn new(filters: Vec<Arc<dyn Filter>>, fail_mode: FailMode, policy: Policy) -> Self {
        let filters = filters.into_iter().map(|filter| LiveFilter { filter, fail_mode }).collect();
        Self { filters, policy: Arc::new(policy) }
    }
}

/// How long a message may wait for a free inspector.
const QUEUE_ALLOWANCE: Duration = Duration::from_secs(2);
/// A filter's deadline counts its own work; on a busy machine the wall clock may show more, but never more than so many times it.
pub const DEADLINE_STRETCH: u32 = 4;
/// For what surrounds the filters.
const SLACK: Duration = Duration::from_millis(50);

/// Judges messages on a bounded pool of threads. Cheap to clone.
#[derive(Clone)]
pub struct Pipeline(Arc<Inner>);

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pipeline")
    }
}

struct Inner {
    set: ArcSwap<FilterSet>,
    inspectors: Inspectors,
    deadline: Duration,
}

impl Pipeline {
    /// Starts the inspectors; fails if threads can't be started.
    pub fn start(config: &Filters, set: FilterSet) -> io::Result<Self> {
        let threads = match config.threads {
            // With one alone, a filter that loops would stop everything until its deadline.
            0 => std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2)),
            threads => threads,
        };
        Ok(Self(Arc::new(Inner {
            set: ArcSwap::from_pointee(set),
            inspectors: Inspectors::start(threads, config.queue)?,
            deadline: Duration::from_millis(config.deadline_ms),
        })))
    }

    /// Judges later messages by another set; those under way keep theirs.
    pub fn replace(&self, set: FilterSet) {
        self.0.set.store(Arc::new(set));
    }

    /// The set that judges now.
    pub fn current(&self) -> Arc<FilterSet> {
        self.0.set.load_full()
    }

    /// Runs every live filter over the message; `None` if none found anything and none failed.
    ///
    /// Waits little more than two seconds for an inspector, and twice the filters' stretched deadlines for them.
    pub async fn judge(&self, inspection: Inspection) -> Result<Option<Arc<Verdict>>, Overloaded> {
        let set = self.0.set.load_full();
        if set.filters.is_empty() {
            return Ok(None);
        }
        let filters = u32::try_from(set.filters.len()).unwrap_or(u32::MAX);
        let limit = self.0.deadline * DEADLINE_STRETCH * filters + SLACK;
        let progress = Arc::new(Progress::default());
        let subject = Arc::new(Subject::new(inspection));
        let (reply, mut answer) = oneshot::channel();
        let job = {
            let (progress, subject, set) = (progress.clone(), subject.clone(), set.clone());
            Box::new(move || work(&progress, &subject, &set, reply))
        };
        if !self.0.inspectors.submit(job) {
            return Err(Overloaded);
        }

        if let Ok(verdict) = timeout(limit, &mut answer).await {
            return verdict.map_err(|_| Overloaded);
        }
        if progress.is_queued() {
            if let Ok(verdict) = timeout(QUEUE_ALLOWANCE, &mut answer).await {
                return verdict.map_err(|_| Overloaded);
            }
            if progress.withdraw() {
                return Err(Overloaded);
            }
        }
        // It may have started just now: it gets its whole time.
        if let Ok(verdict) = timeout(limit, &mut answer).await {
            return verdict.map_err(|_| Overloaded);
        }
        let Some(index) = progress.give_up() else {
            return answer.await.map_err(|_| Overloaded);
        };
        self.0.inspectors.replace_stuck();
        let mut found = Findings::default();
        let fault =
            FilterFault::new(FaultKind::Timeout, "did not come back; its thread was replaced");
        found.fail(&set.filters[index], &fault);
        Ok(found.verdict(&subject, &set))
    }
}

fn work(
    progress: &Progress,
    subject: &Subject,
    set: &FilterSet,
    reply: oneshot::Sender<Option<Arc<Verdict>>>,
) -> Outcome {
    if reply.is_closed() || !progress.begin() {
        return Outcome::Done;
    }
    let mut found = Findings::default();
    for (index, live) in set.filters.iter().enumerate() {
        if !progress.enter(index) {
            return Outcome::Replaced;
        }
        // A panic is a fault of the host's side of the filter, and costs no more than any other.
        let result =
            catch_unwind(AssertUnwindSafe(|| live.filter.inspect(subject, &found.signals)));
        match result.unwrap_or_else(|panic| Err(panicked(&*panic))) {
            Ok(signals) => {
                found.owners.extend(std::iter::repeat_n(index, signals.len()));
                found.signals.extend(signals);
            }
            Err(fault) => found.fail(live, &fault),
        }
    }
    if !progress.finish() {
        return Outcome::Replaced;
    }
    // A caller who left doesn't need the answer.
    let _ = reply.send(found.verdict(subject, set));
    Outcome::Done
}

fn panicked(panic: &(dyn Any + Send)) -> FilterFault {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    FilterFault::new(FaultKind::Trap, format!("the host panicked: {text}"))
}

/// What has been found so far; allocates nothing until something is.
#[derive(Default)]
struct Findings {
    signals: Vec<Signal>,
    /// For each signal its filter's place in the set.
    owners: Vec<usize>,
    failures: Vec<Weighted>,
}

impl Findings {
    fn fail(&mut self, live: &LiveFilter, fault: &FilterFault) {
        let (filter, version) = (live.filter.name(), live.filter.version());
        if fault.kind == FaultKind::Quarantined {
            tracing::debug!(filter, version, "filter is quarantined");
        } else {
            tracing::warn!(filter, version, kind = %fault.kind, text = %fault.text, "filter failed on a message");
        }
        if live.fail_mode == FailMode::Open {
            return;
        }
        let signal = RecordedSignal {
            filter: filter.to_owned(),
            filter_version: version.to_owned(),
            id: FAILED.to_owned(),
            confidence: 1.0,
            spans: Vec::new(),
            evidence: vec![
                ("filter".to_owned(), filter.to_owned()),
                ("fault".to_owned(), fault.kind.as_str().to_owned()),
                ("text".to_owned(), fault.text.clone()),
            ],
        };
        self.failures.push(Weighted { signal, default_weight: 0.0 });
    }

    fn verdict(self, subject: &Subject, set: &FilterSet) -> Option<Arc<Verdict>> {
        if self.signals.is_empty() && self.failures.is_empty() {
            return None;
        }
        let recorded = self.signals.into_iter().zip(self.owners).map(|(signal, owner)| {
            let filter = &set.filters[owner].filter;
            let described = filter.signals().iter().find(|described| described.id == signal.id);
            Weighted {
                default_weight: described.map_or(0.0, |described| described.default_weight),
                signal: RecordedSignal {
                    filter: filter.name().to_owned(),
                    filter_version: filter.version().to_owned(),
                    id: signal.id,
                    confidence: signal.confidence,
                    spans: signal.spans,
                    evidence: signal.evidence,
                },
            }
        });
        let found = recorded.chain(self.failures).collect();
        set.policy.decide(subject.text.len(), subject.conversation.kind, found).map(Arc::new)
    }
}

/// Where a job is: 0 queued, 1 finished or given up, otherwise 2 + the running filter's place.
#[derive(Default)]
struct Progress(AtomicUsize);

impl Progress {
    const QUEUED: usize = 0;
    const ENDED: usize = 1;
    const RUNNING: usize = 2;

    fn change(&self, from: usize, to: usize) -> bool {
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The inspector starts; false if the caller withdrew.
    fn begin(&self) -> bool {
        self.change(Self::QUEUED, Self::RUNNING)
    }

    /// The inspector goes to the next filter; false if the caller gave up.
    fn enter(&self, index: usize) -> bool {
        let at = self.0.load(Ordering::Acquire);
        at >= Self::RUNNING && self.change(at, Self::RUNNING + index)
    }

    /// The inspector is through; false if the caller gave up.
    fn finish(&self) -> bool {
        self.0.swap(Self::ENDED, Ordering::AcqRel) != Self::ENDED
    }

    /// No inspector has taken it yet.
    fn is_queued(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::QUEUED
    }

    /// The caller doesn't want it any more; false if it runs already.
    fn withdraw(&self) -> bool {
        self.change(Self::QUEUED, Self::ENDED)
    }

    /// The caller stops waiting; the place of the filter it is stuck in, or `None` if it just finished.
    fn give_up(&self) -> Option<usize> {
        self.0.swap(Self::ENDED, Ordering::AcqRel).checked_sub(Self::RUNNING)
    }
}

#[cfg(test)]
mod tests;
