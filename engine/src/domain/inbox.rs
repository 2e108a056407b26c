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
}

/// The pseudo-user whose list holds every support conversation; no marketplace user can have this id.
pub const SUPPORT_DESK: &str = "conversation:support-desk";
