//! Findings, as signals.

use std::ops::Range;

use rialto_filter_sdk::{Signal, span};

use crate::config::{Config, Kind};

/// So many findings of a kind are told apart; the last one covers all that follow.
const MAX_FINDINGS: usize = 16;

/// Gathers what is found and wanted.
pub struct Findings<'c> {
    config: &'c Config,
    signals: Vec<Signal>,
    /// So many signals were found in an earlier reading: what overlaps them is known already.
    known: usize,
}

/// One finding, without what explains it further.
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// 0 to 1.
    pub confidence: f32,
    /// Where, in bytes.
    pub range: Range<usize>,
    /// Why it was found.
    pub why: &'static str,
}

impl<'c> Findings<'c> {
    /// Nothing found yet.
    pub fn new(config: &'c Config) -> Self {
        Self { config, signals: Vec::new(), known: 0 }
    }

    /// From now on, leaves out what overlaps what was found so far.
    pub fn only_new(&mut self) {
        self.known = self.signals.len();
    }

    /// Takes a finding if it is wanted; asks for its further evidence only if it becomes a signal.
    pub fn add(
        &mut self,
        finding: Finding,
        evidence: impl FnOnce() -> Option<(&'static str, String)>,
    ) {
        let Finding { kind, confidence, range, why } = finding;
        if confidence < self.config.min_confidence || !self.config.find.contains(&kind) {
            return;
        }
        let known = self.signals[..self.known].iter().flat_map(|signal| &signal.spans);
        if known.map(|it| it.range()).any(|it| it.start < range.end && range.start < it.end) {
            return;
        }
        let id = kind.signal();
        let same = self.signals.iter_mut().filter(|known| known.id == id);
        let (count, last) = same.fold((0, None), |(count, _), known| (count + 1, Some(known)));
        if count >= MAX_FINDINGS
            && let Some(covering) = last.and_then(|last| last.spans.first_mut())
        {
            let more = span(range);
            covering.start = covering.start.min(more.start);
            covering.end = covering.end.max(more.end);
            return;
        }
        let signal = Signal::new(id).confidence(confidence).span(range).evidence("why", why);
        self.signals.push(match evidence() {
            Some((name, value)) => signal.evidence(name, value),
            None => signal,
        });
    }

    /// All signals, ordered by kind, then by place.
    pub fn into_signals(self) -> Vec<Signal> {
        self.signals
    }
}
