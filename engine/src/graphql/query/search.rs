//! Finding messages and conversations.

use async_graphql::{Context, Object};

use crate::domain::access;
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::types::cursor;
use crate::graphql::types::search::{
    ConversationSearchConnection, ConversationSearchFilter, MessageSearchConnection,
    MessageSearchFilter, SearchOrder,
};
use crate::graphql::types::search_index::SearchIndex;
use crate::graphql::{limits, rooms, viewer};
use crate::search::{ConversationSearch, MessageSearch, SEARCH_CONSUMER};

/// Finding messages and conversations.
#[derive(Debug, Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Messages the viewer may see, found by their text: words (with typing errors, the last one while it is being typed),
    /// `"a phrase"`, `-word`, and the operators `from:` `with:` `listing:` `category:` `kind:` `before:` `after:` `on:`
    /// `has:attachment` and, for staff, `verdict:`. A value with spaces goes in quotes. What staff search is audited.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn search_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to find; empty finds everything that the filter allows.")]
        query: String,
        #[graphql(
            desc = "Which ones, besides; where query and filter name one thing, the filter counts."
        )]
        filter: Option<MessageSearchFilter>,
        #[graphql(desc = "In which order.", default)] order: SearchOrder,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Why staff search; required of staff.")] reason: Option<String>,
    ) -> Result<Option<MessageSearchConnection>, Fault> {
        let viewer = viewer(ctx)?;
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let search = MessageSearch {
            query,
            filter: filter.unwrap_or_default().read()?,
            order: order.into(),
            limit: page.limit,
            after: after.as_deref().map(cursor::search).transpose()?,
            reason,
        };
        let found = rooms(ctx)?.search.messages(viewer, &search).await?;
        Ok(Some(MessageSearchConnection::new(found, search.after.is_some())))
    }

    /// Conversations the viewer may see, found by the listing's title and the names of who is in them.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn search_conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to find; empty finds everything that the filter allows.")]
        query: String,
        #[graphql(desc = "Which ones, besides.")] filter: Option<ConversationSearchFilter>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Why staff search; required of staff.")] reason: Option<String>,
    ) -> Result<Option<ConversationSearchConnection>, Fault> {
        let viewer = viewer(ctx)?;
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let search = ConversationSearch {
            query,
            filter: filter.unwrap_or_default().read()?,
            limit: page.limit,
            after: after.as_deref().map(cursor::search).transpose()?,
            reason,
        };
        let found = rooms(ctx)?.search.conversations(viewer, &search).await?;
        Ok(Some(ConversationSearchConnection::new(found, search.after.is_some())))
    }

    /// How search is doing; for staff.
    async fn search_index(&self, ctx: &Context<'_>) -> Result<Option<SearchIndex>, Fault> {
        if !access::may_see_operations(viewer(ctx)?.role) {
            return Err(Fault::Forbidden("Only staff see how search is doing."));
        }
        let rooms = rooms(ctx)?;
        let lags = rooms.outbox.lags();
        let lag = lags.iter().find(|lag| lag.consumer == SEARCH_CONSUMER);
        Ok(Some(SearchIndex::new(rooms.search.status().await, lag)))
    }
}
