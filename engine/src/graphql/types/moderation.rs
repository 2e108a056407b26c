//! What moderators decide about messages; only staff see it.

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

use super::user::User;
use super::verdict::Span;
use crate::domain::{self, Seq};

/// What a moderator makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::DecisionKind")]
pub enum ModerationDecision {
    /// Recipients get it as it was written.
    Release,
    /// Recipients get it with parts hidden.
    Mask,
    /// Recipients don't get it, or no longer.
    Remove,
}

/// A moderator's decision about a message; only staff see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct ModeratorDecision {
    /// What was decided.
    decision: ModerationDecision,
    /// Who decided.
    by: User,
    /// When.
    at: DateTime<Utc>,
    /// Why.
    reason: Option<String>,
    /// What is hidden, if it masks.
    spans: Vec<Span>,
    /// The decision's event in the conversation's log.
    seq: Seq,
}

impl From<&domain::ModeratorDecision> for ModeratorDecision {
    fn from(decision: &domain::ModeratorDecision) -> Self {
        Self {
            decision: decision.kind.into(),
            by: User::new(decision.by.clone()),
            at: decision.at,
            reason: decision.reason.clone(),
            spans: decision.spans.iter().map(|span| Span::from(*span)).collect(),
            seq: decision.seq,
        }
    }
}

/// A stretch of a message's text that is to be hidden.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct SpanInput {
    /// First byte, UTF-8.
    start: u32,
    /// One past the last byte, UTF-8.
    end: u32,
}

impl From<SpanInput> for domain::Span {
    fn from(span: SpanInput) -> Self {
        Self { start: span.start, end: span.end }
    }
}
