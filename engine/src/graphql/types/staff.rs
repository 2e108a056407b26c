//! The marketplace's staff: accounts and invitations.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::user::{Role, User};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::access;
use crate::graphql::errors::Fault;
use crate::graphql::viewer;
use crate::staff::{self, StaffError};

/// Somebody with an account here.
#[derive(Debug, Clone)]
pub struct StaffMember(pub staff::Member);

/// Somebody of the marketplace's staff with an account here.
#[Object]
impl StaffMember {
    /// Such as `staff:0f3a…`; also a user's id.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The name others see.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they sign in with; null but for themselves and admins.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<&str>, Fault> {
        let viewer = viewer(ctx)?;
        let may = viewer.id == self.0.id || access::may_run_team(viewer.role);
        Ok(may.then_some(self.0.email.as_str()))
    }

    /// What they may do.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// Whether they may sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When they last signed in.
    async fn last_sign_in_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_sign_in_at
    }
}

/// An invitation nobody took up yet.
#[derive(Debug, Clone, SimpleObject)]
pub struct StaffInvitation {
    /// Its id, which is not its link.
    id: ID,
    /// What whoever takes it up will be.
    role: Role,
    /// Whom it is for; null: whoever has the link.
    email: Option<String>,
    /// Who invited.
    invited_by: Option<User>,
    /// When.
    created_at: DateTime<Utc>,
    /// When it is worth nothing any more.
    expires_at: DateTime<Utc>,
}

impl From<staff::Invitation> for StaffInvitation {
    fn from(invitation: staff::Invitation) -> Self {
        Self {
            id: ID(invitation.hash),
            role: invitation.role.into(),
            email: invitation.email,
            invited_by: invitation.by.map(User::new),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// Splits what the user can handle from faults.
pub fn user_error(error: &StaffError) -> Result<UserError, Fault> {
    let code = match error {
        StaffError::Store(_) => {
            tracing::error!(%error, "the store failed a request about accounts");
            return Err(Fault::Unavailable);
        }
        StaffError::Failed(_) => {
            tracing::error!(%error, "a request about accounts failed");
            return Err(Fault::Internal);
        }
        StaffError::EmailTaken => UserErrorCode::EmailTaken,
        StaffError::NotFound | StaffError::LinkInvalid => UserErrorCode::NotFound,
        StaffError::LastAdmin | StaffError::Yourself => UserErrorCode::NotPossible,
        StaffError::RateLimited(_) => UserErrorCode::RateLimited,
        StaffError::Busy => UserErrorCode::Busy,
        StaffError::Invalid { .. } | StaffError::WrongCredentials | StaffError::WrongPassword => {
            UserErrorCode::Invalid
        }
    };
    Ok(UserError::made(
        code,
        error.to_string(),
        error.field().map(str::to_owned),
        error.retry_after().map(|wait| wait.as_secs().max(1)),
    ))
}
