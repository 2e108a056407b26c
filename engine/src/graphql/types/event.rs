//! What a conversation's subscription delivers.

use async_graphql::{Enum, ID, Interface, SimpleObject, Union};
use chrono::{DateTime, Utc};

use super::conversation::{Conversation, Participant};
use super::message::Message;
use super::moderation::ModeratorDecision;
use super::user::User;
use crate::domain::Seq;

/// First of all: the conversation everything after builds on.
#[derive(Debug, Clone, SimpleObject)]
pub struct ConversationSnapshot {
    /// The conversation as it is now.
    pub conversation: Conversation,
}

macro_rules! durable {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, SimpleObject)]
            pub struct $name {
                /// Its place in the conversation's log.
                pub seq: Seq,
                /// When it was accepted.
                pub at: DateTime<Utc>,
                $($(#[$field_meta])* pub $field: $type,)*
            }
        )*
    };
}

durable! {
    /// Somebody said something.
    MessagePosted {
        /// What was said.
        message: Message,
    }
    /// Somebody changed the text of a message.
    MessageEdited {
        /// The message as it is now.
        message: Message,
    }
    /// Somebody took a message back.
    MessageRetracted {
        /// The message as it is now, without its text.
        message: Message,
    }
    /// A moderator decided about a message. Recipients and sender are told if it changes what they see: put `message` where
    /// its own `seq` says, or drop `messageId` if there is no message any more.
    MessageDecided {
        /// The message's global id.
        message_id: ID,
        /// The message as the viewer may see it now; null: drop it.
        message: Option<Message>,
        /// What was decided; only for staff.
        decision: Option<ModeratorDecision>,
    }
    /// A moderator's decision was taken back: the message is as it was before it.
    DecisionUndone {
        /// The message's global id.
        message_id: ID,
        /// The message as the viewer may see it now; null: drop it.
        message: Option<Message>,
        /// Who took it back; only for staff.
        by: Option<User>,
    }
    /// Somebody joined.
    ParticipantJoined {
        /// Who joined.
        participant: Participant,
    }
    /// Somebody was blocked; only who blocked and staff are told.
    ParticipantBlocked {
        /// Who blocked.
        by: User,
        /// Who was blocked.
        blocked: User,
    }
    /// A block was lifted; only who lifted it and staff are told.
    ParticipantUnblocked {
        /// Who lifted the block.
        by: User,
        /// Who was blocked.
        blocked: User,
    }
    /// The conversation was ended.
    ConversationClosed {
        /// Who ended it.
        by: User,
    }
    /// The conversation was opened again.
    ConversationReopened {
        /// Who opened it.
        by: User,
    }
}

/// Something the viewer may not see has this place in the log; it keeps the numbers without a gap.
#[derive(Debug, Clone, SimpleObject)]
pub struct HiddenEvent {
    /// Its place in the conversation's log.
    pub seq: Seq,
}

/// Somebody has read further.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReadAdvanced {
    /// Who, by id.
    pub user_id: ID,
    /// Who.
    pub user: User,
    /// Up to which sequence number.
    pub last_read_seq: Seq,
}

/// Somebody started or stopped typing; kept nowhere, and never the viewer's own.
#[derive(Debug, Clone, SimpleObject)]
pub struct TypingChanged {
    /// Who.
    pub user: User,
    /// Started or stopped.
    pub typing: bool,
}

/// Why a subscription can't go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ResyncReason {
    /// The client was too slow, or asked for more than is replayed.
    FellBehind,
    /// The engine could not read an event; it is still in the log.
    Unavailable,
}

/// Last of all: events were missed. Fetch afresh and subscribe again.
#[derive(Debug, Clone, SimpleObject)]
pub struct ResyncRequired {
    /// The newest sequence number of the conversation; none for a list of conversations.
    pub last_seq: Option<Seq>,
    /// Why.
    pub reason: ResyncReason,
}

/// An event of the conversation's log: kept, numbered without gaps, delivered again after `after`.
#[derive(Debug, Clone, Interface)]
#[graphql(field(name = "seq", ty = "&Seq", desc = "Its place in the conversation's log."))]
pub enum DurableEvent {
    /// Somebody said something.
    MessagePosted(MessagePosted),
    /// Somebody changed a message.
    MessageEdited(MessageEdited),
    /// Somebody took a message back.
    MessageRetracted(MessageRetracted),
    /// A moderator decided about a message.
    MessageDecided(MessageDecided),
    /// A decision was taken back.
    DecisionUndone(DecisionUndone),
    /// Somebody joined.
    ParticipantJoined(ParticipantJoined),
    /// Somebody was blocked.
    ParticipantBlocked(ParticipantBlocked),
    /// A block was lifted.
    ParticipantUnblocked(ParticipantUnblocked),
    /// The conversation was ended.
    ConversationClosed(ConversationClosed),
    /// The conversation was opened again.
    ConversationReopened(ConversationReopened),
    /// Something hidden.
    HiddenEvent(HiddenEvent),
}

/// What a conversation's subscription delivers: first a snapshot, then events of the log, and in between what is not kept.
#[derive(Debug, Clone, Union)]
pub enum ConversationEvent {
    /// The state everything after builds on.
    Snapshot(ConversationSnapshot),
    /// Somebody said something.
    Posted(MessagePosted),
    /// Somebody changed a message.
    Edited(MessageEdited),
    /// Somebody took a message back.
    Retracted(MessageRetracted),
    /// A moderator decided about a message.
    Decided(MessageDecided),
    /// A decision was taken back.
    Undone(DecisionUndone),
    /// Somebody joined.
    Joined(ParticipantJoined),
    /// Somebody was blocked.
    Blocked(ParticipantBlocked),
    /// A block was lifted.
    Unblocked(ParticipantUnblocked),
    /// The conversation was ended.
    Closed(ConversationClosed),
    /// The conversation was opened again.
    Reopened(ConversationReopened),
    /// Something hidden.
    Hidden(HiddenEvent),
    /// Somebody has read further.
    Read(ReadAdvanced),
    /// Somebody types.
    Typing(TypingChanged),
    /// Events were missed.
    Resync(ResyncRequired),
}

impl ConversationEvent {
    /// The event, if it is one of the log.
    pub fn durable(self) -> Option<DurableEvent> {
        Some(match self {
            Self::Posted(event) => event.into(),
            Self::Edited(event) => event.into(),
            Self::Retracted(event) => event.into(),
            Self::Decided(event) => event.into(),
            Self::Undone(event) => event.into(),
            Self::Joined(event) => event.into(),
            Self::Blocked(event) => event.into(),
            Self::Unblocked(event) => event.into(),
            Self::Closed(event) => event.into(),
            Self::Reopened(event) => event.into(),
            Self::Hidden(event) => event.into(),
            Self::Snapshot(_) | Self::Read(_) | Self::Typing(_) | Self::Resync(_) => return None,
        })
    }
}
