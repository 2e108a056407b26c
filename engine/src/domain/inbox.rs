//! One line of somebody's list of conversations.

use chrono::{DateTime, Utc};

use super::{ConversationId, ConversationKind, ConversationState, Seq, UserId};

/// What a user's list shows of one conversation, kept up by the inbox projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRow {
    /// Whose list; `SUPPORT_DESK` for the list all support staff share.
    pub user: UserId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Direct or support.
    pub kind: ConversationKind,
    /// Open or closed.
    pub state: ConversationState,
    /// Last event the row takes into account.
    pub last_seq: Seq,
    /// When the last message visible to the user was said, or the conversation started.
    pub last_at: DateTime<Utc>,
    /// Visible messages of others after `last_read`.
    pub unread: u64,
    /// How far the user has read.
    pub last_read: Seq,
    /// Since when the customer waits for an answer; only in the support desk's list.
    pub waiting_since: Option<DateTime<Utc>>,
    /// The support category; only in the support desk's list.
    pub category: Option<String>,
}

impl InboxRow {
    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        self.state == ConversationState::Open
    }

    /// Whether a customer waits for an answer.
    pub fn is_waiting(&self) -> bool {
        self.is_open() && self.waiting_since.is_some()
    }
}

/// The pseudo-user whose list holds every support conversation; no marketplace user can have this id.
pub const SUPPORT_DESK: &str = "conversation:support-desk";
