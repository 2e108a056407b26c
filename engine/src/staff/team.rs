//! Who works here, as what, and who may sign in.

use chrono::{DateTime, Utc};

use super::{Staff, StaffError};
use crate::domain::{Role, UserId, Viewer};
use crate::store::{LinkRow, StaffRow, StaffWrite};

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Such as `staff:0f3a…`.
    pub id: UserId,
    /// What they sign in with.
    pub email: String,
    /// The name others see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When they last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

impl From<StaffRow> for Member {
    fn from(row: StaffRow) -> Self {
        let StaffRow { id, email, name, role, active, created_at, last_sign_in_at, .. } = row;
        Self { id, email, name, role, active, created_at, last_sign_in_at }
    }
}

/// An invitation nobody took up yet.
pub type Invitation = LinkRow;

impl Staff {
    /// One account.
    pub async fn member(&self, id: &UserId) -> Result<Option<Member>, StaffError> {
        Ok(self.0.store.staff(id).await?.map(Member::from))
    }

    /// Every account, by name.
    pub async fn team(&self) -> Result<Vec<Member>, StaffError> {
        let mut team: Vec<Member> =
            self.0.store.all_staff().await?.into_iter().map(Member::from).collect();
        team.sort_by_cached_key(|member| (member.name.to_lowercase(), member.id.clone()));
        Ok(team)
    }

    /// Gives somebody another role; their sessions end.
    pub async fn change_role(
        &self,
        by: &Viewer,
        id: &UserId,
        role: Role,
    ) -> Result<Member, StaffError> {
        if !role.is_staff() {
            return Err(StaffError::invalid("role", "Only AGENT, SENIOR, MODERATOR and ADMIN."));
        }
        let change = |row: StaffRow| (row.role != role).then_some(StaffRow { role, ..row });
        self.change(by, id, "staff.role", Some(role.as_str()), change).await
    }

    /// Lets somebody sign in no longer, and ends their sessions; or lets them again.
    pub async fn set_active(
        &self,
        by: &Viewer,
        id: &UserId,
        active: bool,
        reason: Option<&str>,
    ) -> Result<Member, StaffError> {
        let action = if active { "staff.activate" } else { "staff.deactivate" };
        let change = |row: StaffRow| (row.active != active).then_some(StaffRow { active, ..row });
        self.change(by, id, action, reason, change).await
    }

    async fn change(
        &self,
        by: &Viewer,
        id: &UserId,
        action: &str,
        reason: Option<&str>,
        change: impl FnOnce(StaffRow) -> Option<StaffRow>,
    ) -> Result<Member, StaffError> {
        if by.id == *id {
            return Err(StaffError::Yourself);
        }
        let _turn = self.0.turn.lock().await;
        let before = self.0.store.staff(id).await?.ok_or(StaffError::NotFound)?;
        let Some(after) = change(before.clone()) else { return Ok(before.into()) };
        let runs = |row: &StaffRow| row.active && row.role == Role::Admin;
        if runs(&before) && !runs(&after) {
            let all = self.0.store.all_staff().await?;
            if all.iter().filter(|row| runs(row)).count() <= 1 {
                return Err(StaffError::LastAdmin);
            }
        }
        let after = StaffRow { epoch: before.epoch + 1, ..after };
        let audit = self.audit(&by.id, action, id.as_str(), reason);
        self.0.store.change_staff(vec![StaffWrite::Replace(after.clone()), audit]).await?;
        self.tell(id.clone());
        Ok(after.into())
    }
}

/// An e-mail address as it is compared.
pub(super) fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}
