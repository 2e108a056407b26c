//! Anything with a global id.

use async_graphql::{ID, Interface};

use super::conversation::Conversation;
use super::filter::Filter;
use super::listing::Listing;
use super::message::Message;
use super::user::User;

/// Anything with a global id.
#[derive(Debug, Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub enum Node {
    /// A conversation.
    Conversation(Conversation),
    /// A message.
    Message(Message),
    /// A listing.
    Listing(Listing),
    /// A user.
    User(User),
    /// A filter.
    Filter(Filter),
}
