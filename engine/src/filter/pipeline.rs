//! The pipeline: one message, every live filter in order on an inspector's thread, one verdict; then its shadows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fmt, io};

use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, Utc};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::config::Filters;
use crate::domain::message::action_of;
use crate::domain::{Action, ClientId, FilterRun, Seq, Verdict};
use crate::telemetry::conversations::Bound;
use crate::telemetry::sends;
use crate::telemetry::trace::{self, Attribute};

use super::judging;
use super::pool::{Ended, Inspectors};
use super::set::FilterSet;
use super::shadow::{ShadowSink, Shadowed};
use super::{Inspection, Purpose, Recent, Stage, Subject};

/// Too many messages wait for an inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many messages wait for inspection; try again in a second")]
pub struct Overloaded;

/// How long a message may wait for a free inspector.
const QUEUE_ALLOWANCE: Duration = Duration::from_secs(2);
/// A filter's deadline counts its own work; on a busy machine the wall clock may show more, but never more than so many times it.
pub const DEADLINE_STRETCH: u32 = 4;
/// For what surrounds the filters.
const SLACK: Duration = Duration::from_millis(50);
/// Messages that wait for shadows or rehearsals; each keeps its text in memory.
const ASIDE: usize = 1_024;

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
    /// One thread of low priority, for whatever nobody's message waits for.
    aside: Inspectors,
    recent: Arc<Recent>,
    sink: ArcSwapOption<ShadowSink>,
    missed: AtomicU64,
    deadline: Duration,
}

/// A judged message: what was decided, how, and what is needed to look at it again.
#[derive(Clone)]
pub struct Judged {
    /// What policy made of it; `None` if nothing was found and nothing failed.
    pub verdict: Option<Arc<Verdict>>,
    /// Every filter's run; empty without a verdict.
    pub runs: Vec<FilterRun>,
    /// From question to answer, waiting included, microseconds.
    pub micros: u32,
    subject: Arc<Subject>,
    set: Arc<FilterSet>,
}

impl fmt::Debug for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judged")
            .field("verdict", &self.verdict)
            .field("runs", &self.runs)
            .field("micros", &self.micros)
            .finish_non_exhaustive()
    }
}

impl Judged {
    /// The time it was judged at: the message's own.
    pub fn at(&self) -> DateTime<Utc> {
        self.subject.now
    }

    /// What becomes of the message; plain delivery without a verdict.
    pub fn action(&self) -> Action {
        action_of(self.verdict.as_deref())
    }
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
            inspectors: Inspectors::start("rialto-inspector", threads, config.queue)?,
            aside: Inspectors::start("rialto-shadow", 1, ASIDE)?,
            recent: Arc::default(),
            sink: ArcSwapOption::empty(),
            missed: AtomicU64::new(0),
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

    /// Tells shadows' results to this channel from now on.
    pub fn set_sink(&self, sink: ShadowSink) {
        self.0.sink.store(Some(Arc::new(sink)));
    }

    /// What was said lately, as far as it is kept.
    pub fn recent(&self) -> &Arc<Recent> {
        &self.0.recent
    }

    /// Whether any filter of the current set, candidates included, looks at what was said before.
    pub fn wants_history(&self) -> bool {
        self.0.set.load().looks_back()
    }

    /// Shadow runs that were not made, or whose result was not taken, because their queue was full.
    pub fn shadows_missed(&self) -> u64 {
        self.0.missed.load(Ordering::Relaxed)
    }

    /// Messages that wait for an inspector.
    pub fn waiting(&self) -> usize {
        self.0.inspectors.waiting()
    }

    /// Runs every judging filter over the message; no verdict if none found anything and none failed.
    ///
    /// Waits little more than two seconds for an inspector, and twice the filters' stretched deadlines for them.
    pub async fn judge(&self, inspection: Inspection) -> Result<Judged, Overloaded> {
        let mut span = trace::child("filters");
        let subject = Subject::new(inspection)
            .with_trace(span.context())
            .with_recent(Arc::clone(&self.0.recent));
        let judged = self.ask(&self.0.inspectors, self.current(), subject).await;
        match &judged {
            Ok(judged) => {
                sends::PIPELINE.record(u64::from(judged.micros) * 1_000);
                let verdict = sends::verdict(judged.action().index());
                span.say(|| [Attribute::Word("verdict", verdict.to_owned())]);
            }
            Err(Overloaded) => {
                Bound::Filters.met();
                span.fail();
            }
        }
        judged
    }

    /// What this set (the current one if `None`) would make of a message. Nothing is recorded, counted or noted: no
    /// statistics, no history, and the subject says `Purpose::Rehearsal`, by which a host leaves its counters alone.
    /// Runs aside, by live versions only, so that it delays nobody's message.
    pub async fn try_out(
        &self,
        set: Option<Arc<FilterSet>>,
        inspection: Inspection,
    ) -> Result<Judged, Overloaded> {
        let set = set.unwrap_or_else(|| self.current());
        let subject = Subject::new(inspection)
            .with_purpose(Purpose::Rehearsal)
            .with_recent(Arc::clone(&self.0.recent));
        self.ask(&self.0.aside, set, subject).await
    }

    /// Takes a judged message's consequences after it was committed (`seq` is `None` if it was refused): a new message
    /// that was accepted becomes part of the recent past, and shadows look at it. Never waits and never fails.
    pub fn observe(&self, judged: Judged, seq: Option<Seq>, client_id: &ClientId) {
        let Judged { verdict, subject, set, .. } = judged;
        if seq.is_some() && subject.stage == Stage::Create && set.looks_back() {
            self.0.recent.note(&subject);
        }
        if set.slots.iter().all(|slot| slot.shadow().is_none()) {
            return;
        }
        let shadowed = Shadowed { subject, set, verdict, seq, client_id: client_id.clone() };
        let inner = Arc::downgrade(&self.0);
        let job = Box::new(move || {
            let Some(inner) = inner.upgrade() else { return Ended::Done };
            shadowed.run(|result| {
                let Some(sink) = inner.sink.load_full() else { return };
                if let Err(TrySendError::Full(_)) = sink.try_send(result) {
                    inner.missed.fetch_add(1, Ordering::Relaxed);
                }
            });
            Ended::Done
        });
        if !self.0.aside.submit(job) {
            self.0.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn ask(
        &self,
        inspectors: &Inspectors,
        set: Arc<FilterSet>,
        subject: Subject,
    ) -> Result<Judged, Overloaded> {
        let started = Instant::now();
        let subject = Arc::new(subject);
        let outcome = if set.slots.is_empty() {
            judging::Outcome::default()
        } else {
            self.outcome(inspectors, &set, &subject).await?
        };
        let micros = u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
        let judging::Outcome { verdict, runs } = outcome;
        Ok(Judged { verdict, runs, micros, subject, set })
    }

    async fn outcome(
        &self,
        inspectors: &Inspectors,
        set: &Arc<FilterSet>,
        subject: &Arc<Subject>,
    ) -> Result<judging::Outcome, Overloaded> {
        let filters = u32::try_from(set.slots.len()).unwrap_or(u32::MAX);
        let limit = self.0.deadline * DEADLINE_STRETCH * filters + SLACK;
        let progress = Arc::new(Progress::default());
        let (reply, mut answer) = oneshot::channel();
        let job = {
            let (progress, subject, set) = (progress.clone(), subject.clone(), set.clone());
            Box::new(move || work(&progress, &subject, &set, reply))
        };
        if !inspectors.submit(job) {
            return Err(Overloaded);
        }

        if let Ok(outcome) = timeout(limit, &mut answer).await {
            return outcome.map_err(|_| Overloaded);
        }
        if progress.is_queued() {
            if let Ok(outcome) = timeout(QUEUE_ALLOWANCE, &mut answer).await {
                return outcome.map_err(|_| Overloaded);
            }
            if progress.withdraw() {
                return Err(Overloaded);
            }
        }
        // It may have started just now: it gets its whole time.
        if let Ok(outcome) = timeout(limit, &mut answer).await {
            return outcome.map_err(|_| Overloaded);
        }
        let Some(place) = progress.give_up() else {
            return answer.await.map_err(|_| Overloaded);
        };
        inspectors.replace_stuck();
        Ok(judging::gave_up(subject, set, place, limit))
    }
}

fn work(
    progress: &Progress,
    subject: &Subject,
    set: &FilterSet,
    reply: oneshot::Sender<judging::Outcome>,
) -> Ended {
    if reply.is_closed() || !progress.begin() {
        return Ended::Done;
    }
    let outcome =
        judging::judge(subject, set, |place| progress.enter(place), || progress.is_over());
    let Some(outcome) = outcome.filter(|_| progress.finish()) else { return Ended::GivenUp };
    // A caller who left doesn't need the answer.
    let _ = reply.send(outcome);
    Ended::Done
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

    /// The caller gave up.
    fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::ENDED
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
