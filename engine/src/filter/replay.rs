//! Deciding again over what was recorded: what another policy, or another version of a filter, would have made of it.

use std::sync::Arc;

use crate::domain::{RecordedSignal, Verdict};

use super::judging;
use super::policy::{Circumstances, FAILED, Policy};
use super::set::{FilterSet, Release};
use super::{FilterFault, Signal, Subject};

/// Another version's findings in place of those its filter gave at the time.
#[derive(Debug, Clone, Copy)]
pub struct Replaced<'a> {
    /// The filter's name.
    pub filter: &'a str,
    /// What it finds now; empty if it finds nothing.
    pub signals: &'a [RecordedSignal],
}

/// What policy makes of recorded signals, some filters' replaced; `None` if nothing is left to decide about.
///
/// Pure: it looks at nothing but its arguments. A filter's recorded failure goes with its signals.
pub fn decide_again(
    policy: &Policy,
    at: &Circumstances<'_>,
    recorded: &[RecordedSignal],
    replaced: &[Replaced<'_>],
) -> Option<Verdict> {
    let is_kept = |one: &&RecordedSignal| replaced.iter().all(|it| it.filter != one.filter);
    let mut found: Vec<RecordedSignal> = recorded.iter().filter(is_kept).cloned().collect();
    for replaced in replaced {
        found.extend_from_slice(replaced.signals);
    }
    policy.decide(at, found).map(|decided| decided.verdict)
}

/// What a set makes of a message here and now, on the caller's thread. Blocks; give it a thread that is not tokio's.
pub fn judge(set: &FilterSet, subject: &Subject) -> Option<Arc<Verdict>> {
    judging::judge(subject, set, |_| true, || false).and_then(|outcome| outcome.verdict)
}

/// What one version finds in a message, as it would be recorded. Blocks; give it a thread that is not tokio's.
pub fn inspect(
    release: &Release,
    subject: &Subject,
    earlier: &[Signal],
) -> Result<Vec<RecordedSignal>, FilterFault> {
    let signals = judging::inspect(release, subject, earlier)?;
    Ok(judging::recorded(release, signals).collect())
}

/// Recorded signals as a later filter sees them; failures are no signals to it.
pub fn as_earlier<'a>(recorded: impl IntoIterator<Item = &'a RecordedSignal>) -> Vec<Signal> {
    let signal = |one: &RecordedSignal| Signal {
        id: one.id.clone(),
        confidence: one.confidence,
        spans: one.spans.clone(),
        evidence: one.evidence.clone(),
    };
    recorded.into_iter().filter(|one| one.id != FAILED).map(signal).collect()
}
