//! People, as others may know them: an id and a name.

use async_graphql::{Context, Enum, ID, Object};

use crate::domain::{self, UserId};
use crate::graphql::errors::Fault;
use crate::graphql::rooms;
use crate::store::{Store, StoreError};

/// What a token's bearer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role")]
pub enum Role {
    /// A buyer or seller.
    User,
    /// Answers support conversations.
    Agent,
    /// An agent others escalate to.
    Senior,
    /// Decides over held and reported messages.
    Moderator,
    /// Runs the place.
    Admin,
    /// The marketplace's backend.
    Service,
}

/// A buyer, seller or member of staff.
#[derive(Debug, Clone)]
pub struct User {
    id: UserId,
    name: Option<String>,
}

impl User {
    /// A user whose name is looked up when asked for.
    pub fn new(id: UserId) -> Self {
        Self { id, name: None }
    }

    /// A user whose name is known.
    pub fn named(id: UserId, name: String) -> Self {
        Self { id, name: Some(name) }
    }

    /// The name others see.
    pub async fn shown_name(&self, store: &Store) -> Result<String, StoreError> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let user = store.user(&self.id).await?;
        Ok(user.map_or_else(|| self.id.to_string(), |user| user.name.clone()))
    }
}

/// A buyer, seller or member of staff, as others may know them.
#[Object]
impl User {
    /// The marketplace's own id.
    pub async fn id(&self) -> ID {
        ID(self.id.to_string())
    }

    /// The name others see; the id, if the marketplace pushed no name.
    async fn name(&self, ctx: &Context<'_>) -> Result<String, Fault> {
        Ok(self.shown_name(&rooms(ctx)?.store).await?)
    }
}
