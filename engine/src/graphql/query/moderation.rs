//! The queue of held messages.

use async_graphql::{Context, ID, Object};

use crate::domain::access;
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::types::cursor;
use crate::graphql::types::queue::{QueueConnection, QueueFilter, QueueItem, QueueOrder};
use crate::graphql::{Rooms, ids, limits, rooms, viewer};
use crate::store::{AuditEntry, QueuePlace};

/// The queue of held messages.
#[derive(Debug, Default)]
pub struct ModerationQuery;

#[Object]
impl ModerationQuery {
    /// Held messages that wait for a moderator; for moderators and admins. It shows what people wrote in private, so
    /// every query is audited.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn moderation_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all if not given.")] filter: Option<QueueFilter>,
        #[graphql(default, desc = "In which order.")] order: QueueOrder,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor, of the same order.")] after: Option<
            String,
        >,
    ) -> Result<Option<QueueConnection>, Fault> {
        let (rooms, viewer) = (moderated(ctx)?, viewer(ctx)?);
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::queue).transpose()?;
        let filter = filter.unwrap_or_default().read()?;
        audited(ctx, "all").await?;
        let found =
            rooms.moderation.queue(&filter, order.into(), after.as_ref(), page.limit).await?;
        let mut items = Vec::with_capacity(found.waiting.len());
        for waiting in found.waiting {
            let cursor = cursor::of_queue(&QueuePlace::of(&waiting.held));
            items.extend(QueueItem::of(rooms, viewer, waiting).await?.map(|item| (cursor, item)));
        }
        let end = found.end.as_ref().map(cursor::of_queue);
        let total = rooms.moderation.count_waiting();
        Ok(Some(QueueConnection::new(items, end, after.is_some(), total)))
    }

    /// An item of the queue; null if the message doesn't wait (any more). For moderators and admins, and audited.
    async fn queue_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message's global id.")] message_id: ID,
    ) -> Result<Option<QueueItem>, Fault> {
        let rooms = moderated(ctx)?;
        let Ok((conversation, seq)) = ids::message(&message_id) else { return Ok(None) };
        audited(ctx, &message_id).await?;
        match rooms.moderation.waiting(&conversation, seq).await? {
            Some(waiting) => QueueItem::of(rooms, viewer(ctx)?, waiting).await,
            None => Ok(None),
        }
    }
}

/// The rooms, for whoever may moderate.
pub fn moderated<'a>(ctx: &Context<'a>) -> Result<&'a Rooms, Fault> {
    if !access::may_moderate(viewer(ctx)?.role) {
        return Err(Fault::Forbidden("Only moderators and admins see held messages."));
    }
    rooms(ctx)
}

/// Notes that the viewer looks at held messages.
pub async fn audited(ctx: &Context<'_>, target: &str) -> Result<(), Fault> {
    let rooms = rooms(ctx)?;
    let entry = AuditEntry {
        at: rooms.clock.now(),
        actor: viewer(ctx)?.id.clone(),
        action: "queue.read".to_owned(),
        target: target.to_owned(),
        reason: None,
    };
    Ok(rooms.store.audit(&entry).await?)
}
