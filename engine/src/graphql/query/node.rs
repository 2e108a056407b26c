//! Anything by its global id, for Relay and caches.

use async_graphql::{Context, ID, Object};
use futures_util::future::try_join_all;

use crate::domain::access;
use crate::graphql::errors::Fault;
use crate::graphql::ids::NodeId;
use crate::graphql::types::conversation::Conversation;
use crate::graphql::types::filter::Filter;
use crate::graphql::types::listing::Listing;
use crate::graphql::types::node::Node;
use crate::graphql::types::user::User;
use crate::graphql::{limits, rooms, viewer};

/// Anything by its global id.
#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its global id; null alike if there is no such thing and if the viewer may not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Result<Option<Node>, Fault> {
        viewer(ctx)?;
        find(ctx, &id).await
    }

    /// Several things by their global ids, in the order asked for.
    #[graphql(complexity = "1 + ids.len() * child_complexity")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, at most as many as a page may have.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Fault> {
        viewer(ctx)?;
        let most = limits(ctx)?.page_size;
        if ids.len() > most {
            return Err(Fault::BadUserInput(format!("At most {most} ids at once.")));
        }
        try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Node>, Fault> {
    let Ok(id) = NodeId::parse(id) else { return Ok(None) };
    Ok(match id {
        NodeId::Conversation(id) => Conversation::find(ctx, &id).await?.map(Node::Conversation),
        NodeId::Message(conversation, seq) => match Conversation::find(ctx, &conversation).await? {
            Some(conversation) => conversation.message(ctx, seq).await?.map(Node::Message),
            None => None,
        },
        NodeId::Listing(id) => {
            let listing = rooms(ctx)?.store.listing(&id).await?;
            listing.map(|listing| Node::Listing(Listing(listing.as_ref().clone())))
        }
        NodeId::Filter(name) => {
            if !access::may_see_filters(viewer(ctx)?.role) {
                return Ok(None);
            }
            rooms(ctx)?.releases.filter(&name).map(|row| Node::Filter(Filter(row)))
        }
        NodeId::User(id) => {
            let user = rooms(ctx)?.store.user(&id).await?;
            user.map(|user| Node::User(User::named(id, user.name.clone())))
        }
    })
}
