//! Versions made ready to run: off the message path and off tokio's threads.

use std::sync::Arc;

use crate::config;
use crate::filter::{FilterStats, Lists, Release};
use crate::plugin::{AdmissionReport, Counters, Grants, PluginFilter, Setup, admit};
use crate::store::{StoreError, VersionRow};

use super::{ReleaseError, Releases, lock};

/// A version that is ready to run.
pub(super) struct Loaded {
    pub(super) row: VersionRow,
    pub(super) plugin: Arc<PluginFilter>,
    pub(super) release: Arc<Release>,
}

/// A version with counters and statistics of its own, beside whatever runs.
pub struct Detached {
    /// Which version it is.
    pub row: VersionRow,
    /// Its host's side: log, description.
    pub plugin: Arc<PluginFilter>,
    /// Ready for a set.
    pub release: Arc<Release>,
}

impl Releases {
    /// Checks whether a component is a filter; seconds for one with a language runtime.
    pub async fn check(&self, bytes: Arc<[u8]>) -> Result<Arc<AdmissionReport>, ReleaseError> {
        let (host, config) = (self.0.host.clone(), self.0.config.clone());
        blocking(move || admit(&host, &bytes, &config)).await?.map_err(ReleaseError::from)
    }

    /// The version as it runs, or made ready now. What only watches counts apart, or live messages would count twice.
    pub(super) async fn ready(
        &self,
        row: &VersionRow,
        watches: bool,
    ) -> Result<Arc<Loaded>, ReleaseError> {
        let key = (row.filter.clone(), row.number, watches);
        if let Some(warm) = lock(&self.0.warm).get(&key).and_then(std::sync::Weak::upgrade) {
            return Ok(warm);
        }
        let shared = (row.filter.clone(), watches);
        let counters = Arc::clone(lock(&self.0.counters).entry(shared).or_default());
        let bytes = self.component(row).await?;
        let lists = Arc::clone(&self.0.lists);
        let loaded = Arc::new(self.load(row, bytes, lists, Some(counters)).await?);
        let mut warm = lock(&self.0.warm);
        warm.retain(|_, loaded| loaded.strong_count() > 0);
        warm.insert(key, Arc::downgrade(&loaded));
        Ok(loaded)
    }

    /// The version, fresh: own counters, own statistics, these lists (`live_lists` for the operator's). Nothing it does
    /// reaches what runs, and it raises no alarm.
    pub async fn load_detached(
        &self,
        name: &str,
        version: u32,
        lists: Arc<Lists>,
    ) -> Result<Detached, ReleaseError> {
        let row = self.version(name, version).await?;
        let row = row.ok_or_else(|| ReleaseError::no_version(name, version))?;
        let bytes = self.component(&row).await?;
        let Loaded { row, plugin, release } = self.load(&row, bytes, lists, None).await?;
        Ok(Detached { row, plugin, release })
    }

    /// One version of a filter.
    pub async fn version(
        &self,
        name: &str,
        version: u32,
    ) -> Result<Option<VersionRow>, StoreError> {
        self.0.store.filter_version(name, version).await
    }

    async fn component(&self, row: &VersionRow) -> Result<Arc<[u8]>, ReleaseError> {
        let bytes = self.0.store.component_bytes(&row.digest).await?;
        let bytes = bytes.ok_or_else(|| StoreError::Corrupt {
            what: format!("version {} of {} has no component", row.number, row.filter),
        })?;
        Ok(bytes.into())
    }

    /// Makes a version ready that may not be in the store yet. `counters`: its filter's, if it is to judge.
    pub(super) async fn load(
        &self,
        row: &VersionRow,
        bytes: Arc<[u8]>,
        lists: Arc<Lists>,
        counters: Option<Arc<Counters>>,
    ) -> Result<Loaded, ReleaseError> {
        let grants = Grants::from_words(&row.grants)
            .map_err(|error| ReleaseError::Failed(error.to_string()))?;
        let (host, config, clock) =
            (self.0.host.clone(), self.0.config.clone(), self.0.clock.clone());
        let (key, text) = (self.0.key, row.config.clone());
        let alarm = Arc::clone(&self.0.alarm);
        let plugin = blocking(move || {
            let mut setup = Setup::new(&config, key, &clock);
            (setup.grants, setup.lists) = (grants, lists);
            if counters.is_some() {
                setup.alarm = Some(Arc::new(move |_| alarm.notify_one()));
            }
            setup.counters = counters;
            PluginFilter::load(&host, &bytes, &text, &setup)
        });
        let plugin = Arc::new(plugin.await?.map_err(ReleaseError::from)?);
        let release = Arc::new(Release {
            filter: Arc::clone(&plugin) as _,
            version: row.number,
            digest: Arc::clone(plugin.digest()),
            config_hash: Arc::clone(plugin.config_hash()),
            stats: Arc::new(FilterStats::default()),
        });
        Ok(Loaded { row: row.clone(), plugin, release })
    }

    /// The limits filters run within.
    pub fn limits(&self) -> &config::Filters {
        &self.0.config
    }
}

/// Runs what takes a core for a while where it doesn't take one of tokio's.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ReleaseError> {
    let failed = |error: tokio::task::JoinError| ReleaseError::Failed(error.to_string());
    tokio::task::spawn_blocking(work).await.map_err(failed)
}
