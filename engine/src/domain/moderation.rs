//! What moderators decide about messages, and what waits for them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::verdict::{Action, Span, Verdict};
use super::{ConversationId, Message, Seq, UserId};

/// What a moderator makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Recipients get it as it was written.
    Release,
    /// Recipients get it with parts hidden.
    Mask,
    /// Recipients don't get it, or no longer.
    Remove,
}

impl DecisionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Release, Self::Mask, Self::Remove];

    /// The word used in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Mask => "mask",
            Self::Remove => "remove",
        }
    }
}

/// A moderator's decision about a message. It overrules the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeratorDecision {
    /// The event that made it.
    pub seq: Seq,
    /// When.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// Who decided.
    pub by: UserId,
    /// What.
    pub kind: DecisionKind,
    /// Why, for colleagues.
    pub reason: Option<String>,
    /// What a mask hides: sorted, not overlapping.
    pub spans: Vec<Span>,
    /// Words for the sender.
    pub notice: Option<String>,
    /// The event of the decision that stood before it, if one did.
    pub before: Option<Seq>,
}

/// What a change of a message's treatment means for those who see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Effect {
    /// Recipients were kept from it before.
    pub was_withheld: bool,
    /// They are now.
    pub is_withheld: bool,
    /// The sender sees something change.
    pub tells_sender: bool,
    /// Recipients see something change.
    pub tells_recipients: bool,
}

impl Effect {
    /// Of a message that was so and is so now.
    pub fn between(before: &Message, after: &Message) -> Self {
        let (was_withheld, is_withheld) = (before.is_withheld(), after.is_withheld());
        let sender = super::Audience::Participant(before.sender.clone());
        let tells_recipients = !(was_withheld && is_withheld)
            && before.seen_by_recipients() != after.seen_by_recipients();
        let tells_sender = before.view(&sender) != after.view(&sender);
        Self { was_withheld, is_withheld, tells_sender, tells_recipients }
    }
}

/// A held message that waits for a moderator, as the queue knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Where it was said.
    pub conversation: ConversationId,
    /// The event that posted it.
    pub seq: Seq,
    /// Who said it.
    pub sender: UserId,
    /// Since when it waits.
    pub at: DateTime<Utc>,
    /// How bad it looks, 0 to 1,000.
    pub severity: u32,
    /// Names of filters that found something.
    pub filters: Vec<String>,
    /// Ids of signals that were given.
    pub signals: Vec<String>,
}

impl Held {
    /// The message's entry in the queue; `None` if it doesn't wait for anybody.
    pub fn of(message: &Message) -> Option<Self> {
        let verdict = message.verdict.as_deref()?;
        let waits = verdict.action == Action::Hold
            && message.decision.is_none()
            && message.retracted_at.is_none();
        waits.then(|| Self {
            conversation: message.conversation.clone(),
            seq: message.seq,
            sender: message.sender.clone(),
            at: message.sent_at,
            severity: severity(verdict),
            filters: distinct(verdict.signals.iter().map(|signal| signal.filter.as_str())),
            signals: distinct(verdict.signals.iter().map(|signal| signal.id.as_str())),
        })
    }
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// What a filter's failure is recorded as: no finding, so it weighs half.
const FAILED: &str = "filter.failed";

/// 0 to 1,000: the chance that at least one signal is right, were they independent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 1,000")]
fn severity(verdict: &Verdict) -> u32 {
    let doubt = verdict.signals.iter().fold(1.0_f32, |doubt, signal| {
        let sure = if signal.id == FAILED { 0.5 } else { signal.confidence.clamp(0.0, 1.0) };
        doubt * (1.0 - sure)
    });
    ((1.0 - doubt) * 1_000.0).round() as u32
}

/// Something that comes to or goes from the queue.
#[derive(Debug, Clone)]
pub enum QueueChange {
    /// It waits from now on, or waits with another text.
    Added {
        /// Its entry.
        held: Arc<Held>,
        /// Whether it didn't wait before.
        fresh: bool,
    },
    /// It waits no longer.
    Removed {
        /// Its entry.
        held: Arc<Held>,
        /// What was decided; `None`: its sender took it back.
        decision: Option<Arc<ModeratorDecision>>,
    },
}

#[cfg(test)]
mod tests {
    use super::super::RecordedSignal;
    use super::*;

    #[test]
    fn severity_grows_with_every_signal_and_stays_in_bounds() {
        let signal = |id: &str, confidence| RecordedSignal {
            filter: "f".into(),
            filter_version: "1".into(),
            id: id.into(),
            confidence,
            weight: 1.0,
            spans: vec![],
            evidence: vec![],
        };
        for (signals, expected) in [
            (vec![], 0),
            (vec![signal("a", 0.6)], 600),
            (vec![signal("a", 0.6), signal("b", 0.5)], 800),
            (vec![signal(FAILED, 1.0)], 500),
            (vec![signal("a", 1.0), signal("b", 1.0)], 1_000),
        ] {
            let verdict = Verdict {
                action: Action::Hold,
                policy_version: 1,
                signals,
                mask: vec![],
                notice: None,
                warning: None,
            };
            assert_eq!(severity(&verdict), expected, "{:?}", verdict.signals);
        }
    }
}
