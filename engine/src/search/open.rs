//! Where the index is, as configured.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rialto_search::embedded::{self, EmbeddedShelf};
use rialto_search::meilisearch::{self, MeilisearchShelf};
use rialto_search::{IndexError, Shelf};

use super::Search;
use crate::config;
use crate::store::Store;

const MIB: usize = 1024 * 1024;

/// What was wrong.
#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("the data directory can't be used: {0}")]
    Io(#[from] std::io::Error),
}

/// Why the place for the index can't be used.
#[derive(Debug, thiserror::Error)]
#[error("search.address `{address}`: {source}")]
pub struct OpenError {
    address: String,
    source: Cause,
}

impl Search {
    /// The place the configuration names. A server need not be reachable yet.
    pub fn shelf(
        config: &config::Search,
        data_dir: &Path,
        store: &Store,
    ) -> Result<Arc<dyn Shelf>, OpenError> {
        let failed = |source: Cause| OpenError { address: config.address.clone(), source };
        if config.address == "embedded" {
            let options = embedded::Options {
                heap_bytes: config.memory_mib.saturating_mul(MIB),
                ..embedded::Options::default()
            };
            let shelf = EmbeddedShelf::open(&data_dir.join("search"), options)
                .map_err(|error| failed(error.into()))?;
            return Ok(Arc::new(shelf));
        }
        let timeout = Duration::from_secs(config.timeout_seconds);
        let options =
            meilisearch::Options::new(&config.address, config.key.clone(), identity(store));
        let options = meilisearch::Options {
            prefix: config.prefix.clone(),
            request_timeout: timeout,
            ..options
        };
        let shelf = MeilisearchShelf::connect(&options).map_err(|error| failed(error.into()))?;
        Ok(Arc::new(shelf))
    }
}

/// Tells this store's indexes on a server from those of others; not the secret itself.
fn identity(store: &Store) -> String {
    let key = blake3::derive_key("rialto 2026-11 search index names", &store.secret_key());
    blake3::Hash::from_bytes(key).to_hex()[..16].to_owned()
}
