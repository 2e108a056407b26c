//! What admins do with the team. Where cookies are set, under `/auth`, is plain HTTP.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::field;
use crate::domain::UserId;
use crate::graphql::errors::Fault;
use crate::graphql::query::staff::administered;
use crate::graphql::types::staff::{StaffInvitation, StaffMember, user_error};
use crate::graphql::types::user::Role;
use crate::graphql::types::user_error::UserError;
use crate::graphql::viewer;
use crate::staff::{Member, StaffError};

/// What admins do with the team.
#[derive(Debug, Default)]
pub struct StaffMutation;

/// Somebody to invite.
#[derive(Debug, InputObject)]
pub struct InviteStaffInput {
    /// `AGENT`, `SENIOR`, `MODERATOR` or `ADMIN`.
    role: Role,
    /// Whom it is for; whoever has the link if not given.
    email: Option<String>,
}

/// An invitation to take back.
#[derive(Debug, InputObject)]
pub struct RevokeInvitationInput {
    /// Its id.
    id: ID,
}

/// Another role for somebody.
#[derive(Debug, InputObject)]
pub struct ChangeStaffRoleInput {
    /// Whose.
    id: ID,
    /// `AGENT`, `SENIOR`, `MODERATOR` or `ADMIN`.
    role: Role,
}

/// Whether somebody may sign in.
#[derive(Debug, InputObject)]
pub struct SetStaffActiveInput {
    /// Who.
    id: ID,
    /// Whether they may.
    active: bool,
    /// Why, for the audit log.
    reason: Option<String>,
}

/// An invitation and its link.
#[derive(Debug, SimpleObject)]
pub struct InviteStaffPayload {
    /// The invitation, if it was done.
    invitation: Option<StaffInvitation>,
    /// The path with the one-time link, `/admin/join#…`; shown this once. Put the site's own origin before it.
    link: Option<String>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

/// A revoked invitation.
#[derive(Debug, SimpleObject)]
pub struct RevokeInvitationPayload {
    /// Its id, if it was done.
    id: Option<ID>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

/// Somebody of the team after a change.
#[derive(Debug, SimpleObject)]
pub struct StaffPayload {
    /// Who, if it was done.
    member: Option<StaffMember>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

#[Object]
impl StaffMutation {
    /// Invites somebody by a one-time link. For admins.
    async fn invite_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, as what.")] input: InviteStaffInput,
    ) -> Result<InviteStaffPayload, Fault> {
        let (staff, by) = (&administered(ctx)?.staff, viewer(ctx)?);
        Ok(match staff.invite(by, input.role.into(), input.email.as_deref()).await {
            Ok((invitation, secret)) => InviteStaffPayload {
                invitation: Some(invitation.into()),
                link: Some(format!("/admin/join#{secret}")),
                user_errors: vec![],
            },
            Err(error) => InviteStaffPayload {
                invitation: None,
                link: None,
                user_errors: vec![user_error(error)?],
            },
        })
    }

    /// Makes an invitation's link worthless. For admins.
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RevokeInvitationInput,
    ) -> Result<RevokeInvitationPayload, Fault> {
        let (staff, by) = (&administered(ctx)?.staff, viewer(ctx)?);
        Ok(match staff.revoke(by, &input.id).await {
            Ok(()) => RevokeInvitationPayload { id: Some(input.id), user_errors: vec![] },
            Err(error) => {
                RevokeInvitationPayload { id: None, user_errors: vec![user_error(error)?] }
            }
        })
    }

    /// Gives somebody another role; their sessions end. For admins.
    async fn change_staff_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, which.")] input: ChangeStaffRoleInput,
    ) -> Result<StaffPayload, Fault> {
        let (staff, by) = (&administered(ctx)?.staff, viewer(ctx)?);
        let id = match field("id", UserId::of_anyone(&*input.id)) {
            Ok(id) => id,
            Err(error) => return Ok(error.into()),
        };
        payload(staff.change_role(by, &id, input.role.into()).await)
    }

    /// Lets somebody sign in no longer, and ends their sessions at once; or lets them again. For admins.
    async fn set_staff_active(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and whether.")] input: SetStaffActiveInput,
    ) -> Result<StaffPayload, Fault> {
        let (staff, by) = (&administered(ctx)?.staff, viewer(ctx)?);
        let id = match field("id", UserId::of_anyone(&*input.id)) {
            Ok(id) => id,
            Err(error) => return Ok(error.into()),
        };
        payload(staff.set_active(by, &id, input.active, input.reason.as_deref()).await)
    }
}

fn payload(done: Result<Member, StaffError>) -> Result<StaffPayload, Fault> {
    Ok(match done {
        Ok(member) => StaffPayload { member: Some(StaffMember(member)), user_errors: vec![] },
        Err(error) => user_error(error)?.into(),
    })
}

impl From<UserError> for StaffPayload {
    fn from(error: UserError) -> Self {
        Self { member: None, user_errors: vec![error] }
    }
}
