//! Why messages were treated as they were.

use async_graphql::{Context, Object};

use crate::domain::access;
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::types::cursor;
use crate::graphql::types::decision::{DecisionConnection, DecisionFilter, in_words};
use crate::graphql::{limits, rooms, viewer};
use crate::store::AuditEntry;

/// Why messages were treated as they were.
#[derive(Debug, Default)]
pub struct DecisionQuery;

#[Object]
impl DecisionQuery {
    /// Decisions over messages that any signal touched, refused ones included, newest first; for moderators and
    /// admins. It shows what people wrote in private, so every query is audited.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all if not given.")] filter: Option<DecisionFilter>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<DecisionConnection>, Fault> {
        let viewer = viewer(ctx)?;
        if !access::may_read_decisions(viewer.role) {
            return Err(Fault::Forbidden("Only moderators and admins see decisions."));
        }
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::decision).transpose()?;
        let filter = filter.unwrap_or_default().read()?;
        let rooms = rooms(ctx)?;
        rooms
            .store
            .audit(&AuditEntry {
                at: rooms.clock.now(),
                actor: viewer.id.clone(),
                action: "decisions.read".to_owned(),
                target: in_words(&filter),
                reason: None,
            })
            .await?;
        let found = rooms.store.decisions_by_time(&filter, after.as_ref(), page.limit).await?;
        Ok(Some(DecisionConnection::new(&found, after.is_some())))
    }
}
