//! One conversation.

use async_graphql::{Context, ID, Object};

use crate::graphql::errors::Fault;
use crate::graphql::types::conversation::Conversation;
use crate::graphql::{ids, viewer};

/// One conversation.
#[derive(Debug, Default)]
pub struct ConversationQuery;

#[Object]
impl ConversationQuery {
    /// A conversation; null alike if there is none with this id and if it is not the viewer's.
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation's id, global or bare.")] id: ID,
        #[graphql(
            desc = "Why staff look into a conversation between users; kept in the audit log, good for an hour."
        )]
        reason: Option<String>,
    ) -> Result<Option<Conversation>, Fault> {
        viewer(ctx)?;
        match ids::conversation(&id) {
            Ok(id) => Conversation::find_because(ctx, &id, reason.as_deref()).await,
            Err(_) => Ok(None),
        }
    }
}
