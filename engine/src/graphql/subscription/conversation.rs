//! A conversation's events: replayed, then live.

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::domain::Seq;
use crate::graphql::errors::{Fault, found};
use crate::graphql::feed::Feed;
use crate::graphql::following::{Handover, Single};
use crate::graphql::types::event::ConversationEvent;
use crate::graphql::{ids, rooms, viewer};

/// A conversation's events.
#[derive(Debug, Default)]
pub struct ConversationSubscription;

#[Subscription]
impl ConversationSubscription {
    /// A conversation's events in order: a snapshot, then what follows `after`, then what happens from now on.
    async fn conversation_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation's id, global or bare.")] conversation_id: ID,
        #[graphql(
            desc = "The last sequence number the client has; without it nothing is replayed."
        )]
        after: Option<Seq>,
        #[graphql(desc = "Why staff look into a conversation between users; good for an hour.")]
        reason: Option<String>,
    ) -> Result<BoxStream<'static, ConversationEvent>, Fault> {
        if let Some(Single(event)) = ctx.data_opt() {
            return Ok(stream::iter([event.clone()]).boxed());
        }
        let viewer = Arc::clone(viewer(ctx)?);
        let absent = Fault::NotFound("There is no such conversation, or you are not in it.");
        let Ok(id) = ids::conversation(&conversation_id) else { return Err(absent) };
        let rooms = rooms(ctx)?.clone();
        let subscribed =
            rooms.conversations.subscribe(&viewer, &id, after, reason.as_deref()).await;
        let Some((audience, deliveries)) = found(subscribed)? else { return Err(absent) };
        let mut feed = Feed::new(rooms, viewer, audience, deliveries);
        if let Some(handover) = ctx.data_opt::<Handover>() {
            let snapshot = feed.next().await;
            handover.give(feed);
            return Ok(stream::iter(snapshot).boxed());
        }
        Ok(stream::unfold(
            feed,
            |mut feed| async move { feed.next().await.map(|event| (event, feed)) },
        )
        .boxed())
    }
}
