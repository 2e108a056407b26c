//! The operator's lists.

use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::cursor;
use crate::graphql::errors::{Fault, problems};
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::{limits, releases};
use crate::store::{ListEntry, ListRow};

/// An entry of a list.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterListEntry {
    /// As it was written; it is found however it is written.
    text: String,
    /// When it was added.
    added_at: DateTime<Utc>,
    /// By whom.
    added_by: Option<String>,
}

impl From<ListEntry> for FilterListEntry {
    fn from(entry: ListEntry) -> Self {
        Self { text: entry.text, added_at: entry.at, added_by: entry.by }
    }
}

/// A list filters may look into.
#[derive(Debug, Clone)]
pub struct FilterList(pub ListRow);

/// A list that filters with the grant `LISTS` may look into.
#[Object]
impl FilterList {
    /// Such as `blocked-hosts`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How many entries it has.
    async fn size(&self) -> u64 {
        self.0.entries
    }

    /// Goes up with every change.
    async fn revision(&self) -> u64 {
        self.0.revision
    }

    /// When it was last changed.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// Who changed it last.
    async fn changed_by(&self) -> Option<&str> {
        self.0.changed_by.as_deref()
    }

    /// What was said about it.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Its entries, in an order of no meaning.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Connection<String, FilterListEntry>, Fault> {
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::key).transpose()?;
        let found = releases(ctx)?.list_entries(&self.0.name, after.as_deref(), page.limit + 1);
        let mut found = match found.await {
            Ok(found) => found,
            Err(error) => return Err(problems(error).err().unwrap_or(Fault::Internal)),
        };
        let has_next = found.len() > page.limit;
        found.truncate(page.limit);
        let mut connection = Connection::new(after.is_some(), has_next);
        connection.edges.extend(
            found.into_iter().map(|entry| Edge::new(cursor::of_key(&entry.key), entry.into())),
        );
        Ok(connection)
    }
}
