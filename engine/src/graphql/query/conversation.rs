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
    ) -> Result<Option<Conversation>, Fault> {
        viewer(ctx)?;
        match ids::conversation(&id) {
            Ok(id) => Conversation::find(ctx, &id).await,
            Err(_) => Ok(None),
        }
    }
}
