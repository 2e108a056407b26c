//! What filters are told of a message, from what the engine knows of it: the same live and in a backtest.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{ConversationFacts, Inspection, ListingFacts, SenderFacts, Stage};
use crate::domain::{Conversation, Listing, Role, User, UserId};

/// A message, and everything around it.
#[derive(Debug)]
pub struct Facts<'a> {
    /// As written.
    pub text: Arc<str>,
    /// New or edited.
    pub stage: Stage,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub sender: &'a UserId,
    /// The role in the sender's token.
    pub role: Role,
    /// The sender as the marketplace knows them.
    pub user: Option<&'a User>,
    /// Where.
    pub conversation: &'a Conversation,
    /// Events before it.
    pub message_count: u64,
    /// The sender's first message there.
    pub is_first_contact: bool,
    /// BCP 47 tag of who will read it, if known.
    pub recipient_locale: Option<String>,
    /// What the conversation is about.
    pub listing: Option<&'a Listing>,
}

impl From<Facts<'_>> for Inspection {
    fn from(facts: Facts<'_>) -> Self {
        let conversation = facts.conversation;
        let participant = conversation.participant(facts.sender);
        let mut roles = vec![facts.role.as_str().to_owned()];
        roles.extend(participant.map(|participant| participant.role.as_str().to_owned()));
        Self {
            text: facts.text,
            stage: facts.stage,
            now: facts.at,
            sender: SenderFacts {
                id: facts.sender.clone(),
                roles,
                account_created_at: facts.user.and_then(|user| user.created_at),
                locale: facts.user.and_then(|user| user.locale.clone()),
            },
            conversation: ConversationFacts {
                id: conversation.id.clone(),
                kind: conversation.kind,
                created_at: conversation.created_at,
                message_count: facts.message_count,
                is_first_contact: facts.is_first_contact,
                recipient_locale: facts.recipient_locale,
            },
            listing: facts.listing.map(|listing| ListingFacts {
                title: Some(listing.title.clone()),
                category: listing.category.clone(),
                price_minor: listing.price_minor,
                currency: listing.currency.clone(),
            }),
        }
    }
}
