//! Who did what.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

use super::connection::looked_through;
use super::user::User;
use crate::domain::UserId;
use crate::graphql::errors::Fault;
use crate::store;

/// Which entries of the audit log are wanted; what is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct AuditFilter {
    /// By this person.
    actor_id: Option<ID>,
    /// This action, or all that begin so, such as `filter` or `conversation.read`.
    action: Option<String>,
    /// To this, such as `conversation:…`.
    target: Option<String>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Not after.
    to: Option<DateTime<Utc>>,
}

impl AuditFilter {
    /// As the store understands it.
    pub fn read(self) -> Result<store::AuditFilter, Fault> {
        let Self { actor_id, action, target, from, to } = self;
        let actor = actor_id.map(UserId::of_anyone).transpose()?;
        Ok(store::AuditFilter { actor, action, target, from, to })
    }
}

/// Something somebody of the staff did or looked at.
#[derive(Debug, Clone, SimpleObject)]
pub struct AuditEntry {
    /// When.
    at: DateTime<Utc>,
    /// Who.
    actor: User,
    /// Such as `conversation.read`, `message.decide`, `staff.invite`.
    action: String,
    /// To what.
    target: String,
    /// Why, if they said.
    reason: Option<String>,
}

impl From<store::AuditEntry> for AuditEntry {
    fn from(entry: store::AuditEntry) -> Self {
        let store::AuditEntry { at, actor, action, target, reason } = entry;
        Self { at, actor: User::new(actor), action, target, reason }
    }
}

looked_through! {
    /// A page of the audit log. With a narrow filter a page may be short or empty and still have a next one.
    AuditConnection,
    /// An entry and its place in the log.
    AuditEdge,
    AuditEntry
}
