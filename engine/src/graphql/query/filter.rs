//! Filters, the operator's lists, and texts to try on them.

use async_graphql::{Context, InputObject, Object};

use crate::domain::ConversationKind as Kind;
use crate::filter::ListingFacts;
use crate::graphql::errors::{Fault, problems};
use crate::graphql::releases;
use crate::graphql::types::conversation::ConversationKind;
use crate::graphql::types::filter::Filter;
use crate::graphql::types::filter_list::FilterList;
use crate::graphql::types::trial::TryResult;
use crate::release::Trial;

/// Filters, the operator's lists, and texts to try on them.
#[derive(Debug, Default)]
pub struct FilterQuery;

/// A text, and the circumstances it is tried in.
#[derive(Debug, InputObject)]
pub struct TryMessageInput {
    /// The text.
    text: String,
    /// Try a version of this filter in the live one's place; needs `version`.
    filter: Option<String>,
    /// Which version of it.
    version: Option<u32>,
    /// Decide by this policy version instead of the active one.
    policy_version: Option<u32>,
    /// Direct if not given.
    kind: Option<ConversationKind>,
    /// How old the sender's account is, days; unknown if not given.
    account_age_days: Option<u32>,
    /// BCP 47 tag of the sender.
    sender_locale: Option<String>,
    /// BCP 47 tag of the recipient.
    recipient_locale: Option<String>,
    /// Whether the sender writes here for the first time.
    #[graphql(default = true)]
    first_contact: bool,
    /// Messages in the conversation before this one.
    #[graphql(default)]
    message_count: u64,
    /// The listing's title.
    listing_title: Option<String>,
    /// The listing's category.
    category: Option<String>,
    /// The listing's price in the currency's minor unit.
    price_minor: Option<i64>,
    /// The price's ISO 4217 code.
    currency: Option<String>,
}

#[Object]
impl FilterQuery {
    /// Every filter, in the order they run; for moderators and admins.
    async fn filters(&self, ctx: &Context<'_>) -> Result<Option<Vec<Filter>>, Fault> {
        Ok(Some(releases(ctx)?.filters().into_iter().map(Filter).collect()))
    }

    /// A filter by its name; for moderators and admins.
    async fn filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Such as `contact-guard`.")] name: String,
    ) -> Result<Option<Filter>, Fault> {
        Ok(releases(ctx)?.filter(&name).map(Filter))
    }

    /// The lists filters may look into; for moderators and admins.
    async fn filter_lists(&self, ctx: &Context<'_>) -> Result<Option<Vec<FilterList>>, Fault> {
        Ok(Some(releases(ctx)?.state().lists.into_iter().map(FilterList).collect()))
    }

    /// A list by its name; for moderators and admins.
    async fn filter_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Such as `blocked-hosts`.")] name: String,
    ) -> Result<Option<FilterList>, Fault> {
        let lists = releases(ctx)?.state().lists;
        Ok(lists.into_iter().find(|list| list.name == name).map(FilterList))
    }

    /// What would become of a text; nothing is sent, recorded or counted. For moderators and admins.
    async fn try_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text and its circumstances.")] input: TryMessageInput,
    ) -> Result<Option<TryResult>, Fault> {
        let releases = releases(ctx)?;
        match releases.try_message(trial(ctx, input)?).await {
            Ok(result) => Ok(Some(result.into())),
            Err(error) => {
                let words = problems(error)?.into_iter().map(|problem| problem.message);
                Err(Fault::BadUserInput(words.collect::<Vec<_>>().join("; ")))
            }
        }
    }
}

fn trial(ctx: &Context<'_>, input: TryMessageInput) -> Result<Trial, Fault> {
    let filter = match (input.filter, input.version) {
        (Some(filter), Some(version)) => Some((filter, version)),
        (None, None) => None,
        _ => return Err(Fault::BadUserInput("Give `filter` and `version`, or neither.".into())),
    };
    let now = crate::graphql::rooms(ctx)?.clock.now();
    let age = input.account_age_days.map(|days| chrono::TimeDelta::days(days.into()));
    let listing = ListingFacts {
        title: input.listing_title,
        category: input.category,
        price_minor: input.price_minor,
        currency: input.currency,
    };
    let about =
        listing.title.is_some() || listing.category.is_some() || listing.price_minor.is_some();
    Ok(Trial {
        text: input.text,
        filter,
        policy: input.policy_version,
        kind: input.kind.map_or(Kind::Direct, Into::into),
        account_created_at: age.and_then(|age| now.checked_sub_signed(age)),
        sender_locale: input.sender_locale,
        recipient_locale: input.recipient_locale,
        first_contact: input.first_contact,
        message_count: input.message_count,
        listing: about.then_some(listing),
    })
}
