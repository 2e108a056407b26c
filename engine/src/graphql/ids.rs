//! Global ids, and the inputs that take a global id or a bare one.

use async_graphql::ID;

use crate::domain::{ConversationId, IdError, ListingId, Seq, UserId};

const CONVERSATION: &str = "conversation:";
const MESSAGE: &str = "message:";
const LISTING: &str = "listing:";
const FILTER: &str = "filter:";

/// What a global id points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeId {
    /// `conversation:<id>`
    Conversation(ConversationId),
    /// `message:<conversation id>:<seq>`
    Message(ConversationId, Seq),
    /// `listing:<externalId>`
    Listing(ListingId),
    /// `filter:<name>`
    Filter(String),
    /// Anything else: the marketplace's own user id.
    User(UserId),
}

impl NodeId {
    /// Reads a global id.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if text.starts_with(CONVERSATION) {
            return conversation(text).map(Self::Conversation);
        }
        if text.starts_with(MESSAGE) {
            return message(text).map(|(conversation, seq)| Self::Message(conversation, seq));
        }
        if text.starts_with(LISTING) {
            return listing(text).map(Self::Listing);
        }
        if let Some(name) = text.strip_prefix(FILTER) {
            return Ok(Self::Filter(name.to_owned()));
        }
        UserId::of_anyone(text).map(Self::User)
    }
}

/// A conversation's id, global or bare.
pub fn conversation(text: &str) -> Result<ConversationId, IdError> {
    ConversationId::new(text.strip_prefix(CONVERSATION).unwrap_or(text))
}

/// A listing's id, global or the marketplace's own.
pub fn listing(text: &str) -> Result<ListingId, IdError> {
    ListingId::new(text.strip_prefix(LISTING).unwrap_or(text))
}

/// A message's global id: its conversation and sequence number.
pub fn message(text: &str) -> Result<(ConversationId, Seq), IdError> {
    let malformed = IdError {
        kind: "message id",
        fault: "must look like `message:<conversation id>:<number>`",
    };
    let (id, seq) = text
        .strip_prefix(MESSAGE)
        .and_then(|rest| rest.rsplit_once(':'))
        .ok_or_else(|| malformed.clone())?;
    let seq = seq.parse().map_err(|_| malformed)?;
    Ok((ConversationId::new(id)?, seq))
}

/// The global id of a conversation.
pub fn of_conversation(id: &ConversationId) -> ID {
    ID(format!("{CONVERSATION}{id}"))
}

/// The global id of a message.
pub fn of_message(conversation: &ConversationId, seq: Seq) -> ID {
    ID(format!("{MESSAGE}{conversation}:{seq}"))
}

/// The global id of a listing.
pub fn of_listing(id: &ListingId) -> ID {
    ID(format!("{LISTING}{id}"))
}

/// The global id of a filter.
pub fn of_filter(name: &str) -> ID {
    ID(format!("{FILTER}{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_ids_come_back_as_they_went_out() {
        let conversation = ConversationId::trusted("0123abcd");
        let listing = ListingId::trusted("a:b c");
        let cases = [
            (of_conversation(&conversation), NodeId::Conversation(conversation.clone())),
            (of_message(&conversation, 7), NodeId::Message(conversation, 7)),
            (of_listing(&listing), NodeId::Listing(listing)),
            (of_filter("spam"), NodeId::Filter("spam".into())),
            (ID("auth0|42".into()), NodeId::User(UserId::trusted("auth0|42"))),
        ];
        for (id, expected) in cases {
            assert_eq!(NodeId::parse(&id), Ok(expected), "{id:?}");
        }
    }

    #[test]
    fn bare_ids_are_taken_where_the_type_is_known() {
        assert_eq!(conversation("0123"), conversation("conversation:0123"));
        assert_eq!(listing("x-1"), listing("listing:x-1"));
        for wrong in ["message:1", "message:c:x", "message:c:-1", "message::1", "c:1", ""] {
            assert!(message(wrong).is_err(), "`{wrong}` is no message id");
        }
    }
}
