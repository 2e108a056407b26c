//! The conversation's log: what happened, in order. Everything shown can be rebuilt from it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::message::{Audience, Message, action_of, withheld};
use super::moderation::{Effect, ModeratorDecision};
use super::verdict::Verdict;
use super::{ClientId, ConversationId, Participant, Seq, UserId};

/// One durable event of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Where it happened.
    pub conversation: ConversationId,
    /// Its place in the log.
    pub seq: Seq,
    /// When it was accepted.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// Who caused it.
    pub actor: UserId,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The actor said something.
    MessagePosted {
        /// What the actor's client called it.
        client_id: ClientId,
        /// The text as written.
        body: Arc<str>,
        /// What filters and policy said, if anything.
        verdict: Option<Arc<Verdict>>,
    },
    /// The actor changed the text of an own message.
    MessageEdited {
        /// The message's sequence number.
        message: Seq,
        /// The new text.
        body: Arc<str>,
        /// What filters and policy said of the new text.
        verdict: Option<Arc<Verdict>>,
    },
    /// The actor took an own message back.
    MessageRetracted {
        /// The message's sequence number.
        message: Seq,
        /// Whether recipients never knew of the message.
        withheld: bool,
    },
    /// The actor, a moderator, decided about a message.
    MessageDecided {
        /// The message's sequence number.
        message: Seq,
        /// Who said it.
        sender: UserId,
        /// What was decided.
        decision: Arc<ModeratorDecision>,
        /// Who sees something change.
        effect: Effect,
    },
    /// The actor, a moderator, took a decision back: the message is as it was before it.
    DecisionUndone {
        /// The message's sequence number.
        message: Seq,
        /// Who said it.
        sender: UserId,
        /// The event of the decision.
        decision: Seq,
        /// Why, for colleagues.
        reason: Option<String>,
        /// Who sees something change.
        effect: Effect,
    },
    /// The actor joined.
    ParticipantJoined {
        /// Who joined, as what.
        participant: Participant,
    },
    /// The actor blocked somebody.
    ParticipantBlocked {
        /// Who was blocked.
        blocked: UserId,
    },
    /// The actor lifted a block.
    ParticipantUnblocked {
        /// Who was blocked.
        blocked: UserId,
    },
    /// The actor ended the conversation.
    ConversationClosed,
    /// The actor opened it again.
    ConversationReopened,
}

impl Event {
    /// Whether the audience may know what happened; if not, only that a sequence number is taken.
    pub fn visible_to(&self, audience: &Audience) -> bool {
        let Audience::Participant(user) = audience else { return true };
        if *user == self.actor {
            return true;
        }
        match &self.kind {
            EventKind::MessagePosted { verdict, .. } | EventKind::MessageEdited { verdict, .. } => {
                !withheld(action_of(verdict.as_deref()))
            }
            EventKind::MessageRetracted { withheld, .. } => !withheld,
            EventKind::MessageDecided { sender, effect, .. }
            | EventKind::DecisionUndone { sender, effect, .. } => {
                if user == sender {
                    effect.tells_sender
                } else {
                    effect.tells_recipients
                }
            }
            EventKind::ParticipantBlocked { .. } | EventKind::ParticipantUnblocked { .. } => false,
            EventKind::ParticipantJoined { .. }
            | EventKind::ConversationClosed
            | EventKind::ConversationReopened => true,
        }
    }

    /// The sequence number of the message that it posts or changes, if it does.
    pub fn message(&self) -> Option<Seq> {
        match &self.kind {
            EventKind::MessagePosted { .. } => Some(self.seq),
            EventKind::MessageEdited { message, .. }
            | EventKind::MessageRetracted { message, .. }
            | EventKind::MessageDecided { message, .. }
            | EventKind::DecisionUndone { message, .. } => Some(*message),
            EventKind::ParticipantJoined { .. }
            | EventKind::ParticipantBlocked { .. }
            | EventKind::ParticipantUnblocked { .. }
            | EventKind::ConversationClosed
            | EventKind::ConversationReopened => None,
        }
    }

    /// The message as this event posted it, if it posted one.
    pub fn posted_message(&self) -> Option<Message> {
        let EventKind::MessagePosted { client_id, body, verdict } = &self.kind else { return None };
        Some(Message {
            conversation: self.conversation.clone(),
            seq: self.seq,
            sender: self.actor.clone(),
            client_id: client_id.clone(),
            sent_at: self.at,
            body: Arc::clone(body),
            verdict: verdict.clone(),
            edited_at: None,
            retracted_at: None,
            decision: None,
            revision: self.seq,
        })
    }

    /// What a retry is recognised by, for events that posted a message.
    pub fn fingerprint(&self) -> Option<u64> {
        let EventKind::MessagePosted { client_id, .. } = &self.kind else { return None };
        Some(fingerprint(&self.actor, client_id))
    }
}

/// 64 bits of (sender, client id): a hint that a send may be a retry, to be confirmed on the event itself. Never 0.
pub fn fingerprint(sender: &UserId, client_id: &ClientId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(sender.as_str().as_bytes());
    hasher.update(&[0]);
    hasher.update(client_id.as_str().as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(bytes).max(1)
}
