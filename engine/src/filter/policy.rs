//! The policy: an ordered, versioned table that turns a message's signals into one verdict.

use crate::domain::{Action, ConversationKind, RecordedSignal, Span, Verdict};

use super::table;

pub use super::table::is_signal_id;

/// Why a policy table is refused; names the row and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or with fields that don't exist.
    #[error("the policy table can't be read: {0}")]
    Syntax(String),
    /// Something wrong outside the rows.
    #[error("the policy table's {field} {problem}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Something wrong in a row.
    #[error("policy {table} {number} {problem}")]
    Row {
        /// `row` or `sum`.
        table: &'static str,
        /// Counted from 1, in the file's order.
        number: usize,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// Which signals a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// One id.
    Exact(String),
    /// Every id that starts so, such as `contact.`.
    Prefix(String),
}

impl Pattern {
    fn matches(&self, id: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == id,
            Self::Prefix(prefix) => id.starts_with(prefix.as_str()),
        }
    }

    /// Whether every id of `other` is one of this pattern's.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Exact(id) => self.matches(id),
            Self::Prefix(longer) => match self {
                Self::Exact(_) => false,
                Self::Prefix(prefix) => longer.starts_with(prefix.as_str()),
            },
        }
    }
}

/// Conversations a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) direct: bool,
    pub(super) support: bool,
}

impl Kinds {
    fn contains(self, kind: ConversationKind) -> bool {
        match kind {
            ConversationKind::Direct => self.direct,
            ConversationKind::Support => self.support,
        }
    }

    pub(super) fn covers(self, other: Self) -> bool {
        (self.direct || !other.direct) && (self.support || !other.support)
    }
}

/// What a row does, and the words that go with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Consequence {
    pub(super) action: Action,
    pub(super) notice: Option<String>,
    pub(super) warning: Option<String>,
    pub(super) kinds: Kinds,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) pattern: Pattern,
    pub(super) min_confidence: f32,
    pub(super) consequence: Consequence,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sum {
    pub(super) at_least: f32,
    pub(super) consequence: Consequence,
}

/// A signal on its way to the record, with its filter's default weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    /// As it will be recorded.
    pub signal: RecordedSignal,
    /// Weight in sums unless the policy has its own.
    pub default_weight: f32,
}

/// The id of the signal that records a failed filter.
pub const FAILED: &str = "filter.failed";

/// An ordered, versioned table; parsed and checked once.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub(super) version: u32,
    pub(super) rows: Vec<Row>,
    pub(super) sums: Vec<Sum>,
    pub(super) weights: Vec<(String, f32)>,
    pub(super) failure_notice: String,
}

impl Policy {
    /// The documented default table, TOML.
    pub const DEFAULT: &'static str = include_str!("../../../schema/policy.toml");

    /// Parses and checks a table (TOML text).
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        table::parse(text)
    }

    /// The table's own version, recorded with every verdict.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Turns signals into a verdict; `None` without any signal. A signal `filter.failed` holds the message.
    ///
    /// Per signal the first row that fits decides; a sum counts every signal; the strictest action wins.
    pub fn decide(
        &self,
        text_len: usize,
        kind: ConversationKind,
        found: Vec<Weighted>,
    ) -> Option<Verdict> {
        if found.is_empty() {
            return None;
        }
        let mut decision = Decision::default();
        let mut mask = Vec::new();
        for weighted in &found {
            let signal = &weighted.signal;
            if signal.id == FAILED {
                decision.take(Action::Hold, Some(&self.failure_notice), None);
            } else if let Some(row) = self.row(signal, kind) {
                if row.action == Action::Mask {
                    add_spans(&mut mask, &signal.spans, text_len);
                }
                decision.take(row.action, row.notice.as_deref(), row.warning.as_deref());
            }
        }
        let total: f32 = found.iter().map(|weighted| self.share(weighted)).sum();
        for sum in &self.sums {
            if total >= sum.at_least && sum.consequence.kinds.contains(kind) {
                let consequence = &sum.consequence;
                if consequence.action == Action::Mask {
                    found.iter().for_each(|one| mask.extend_from_slice(&one.signal.spans));
                }
                decision.take(
                    consequence.action,
                    consequence.notice.as_deref(),
                    consequence.warning.as_deref(),
                );
            }
        }
        Some(Verdict {
            action: decision.action,
            policy_version: self.version,
            signals: found.into_iter().map(|weighted| weighted.signal).collect(),
            mask: merge(mask),
            notice: decision.notice.map(str::to_owned),
            warning: decision.warning.map(|(_, words)| words.to_owned()),
        })
    }

    fn row(&self, signal: &RecordedSignal, kind: ConversationKind) -> Option<&Consequence> {
        let fits = |row: &&Row| {
            row.min_confidence <= signal.confidence
                && row.consequence.kinds.contains(kind)
                && row.pattern.matches(&signal.id)
        };
        self.rows.iter().find(fits).map(|row| &row.consequence)
    }

    fn share(&self, weighted: &Weighted) -> f32 {
        let own = self.weights.iter().find(|(id, _)| *id == weighted.signal.id);
        own.map_or(weighted.default_weight, |(_, weight)| *weight) * weighted.signal.confidence
    }
}

/// The strictest action so far, and its words.
struct Decision<'a> {
    action: Action,
    notice: Option<&'a str>,
    warning: Option<(Action, &'a str)>,
}

impl Default for Decision<'_> {
    fn default() -> Self {
        Self { action: Action::Deliver, notice: None, warning: None }
    }
}

impl<'a> Decision<'a> {
    fn take(&mut self, action: Action, notice: Option<&'a str>, warning: Option<&'a str>) {
        if action > self.action {
            self.action = action;
            self.notice = notice;
        } else if action == self.action {
            self.notice = self.notice.or(notice);
        }
        // The recipient's words outlive a stricter action: a held message may be released.
        if let Some(words) = warning
            && self.warning.is_none_or(|(strictest, _)| action > strictest)
        {
            self.warning = Some((action, words));
        }
    }
}

/// A signal that is to be masked but names no place means the whole text.
fn add_spans(mask: &mut Vec<Span>, spans: &[Span], text_len: usize) {
    if spans.is_empty() && text_len > 0 {
        mask.push(Span { start: 0, end: u32::try_from(text_len).unwrap_or(u32::MAX) });
    }
    mask.extend_from_slice(spans);
}

/// Sorts, joins what touches or overlaps, drops what is empty.
fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.start < span.end);
    spans.sort_unstable();
    spans.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    spans
}

#[cfg(test)]
mod tests;
