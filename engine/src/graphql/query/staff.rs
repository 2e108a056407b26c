//! Who works here, and what they did.

use async_graphql::{Context, Object};

use crate::domain::access;
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::types::audit::{AuditConnection, AuditEntry, AuditFilter};
use crate::graphql::types::cursor;
use crate::graphql::types::staff::{StaffInvitation, StaffMember, user_error};
use crate::graphql::{Rooms, limits, rooms, viewer};
use crate::staff::StaffError;

/// Who works here, and what they did.
#[derive(Debug, Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// Everyone with an account, by name; for staff.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Vec<StaffMember>>, Fault> {
        if !access::may_see_desk(viewer(ctx)?.role) {
            return Err(Fault::Forbidden("Only staff see the team."));
        }
        let team = rooms(ctx)?.staff.team().await.map_err(fault)?;
        Ok(Some(team.into_iter().map(StaffMember).collect()))
    }

    /// Invitations that are good still, newest first; for admins.
    async fn staff_invitations(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Vec<StaffInvitation>>, Fault> {
        let found = administered(ctx)?.staff.invitations().await.map_err(fault)?;
        Ok(Some(found.into_iter().map(Into::into).collect()))
    }

    /// Who did what, newest first; for admins.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; all if not given.")] filter: Option<AuditFilter>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<AuditConnection>, Fault> {
        let rooms = administered(ctx)?;
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::audit).transpose()?;
        let filter = filter.unwrap_or_default().read()?;
        let found = rooms.store.audit_page(&filter, after, page.limit).await?;
        let end = found.end.filter(|_| found.has_more).map(cursor::of_audit);
        let entries = found.entries.into_iter();
        let entries =
            entries.map(|(place, entry)| (cursor::of_audit(place), AuditEntry::from(entry)));
        Ok(Some(AuditConnection::new(entries.collect(), end, after.is_some())))
    }
}

/// The rooms, for whoever runs the team.
pub fn administered<'a>(ctx: &Context<'a>) -> Result<&'a Rooms, Fault> {
    if !access::may_run_team(viewer(ctx)?.role) {
        return Err(Fault::Forbidden("Only admins run the team and read the audit log."));
    }
    rooms(ctx)
}

fn fault(error: StaffError) -> Fault {
    user_error(error).map_or_else(|fault| fault, |_| Fault::Internal)
}
