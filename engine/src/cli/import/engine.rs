//! A running engine as an import sees it: three GraphQL operations with a service token.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ImportError;
use super::report::{Coverage, Report};
use crate::cli::CliError;
use crate::config::Config;
use crate::domain::{Clock, Listing, ListingStatus, Role, User, UserId};
use crate::identity::Identity;

const TOKEN_LIFETIME: TimeDelta = TimeDelta::hours(12);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a busy engine is asked again.
const ATTEMPTS: u32 = 10;

const UPSERT_USERS: &str = "mutation ($input: UpsertUsersInput!) {
  result: upsertUsers(input: $input) { userErrors { message field retryAfterSeconds } }
}";
const UPSERT_LISTINGS: &str = "mutation ($input: UpsertListingsInput!) {
  result: upsertListings(input: $input) { userErrors { message field retryAfterSeconds } }
}";
const COVERAGE: &str = "{ result: listingCoverage { active enabled exceptions { reason count } } }";

pub(super) struct Engine {
    http: reqwest::Client,
    url: Url,
    authorization: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserError {
    message: String,
    field: Option<String>,
    retry_after_seconds: Option<u64>,
}

impl UserError {
    /// The item of the input that is meant, from a field such as `listings.3.title` or `listings[3]`.
    fn index(&self) -> Option<usize> {
        self.field.as_deref()?.split(['.', '[', ']']).find_map(|part| part.parse().ok())
    }

    fn told(errors: &[Self]) -> String {
        let told = |error: &Self| match &error.field {
            Some(field) => format!("{field}: {}", error.message),
            None => error.message.clone(),
        };
        errors.iter().map(told).collect::<Vec<_>>().join("; ")
    }
}

impl Engine {
    /// Prepares the client; nothing is sent yet. Without a token one is minted.
    pub(super) fn open(config: &Config, url: &str, token: Option<&str>) -> Result<Self, CliError> {
        let token = if let Some(token) = token {
            token.to_owned()
        } else {
            let identity = Identity::open(&config.identity, &config.server.data_dir)?;
            let sub = UserId::trusted("rialto-import");
            let now = Clock::system().now();
            identity.mint(&sub, Role::Service, None, TOKEN_LIFETIME, now)?
        };
        let url = endpoint(url)?;
        let builder = reqwest::Client::builder().timeout(REQUEST_TIMEOUT);
        // Over plain HTTP no certificates are needed, and a machine may have none.
        let builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        let http = builder.build().map_err(ImportError::from)?;
        Ok(Self { http, url, authorization: format!("Bearer {token}") })
    }

    pub(super) async fn upsert_users(&self, users: &[User]) -> Result<(), ImportError> {
        let users: Vec<Value> = users.iter().map(user_input).collect();
        let errors = self.mutate(UPSERT_USERS, json!({"users": users})).await?;
        if errors.is_empty() { Ok(()) } else { Err(ImportError::Refused(UserError::told(&errors))) }
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
            let mut refused = BTreeMap::new();
            for error in &errors {
                let index = error.index().filter(|index| *index < batch.len());
                let index = index.ok_or_else(|| ImportError::Refused(UserError::told(&errors)))?;
                refused.entry(index).or_insert_with(|| error.message.clone());
            }
            // From the back, so that the indices before stay right.
            for (index, reason) in refused.into_iter().rev() {
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
        let answer: Answer = read(self.ask(COVERAGE, Value::Null).await?)?;
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
            let payload: Payload = read(self.ask(query, variables.clone()).await?)?;
            let wait = payload.user_errors.iter().filter_map(|one| one.retry_after_seconds).max();
            let Some(seconds) = wait.filter(|_| attempt < ATTEMPTS) else {
                return Ok(payload.user_errors);
            };
            tokio::time::sleep(Duration::from_secs(seconds.clamp(1, 30))).await;
            attempt += 1;
        }
    }

    /// Runs an operation whose one field is called `result`.
    async fn ask(&self, query: &str, variables: Value) -> Result<Value, ImportError> {
        let body = json!({"query": query, "variables": variables}).to_string();
        let response = self
            .http
            .post(self.url.clone())
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json, application/json")
            .body(body)
            .send()
            .await?;
        let status = response.status();
        let bytes = response.bytes().await?;
        let mut answer: Value = serde_json::from_slice(&bytes).map_err(|_| {
            ImportError::Refused(format!("{} answered {status}, which is no GraphQL", self.url))
        })?;
        let first = answer.pointer("/errors/0/message").and_then(Value::as_str);
        if let Some(message) = first {
            return Err(ImportError::Refused(message.to_owned()));
        }
        Ok(answer.pointer_mut("/data/result").map(Value::take).unwrap_or_default())
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ImportError> {
    serde_json::from_value(value)
        .map_err(|error| ImportError::Refused(format!("its answer was not understood: {error}")))
}

/// The address of the API: an address without a path means `/graphql`.
fn endpoint(text: &str) -> Result<Url, ImportError> {
    let wrong = |reason: String| ImportError::Url { url: text.to_owned(), reason };
    let mut url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it must start with http:// or https://".into()));
    }
    if url.path() == "/" {
        url.set_path("/graphql");
    }
    Ok(url)
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
    fn addresses_are_completed_and_checked() {
        let cases = [
            ("http://localhost:4000", Some("http://localhost:4000/graphql")),
            ("https://x.example/api", Some("https://x.example/api")),
            ("localhost:4000", None),
            ("ws://localhost:4000", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let url = endpoint(text).ok().map(String::from);
            assert_eq!(url.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_error_names_the_item_it_means() {
        let cases = [("listings.3.title", Some(3)), ("listings[12]", Some(12)), ("listings", None)];
        for (field, expected) in cases {
            let error = UserError {
                message: String::new(),
                field: Some(field.into()),
                retry_after_seconds: None,
            };
            assert_eq!(error.index(), expected, "{field}");
        }
    }
}
