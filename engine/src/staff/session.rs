//! Signing in and out, and whom a session's cookie stands for.

use std::net::IpAddr;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::limit::Key;
use super::password::Passwords;
use super::team::{Member, folded};
use super::{Staff, StaffError, hashed, secret};
use crate::domain::{UserId, Viewer};
use crate::store::{SessionRow, StaffRow, StaffWrite, StoreError};

/// A session that just began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub member: Member,
    /// What the cookie holds; kept hashed only.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl Staff {
    /// Begins a session. Failures are limited by account and address.
    pub async fn sign_in(
        &self,
        email: &str,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<SignedIn, StaffError> {
        let email = folded(email);
        let account = Key::Account(email.clone());
        let keys: Vec<Key> = std::iter::once(account).chain(address.map(Key::Address)).collect();
        if let Some(wait) = self.0.failures.wait(&keys, self.now()) {
            return Err(StaffError::RateLimited(wait));
        }
        // Counted before the slow part, so that many at once count too.
        self.0.failures.count(&keys, self.now());
        let found = self.0.store.staff_of_email(&email).await?;
        let hash = found.as_ref().map(|row| row.password.clone());
        let right = self.0.passwords.verify(password, hash).await?;
        let Some(row) = found.filter(|row| right && row.active) else {
            return Err(StaffError::WrongCredentials);
        };
        self.0.failures.forgive(&keys);
        let _turn = self.0.turn.lock().await;
        // It may have changed while the password was checked.
        let row = self.0.store.staff(&row.id).await?.filter(|now| now.epoch == row.epoch);
        let row = row.filter(|row| row.active).ok_or(StaffError::WrongCredentials)?;
        let row = StaffRow { last_sign_in_at: Some(self.now()), ..row };
        let audit = self.audit(&row.id, "staff.sign_in", row.id.as_str(), None);
        self.begin(row, vec![audit]).await
    }

    /// Writes an account as it is now, and a session of it with whatever goes along.
    pub(super) async fn begin(
        &self,
        row: StaffRow,
        mut writes: Vec<StaffWrite>,
    ) -> Result<SignedIn, StaffError> {
        let hours = i64::try_from(self.0.config.session_hours).unwrap_or(i64::MAX);
        let lifetime = TimeDelta::try_hours(hours).unwrap_or(TimeDelta::days(1));
        let expires_at = (self.now() + lifetime).trunc_subsecs(3);
        let (token, hash) = secret();
        let session = SessionRow { staff: row.id.clone(), epoch: row.epoch, expires_at };
        if !writes.iter().any(|write| matches!(write, StaffWrite::Join(_))) {
            writes.push(StaffWrite::Replace(row.clone()));
        }
        writes.push(StaffWrite::Session { hash, row: session });
        self.0.store.change_staff(writes).await?;
        Ok(SignedIn { member: Member::from(row), token, expires_at })
    }

    /// Whom a cookie stands for; `None` if its session is over or never was.
    pub async fn viewer(&self, token: &str) -> Result<Option<Viewer>, StoreError> {
        let Some(session) = self.0.store.staff_session(&hashed(token)).await? else {
            return Ok(None);
        };
        let Some(row) = self.0.store.staff(&session.staff).await? else { return Ok(None) };
        let good = row.active && row.epoch == session.epoch && session.expires_at > self.now();
        Ok(good.then_some(Viewer {
            id: row.id,
            role: row.role,
            name: Some(row.name),
            expires_at: session.expires_at,
        }))
    }

    /// Ends a cookie's session.
    pub async fn sign_out(&self, token: &str) -> Result<(), StaffError> {
        let Some(viewer) = self.viewer(token).await? else { return Ok(()) };
        let audit = self.audit(&viewer.id, "staff.sign_out", viewer.id.as_str(), None);
        let writes = vec![StaffWrite::EndSession(hashed(token)), audit];
        self.0.store.change_staff(writes).await?;
        self.tell(viewer.id);
        Ok(())
    }

    /// Ends all sessions of the account.
    pub async fn sign_out_everywhere(&self, id: &UserId) -> Result<(), StaffError> {
        let _turn = self.0.turn.lock().await;
        let row = self.0.store.staff(id).await?.ok_or(StaffError::NotFound)?;
        let row = StaffRow { epoch: row.epoch + 1, ..row };
        let audit = self.audit(id, "staff.sign_out", id.as_str(), Some("everywhere"));
        self.0.store.change_staff(vec![StaffWrite::Replace(row), audit]).await?;
        self.tell(id.clone());
        Ok(())
    }

    /// Changes the own password: all sessions end, and a new one begins.
    pub async fn change_password(
        &self,
        id: &UserId,
        current: String,
        new: String,
    ) -> Result<SignedIn, StaffError> {
        Passwords::check("newPassword", &new)?;
        let row = self.0.store.staff(id).await?.ok_or(StaffError::NotFound)?;
        let keys = [Key::Account(row.email.clone())];
        if let Some(wait) = self.0.failures.wait(&keys, self.now()) {
            return Err(StaffError::RateLimited(wait));
        }
        if !self.0.passwords.verify(current, Some(row.password.clone())).await? {
            self.0.failures.count(&keys, self.now());
            return Err(StaffError::WrongPassword);
        }
        let password = self.0.passwords.hash(new).await?;
        let _turn = self.0.turn.lock().await;
        let row = self.0.store.staff(id).await?.filter(|now| now.active && now.epoch == row.epoch);
        let row = row.ok_or(StaffError::NotFound)?;
        let row = StaffRow { password, epoch: row.epoch + 1, ..row };
        let audit = self.audit(id, "staff.password", id.as_str(), None);
        let signed_in = self.begin(row, vec![audit]).await?;
        self.tell(id.clone());
        Ok(signed_in)
    }

    /// Tells open sockets to look whether their session is good still.
    pub(super) fn tell(&self, id: UserId) {
        // An error only means that nobody listens.
        let _ = self.0.ended.send(id);
    }
}
