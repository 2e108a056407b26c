//! Listings and how many of them have messaging.

use async_graphql::{Enum, ID, Object, SimpleObject};

use super::user::User;
use crate::domain;
use crate::graphql::ids;
use crate::store::Coverage;

/// Where a listing stands at the marketplace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ListingStatus")]
pub enum ListingStatus {
    /// On the market.
    #[default]
    Active,
    /// Sold; running conversations go on.
    Sold,
    /// Withdrawn or expired.
    Inactive,
}

/// Why an active listing has no messaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MessagingException")]
pub enum MessagingException {
    /// The marketplace named no seller, so nobody could answer.
    NoSeller,
}

/// An amount of money.
#[derive(Debug, Clone, SimpleObject)]
pub struct Money {
    /// The amount in the currency's minor unit, such as cents.
    amount_minor: i64,
    /// The currency's ISO 4217 code.
    currency: String,
}

/// Something offered at the marketplace.
#[derive(Debug, Clone)]
pub struct Listing(pub domain::Listing);

/// Something offered at the marketplace.
#[Object]
impl Listing {
    /// The global id: `listing:` and the marketplace's own id.
    pub async fn id(&self) -> ID {
        ids::of_listing(&self.0.id)
    }

    /// The marketplace's own id.
    async fn external_id(&self) -> &str {
        self.0.id.as_str()
    }

    /// What is offered.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Who offers it.
    async fn seller(&self) -> Option<User> {
        self.0.seller.clone().map(User::new)
    }

    /// The marketplace's category, such as `car`.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// What it costs, if a price and its currency are known.
    async fn price(&self) -> Option<Money> {
        let (amount_minor, currency) = (self.0.price_minor?, self.0.currency.clone()?);
        Some(Money { amount_minor, currency })
    }

    /// What it costs in the currency's minor unit, such as cents.
    async fn price_minor(&self) -> Option<i64> {
        self.0.price_minor
    }

    /// The currency's ISO 4217 code.
    async fn currency(&self) -> Option<&str> {
        self.0.currency.as_deref()
    }

    /// The listing's page.
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// Its first picture.
    async fn image_url(&self) -> Option<&str> {
        self.0.image_url.as_deref()
    }

    /// Where it stands at the marketplace.
    async fn status(&self) -> ListingStatus {
        self.0.status.into()
    }

    /// Whether a buyer can start a conversation about it.
    async fn messaging_enabled(&self) -> bool {
        self.0.messaging_enabled()
    }

    /// Why it has no messaging though it is active.
    async fn messaging_exception(&self) -> Option<MessagingException> {
        self.0.messaging_exception().map(Into::into)
    }
}

/// How many active listings have no messaging for one reason.
#[derive(Debug, Clone, SimpleObject)]
pub struct CoverageException {
    /// Why they have none.
    reason: MessagingException,
    /// How many they are.
    count: u64,
}

/// How many of the active listings have messaging.
#[derive(Debug, Clone, SimpleObject)]
pub struct ListingCoverage {
    /// Active listings.
    active: u64,
    /// Active listings with messaging.
    enabled: u64,
    /// Their share, 0 to 100; 100 if there are none.
    percent: f64,
    /// Why the others have none.
    exceptions: Vec<CoverageException>,
}

impl From<Coverage> for ListingCoverage {
    fn from(coverage: Coverage) -> Self {
        let Coverage { active, enabled, exceptions } = coverage;
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 listings")]
        let percent = if active == 0 { 100.0 } else { enabled as f64 * 100.0 / active as f64 };
        let exceptions = exceptions
            .into_iter()
            .map(|(reason, count)| CoverageException { reason: reason.into(), count })
            .collect();
        Self { active, enabled, percent, exceptions }
    }
}
