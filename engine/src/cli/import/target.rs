//! Where an import goes: the store in the data directory, or a running engine.

use super::ImportError;
use super::engine::Engine;
use super::report::{Coverage, Report};
use crate::cli::CliError;
use crate::config::Config;
use crate::domain::{Clock, Listing, MessagingException, User};
use crate::store::{Store, StoreError};

pub(super) enum Target {
    Store(Store),
    Engine(Engine),
}

impl Target {
    pub(super) async fn open(
        config: &Config,
        url: Option<&str>,
        token: Option<&str>,
    ) -> Result<Self, CliError> {
        Ok(match url {
            Some(url) => Self::Engine(Engine::open(config, url, token)?),
            None => Self::Store(
                Store::open(&config.store, &config.server.data_dir, Clock::system())
                    .await
                    .map_err(|error| unavailable(error, &config.store.address))?,
            ),
        })
    }

    pub(super) async fn upsert_users(&self, users: &[User]) -> Result<(), ImportError> {
        match self {
            Self::Store(store) => Ok(store.upsert_users(users.to_vec()).await?),
            Self::Engine(engine) => engine.upsert_users(users).await,
        }
    }

    /// Imports listings, each with the number of its line; those the engine refuses are reported.
    pub(super) async fn upsert_listings(
        &self,
        batch: Vec<(u64, Listing)>,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        if batch.is_empty() {
            return Ok(());
        }
        match self {
            Self::Store(store) => {
                let listings: Vec<Listing> =
                    batch.into_iter().map(|(_, listing)| listing).collect();
                let count = listings.len() as u64;
                store.upsert_listings(listings).await?;
                report.imported += count;
                Ok(())
            }
            Self::Engine(engine) => engine.upsert_listings(batch, report).await,
        }
    }

    pub(super) async fn coverage(&self) -> Result<Coverage, ImportError> {
        match self {
            Self::Store(store) => {
                let coverage = store.listing_coverage().await?;
                let named = |(why, count): (MessagingException, u64)| {
                    let MessagingException::NoSeller = why;
                    ("no seller".to_owned(), count)
                };
                let exceptions = coverage.exceptions.into_iter().map(named).collect();
                Ok(Coverage { active: coverage.active, enabled: coverage.enabled, exceptions })
            }
            Self::Engine(engine) => engine.coverage().await,
        }
    }

    /// Ends cleanly. What was imported is durable already, so a failure is only told.
    pub(super) async fn close(self) {
        if let Self::Store(store) = self
            && let Err(error) = store.close().await
        {
            tracing::warn!(%error, "the store was not closed cleanly");
        }
    }
}

/// An embedded store that can't be opened is most likely open in an engine.
fn unavailable(error: StoreError, address: &str) -> ImportError {
    match error {
        StoreError::Unavailable(_) if address == "embedded" => ImportError::InUse(error),
        error => ImportError::Store(error),
    }
}
