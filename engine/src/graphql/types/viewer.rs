//! Who is signed in, and their conversations.

use std::sync::Arc;

use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, ID, Object};
use futures_util::future::try_join_all;

use super::conversation::{Conversation, ConversationState};
use super::cursor::Position;
use super::staff::StaffMember;
use super::user::{Role, User};
use crate::domain::{self, InboxRow};
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::{limits, rooms};
use crate::staff::ID_PREFIX;

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Viewer(pub Arc<domain::Viewer>);

/// Who is signed in, and what is theirs.
#[Object]
impl Viewer {
    /// The token's `sub`: the marketplace's own user id.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The name others see.
    async fn name(&self, ctx: &Context<'_>) -> Result<String, Fault> {
        let user = rooms(ctx)?.store.user(&self.0.id).await?;
        let pushed = user.map(|user| user.name.clone());
        Ok(pushed.or_else(|| self.0.name.clone()).unwrap_or_else(|| self.0.id.to_string()))
    }

    /// The token's role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The viewer as others see them.
    async fn user(&self) -> User {
        User::new(self.0.id.clone())
    }

    /// The viewer's account here; null for the bearer of a token.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Option<StaffMember>, Fault> {
        if !self.0.id.as_str().starts_with(ID_PREFIX) {
            return Ok(None);
        }
        let member = rooms(ctx)?.staff.member(&self.0.id).await.map_err(|error| {
            super::staff::user_error(error).map_or_else(|fault| fault, |_| Fault::Internal)
        })?;
        Ok(member.map(StaffMember))
    }

    /// Unread messages in all conversations.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<u64, Fault> {
        Ok(rooms(ctx)?.inbox.unread(&self.0).await?)
    }

    /// The viewer's conversations, newest activity first; for support staff with the shared desk.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Take this many from the start.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Take this many from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only conversations in this state.")] state: Option<ConversationState>,
    ) -> Result<Connection<String, Conversation>, Fault> {
        let page = Page::new(first, last, false, limits(ctx)?)?;
        let after = after.as_deref().map(Position::parse).transpose()?;
        let before = before.as_deref().map(Position::parse).transpose()?;
        let rows = rooms(ctx)?.inbox.rows(&self.0).await?;
        let state = state.map(domain::ConversationState::from);
        let part = part(&rows, page, after.as_ref(), before.as_ref(), state);
        let found = part.rows.iter().map(|(place, row)| async move {
            let conversation = Conversation::of_row(ctx, row).await?;
            Ok::<_, Fault>(conversation.map(|found| Edge::new(place.encode(), found)))
        });
        let mut connection = Connection::new(part.has_previous, part.has_next);
        connection.edges.extend(try_join_all(found).await?.into_iter().flatten());
        Ok(connection)
    }
}

struct Part<'a> {
    rows: Vec<(Position, &'a InboxRow)>,
    has_previous: bool,
    has_next: bool,
}

fn part<'a>(
    rows: &'a [InboxRow],
    page: Page,
    after: Option<&Position>,
    before: Option<&Position>,
    state: Option<domain::ConversationState>,
) -> Part<'a> {
    let rows = rows.iter().filter(|row| state.is_none_or(|state| row.state == state));
    let mut rows: Vec<_> = rows.map(|row| (Position::of(row), row)).collect();
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    let start = after.map_or(0, |after| rows.partition_point(|(place, _)| place <= after));
    let end = before.map_or(rows.len(), |b| rows.partition_point(|(place, _)| place < b));
    let end = end.max(start);
    let (from, to) = if page.backward {
        (end.saturating_sub(page.limit).max(start), end)
    } else {
        (start, start.saturating_add(page.limit).min(end))
    };
    let (has_previous, has_next) = (from > 0, to < rows.len());
    rows.truncate(to);
    Part { rows: rows.split_off(from), has_previous, has_next }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::{ConversationId, ConversationKind, UserId};

    fn rows() -> Vec<InboxRow> {
        let row = |number: i64| InboxRow {
            user: UserId::trusted("me"),
            conversation: ConversationId::trusted(format!("c{number}")),
            kind: ConversationKind::Direct,
            state: if number % 2 == 0 {
                domain::ConversationState::Open
            } else {
                domain::ConversationState::Closed
            },
            last_seq: 1,
            last_at: DateTime::from_timestamp_millis(10 - number / 2).expect("in range"),
            unread: 0,
            last_read: 0,
            waiting_since: None,
            category: None,
        };
        (0..6).map(row).collect()
    }

    fn ids(part: &Part) -> String {
        part.rows.iter().map(|(_, row)| row.conversation.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn pages_join_without_gap_or_overlap_in_both_directions() {
        let rows = rows();
        let forward = Page { limit: 4, backward: false };
        let backward = Page { limit: 4, backward: true };
        let first = part(&rows, forward, None, None, None);
        assert_eq!(ids(&first), "c0 c1 c2 c3");
        assert!(!first.has_previous && first.has_next);
        let second = part(&rows, forward, Some(&Position::of(&rows[3])), None, None);
        assert_eq!(ids(&second), "c4 c5");
        assert!(second.has_previous && !second.has_next);
        let last = part(&rows, backward, None, None, None);
        assert_eq!(ids(&last), "c2 c3 c4 c5");
        let rest = part(&rows, backward, None, Some(&Position::of(&rows[2])), None);
        assert_eq!(ids(&rest), "c0 c1");
        assert!(!rest.has_previous && rest.has_next);
    }

    #[test]
    fn a_cursor_keeps_its_place_when_its_conversation_is_filtered_out() {
        let rows = rows();
        let after = Position::of(&rows[1]);
        let page = Page { limit: 1, backward: false };
        let open = Some(domain::ConversationState::Open);
        assert_eq!(ids(&part(&rows, page, Some(&after), None, open)), "c2");
        let empty = Page { limit: 0, backward: false };
        assert_eq!(ids(&part(&rows, empty, None, None, None)), "");
    }
}
