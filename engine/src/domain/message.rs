//! A message's current state and its three projections: sender's, recipient's, staff's.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::verdict::{Action, Verdict, mask};
use super::{ClientId, ConversationId, Seq, UserId};

/// For whom something is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Staff see everything, with the reasons.
    Staff,
    /// A participant sees their own messages whole and others' as policy allows.
    Participant(UserId),
}

/// What became of a message, as shown to someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStatus {
    /// Delivered as written.
    Sent,
    /// Delivered; parts are hidden from the recipient.
    Masked,
    /// Kept back until a moderator decides.
    Held,
    /// Taken back by its sender; its text is gone.
    Retracted,
}

/// A message as the store knows it now: the posted event with later edits applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Where it was said.
    pub conversation: ConversationId,
    /// The sequence number of the event that posted it.
    pub seq: Seq,
    /// Who said it.
    pub sender: UserId,
    /// What the sender's client called it.
    pub client_id: ClientId,
    /// When it was accepted.
    pub sent_at: DateTime<Utc>,
    /// The text as written; empty once retracted.
    pub body: Arc<str>,
    /// What filters and policy said, if anything.
    pub verdict: Option<Arc<Verdict>>,
    /// When its text was last changed.
    pub edited_at: Option<DateTime<Utc>>,
    /// When its sender took it back.
    pub retracted_at: Option<DateTime<Utc>>,
}

/// A message as one audience may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageView {
    /// The text, masked where the audience may not read it.
    pub body: Arc<str>,
    /// What became of it.
    pub status: MessageStatus,
    /// Words for the sender (and staff).
    pub notice: Option<String>,
    /// Words for the recipient (and staff).
    pub warning: Option<String>,
    /// The reasons; staff only.
    pub verdict: Option<Arc<Verdict>>,
}

impl Message {
    /// The strictest action that applies to it.
    pub fn action(&self) -> Action {
        action_of(self.verdict.as_deref())
    }

    /// Whether recipients are kept from knowing of it.
    pub fn is_withheld(&self) -> bool {
        withheld(self.action())
    }

    /// What this audience sees; `None` if it must not know of the message.
    pub fn view(&self, audience: &Audience) -> Option<MessageView> {
        let staff = *audience == Audience::Staff;
        let own = matches!(audience, Audience::Participant(user) if *user == self.sender);
        let action = self.action();
        if withheld(action) && !staff && !own {
            return None;
        }
        let masked = action == Action::Mask && !staff && !own;
        let verdict = self.verdict.as_deref();
        let body = match verdict {
            Some(verdict) if masked && self.retracted_at.is_none() => {
                Arc::from(mask(&self.body, &verdict.mask))
            }
            _ => Arc::clone(&self.body),
        };
        let status = match action {
            _ if self.retracted_at.is_some() => MessageStatus::Retracted,
            Action::Mask => MessageStatus::Masked,
            Action::Hold => MessageStatus::Held,
            Action::Shadow if staff => MessageStatus::Held,
            _ => MessageStatus::Sent,
        };
        Some(MessageView {
            body,
            status,
            notice: verdict.filter(|_| own || staff).and_then(|verdict| verdict.notice.clone()),
            warning: verdict.filter(|_| !own || staff).and_then(|verdict| verdict.warning.clone()),
            verdict: self.verdict.clone().filter(|_| staff),
        })
    }
}

/// The action of an optional verdict: no signals means plain delivery.
pub fn action_of(verdict: Option<&Verdict>) -> Action {
    verdict.map_or(Action::Deliver, |verdict| verdict.action)
}

/// Whether an action keeps recipients from knowing of the message.
pub fn withheld(action: Action) -> bool {
    matches!(action, Action::Hold | Action::Refuse | Action::Shadow)
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Span;
    use super::*;

    fn message(action: Action) -> Message {
        Message {
            conversation: ConversationId::trusted("c"),
            seq: 1,
            sender: UserId::trusted("ann"),
            client_id: ClientId::trusted("1"),
            sent_at: DateTime::UNIX_EPOCH,
            body: Arc::from("call 555"),
            verdict: Some(Arc::new(Verdict {
                action,
                policy_version: 1,
                signals: vec![],
                mask: vec![Span { start: 5, end: 8 }],
                notice: Some("for the sender".into()),
                warning: Some("for the recipient".into()),
            })),
            edited_at: None,
            retracted_at: None,
        }
    }

    #[test]
    fn each_audience_sees_its_own_projection() {
        let (ann, bob) = (
            Audience::Participant(UserId::trusted("ann")),
            Audience::Participant(UserId::trusted("bob")),
        );
        // action, audience, body seen, status seen
        let cases = [
            (Action::Label, &bob, Some(("call 555", MessageStatus::Sent))),
            (Action::Mask, &ann, Some(("call 555", MessageStatus::Masked))),
            (Action::Mask, &bob, Some(("call •••", MessageStatus::Masked))),
            (Action::Mask, &Audience::Staff, Some(("call 555", MessageStatus::Masked))),
            (Action::Hold, &ann, Some(("call 555", MessageStatus::Held))),
            (Action::Hold, &bob, None),
            (Action::Shadow, &ann, Some(("call 555", MessageStatus::Sent))),
            (Action::Shadow, &bob, None),
            (Action::Shadow, &Audience::Staff, Some(("call 555", MessageStatus::Held))),
        ];
        for (action, audience, expected) in cases {
            let view = message(action).view(audience);
            let seen = view.as_ref().map(|view| (&*view.body, view.status));
            assert_eq!(seen, expected, "{action:?} for {audience:?}");
            if let Some(view) = view {
                assert_eq!(view.verdict.is_some(), *audience == Audience::Staff);
                assert_eq!(view.notice.is_some(), *audience != bob);
                assert_eq!(view.warning.is_some(), *audience != ann);
            }
        }
    }
}
