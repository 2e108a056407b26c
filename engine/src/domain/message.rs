//! A message's current state and its three projections: sender's, recipient's, staff's.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::moderation::{DecisionKind, ModeratorDecision};
use super::verdict::{Action, Span, Verdict, mask};
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
    /// Removed by a moderator; only its sender and staff still see it.
    Removed,
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
    /// The moderator's decision that stands; it overrules the verdict.
    pub decision: Option<Arc<ModeratorDecision>>,
    /// The event that last changed it; `seq` if none did.
    pub revision: Seq,
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
    /// The moderator's decision that stands; staff only.
    pub decision: Option<Arc<ModeratorDecision>>,
}

impl Message {
    /// The strictest action that applies to it.
    pub fn action(&self) -> Action {
        action_of(self.verdict.as_deref())
    }

    /// Whether recipients are kept from knowing of it.
    pub fn is_withheld(&self) -> bool {
        match self.decided() {
            Some(kind) => kind == DecisionKind::Remove,
            None => withheld(self.action()),
        }
    }

    /// What a moderator decided, if anything.
    pub fn decided(&self) -> Option<DecisionKind> {
        self.decision.as_ref().map(|decision| decision.kind)
    }

    /// What this audience sees; `None` if it must not know of the message.
    pub fn view(&self, audience: &Audience) -> Option<MessageView> {
        let staff = *audience == Audience::Staff;
        let own = matches!(audience, Audience::Participant(user) if *user == self.sender);
        if staff || own {
            let verdict = self.verdict.as_deref();
            let noticed = || verdict.and_then(|verdict| verdict.notice.clone());
            return Some(MessageView {
                body: Arc::clone(&self.body),
                status: self.status(staff),
                notice: self.decision.as_ref().map_or_else(noticed, |it| it.notice.clone()),
                warning: verdict.filter(|_| staff).and_then(|verdict| verdict.warning.clone()),
                verdict: self.verdict.clone().filter(|_| staff),
                decision: self.decision.clone().filter(|_| staff),
            });
        }
        self.seen_by_recipients()
    }

    /// What everybody but its sender and staff sees.
    pub fn seen_by_recipients(&self) -> Option<MessageView> {
        if self.is_withheld() {
            return None;
        }
        let body = match self.hidden() {
            Some(spans) if self.retracted_at.is_none() => Arc::from(mask(&self.body, spans)),
            _ => Arc::clone(&self.body),
        };
        Some(MessageView {
            body,
            status: self.status(false),
            notice: None,
            warning: self.verdict.as_deref().and_then(|verdict| verdict.warning.clone()),
            verdict: None,
            decision: None,
        })
    }

    /// What recipients don't read of it, if it is masked.
    fn hidden(&self) -> Option<&[Span]> {
        let verdict = self.verdict.as_deref().filter(|verdict| verdict.action == Action::Mask);
        match self.decision.as_deref() {
            Some(decision) => {
                (decision.kind == DecisionKind::Mask).then_some(decision.spans.as_slice())
            }
            None => verdict.map(|verdict| verdict.mask.as_slice()),
        }
    }

    fn status(&self, staff: bool) -> MessageStatus {
        if self.retracted_at.is_some() {
            return MessageStatus::Retracted;
        }
        match (self.decided(), self.action()) {
            (Some(DecisionKind::Remove), _) => MessageStatus::Removed,
            (Some(DecisionKind::Mask), _) | (None, Action::Mask) => MessageStatus::Masked,
            (None, Action::Hold) => MessageStatus::Held,
            (None, Action::Shadow) if staff => MessageStatus::Held,
            _ => MessageStatus::Sent,
        }
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

    fn message(action: Action, decision: Option<DecisionKind>) -> Message {
        let decision = decision.map(|kind| ModeratorDecision {
            seq: 2,
            at: DateTime::UNIX_EPOCH,
            by: UserId::trusted("mod"),
            kind,
            reason: Some("for colleagues".into()),
            spans: vec![Span { start: 0, end: 4 }],
            notice: Some("for the sender".into()),
            before: None,
        });
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
            revision: if decision.is_some() { 2 } else { 1 },
            decision: decision.map(Arc::new),
        }
    }

    /// A letter for the status and the text, or `-` if the audience must not know of the message.
    fn seen(message: &Message, audience: &Audience) -> String {
        let Some(view) = message.view(audience) else { return "-".into() };
        let staff = *audience == Audience::Staff;
        let own = *audience == Audience::Participant(message.sender.clone());
        assert_eq!(view.verdict.is_some(), staff, "reasons are for staff");
        assert_eq!(view.decision.is_some(), staff && message.decision.is_some());
        assert_eq!(view.notice.is_some(), staff || own, "notices are for the sender");
        assert_eq!(view.warning.is_some(), !own, "warnings are for recipients");
        let letter = match view.status {
            MessageStatus::Sent => 'S',
            MessageStatus::Masked => 'M',
            MessageStatus::Held => 'H',
            MessageStatus::Retracted => 'X',
            MessageStatus::Removed => 'R',
        };
        format!("{letter} {}", view.body)
    }

    /// Verdict × decision × audience: the whole table, so that a change shows in the diff.
    #[test]
    fn each_audience_sees_its_own_projection() {
        use DecisionKind::{Mask, Release, Remove};
        let audiences = [
            Audience::Participant(UserId::trusted("ann")),
            Audience::Participant(UserId::trusted("bob")),
            Audience::Staff,
        ];
        let (plain, by_policy, by_person) = ("call 555", "call •••", "•••• 555");
        let mut table = Vec::new();
        for action in [Action::Deliver, Action::Label, Action::Warn] {
            table.push((action, None, ["S", "S", "S"], plain));
        }
        table.push((Action::Mask, None, ["M", "M", "M"], by_policy));
        for action in [Action::Hold, Action::Refuse] {
            let status = if action == Action::Hold { "H" } else { "S" };
            table.push((action, None, [status, "-", status], plain));
        }
        table.push((Action::Shadow, None, ["S", "-", "H"], plain));
        for action in Action::ALL {
            table.push((action, Some(Release), ["S", "S", "S"], plain));
            table.push((action, Some(Mask), ["M", "M", "M"], by_person));
            table.push((action, Some(Remove), ["R", "-", "R"], plain));
        }
        for (action, decision, statuses, recipients) in table {
            let message = message(action, decision);
            assert_eq!(message.is_withheld(), statuses[1] == "-", "{action:?} {decision:?}");
            for (audience, status) in audiences.iter().zip(statuses) {
                let text = if *audience == audiences[1] { recipients } else { plain };
                let expected =
                    if status == "-" { status.to_owned() } else { format!("{status} {text}") };
                let found = seen(&message, audience);
                assert_eq!(found, expected, "{action:?}, then {decision:?}, for {audience:?}");
            }
        }
    }
}
