//! The viewer's list of conversations, as it changes.

use std::sync::Arc;

use async_graphql::{Context, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::domain::{InboxRow, Viewer};
use crate::graphql::errors::{Fault, found};
use crate::graphql::types::conversation::Conversation;
use crate::graphql::types::event::{ResyncReason, ResyncRequired};
use crate::graphql::types::inbox::{InboxChanged, InboxEvent};
use crate::graphql::{Rooms, rooms, viewer};
use crate::inbox::InboxDelivery;
use crate::telemetry;

/// The viewer's list of conversations.
#[derive(Debug, Default)]
pub struct InboxSubscription;

#[Subscription]
impl InboxSubscription {
    /// Everything that changes the viewer's list of conversations and its counters.
    async fn inbox_events(
        &self,
        ctx: &Context<'_>,
    ) -> Result<BoxStream<'static, InboxEvent>, Fault> {
        let viewer = Arc::clone(viewer(ctx)?);
        let rooms = rooms(ctx)?.clone();
        let deliveries = rooms.inbox.subscribe(&viewer);
        let state = Some((rooms, viewer, deliveries));
        Ok(stream::unfold(state, |state| async move {
            let (rooms, viewer, mut deliveries) = state?;
            loop {
                let reason = match deliveries.next().await? {
                    InboxDelivery::Changed(row) => match changed(&rooms, &viewer, &row).await {
                        Ok(Some(event)) => {
                            let event = InboxEvent::Changed(event);
                            return Some((event, Some((rooms, viewer, deliveries))));
                        }
                        Ok(None) => continue,
                        Err(_) => ResyncReason::Unavailable,
                    },
                    InboxDelivery::ResyncRequired => ResyncReason::FellBehind,
                };
                telemetry::live::resync(reason == ResyncReason::FellBehind);
                let resync = ResyncRequired { last_seq: None, reason };
                return Some((InboxEvent::Resync(resync), None));
            }
        })
        .boxed())
    }
}

/// The change as the viewer sees it; `None` if the conversation is not theirs any more.
async fn changed(
    rooms: &Rooms,
    viewer: &Viewer,
    row: &InboxRow,
) -> Result<Option<InboxChanged>, Fault> {
    let seen = found(rooms.conversations.view(viewer, &row.conversation).await)?;
    let Some((view, audience)) = seen else { return Ok(None) };
    let conversation = Conversation::new(view, audience).with_row(row.clone());
    Ok(Some(InboxChanged { conversation, conversation_unread_count: row.unread }))
}
