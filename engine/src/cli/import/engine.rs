//! A running engine as an import sees it: three GraphQL operations with a service token.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ImportError;
use super::report::{Coverage, Report};
use crate::cli::CliError;
use crate::cli::client::{self, Client, ClientError, UserError, read};
use crate::config::Config;
use crate::domain::{Listing, ListingStatus, Role, User, UserId};

/// How often a busy engine is asked again.
const ATTEMPTS: u32 = 10;

const UPSERT_USERS: &str = "mutation ($input: UpsertUsersInput!) {
  result: upsertUsers(input: $input) { userErrors { message field retryAfterSeconds } }
}";
const UPSERT_LISTINGS: &str = "mutation ($input: UpsertListingsInput!) {
  result: upsertListings(input: $input) { userErrors { message field retryAfterSeconds } }
}";
const COVERAGE: &str = "{ result: listingCoverage { active enabled exceptions { reason count } } }";

pub(super) struct Engine(Client);

impl Engine {
    /// Prepares the client; nothing is sent yet. Without a token one is minted.
    pub(super) fn open(config: &Config, url: &str, token: Option<&str>) -> Result<Self, CliError> {
        let token = client::token(token, || Ok(config.clone()), "rialto-import", Role::Service)?;
        Ok(Self(Client::open(url, &token).map_err(ImportError::from)?))
    }

    pub(super) async fn upsert_users(&self, users: &[User]) -> Result<(), ImportError> {
        let users: Vec<Value> = users.iter().map(user_input).collect();
        let errors = self.mutate(UPSERT_USERS, json!({"users": users})).await?;
        if errors.is_empty() { Ok(()) } else { Err(refused(&errors)) }
    }

    /// Sends the listings; if some are refused, reports those and sends the others again.
    pub(super) async fn upsert_listings(
        &self,
        mut batch: Vec<(u64, Listing)>,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        while !batch.is_empty() {
            let listings: Vec<Value> = batch.iter().map(|(_, one)| listing_input(one)).collect();
            let errors = self.mutate(UPSERT_LISTINGS, json!({"listings": listings})).await?;
            if errors.is_empty() {
                report.imported += batch.len() as u64;
                return Ok(());
            }
            let mut reasons = BTreeMap::new();
            for error in &errors {
                let index = index_in(error).filter(|index| *index < batch.len());
                let index = index.ok_or_else(|| refused(&errors))?;
                reasons.entry(index).or_insert_with(|| error.message.clone());
            }
            // From the back, so that the indices before stay right.
            for (index, reason) in reasons.into_iter().rev() {
                report.wrong.push((batch.remove(index).0, reason));
            }
        }
        Ok(())
    }

    pub(super) async fn coverage(&self) -> Result<Coverage, ImportError> {
        #[derive(Deserialize)]
        struct Answer {
            active: u64,
            enabled: u64,
            exceptions: Vec<Exception>,
        }
        #[derive(Deserialize)]
        struct Exception {
            reason: String,
            count: u64,
        }
        let answer: Answer = read(self.0.ask(COVERAGE, Value::Null).await?)?;
        let words = |one: Exception| (one.reason.to_lowercase().replace('_', " "), one.count);
        let exceptions = answer.exceptions.into_iter().map(words).collect();
        Ok(Coverage { active: answer.active, enabled: answer.enabled, exceptions })
    }

    /// Runs a mutation, again while the engine asks to try later; what remains are lasting errors.
    async fn mutate(&self, query: &str, input: Value) -> Result<Vec<UserError>, ImportError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Payload {
            user_errors: Vec<UserError>,
        }
        let variables = json!({"input": input});
        let mut attempt = 1;
        loop {
            let payload: Payload = read(self.0.ask(query, variables.clone()).await?)?;
            let wait = payload.user_errors.iter().filter_map(|one| one.retry_after_seconds).max();
            let Some(seconds) = wait.filter(|_| attempt < ATTEMPTS) else {
                return Ok(payload.user_errors);
            };
            tokio::time::sleep(Duration::from_secs(seconds.clamp(1, 30))).await;
            attempt += 1;
        }
    }
}

fn refused(errors: &[UserError]) -> ImportError {
    ClientError::Refused(UserError::told(errors)).into()
}

/// The item of the input that is meant, from a field such as `listings.3.title` or `listings[3]`.
fn index_in(error: &UserError) -> Option<usize> {
    error.field.as_deref()?.split(['.', '[', ']']).find_map(|part| part.parse().ok())
}

fn user_input(user: &User) -> Value {
    let created_at = user.created_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
    json!({
        "id": user.id.as_str(),
        "name": user.name,
        "locale": user.locale,
        "createdAt": created_at,
    })
}

fn listing_input(listing: &Listing) -> Value {
    let status = match listing.status {
        ListingStatus::Active => "ACTIVE",
        ListingStatus::Sold => "SOLD",
        ListingStatus::Inactive => "INACTIVE",
    };
    json!({
        "externalId": listing.id.as_str(),
        "title": listing.title,
        "sellerId": listing.seller.as_ref().map(UserId::as_str),
        "category": listing.category,
        "priceMinor": listing.price_minor,
        "currency": listing.currency,
        "url": listing.url,
        "imageUrl": listing.image_url,
        "status": status,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_item_it_means() {
        let cases = [("listings.3.title", Some(3)), ("listings[12]", Some(12)), ("listings", None)];
        for (field, expected) in cases {
            let error = UserError {
                message: String::new(),
                field: Some(field.into()),
                retry_after_seconds: None,
            };
            assert_eq!(index_in(&error), expected, "{field}");
        }
    }
}
