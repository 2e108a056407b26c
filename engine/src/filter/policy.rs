//! The policy: an ordered, versioned table that turns a message's signals into one verdict.

mod compare;
mod matches;
mod scope;
mod table;
mod words;

use std::sync::Arc;

use crate::domain::{Action, ConversationKind, RecordedSignal, Span, Verdict};

use super::Inspection;
use scope::{Pattern, Scope};
use words::Words;

pub use compare::{Change, ChangeKind, FieldChange, PolicyChanges};
pub use matches::Match;
pub use scope::is_signal_id;
pub use table::{PolicyError, PolicyProblem};

/// What a row or sum does, where, and the words that go with it.
#[derive(Debug, Clone, PartialEq)]
struct Consequence {
    action: Action,
    notice: Option<Words>,
    warning: Option<Words>,
    scope: Scope,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    pattern: Pattern,
    min_confidence: f32,
    consequence: Consequence,
}

#[derive(Debug, Clone, PartialEq)]
struct Sum {
    at_least: f32,
    consequence: Consequence,
}

/// Signals that say much the same: together they add no more than the cap to sums.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    name: String,
    signals: Vec<Pattern>,
    cap: f32,
}

/// What of a message and its surroundings a policy looks at.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Length of the text, bytes.
    pub text_len: usize,
    /// Direct or support.
    pub kind: ConversationKind,
    /// The listing's category.
    pub category: Option<&'a str>,
    /// The listing's title.
    pub listing: Option<&'a str>,
    /// BCP 47 tag of who wrote it.
    pub sender_locale: Option<&'a str>,
    /// BCP 47 tag of who will read it.
    pub recipient_locale: Option<&'a str>,
}

impl<'a> Circumstances<'a> {
    /// Those of a message under inspection.
    pub fn of(inspection: &'a Inspection) -> Self {
        let listing = inspection.listing.as_ref();
        Self {
            text_len: inspection.text.len(),
            kind: inspection.conversation.kind,
            category: listing.and_then(|listing| listing.category.as_deref()),
            listing: listing.and_then(|listing| listing.title.as_deref()),
            sender_locale: inspection.sender.locale.as_deref(),
            recipient_locale: inspection.conversation.recipient_locale.as_deref(),
        }
    }
}

/// A verdict and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The verdict.
    pub verdict: Verdict,
    /// For each of the verdict's signals the strictest action that it led to, by its row or by a sum it added to.
    pub caused: Vec<Action>,
}

/// The id of the signal that records a failed filter.
pub const FAILED: &str = "filter.failed";

/// An ordered table; parsed and checked once, numbered by whoever keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    version: u32,
    text: Arc<str>,
    rows: Vec<Row>,
    sums: Vec<Sum>,
    groups: Vec<Group>,
    /// Sorted by signal.
    weights: Vec<(String, f32)>,
    /// Words that rows refer to, by id.
    words: Vec<(String, Words)>,
    default_language: String,
    failure_notice: Words,
}

impl Policy {
    /// The documented default table, TOML.
    pub const DEFAULT: &'static str = include_str!("../../../schema/policy.toml");

    /// Parses and checks a table; says everything that is wrong with it. `version` is recorded with every verdict.
    pub fn parse(text: &str, version: u32) -> Result<Self, PolicyError> {
        table::parse(text, version)
    }

    /// The number it was given.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The table as it was written, TOML.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is different in `newer`.
    pub fn compare(older: &Self, newer: &Self) -> PolicyChanges {
        compare::compare(older, newer)
    }

    /// Turns signals into a verdict; `None` without any signal. A signal `filter.failed` holds the message.
    ///
    /// Per signal the first row that fits decides; a sum counts every signal, groups up to their caps; the strictest
    /// action wins, and of its rows and sums the first has the word. The order of the signals makes no difference.
    pub fn decide(&self, at: &Circumstances<'_>, found: Vec<RecordedSignal>) -> Option<Decided> {
        if found.is_empty() {
            return None;
        }
        let mut decision = Decision::default();
        let mut mask = Vec::new();
        let mut caused = vec![Action::Deliver; found.len()];
        for (signal, caused) in found.iter().zip(&mut caused) {
            if signal.id == FAILED {
                *caused = Action::Hold;
                decision.take(0, Action::Hold, Some(&self.failure_notice), None);
            } else if let Some((place, row)) = self.row(signal, at) {
                *caused = row.action;
                if row.action == Action::Mask {
                    add_spans(&mut mask, &signal.spans, at.text_len);
                }
                decision.take(1 + place, row.action, row.notice.as_ref(), row.warning.as_ref());
            }
        }
        let total = self.total(&found);
        for (place, sum) in self.sums.iter().enumerate() {
            let consequence = &sum.consequence;
            if total < points(sum.at_least) || !consequence.scope.contains(at) {
                continue;
            }
            if consequence.action == Action::Mask {
                let spans: Vec<Span> = found.iter().flat_map(|one| one.spans.clone()).collect();
                add_spans(&mut mask, &spans, at.text_len);
            }
            for (signal, caused) in found.iter().zip(&mut caused) {
                if self.share(signal) > 0 {
                    *caused = consequence.action.max(*caused);
                }
            }
            let place = 1 + self.rows.len() + place;
            let (notice, warning) = (consequence.notice.as_ref(), consequence.warning.as_ref());
            decision.take(place, consequence.action, notice, warning);
        }
        let verdict = Verdict {
            action: decision.action,
            policy_version: self.version,
            signals: found,
            mask: merge(mask),
            notice: decision.notice.map(|(_, words)| words.for_reader(at.sender_locale, at)),
            warning: decision.warning.map(|(.., words)| words.for_reader(at.recipient_locale, at)),
        };
        Some(Decided { verdict, caused })
    }

    fn row(
        &self,
        signal: &RecordedSignal,
        at: &Circumstances<'_>,
    ) -> Option<(usize, &Consequence)> {
        let fits = |row: &Row| {
            row.min_confidence <= signal.confidence
                && row.pattern.matches(&signal.id)
                && row.consequence.scope.contains(at)
        };
        let place = self.rows.iter().position(fits)?;
        Some((place, &self.rows[place].consequence))
    }

    /// What all signals add up to, in points.
    fn total(&self, found: &[RecordedSignal]) -> u64 {
        let mut total = 0_u64;
        let mut grouped = vec![0_u64; self.groups.len()];
        for signal in found {
            let group = self
                .groups
                .iter()
                .position(|group| group.signals.iter().any(|pattern| pattern.matches(&signal.id)));
            let counted = group.map_or(&mut total, |group| &mut grouped[group]);
            *counted = counted.saturating_add(self.share(signal));
        }
        for (sum, group) in grouped.into_iter().zip(&self.groups) {
            total = total.saturating_add(sum.min(points(group.cap)));
        }
        total
    }

    /// Weight times confidence, in points.
    fn share(&self, signal: &RecordedSignal) -> u64 {
        let own = self.weights.binary_search_by(|(id, _)| id.as_str().cmp(&signal.id));
        let weight = own.map_or(signal.weight, |place| self.weights[place].1);
        points_of(f64::from(weight) * f64::from(signal.confidence))
    }
}

/// Millionths: whole numbers add up to the same in every order.
fn points(number: f32) -> u64 {
    points_of(f64::from(number))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and what is no number becomes 0"
)]
fn points_of(number: f64) -> u64 {
    (number * 1_000_000.0).round() as u64
}

/// The strictest action so far, and the words of the first row that led to it.
struct Decision<'a> {
    action: Action,
    notice: Option<(usize, &'a Words)>,
    warning: Option<(Action, usize, &'a Words)>,
}

impl Default for Decision<'_> {
    fn default() -> Self {
        Self { action: Action::Deliver, notice: None, warning: None }
    }
}

impl<'a> Decision<'a> {
    fn take(
        &mut self,
        place: usize,
        action: Action,
        notice: Option<&'a Words>,
        warning: Option<&'a Words>,
    ) {
        if action > self.action {
            self.action = action;
            self.notice = notice.map(|words| (place, words));
        } else if action == self.action
            && let Some(words) = notice
            && self.notice.is_none_or(|(first, _)| place < first)
        {
            self.notice = Some((place, words));
        }
        // The recipient's words outlive a stricter action: a held message may be released.
        if let Some(words) = warning
            && self.warning.is_none_or(|(strictest, first, _)| {
                action > strictest || (action == strictest && place < first)
            })
        {
            self.warning = Some((action, place, words));
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
