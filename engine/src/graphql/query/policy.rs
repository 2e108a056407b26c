//! Policy versions, and what is different between two.

use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, Object};

use crate::graphql::errors::{Fault, problems};
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::types::cursor;
use crate::graphql::types::filter::newest;
use crate::graphql::types::policy::{Policy, PolicyComparison};
use crate::graphql::{limits, releases, rooms};

/// Policy versions, and what is different between two.
#[derive(Debug, Default)]
pub struct PolicyQuery;

#[Object]
impl PolicyQuery {
    /// Policy versions, newest first; for moderators and admins.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<String, Policy>>, Fault> {
        let state = releases(ctx)?.state();
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::number).transpose()?;
        let (from, to) = newest(state.policies, after, page.limit);
        let rows = rooms(ctx)?.store.policies(from, to).await?;
        let mut connection = Connection::new(after.is_some(), from > 1 && to > 0);
        connection.edges.extend(rows.into_iter().rev().map(|row| {
            let policy = Policy::new(row, state.policy);
            Edge::new(cursor::of_number(policy.place()), policy)
        }));
        Ok(Some(connection))
    }

    /// A policy version; for moderators and admins.
    async fn policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which; the one that decides if not given.")] version: Option<u32>,
    ) -> Result<Option<Policy>, Fault> {
        let active = releases(ctx)?.state().policy;
        let row = rooms(ctx)?.store.policy(version.unwrap_or(active)).await?;
        Ok(row.map(|row| Policy::new(row, active)))
    }

    /// What is different between two policy versions; for moderators and admins.
    async fn compare_policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The older version.")] from: u32,
        #[graphql(desc = "The newer version.")] to: u32,
    ) -> Result<Option<PolicyComparison>, Fault> {
        match releases(ctx)?.compare_policies(from, to).await {
            Ok(found) => Ok(Some(found.into())),
            Err(error) => {
                let words = problems(error)?.into_iter().map(|problem| problem.message);
                Err(Fault::BadUserInput(words.collect::<Vec<_>>().join("; ")))
            }
        }
    }
}
