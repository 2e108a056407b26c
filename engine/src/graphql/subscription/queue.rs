//! What comes to and goes from the moderation queue.

use std::sync::Arc;

use async_graphql::{Context, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::domain::Viewer;
use crate::graphql::errors::Fault;
use crate::graphql::query::moderation::{audited, moderated};
use crate::graphql::types::event::{ResyncReason, ResyncRequired};
use crate::graphql::types::moderation::ModeratorDecision;
use crate::graphql::types::queue::{QueueEvent, QueueItem, QueueItemAdded, QueueItemRemoved};
use crate::graphql::{Rooms, ids, viewer};
use crate::telemetry;
use crate::trust::QueueDelivery;

/// The moderation queue.
#[derive(Debug, Default)]
pub struct QueueSubscription;

#[Subscription]
impl QueueSubscription {
    /// What comes to and goes from the moderation queue, from now on; for moderators and admins. Fetch the queue after
    /// subscribing.
    async fn queue_events(
        &self,
        ctx: &Context<'_>,
    ) -> Result<BoxStream<'static, QueueEvent>, Fault> {
        let (rooms, viewer) = (moderated(ctx)?.clone(), Arc::clone(viewer(ctx)?));
        let deliveries = rooms.moderation.subscribe();
        audited(ctx, "live").await?;
        let state = Some((rooms, viewer, deliveries));
        Ok(stream::unfold(state, |state| async move {
            let (rooms, viewer, mut deliveries) = state?;
            loop {
                let delivery = deliveries.next().await?;
                match event(&rooms, &viewer, delivery).await {
                    Ok(Some(event)) => return Some((event, Some((rooms, viewer, deliveries)))),
                    Ok(None) => {}
                    Err(reason) => {
                        telemetry::live::resync(reason == ResyncReason::FellBehind);
                        let resync = ResyncRequired { last_seq: None, reason };
                        return Some((QueueEvent::Resync(resync), None));
                    }
                }
            }
        })
        .boxed())
    }
}

async fn event(
    rooms: &Rooms,
    viewer: &Viewer,
    delivery: QueueDelivery,
) -> Result<Option<QueueEvent>, ResyncReason> {
    let held_count = rooms.moderation.count_waiting();
    match delivery {
        QueueDelivery::Added(waiting) => {
            let item = QueueItem::of(rooms, viewer, *waiting).await;
            let item = item.map_err(|_| ResyncReason::Unavailable)?;
            Ok(item.map(|item| QueueEvent::Added(QueueItemAdded { item, held_count })))
        }
        QueueDelivery::Removed { held, decision } => {
            let message_id = ids::of_message(&held.conversation, held.seq);
            let decision = decision.as_deref().map(ModeratorDecision::from);
            Ok(Some(QueueEvent::Removed(QueueItemRemoved { message_id, decision, held_count })))
        }
        QueueDelivery::ResyncRequired => Err(ResyncReason::FellBehind),
    }
}
