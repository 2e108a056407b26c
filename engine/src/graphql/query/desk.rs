//! The support desk's conversations, and how things stand.

use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, ID, InputObject, Object};

use crate::domain::{self, ConversationKind, InboxRow, UserId, access};
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::types::conversation::{Conversation, ConversationState};
use crate::graphql::types::cursor;
use crate::graphql::types::live::LiveStats;
use crate::graphql::{Rooms, limits, rooms, viewer};
use crate::store::{DeskFilter, DeskPlace};

/// The support desk's conversations, and how things stand.
#[derive(Debug, Default)]
pub struct DeskQuery;

/// Which support conversations are wanted; what is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct SupportFilter {
    /// In this state.
    state: Option<ConversationState>,
    /// True: only those whose customer waits for an answer, who waits longest first.
    unanswered: Option<bool>,
    /// Of this category.
    category: Option<String>,
    /// Of this customer.
    customer_id: Option<ID>,
}

#[Object]
impl DeskQuery {
    /// Support conversations, newest activity first; for staff.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn support_conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all if not given.")] filter: Option<SupportFilter>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<String, Conversation>>, Fault> {
        let rooms = desk(ctx)?;
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::desk).transpose()?;
        let filter = filter.unwrap_or_default();
        let (rows, has_more) = match filter.customer_id.clone() {
            None => {
                let filter = filter.read();
                let found = rooms.inbox.desk(&filter, after.as_ref(), page.limit).await?;
                (found.rows, found.has_more)
            }
            Some(customer) => {
                let customer = UserId::new(customer)?;
                of_customer(rooms, &customer, &filter.read(), after.as_ref(), page.limit).await?
            }
        };
        let mut connection = Connection::new(after.is_some(), has_more);
        for row in rows {
            let conversation = row.conversation.clone();
            let at = row.waiting_since.filter(|_| filter.unanswered == Some(true));
            let place = DeskPlace { at: at.unwrap_or(row.last_at), conversation };
            let found = Conversation::of_row(ctx, &row).await?;
            connection.edges.extend(found.map(|found| Edge::new(cursor::of_desk(&place), found)));
        }
        Ok(Some(connection))
    }

    /// How things stand now; for staff.
    async fn live_stats(&self, ctx: &Context<'_>) -> Result<Option<LiveStats>, Fault> {
        LiveStats::now(desk(ctx)?, viewer(ctx)?).await.map(Some)
    }
}

impl SupportFilter {
    fn read(&self) -> DeskFilter {
        DeskFilter {
            state: self.state.map(domain::ConversationState::from),
            unanswered: self.unanswered == Some(true),
            category: self.category.clone(),
        }
    }
}

/// A customer has few conversations; all of them are looked at.
async fn of_customer(
    rooms: &Rooms,
    customer: &UserId,
    filter: &DeskFilter,
    after: Option<&DeskPlace>,
    limit: usize,
) -> Result<(Vec<InboxRow>, bool), Fault> {
    let mut rows = rooms.inbox.of_customer(customer).await?;
    rows.retain(|row| {
        row.kind == ConversationKind::Support
            && filter.state.is_none_or(|state| state == row.state)
            && filter.category.as_ref().is_none_or(|it| row.category.as_ref() == Some(it))
            && (!filter.unanswered || row.is_waiting())
    });
    rows.sort_by_cached_key(|row| (std::cmp::Reverse(row.last_at), row.conversation.clone()));
    let from = after.map_or(0, |after| {
        let place = |row: &InboxRow| row.conversation == after.conversation;
        rows.iter().position(place).map_or(rows.len(), |at| at + 1)
    });
    let mut rows = rows.split_off(from);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    Ok((rows, has_more))
}

/// The rooms, for whoever works at the desk.
pub fn desk<'a>(ctx: &Context<'a>) -> Result<&'a Rooms, Fault> {
    if !access::may_see_desk(viewer(ctx)?.role) {
        return Err(Fault::Forbidden("Only staff see the support desk."));
    }
    rooms(ctx)
}
