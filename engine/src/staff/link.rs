//! One-time links: for the first admin, and for whoever is invited.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::password::Passwords;
use super::team::folded;
use super::{ID_PREFIX, SignedIn, Staff, StaffError, hashed, secret};
use crate::domain::{Role, User, UserId, Viewer};
use crate::store::{LinkRow, StaffRow, StaffWrite};

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFacts {
    /// Whether it makes the first admin.
    pub first_admin: bool,
    /// What its user will be.
    pub role: Role,
    /// Whom it is for; `None`: whoever has it.
    pub email: Option<String>,
    /// When it is worth nothing any more.
    pub expires_at: DateTime<Utc>,
}

/// What somebody says of themselves when they use a link.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name others see.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
}

impl Staff {
    /// A link's secret for the first admin, if there is no active admin; links made for that before are worthless.
    pub async fn first_admin_link(&self) -> Result<Option<(String, DateTime<Utc>)>, StaffError> {
        let staff = self.0.store.all_staff().await?;
        if staff.iter().any(|row| row.active && row.role == Role::Admin) {
            return Ok(None);
        }
        self.admin_link().await.map(Some)
    }

    /// A link's secret for an admin, whoever there is; links the engine made before are worthless.
    pub async fn admin_link(&self) -> Result<(String, DateTime<Utc>), StaffError> {
        let _turn = self.0.turn.lock().await;
        let before = self.0.store.staff_links().await?;
        let mut writes: Vec<StaffWrite> = before
            .into_iter()
            .filter(|link| link.first_admin)
            .map(|link| StaffWrite::DropLink(link.hash))
            .collect();
        let (secret, row) = self.new_link(true, Role::Admin, None, None);
        let expires_at = row.expires_at;
        writes.push(StaffWrite::Link(row));
        self.0.store.change_staff(writes).await?;
        Ok((secret, expires_at))
    }

    /// Invites somebody; the link's secret is told this once.
    pub async fn invite(
        &self,
        by: &Viewer,
        role: Role,
        email: Option<&str>,
    ) -> Result<(LinkRow, String), StaffError> {
        if !role.is_staff() {
            return Err(StaffError::invalid("role", "Only AGENT, SENIOR, MODERATOR and ADMIN."));
        }
        let email = email.map(checked_email).transpose()?;
        let _turn = self.0.turn.lock().await;
        if let Some(email) = &email
            && self.0.store.staff_of_email(email).await?.is_some()
        {
            return Err(StaffError::EmailTaken);
        }
        let (secret, row) = self.new_link(false, role, email, Some(by.id.clone()));
        let audit = self.audit(&by.id, "staff.invite", &format!("invitation:{}", row.hash), {
            Some(role.as_str())
        });
        self.0.store.change_staff(vec![StaffWrite::Link(row.clone()), audit]).await?;
        Ok((row, secret))
    }

    /// Invitations that are good still, newest first.
    pub async fn invitations(&self) -> Result<Vec<LinkRow>, StaffError> {
        let now = self.now();
        let mut links = self.0.store.staff_links().await?;
        links.retain(|link| !link.first_admin && link.expires_at > now);
        links.sort_by_key(|link| std::cmp::Reverse(link.created_at));
        Ok(links)
    }

    /// Makes an invitation worthless.
    pub async fn revoke(&self, by: &Viewer, hash: &str) -> Result<(), StaffError> {
        let _turn = self.0.turn.lock().await;
        let found = self.0.store.staff_link(hash).await?;
        let link = found.filter(|link| !link.first_admin).ok_or(StaffError::NotFound)?;
        let target = format!("invitation:{}", link.hash);
        let audit = self.audit(&by.id, "staff.revoke_invitation", &target, None);
        Ok(self.0.store.change_staff(vec![StaffWrite::DropLink(link.hash), audit]).await?)
    }

    /// What a link is for, if it is good.
    pub async fn link(&self, secret: &str) -> Result<LinkFacts, StaffError> {
        let LinkRow { first_admin, role, email, expires_at, .. } = self.good_link(secret).await?;
        Ok(LinkFacts { first_admin, role, email, expires_at })
    }

    /// Uses a link: makes an account and begins its first session. Of two that use it at once, one does.
    pub async fn join(&self, secret: &str, account: NewAccount) -> Result<SignedIn, StaffError> {
        let name = account.name.trim().to_owned();
        if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(StaffError::invalid("name", "A name has 1 to 100 characters."));
        }
        let email = checked_email(&account.email)?;
        Passwords::check("password", &account.password)?;
        // Before the slow part, which nobody without a link may cause.
        self.good_link(secret).await?;
        let password = self.0.passwords.hash(account.password).await?;
        let _turn = self.0.turn.lock().await;
        let link = self.good_link(secret).await?;
        if link.email.as_ref().is_some_and(|invited| *invited != email) {
            let message = "The invitation is for another e-mail address.";
            return Err(StaffError::invalid("email", message));
        }
        if self.0.store.staff_of_email(&email).await?.is_some() {
            return Err(StaffError::EmailTaken);
        }
        let now = self.now().trunc_subsecs(3);
        let id = UserId::trusted(format!("{ID_PREFIX}{:016x}", rand::random::<u64>()));
        let row = StaffRow {
            id: id.clone(),
            email,
            name: name.clone(),
            role: link.role,
            password,
            active: true,
            epoch: 0,
            created_at: now,
            last_sign_in_at: Some(now),
        };
        let audit = self.audit(&id, "staff.join", id.as_str(), Some(link.role.as_str()));
        let writes = vec![StaffWrite::UseLink(link.hash), StaffWrite::Join(row.clone()), audit];
        let signed_in = self.begin(row, writes).await?;
        // So that others see the name.
        let user = User { id, name, locale: None, created_at: Some(now) };
        self.0.store.upsert_users(vec![user]).await?;
        Ok(signed_in)
    }

    async fn good_link(&self, secret: &str) -> Result<LinkRow, StaffError> {
        let link = self.0.store.staff_link(&hashed(secret)).await?;
        link.filter(|link| link.expires_at > self.now()).ok_or(StaffError::LinkInvalid)
    }

    fn new_link(
        &self,
        first_admin: bool,
        role: Role,
        email: Option<String>,
        by: Option<UserId>,
    ) -> (String, LinkRow) {
        let (secret, hash) = secret();
        let created_at = self.now().trunc_subsecs(3);
        let hours = i64::try_from(self.0.config.link_hours).unwrap_or(i64::MAX);
        let lifetime = TimeDelta::try_hours(hours).unwrap_or(TimeDelta::days(1));
        let expires_at = created_at + lifetime;
        (secret, LinkRow { hash, first_admin, role, email, by, created_at, expires_at })
    }
}

/// An address as it is kept, if it can be one.
fn checked_email(email: &str) -> Result<String, StaffError> {
    let email = folded(email);
    let parts = email.split_once('@').filter(|(user, host)| !user.is_empty() && !host.is_empty());
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if parts.is_none() || email.len() > 254 || email.contains(odd) {
        return Err(StaffError::invalid("email", "This is no e-mail address."));
    }
    Ok(email)
}
