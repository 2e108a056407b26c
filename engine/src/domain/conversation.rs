//! Conversations and their participants.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ConversationId, ListingId, Seq, UserId};

/// Who talks with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// A buyer and a seller about a listing.
    Direct,
    /// A user and staff.
    Support,
}

/// Whether messages can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    /// Messages can be sent.
    Open,
    /// Ended; history stays readable.
    Closed,
}

/// What a participant is in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantRole {
    /// Asked about the listing.
    Buyer,
    /// Offers the listing.
    Seller,
    /// Asked support.
    Customer,
    /// Answers for the marketplace.
    Staff,
}

impl ParticipantRole {
    /// The word filters know it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: ParticipantRole,
}

/// A block between two participants: `blocked` can't send while it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Who asked for it.
    pub by: UserId,
    /// Whose messages are refused.
    pub blocked: UserId,
}

/// A conversation's current state, without its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Direct or support.
    pub kind: ConversationKind,
    /// What it is about.
    pub listing: Option<ListingId>,
    /// Support category, such as `payment`.
    pub category: Option<String>,
    /// Everyone in it, in order of joining.
    pub participants: Vec<Participant>,
    /// Open or closed.
    pub state: ConversationState,
    /// Standing blocks.
    pub blocks: Vec<Block>,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// How many chunks of `EVENTS_PER_CHUNK` events have their fingerprints stored (see `store`).
    pub sealed_chunks: u64,
}

impl Conversation {
    /// The participant of this id.
    pub fn participant(&self, user: &UserId) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.user == *user)
    }

    /// Whether some other participant blocked this one.
    pub fn is_blocked(&self, user: &UserId) -> bool {
        self.blocks.iter().any(|block| block.blocked == *user)
    }

    /// Last sequence number whose chunk is sealed; the log's tail starts right after.
    pub fn sealed_seq(&self) -> Seq {
        self.sealed_chunks * EVENTS_PER_CHUNK
    }
}

/// Events per sealed chunk: chunk `k` covers sequence numbers `256 k + 1 ..= 256 (k + 1)`.
pub const EVENTS_PER_CHUNK: u64 = 256;
