//! How a conversation starts: between whom, about what.

use chrono::{DateTime, Utc};

use crate::domain::{
    ClientId, Conversation, ConversationId, ConversationKind, ConversationState, Listing,
    ListingId, Participant, ParticipantRole, UserId,
};

/// What a conversation is made of when its first message starts it.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Derived from who talks about what.
    pub id: ConversationId,
    kind: ConversationKind,
    listing: Option<ListingId>,
    category: Option<String>,
    participants: Vec<Participant>,
}

impl Opening {
    /// A buyer asks the seller of a listing.
    pub fn direct(listing: &Listing, seller: &UserId, buyer: &UserId) -> Self {
        let participant = |user: &UserId, role| Participant { user: user.clone(), role };
        Self {
            id: ConversationId::direct(&listing.id, buyer),
            kind: ConversationKind::Direct,
            listing: Some(listing.id.clone()),
            category: listing.category.clone(),
            participants: vec![
                participant(buyer, ParticipantRole::Buyer),
                participant(seller, ParticipantRole::Seller),
            ],
        }
    }

    /// A user asks staff.
    pub fn support(
        user: &UserId,
        listing: Option<ListingId>,
        category: &str,
        client_id: &ClientId,
    ) -> Self {
        Self {
            id: ConversationId::support(user, client_id),
            kind: ConversationKind::Support,
            listing,
            category: Some(category.to_owned()),
            participants: vec![Participant { user: user.clone(), role: ParticipantRole::Customer }],
        }
    }

    /// The conversation as it stands before its first event.
    pub fn conversation(&self, created_at: DateTime<Utc>) -> Conversation {
        Conversation {
            id: self.id.clone(),
            kind: self.kind,
            listing: self.listing.clone(),
            category: self.category.clone(),
            participants: self.participants.clone(),
            state: ConversationState::Open,
            blocks: Vec::new(),
            created_at,
            sealed_chunks: 0,
        }
    }
}
