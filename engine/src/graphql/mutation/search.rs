//! Keeping search well.

use async_graphql::{Context, Object};

use crate::domain::access;
use crate::graphql::errors::Fault;
use crate::graphql::types::search_index::{RebuildSearchIndexPayload, SearchIndex};
use crate::graphql::types::user_error::{UserError, UserErrorCode};
use crate::graphql::{rooms, viewer};
use crate::store::AuditEntry;

/// Keeping search well.
#[derive(Debug, Default)]
pub struct SearchMutation;

#[Object]
impl SearchMutation {
    /// Builds the search index anew from the store, beside the one in use, which answers until then; `searchIndex` tells how
    /// far it is. For admins.
    async fn rebuild_search_index(
        &self,
        ctx: &Context<'_>,
    ) -> Result<RebuildSearchIndexPayload, Fault> {
        let viewer = viewer(ctx)?;
        if !access::may_rebuild_search(viewer.role) {
            return Err(Fault::Forbidden("Only admins have the search index built anew."));
        }
        let rooms = rooms(ctx)?;
        let before = rooms.search.status().await;
        if before.build.is_some() {
            let message = "The index is being built already.".to_owned();
            let problem = UserError::made(UserErrorCode::NotPossible, message, None, None);
            let index = Some(SearchIndex::new(before, None));
            return Ok(RebuildSearchIndexPayload { index, user_errors: vec![problem] });
        }
        rooms
            .store
            .audit(&AuditEntry {
                at: rooms.clock.now(),
                actor: viewer.id.clone(),
                action: "search.rebuild".to_owned(),
                target: "search index".to_owned(),
                reason: None,
            })
            .await?;
        rooms.search.request_rebuild();
        let index = Some(SearchIndex::new(rooms.search.status().await, None));
        Ok(RebuildSearchIndexPayload { index, user_errors: Vec::new() })
    }
}
