//! Listings and whether one can be talked about.

use serde::{Deserialize, Serialize};

use super::{ListingId, UserId};

/// Where a listing stands at the marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingStatus {
    /// On the market.
    Active,
    /// Sold; running conversations go on.
    Sold,
    /// Withdrawn or expired.
    Inactive,
}

/// Why an active listing has no messaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessagingException {
    /// The marketplace named no seller, so nobody could answer.
    NoSeller,
}

/// A listing as the marketplace pushed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The marketplace's own id.
    pub id: ListingId,
    /// What is offered.
    pub title: String,
    /// Who offers it.
    pub seller: Option<UserId>,
    /// The marketplace's category, such as `car`.
    pub category: Option<String>,
    /// Price in the currency's minor unit (cents).
    pub price_minor: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// The listing's page.
    pub url: Option<String>,
    /// Its first picture.
    pub image_url: Option<String>,
    /// Where it stands.
    pub status: ListingStatus,
}

impl Listing {
    /// Why this listing has no messaging though it is active; `None` means that it has, or is not active.
    pub fn messaging_exception(&self) -> Option<MessagingException> {
        (self.status == ListingStatus::Active && self.seller.is_none())
            .then_some(MessagingException::NoSeller)
    }

    /// Whether a buyer can start a conversation about it.
    pub fn messaging_enabled(&self) -> bool {
        self.status == ListingStatus::Active && self.messaging_exception().is_none()
    }
}
