//! What changes the viewer's list of conversations and its counters.

use async_graphql::{ComplexObject, Context, SimpleObject, Union};

use super::conversation::Conversation;
use super::event::ResyncRequired;
use crate::graphql::errors::Fault;
use crate::graphql::{rooms, viewer};

/// A conversation of the viewer's list changed.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct InboxChanged {
    /// The conversation as it is now.
    pub conversation: Conversation,
    /// Unread messages in this one.
    pub conversation_unread_count: u64,
}

#[ComplexObject]
impl InboxChanged {
    /// Unread messages in all of the viewer's conversations.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<u64, Fault> {
        // Not ahead of time: it reads the whole list, and not every client asks.
        Ok(rooms(ctx)?.inbox.unread(viewer(ctx)?).await?)
    }
}

/// Something that changes the viewer's list of conversations.
#[derive(Debug, Clone, Union)]
pub enum InboxEvent {
    /// A conversation appeared or changed.
    Changed(InboxChanged),
    /// Events were missed.
    Resync(ResyncRequired),
}
