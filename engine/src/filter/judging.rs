//! One message through the filters of a set, one after the other, on whatever thread calls.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::FailMode;
use crate::domain::{Action, FilterRun, RecordedSignal, RunMode, Verdict};
use crate::telemetry::trace::{self, Attribute};

use super::policy::{Circumstances, FAILED};
use super::set::{FilterSet, Release, Slot};
use super::{FaultKind, FilterFault, Purpose, Signal, Subject};

/// What judging a message came to.
#[derive(Default)]
pub(super) struct Outcome {
    /// What policy made of it; `None` if nothing was found and nothing failed.
    pub(super) verdict: Option<Arc<Verdict>>,
    /// Every filter's run; empty without a verdict.
    pub(super) runs: Vec<FilterRun>,
}

/// Runs every judging filter. `enter` is told each slot's place before its filter runs, and may end it all.
pub(super) fn judge(
    subject: &Subject,
    set: &FilterSet,
    enter: impl Fn(usize) -> bool,
    given_up: impl Fn() -> bool,
) -> Option<Outcome> {
    let mut found = Findings::default();
    for (place, slot) in set.slots.iter().enumerate() {
        let Some((release, _)) = judge_of(slot, subject) else { continue };
        if !enter(place) {
            return None;
        }
        let started = Instant::now();
        let result = inspect(release, subject, &found.signals);
        let took = started.elapsed();
        if given_up() {
            return None;
        }
        trace::record(subject.trace(), "filter", took, || {
            let outcome = match &result {
                Ok(signals) => Attribute::Number("signals", signals.len() as u64),
                Err(fault) => Attribute::Word("fault", fault.kind.as_str().to_owned()),
            };
            let word = |key, word: &str| Attribute::Word(key, word.to_owned());
            let filter = &release.filter;
            [word("filter", filter.name()), word("version", filter.version()), outcome]
        });
        if subject.purpose() == Purpose::Live {
            let outcome = result.as_ref().map(Vec::len).map_err(|fault| fault.kind);
            release.stats.inspected(subject.now, took, outcome);
        }
        match result {
            Ok(signals) => found.take(place, took, signals),
            Err(fault) => found.fail(place, took, slot, release, fault),
        }
    }
    Some(found.conclude(subject, set))
}

/// What becomes of a message that one filter did not come back from.
pub(super) fn gave_up(subject: &Subject, set: &FilterSet, place: usize, took: Duration) -> Outcome {
    let mut found = Findings::default();
    let slot = &set.slots[place];
    if let Some((release, _)) = judge_of(slot, subject) {
        let text = "did not come back; its thread was replaced";
        let fault = FilterFault::new(FaultKind::Timeout, text);
        if subject.purpose() == Purpose::Live {
            release.stats.inspected(subject.now, took, Err(fault.kind));
        }
        found.fail(place, took, slot, release, fault);
    }
    found.conclude(subject, set)
}

/// One filter's look at a message. A panic is a fault of the host's side of the filter, and costs no more than any other.
pub(super) fn inspect(
    release: &Release,
    subject: &Subject,
    earlier: &[Signal],
) -> Result<Vec<Signal>, FilterFault> {
    catch_unwind(AssertUnwindSafe(|| release.filter.inspect(subject, earlier)))
        .unwrap_or_else(|panic| Err(panicked(&*panic)))
}

/// The signals as they are recorded.
pub(super) fn recorded(
    release: &Release,
    signals: impl IntoIterator<Item = Signal>,
) -> impl Iterator<Item = RecordedSignal> {
    let filter = &release.filter;
    signals.into_iter().map(move |signal| {
        let described = filter.signals().iter().find(|described| described.id == signal.id);
        RecordedSignal {
            filter: filter.name().to_owned(),
            filter_version: filter.version().to_owned(),
            weight: described.map_or(0.0, |described| described.default_weight),
            id: signal.id,
            confidence: signal.confidence,
            spans: signal.spans,
            evidence: signal.evidence,
        }
    })
}

/// Canaries are for live messages: a rehearsal is judged by what is live.
fn judge_of<'a>(slot: &'a Slot, subject: &Subject) -> Option<(&'a Arc<Release>, RunMode)> {
    match subject.purpose() {
        Purpose::Live => slot.judge_of(&subject.conversation.id),
        Purpose::Rehearsal => slot.live.as_ref().map(|release| (release, RunMode::Live)),
    }
}

fn panicked(panic: &(dyn Any + Send)) -> FilterFault {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    FilterFault::new(FaultKind::Trap, format!("the host panicked: {text}"))
}

/// Filters whose times are kept without allocating.
const INLINE: usize = 16;

#[derive(Debug, Clone, Copy, Default)]
struct Look {
    place: u16,
    signals: u16,
    micros: u32,
}

/// What has been found so far; allocates nothing until something is.
#[derive(Default)]
struct Findings {
    signals: Vec<Signal>,
    /// For each signal its filter's place in the set.
    owners: Vec<usize>,
    failures: Vec<RecordedSignal>,
    faults: Vec<(usize, String)>,
    looks: [Look; INLINE],
    more: Vec<Look>,
    count: usize,
}

impl Findings {
    fn look(&mut self, place: usize, took: Duration, signals: usize) {
        let look = Look {
            place: u16::try_from(place).unwrap_or(u16::MAX),
            signals: u16::try_from(signals).unwrap_or(u16::MAX),
            micros: u32::try_from(took.as_micros()).unwrap_or(u32::MAX),
        };
        match self.looks.get_mut(self.count) {
            Some(free) => *free = look,
            None => self.more.push(look),
        }
        self.count += 1;
    }

    fn take(&mut self, place: usize, took: Duration, signals: Vec<Signal>) {
        self.look(place, took, signals.len());
        self.owners.extend(std::iter::repeat_n(place, signals.len()));
        if self.signals.is_empty() {
            self.signals = signals;
        } else {
            self.signals.extend(signals);
        }
    }

    fn fail(
        &mut self,
        place: usize,
        took: Duration,
        slot: &Slot,
        release: &Release,
        fault: FilterFault,
    ) {
        let (filter, version) = (release.filter.name(), release.filter.version());
        if fault.kind == FaultKind::Quarantined {
            tracing::debug!(filter, version, "filter is quarantined");
        } else {
            tracing::warn!(filter, version, kind = %fault.kind, text = %fault.text, "filter failed on a message");
        }
        self.look(place, took, 0);
        self.faults.push((place, fault.to_string()));
        if slot.fail_mode == FailMode::Open {
            return;
        }
        self.failures.push(RecordedSignal {
            filter: filter.to_owned(),
            filter_version: version.to_owned(),
            id: FAILED.to_owned(),
            confidence: 1.0,
            weight: 0.0,
            spans: Vec::new(),
            evidence: vec![
                ("filter".to_owned(), filter.to_owned()),
                ("fault".to_owned(), fault.kind.as_str().to_owned()),
                ("text".to_owned(), fault.text),
            ],
        });
    }

    fn conclude(self, subject: &Subject, set: &FilterSet) -> Outcome {
        if self.signals.is_empty() && self.failures.is_empty() {
            return Outcome::default();
        }
        let runs = self.runs(subject, set);
        let mut found = Vec::with_capacity(self.signals.len() + self.failures.len());
        for (signal, place) in self.signals.into_iter().zip(&self.owners) {
            if let Some((release, _)) = judge_of(&set.slots[*place], subject) {
                found.extend(recorded(release, [signal]));
            }
        }
        found.extend(self.failures);
        let began = Instant::now();
        let decided = set.policy.decide(&Circumstances::of(subject), found);
        trace::record(subject.trace(), "policy", began.elapsed(), || []);
        let Some(decided) = decided else {
            return Outcome::default();
        };
        if subject.purpose() == Purpose::Live {
            credit(subject, set, &self.owners, &decided.caused);
        }
        Outcome { verdict: Some(Arc::new(decided.verdict)), runs }
    }

    fn runs(&self, subject: &Subject, set: &FilterSet) -> Vec<FilterRun> {
        let looks = self.looks.iter().take(self.count).chain(&self.more);
        let run = |look: &Look| {
            let place = usize::from(look.place);
            let slot = set.slots.get(place)?;
            let (release, mode) = judge_of(slot, subject)?;
            let fault = self.faults.iter().find(|(at, _)| *at == place);
            Some(FilterRun {
                filter: release.filter.name().to_owned(),
                version: release.version,
                digest: release.digest.as_ref().to_owned(),
                config_hash: release.config_hash.as_ref().to_owned(),
                mode,
                micros: look.micros,
                signals: look.signals,
                fault: fault.map(|(_, text)| text.clone()),
            })
        };
        looks.filter_map(run).collect()
    }
}

/// Notes for each filter the strictest action that its own signals led to. Signals of one filter stand together.
fn credit(subject: &Subject, set: &FilterSet, owners: &[usize], caused: &[Action]) {
    let mut pairs = owners.iter().zip(caused).peekable();
    while let Some((place, action)) = pairs.next() {
        let mut strictest = *action;
        while let Some((_, action)) = pairs.next_if(|(next, _)| *next == place) {
            strictest = strictest.max(*action);
        }
        if let Some((release, _)) = judge_of(&set.slots[*place], subject)
            && strictest > Action::Deliver
        {
            release.stats.acted(subject.now, strictest);
        }
    }
}
