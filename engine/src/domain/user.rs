//! A user as the marketplace knows them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::UserId;

/// A buyer, seller or member of staff; pushed by the marketplace or learned from a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The marketplace's own id.
    pub id: UserId,
    /// The name others see.
    pub name: String,
    /// BCP 47 language tag, if known.
    pub locale: Option<String>,
    /// When the account was made at the marketplace, if known.
    pub created_at: Option<DateTime<Utc>>,
}
