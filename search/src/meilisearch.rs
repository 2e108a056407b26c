//! A Meilisearch server as the index.
//!
//! An index is two of the server's, of one generation: `<prefix>-<identity>-messages-<n>` and `-conversations-<n>`. Beside
//! them `<prefix>-<identity>-state` has a document that says which generation is in use, and one per generation that says
//! where it stands.

mod filter;
mod generation;
mod http;
mod names;
mod phrasing;
mod search;
mod server;
mod stored;
mod write;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use self::generation::{Generation, InUse};
use self::http::Http;
use self::names::Names;
use self::server::Server;
use crate::index::{Current, Index, IndexError, Shelf};
use crate::settings::Settings;

/// Changes when documents are written in another form, so that indexes with the former one are built anew.
const MAKER: &str = "meilisearch 1";

/// How to reach a Meilisearch server, and what is ours there.
#[derive(Clone)]
pub struct Options {
    /// Its address: `http://` or `https://`.
    pub url: String,
    /// A key with the actions search, documents.*, indexes.*, tasks.get, settings.* and stats.get; `None` for a server
    /// without a master key.
    pub key: Option<String>,
    /// Names of our indexes begin with it: 1 to 64 letters, digits, `-` or `_`.
    pub prefix: String,
    /// Whose documents they are: hexadecimal, another one for every store.
    pub identity: String,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long one write may take the server.
    pub task_timeout: Duration,
}

impl Options {
    /// With the usual prefix and timeouts.
    pub fn new(url: impl Into<String>, key: Option<String>, identity: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            key,
            prefix: "rialto".to_owned(),
            identity: identity.into(),
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(30),
            task_timeout: Duration::from_secs(300),
        }
    }
}

/// Indexes on a Meilisearch server.
pub struct MeilisearchShelf {
    server: Arc<Server>,
    names: Names,
    in_use: Mutex<Option<Arc<Generation>>>,
    /// Held while one is made, which takes a while, and while it is adopted. Locked before `in_use`.
    begun: Mutex<Option<Arc<Generation>>>,
}

impl MeilisearchShelf {
    /// Does not ask the server anything yet, so it may be away. `Rejected` if the options can't be right.
    pub fn connect(options: &Options) -> Result<Self, IndexError> {
        let address = reqwest::Url::parse(&options.url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                IndexError::Rejected(
                    "Meilisearch's address must be a URL such as http://localhost:7700".to_owned(),
                )
            })?;
        let http =
            Http::new(options.key.as_deref(), options.connect_timeout, options.request_timeout)
                .map_err(|error| IndexError::Rejected(format!("Meilisearch: {error}")))?;
        let url = address.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            server: Arc::new(Server::new(http, url, options.task_timeout)),
            names: Names::new(&options.prefix, &options.identity)?,
            in_use: Mutex::default(),
            begun: Mutex::default(),
        })
    }

    /// What the server says is in use; `None` if nothing is, or it is not ours.
    async fn state(&self) -> Result<Option<InUse>, IndexError> {
        let found: Option<InUse> = self.server.document(&self.names.state(), Names::IN_USE).await?;
        Ok(found.filter(|found| {
            let ours = found.identity == self.names.identity();
            if !ours {
                tracing::warn!("the search index on the server is of another store");
            }
            ours
        }))
    }

    async fn find(&self) -> Result<Option<Current>, IndexError> {
        let mut in_use = self.in_use.lock().await;
        let Some(found) = self.state().await? else {
            *in_use = None;
            return Ok(None);
        };
        let same = in_use
            .take()
            .filter(|known| known.number == found.generation && known.settings == found.settings);
        let outdated = found.settings != Settings::shipped().digest(MAKER);
        let index = same.unwrap_or_else(|| {
            let (server, names) = (self.server.clone(), self.names.clone());
            Arc::new(Generation::found(server, names, found.generation, found.settings))
        });
        match index.check().await {
            Ok(()) => {}
            Err(IndexError::Lost(reason)) => {
                tracing::warn!(reason, "the search index is damaged");
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
        *in_use = Some(index.clone());
        Ok(Some(Current { index, outdated }))
    }

    async fn make(&self) -> Result<Arc<dyn Index>, IndexError> {
        let mut slot = self.begun.lock().await;
        *slot = None;
        let kept = self.state().await?.map(|found| found.generation);
        // On a server that was wiped, numbers must not begin again: a write that is still under way to the former indexes
        // would end up in the new ones.
        let mut newest = kept.unwrap_or_else(anything);
        let mut leftovers: Vec<_> = self
            .server
            .indexes(&self.names.all())
            .await?
            .iter()
            .filter_map(|uid| self.names.generation_of(uid))
            .filter(|generation| Some(*generation) != kept)
            .collect();
        leftovers.sort_unstable();
        leftovers.dedup();
        for generation in leftovers {
            newest = newest.max(generation);
            self.names.remove(&self.server, generation).await?;
        }
        self.server.create(&self.names.state()).await?;
        // Where an earlier one of this number stood must not be taken for where this one stands.
        self.server.forget(&self.names.state(), &Names::standing(newest + 1)).await?;
        let (server, names) = (self.server.clone(), self.names.clone());
        let begun = Arc::new(Generation::create(server, names, newest + 1).await?);
        *slot = Some(begun.clone());
        Ok(begun)
    }

    async fn swap(&self) -> Result<(), IndexError> {
        let mut slot = self.begun.lock().await;
        let Some(begun) = slot.clone() else {
            return Err(IndexError::Rejected("no index was begun".to_owned()));
        };
        let mut in_use = self.in_use.lock().await;
        begun.counts().await?;
        let former = self.state().await?.map(|found| found.generation);
        let now = InUse {
            id: Names::IN_USE.to_owned(),
            generation: begun.number,
            settings: begun.settings.clone(),
            identity: self.names.identity().to_owned(),
        };
        self.server.put(&self.names.state(), &now).await?;
        *slot = None;
        let held = in_use.replace(begun);
        if let Some(held) = &held {
            held.retire();
        }
        let unheld = former.filter(|former| {
            *former != now.generation && held.as_ref().is_none_or(|held| held.number != *former)
        });
        if let Some(former) = unheld
            && let Err(error) = self.names.remove(&self.server, former).await
        {
            tracing::warn!(%error, "the former search index stays for now");
        }
        Ok(())
    }
}

impl Shelf for MeilisearchShelf {
    fn kind(&self) -> &'static str {
        "meilisearch"
    }

    fn current(&self) -> BoxFuture<'_, Result<Option<Current>, IndexError>> {
        self.find().boxed()
    }

    fn begin(&self) -> BoxFuture<'_, Result<Arc<dyn Index>, IndexError>> {
        self.make().boxed()
    }

    fn adopt(&self) -> BoxFuture<'_, Result<(), IndexError>> {
        self.swap().boxed()
    }
}

/// A number that hardly ever comes twice, with room above it.
fn anything() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(()) % 1_000_000_000
}
