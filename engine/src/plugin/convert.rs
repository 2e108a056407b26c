//! Between the engine's types and the contract's: what a filter is told, and whether what it says can be true.

use chrono::{DateTime, Utc};

use crate::domain::{ConversationKind, Span};
use crate::filter::{FaultKind, FilterFault, Signal, SignalDescription, Stage, Subject};

use super::bindings::rialto::filter::types;

const MAX_SIGNALS: usize = 64;
const MAX_SPANS: usize = 64;
const MAX_EVIDENCE: usize = 16;
const MAX_EVIDENCE_NAME: usize = 64;
const MAX_EVIDENCE_VALUE: usize = 256;

/// Opaque keys, as hexadecimal text: the same person or conversation has the same key in one store, and a different one
/// in another.
pub(super) struct Keys {
    secret: [u8; 32],
    sender: String,
    conversation: String,
}

impl Keys {
    /// Derives both with the store's own secret.
    pub(super) fn derive(secret: &[u8; 32], subject: &Subject) -> Self {
        let derive = |kind: &[u8], id: &str| {
            let hash =
                blake3::Hasher::new_keyed(secret).update(kind).update(id.as_bytes()).finalize();
            hash.to_hex().to_string()
        };
        Self {
            secret: *secret,
            sender: derive(b"sender:", subject.sender.id.as_str()),
            conversation: derive(b"conversation:", subject.conversation.id.as_str()),
        }
    }

    /// Whether they were derived with this secret.
    pub(super) fn are_of(&self, secret: &[u8; 32]) -> bool {
        self.secret == *secret
    }
}

/// Lists that the contract's borrowed records point into.
pub(super) struct Lists<'a> {
    roles: Vec<&'a str>,
    links: Vec<types::Link<'a>>,
    evidence: Vec<Vec<(&'a str, &'a str)>>,
    spans: Vec<Vec<types::Span>>,
}

impl<'a> Lists<'a> {
    /// Points into the subject and the earlier signals; copies no text.
    pub(super) fn new(subject: &'a Subject, earlier: &'a [Signal]) -> Self {
        let link = |link: &'a crate::filter::Link| types::Link {
            url: link.url(&subject.text),
            host: &link.host,
            span: outgoing(link.span),
        };
        let pairs = |signal: &'a Signal| {
            signal.evidence.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
        };
        Self {
            roles: subject.sender.roles.iter().map(String::as_str).collect(),
            links: subject.links().iter().map(link).collect(),
            evidence: earlier.iter().map(pairs).collect(),
            spans: earlier
                .iter()
                .map(|s| s.spans.iter().copied().map(outgoing).collect())
                .collect(),
        }
    }

    /// The earlier signals in the contract's form.
    pub(super) fn earlier(&'a self, earlier: &'a [Signal]) -> Vec<types::SignalParam<'a>> {
        let parts = self.spans.iter().zip(&self.evidence);
        let signal = |(signal, (spans, evidence)): (&'a Signal, (&'a Vec<_>, &'a Vec<_>))| {
            types::SignalParam { id: &signal.id, confidence: signal.confidence, spans, evidence }
        };
        earlier.iter().zip(parts).map(signal).collect()
    }

    /// The message in the contract's form.
    pub(super) fn message(&'a self, subject: &'a Subject) -> types::Message<'a> {
        types::Message {
            text: &subject.text,
            normalized: subject.normalized(),
            language: subject.sender.locale.as_deref(),
            links: &self.links,
            attachments: &[],
            stage: match subject.stage {
                Stage::Create => types::Stage::Create,
                Stage::Edit => types::Stage::Edit,
            },
        }
    }

    /// Everything else in the contract's form.
    pub(super) fn context(
        &'a self,
        subject: &'a Subject,
        keys: &'a Keys,
        earlier: &'a [types::SignalParam<'a>],
    ) -> types::Context<'a> {
        let now = subject.now;
        let seconds_since =
            |then: DateTime<Utc>| u64::try_from((now - then).num_seconds()).unwrap_or(0);
        types::Context {
            now: u64::try_from(now.timestamp()).unwrap_or(0),
            sender: types::Sender {
                key: &keys.sender,
                account_age_seconds: subject.sender.account_created_at.map(seconds_since),
                roles: &self.roles,
                labels: &[],
                strikes: 0,
            },
            conversation: types::Conversation {
                key: &keys.conversation,
                kind: match subject.conversation.kind {
                    ConversationKind::Direct => types::ConversationKind::Direct,
                    ConversationKind::Support => types::ConversationKind::Support,
                },
                age_seconds: seconds_since(subject.conversation.created_at),
                message_count: subject.conversation.message_count,
                is_first_contact: subject.conversation.is_first_contact,
            },
            listing: subject.listing.as_ref().map(|listing| types::Listing {
                category: listing.category.as_deref(),
                price_minor: listing.price_minor,
                currency: listing.currency.as_deref(),
            }),
            earlier,
        }
    }
}

fn outgoing(span: Span) -> types::Span {
    types::Span { start: span.start, end: span.end }
}

/// Takes a filter's result if all of it can be true: declared ids, confidence 0 to 1, spans in the text and on
/// character borders, sizes within the contract's bounds.
pub(super) fn validate(
    text: &str,
    declared: &[SignalDescription],
    signals: Vec<types::SignalResult>,
) -> Result<Vec<Signal>, FilterFault> {
    if signals.len() > MAX_SIGNALS {
        return Err(invalid(format!("{} signals; at most {MAX_SIGNALS} are taken", signals.len())));
    }
    signals.into_iter().map(|signal| validate_one(text, declared, signal)).collect()
}

fn validate_one(
    text: &str,
    declared: &[SignalDescription],
    signal: types::SignalResult,
) -> Result<Signal, FilterFault> {
    let types::SignalResult { id, confidence, spans, evidence } = signal;
    if !declared.iter().any(|description| description.id == id) {
        let id: String = id.chars().take(64).collect();
        return Err(invalid(format!("signal {id:?}, which `describe` doesn't declare")));
    }
    // Also refuses NaN, which is in no range.
    if !(0.0..=1.0).contains(&confidence) {
        return Err(invalid(format!(
            "signal {id} with confidence {confidence}; it must be 0 to 1"
        )));
    }
    if spans.len() > MAX_SPANS {
        let count = spans.len();
        return Err(invalid(format!(
            "signal {id} with {count} spans; at most {MAX_SPANS} are taken"
        )));
    }
    for span in &spans {
        let (start, end) = (span.start as usize, span.end as usize);
        if start >= end || !text.is_char_boundary(start) || !text.is_char_boundary(end) {
            return Err(invalid(format!(
                "signal {id} with the span {start}..{end}, which is empty, outside the text's {} bytes or inside a character",
                text.len()
            )));
        }
    }
    if evidence.len() > MAX_EVIDENCE {
        let count = evidence.len();
        return Err(invalid(format!(
            "signal {id} with {count} evidence pairs; at most {MAX_EVIDENCE} are taken"
        )));
    }
    for (name, value) in &evidence {
        if name.len() > MAX_EVIDENCE_NAME || value.len() > MAX_EVIDENCE_VALUE {
            return Err(invalid(format!(
                "signal {id} with evidence of {} and {} bytes; at most {MAX_EVIDENCE_NAME} and {MAX_EVIDENCE_VALUE} are taken",
                name.len(),
                value.len()
            )));
        }
    }
    let spans = spans.iter().map(|span| Span { start: span.start, end: span.end }).collect();
    Ok(Signal { id, confidence, spans, evidence })
}

fn invalid(text: impl std::fmt::Display) -> FilterFault {
    FilterFault::new(FaultKind::Invalid, format!("returned {text}"))
}

#[cfg(test)]
mod tests;
