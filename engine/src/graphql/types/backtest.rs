//! What would have changed: backtests, their progress and their reports.

use async_graphql::{ComplexObject, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::verdict::{Action, Signal};
use crate::backtest;
use crate::graphql::ids;

/// Where a backtest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "backtest::State")]
pub enum BacktestState {
    /// Waits for another one to end.
    Queued,
    /// Judges.
    Running,
    /// Ended; the report is complete.
    Done,
    /// Somebody stopped it; the report is of what it had judged.
    Cancelled,
    /// It could not go on.
    Failed,
    /// The engine stopped before it ended.
    Interrupted,
}

/// How far a backtest is.
#[derive(Debug, Clone, SimpleObject)]
pub struct BacktestProgress {
    /// Where it is.
    state: BacktestState,
    /// Messages judged.
    done: u64,
    /// Messages there are; null until they are counted.
    total: Option<u64>,
    /// Why it failed.
    problem: Option<String>,
}

impl From<backtest::Progress> for BacktestProgress {
    fn from(progress: backtest::Progress) -> Self {
        let backtest::Progress { state, done, total, problem } = progress;
        Self { state: state.into(), done, total, problem }
    }
}

/// A run of a draft filter or policy over messages of the past.
pub struct Backtest(pub backtest::Backtest);

/// A run of a draft filter or policy over messages of the past.
#[Object]
impl Backtest {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.clone().into()
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Who asked for it.
    async fn created_by(&self) -> ID {
        self.0.created_by.as_str().into()
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// The filter under test; null if a policy is.
    async fn filter_name(&self) -> Option<&str> {
        match &self.0.plan.under_test {
            backtest::UnderTest::Filter { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The version under test, of the filter or of the policy; null for a policy that was not saved.
    async fn version(&self) -> Option<u32> {
        match self.0.plan.under_test {
            backtest::UnderTest::Filter { version, .. }
            | backtest::UnderTest::Policy { version } => Some(version),
            backtest::UnderTest::PolicyText(_) => None,
        }
    }

    /// The file the messages are from; null if they are from the history.
    async fn file_name(&self) -> Option<&str> {
        match &self.0.plan.source {
            backtest::Source::File { name, .. } => Some(name),
            backtest::Source::History(_) => None,
        }
    }

    /// Share of one core it may take.
    async fn share(&self) -> f64 {
        self.0.plan.share
    }

    /// How far it is.
    async fn progress(&self) -> BacktestProgress {
        self.0.progress.clone().into()
    }

    /// What it found; null until it ends, and in lists.
    async fn report(&self) -> Option<BacktestReport> {
        self.0.report.clone().map(Into::into)
    }
}

/// How many messages went from one action to another.
#[derive(Debug, Clone, SimpleObject)]
pub struct BacktestTransition {
    /// What becomes of them now.
    before: Action,
    /// What would become of them.
    after: Action,
    /// How many.
    messages: u64,
}

/// Messages with a signal.
#[derive(Debug, Clone, SimpleObject)]
pub struct BacktestSignalCount {
    /// The signal's id.
    signal_id: String,
    /// Messages that have it now.
    before: u64,
    /// Messages that would have it.
    after: u64,
}

/// Messages the filter under test failed on.
#[derive(Debug, Clone, SimpleObject)]
pub struct BacktestFault {
    /// In what way.
    kind: String,
    /// How many; they count as unchanged.
    messages: u64,
}

/// Times per message of what is under test.
#[derive(Debug, Clone, SimpleObject)]
pub struct BacktestTiming {
    /// Half took no longer, microseconds.
    #[graphql(name = "p50Micros")]
    p50: f64,
    /// 99 of 100 took no longer, microseconds.
    #[graphql(name = "p99Micros")]
    p99: f64,
    /// The longest, microseconds.
    #[graphql(name = "maxMicros")]
    max: f64,
}

/// How right verdicts are, where it is known which messages are unwanted.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct BacktestTruth {
    /// Unwanted and caught.
    true_positives: u64,
    /// Fine, but caught.
    false_positives: u64,
    /// Fine and let through.
    true_negatives: u64,
    /// Unwanted, but let through.
    false_negatives: u64,
    #[graphql(skip)]
    counts: backtest::Confusion,
}

#[ComplexObject]
impl BacktestTruth {
    /// Share of the caught that are unwanted; null if nothing was caught.
    async fn precision(&self) -> Option<f64> {
        self.counts.precision()
    }

    /// Share of the unwanted that are caught; null if nothing is unwanted.
    async fn recall(&self) -> Option<f64> {
        self.counts.recall()
    }

    /// Harmonic mean of both.
    async fn f1(&self) -> Option<f64> {
        self.counts.f1()
    }

    /// Matthews correlation coefficient, -1 to 1.
    async fn mcc(&self) -> Option<f64> {
        self.counts.mcc()
    }
}

impl From<backtest::Confusion> for BacktestTruth {
    fn from(counts: backtest::Confusion) -> Self {
        let backtest::Confusion {
            true_positives,
            false_positives,
            true_negatives,
            false_negatives,
        } = counts;
        Self { true_positives, false_positives, true_negatives, false_negatives, counts }
    }
}

/// One message whose verdict would change.
#[derive(Debug, Clone, SimpleObject)]
pub struct BacktestSample {
    /// The conversation it was said in; null if it is from a file.
    conversation_id: Option<ID>,
    /// Its event there; null if it was refused or is from a file.
    seq: Option<u64>,
    /// The file's line, counted from 1; null if it is from the history.
    line: Option<u64>,
    /// What was said, shortened.
    text: String,
    /// What becomes of it now.
    before: Action,
    /// What would become of it.
    after: Action,
    /// What was found, in the new way.
    signals: Vec<Signal>,
    /// Whether it is known to be unwanted.
    unwanted: Option<bool>,
}

impl From<backtest::Sample> for BacktestSample {
    fn from(sample: backtest::Sample) -> Self {
        let (conversation_id, seq, line) = match sample.place {
            backtest::Place::Message { conversation, seq } => {
                (Some(ids::of_conversation(&conversation)), seq, None)
            }
            backtest::Place::Line(line) => (None, None, Some(line)),
        };
        Self {
            conversation_id,
            seq,
            line,
            text: sample.text,
            before: sample.before.into(),
            after: sample.after.into(),
            signals: sample.signals.iter().map(Into::into).collect(),
            unwanted: sample.unwanted,
        }
    }
}

/// What a backtest found.
#[derive(Debug, Clone, SimpleObject)]
pub struct BacktestReport {
    /// Messages judged again.
    messages: u64,
    /// Messages whose action would change.
    changed_count: u64,
    /// Nothing happened to them; now something would.
    newly_caught_count: u64,
    /// Something happened to them; now nothing would.
    newly_released_count: u64,
    /// Every pair of actions that occurred.
    transitions: Vec<BacktestTransition>,
    /// Messages by signal.
    signals: Vec<BacktestSignalCount>,
    /// A random choice of the newly caught, at most 50.
    newly_caught: Vec<BacktestSample>,
    /// A random choice of the newly released, at most 50.
    newly_released: Vec<BacktestSample>,
    /// How right verdicts are now; null where nothing is known.
    truth_before: Option<BacktestTruth>,
    /// How right they would be.
    truth_after: Option<BacktestTruth>,
    /// Times per message of what is under test.
    timing: Option<BacktestTiming>,
    /// What the filter under test failed on.
    faults: Vec<BacktestFault>,
}

impl From<backtest::Report> for BacktestReport {
    fn from(report: backtest::Report) -> Self {
        let transition = |one: backtest::Transition| BacktestTransition {
            before: one.before.into(),
            after: one.after.into(),
            messages: one.messages,
        };
        let signal = |(signal_id, count): (String, backtest::SignalCount)| BacktestSignalCount {
            signal_id,
            before: count.before,
            after: count.after,
        };
        Self {
            messages: report.messages,
            changed_count: report.changed_count(),
            newly_caught_count: report.newly_caught_count(),
            newly_released_count: report.newly_released_count(),
            transitions: report.transitions.into_iter().map(transition).collect(),
            signals: report.signals.into_iter().map(signal).collect(),
            newly_caught: report.newly_caught.into_iter().map(Into::into).collect(),
            newly_released: report.newly_released.into_iter().map(Into::into).collect(),
            truth_before: report.truth_before.map(Into::into),
            truth_after: report.truth_after.map(Into::into),
            timing: report.timing.map(|timing| BacktestTiming {
                p50: timing.p50,
                p99: timing.p99,
                max: timing.max,
            }),
            faults: report
                .faults
                .into_iter()
                .map(|(kind, messages)| BacktestFault { kind, messages })
                .collect(),
        }
    }
}
