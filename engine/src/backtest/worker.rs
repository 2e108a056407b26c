//! One backtest on a thread of its own: judges message after message both ways, resting in between.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::item::{Item, Recorded};
use super::pace::{Cancel, Pace};
use super::plan::{Progress, State};
use super::report::{Judged, Report, Tally, Timing};
use crate::domain::{Action, RecordedSignal, Verdict};
use crate::filter::policy::Circumstances;
use crate::filter::replay::{self, Replaced};
use crate::filter::stats::Histogram;
use crate::filter::{FilterSet, Policy, Recent, Release, Subject};

/// What judges in the new way.
pub(super) enum Candidate {
    /// A version of a filter.
    Filter(Arc<Release>),
    /// Another policy.
    Policy(Arc<Policy>),
}

/// All a worker needs; nothing of it is shared with live traffic.
pub(super) struct Worker {
    /// What is tried.
    pub(super) candidate: Candidate,
    /// Own copies of the live filters, to judge what was never judged; and the active policy.
    pub(super) set: FilterSet,
    /// Of one core.
    pub(super) share: f64,
    /// Told to stop.
    pub(super) cancel: Arc<Cancel>,
    /// Tells how far it is.
    pub(super) progress: watch::Sender<Progress>,
}

/// Messages between two notes of progress.
const NOTE_EVERY: u64 = 64;

impl Worker {
    /// Judges until there are no more messages. Blocks; runs guest code, so never on a thread of tokio's.
    pub(super) fn run(&self, mut items: mpsc::Receiver<Item>) -> Report {
        let mut pace = Pace::new(self.share);
        let (mut tally, times) = (Tally::new(), Histogram::default());
        let recent = Arc::new(Recent::new());
        let mut done = 0;
        while let Some(item) = items.blocking_recv() {
            if self.cancel.is_cancelled() {
                break;
            }
            pace.work(&self.cancel, || self.judge(item, &recent, &mut tally, &times));
            done += 1;
            if done % NOTE_EVERY == 0 {
                self.progress.send_modify(|progress| progress.done = done);
            }
        }
        self.progress.send_modify(|progress| {
            progress.done = done;
            progress.state = State::Running;
        });
        let times = times.read();
        let timing =
            Timing { p50: times.quantile(0.5), p99: times.quantile(0.99), max: times.max() };
        tally.report((done > 0).then_some(timing))
    }

    fn judge(&self, item: Item, recent: &Arc<Recent>, tally: &mut Tally, times: &Histogram) {
        let Item { place, inspection, recorded, unwanted } = item;
        let subject = Subject::new(inspection).with_recent(Arc::clone(recent));
        let recorded = recorded.unwrap_or_else(|| self.judge_now(&subject));
        let at = Circumstances::of(&subject);
        let before = replay::decide_again(&self.set.policy, &at, &recorded.signals, &[]);
        let started = std::time::Instant::now();
        let after = match &self.candidate {
            Candidate::Policy(policy) => {
                Ok(replay::decide_again(policy, &at, &recorded.signals, &[]))
            }
            Candidate::Filter(release) => {
                let name = release.filter.name();
                let others = recorded.signals.iter().filter(|one| one.filter != name);
                let earlier = replay::as_earlier(others);
                replay::inspect(release, &subject, &earlier).map(|found| {
                    let replaced = [Replaced { filter: name, signals: &found }];
                    replay::decide_again(&self.set.policy, &at, &recorded.signals, &replaced)
                })
            }
        };
        times.record(started.elapsed());
        recent.note(&subject);
        let after = after.unwrap_or_else(|fault| {
            tally.fault(fault.kind.as_str());
            before.clone()
        });
        tally.add(&Judged {
            place: &place,
            text: &subject.text,
            unwanted,
            before: summary(before.as_ref()),
            after: summary(after.as_ref()),
        });
    }

    /// What the live filters find in a message that was never sent.
    fn judge_now(&self, subject: &Subject) -> Recorded {
        let verdict = replay::judge(&self.set, subject);
        Recorded { signals: verdict.map_or_else(Vec::new, |verdict| verdict.signals.clone()) }
    }
}

fn summary(verdict: Option<&Verdict>) -> (Action, &[RecordedSignal]) {
    verdict.map_or((Action::Deliver, &[]), |verdict| (verdict.action, &verdict.signals))
}
