//! Listings and messaging coverage.

use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, ID, Object};

use crate::domain::{UserId, access};
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::types::cursor;
use crate::graphql::types::listing::{Listing, ListingCoverage, ListingStatus};
use crate::graphql::{ids, limits, rooms, viewer};
use crate::store::ListingFilter;

/// Listings and messaging coverage.
#[derive(Debug, Default)]
pub struct ListingQuery;

#[Object]
impl ListingQuery {
    /// A listing by the marketplace's own id.
    async fn listing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The marketplace's own id, or the global one.")] external_id: ID,
    ) -> Result<Option<Listing>, Fault> {
        viewer(ctx)?;
        let Ok(id) = ids::listing(&external_id) else { return Ok(None) };
        let listing = rooms(ctx)?.store.listing(&id).await?;
        Ok(listing.map(|listing| Listing(listing.as_ref().clone())))
    }

    /// Listings, ordered by the marketplace's own id.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn listings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only listings that stand so.")] status: Option<ListingStatus>,
        #[graphql(desc = "Only listings of this category.")] category: Option<String>,
        #[graphql(desc = "Only listings of this seller.")] seller_id: Option<ID>,
    ) -> Result<Connection<String, Listing>, Fault> {
        viewer(ctx)?;
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::listing).transpose()?;
        let has_previous = after.is_some();
        let seller = seller_id.map(UserId::new).transpose()?;
        let filter = ListingFilter { status: status.map(Into::into), category, seller };
        let mut found = rooms(ctx)?.store.listings(&filter, after.as_ref(), page.limit + 1).await?;
        let has_next = found.len() > page.limit;
        found.truncate(page.limit);
        let mut connection = Connection::new(has_previous, has_next);
        let edges = found.into_iter();
        let edges = edges.map(|found| Edge::new(cursor::of_listing(&found.id), Listing(found)));
        connection.edges.extend(edges);
        Ok(connection)
    }

    /// How many of the active listings have messaging; for staff and the marketplace's backend.
    async fn listing_coverage(&self, ctx: &Context<'_>) -> Result<Option<ListingCoverage>, Fault> {
        if !access::may_see_coverage(viewer(ctx)?.role) {
            return Err(Fault::Forbidden("Only staff and the marketplace's backend see coverage."));
        }
        Ok(Some(rooms(ctx)?.store.listing_coverage().await?.into()))
    }
}
