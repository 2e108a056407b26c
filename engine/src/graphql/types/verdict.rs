//! Why a message was treated as it was; only staff see it.

use async_graphql::{Enum, SimpleObject};

use crate::domain;

/// What happens to a message, from mild to strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Action")]
pub enum Action {
    /// Delivered, nothing shown.
    Deliver,
    /// Delivered; staff see the signal.
    Label,
    /// Delivered; the recipient is warned.
    Warn,
    /// Delivered; spans are hidden from the recipient.
    Mask,
    /// Kept back until a moderator decides.
    Hold,
    /// Not sent; the sender is told why.
    Refuse,
    /// The sender sees it, nobody else does.
    Shadow,
}

/// A stretch of a message's text.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Span {
    /// First byte, UTF-8.
    start: u32,
    /// One past the last byte, UTF-8.
    end: u32,
}

impl From<domain::Span> for Span {
    fn from(span: domain::Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

/// A name and value that explain a signal.
#[derive(Debug, Clone, SimpleObject)]
pub struct Evidence {
    /// What it is.
    name: String,
    /// Its value.
    value: String,
}

/// Something a filter found.
#[derive(Debug, Clone, SimpleObject)]
pub struct Signal {
    /// The filter's name.
    filter: String,
    /// The filter's version and the start of its digest.
    filter_version: String,
    /// The signal's id, such as `contact.phone`.
    id: String,
    /// How sure the filter is, 0 to 1.
    confidence: f32,
    /// Where in the text.
    spans: Vec<Span>,
    /// What explains it.
    evidence: Vec<Evidence>,
}

/// What policy made of a message's signals.
#[derive(Debug, Clone, SimpleObject)]
pub struct Verdict {
    /// The strictest action.
    action: Action,
    /// Version of the policy table that decided.
    policy_version: u32,
    /// Everything the filters found.
    signals: Vec<Signal>,
}

impl From<&domain::Verdict> for Verdict {
    fn from(verdict: &domain::Verdict) -> Self {
        Self {
            action: verdict.action.into(),
            policy_version: verdict.policy_version,
            signals: verdict.signals.iter().map(Signal::from).collect(),
        }
    }
}

impl From<&domain::RecordedSignal> for Signal {
    fn from(signal: &domain::RecordedSignal) -> Self {
        let evidence = signal.evidence.iter().cloned();
        Self {
            filter: signal.filter.clone(),
            filter_version: signal.filter_version.clone(),
            id: signal.id.clone(),
            confidence: signal.confidence,
            spans: signal.spans.iter().map(|span| Span::from(*span)).collect(),
            evidence: evidence.map(|(name, value)| Evidence { name, value }).collect(),
        }
    }
}
