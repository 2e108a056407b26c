//! From the stored state to the set that judges: what runs already is kept, what is new is loaded, then one swap.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::filter::lists::{EntryHash, List};
use crate::filter::{
    Candidate, CandidateMode, FilterSet, FilterStats, Policy, Release, Slot, SwitchedOff,
};
use crate::store::{FilterRow, FilterState, StoreError};

use super::load::Loaded;
use super::{ReleaseError, Releases, View, lock};

/// Entries read at once.
const LIST_PAGE: usize = 5_000;

impl Releases {
    /// Lets this state judge from the next message on. To be called in one's turn.
    pub(super) async fn apply(&self, state: FilterState) -> Result<(), StoreError> {
        let before = self.0.view.load_full();
        if before.state.revision == state.revision && before.broken.is_empty() && state.revision > 0
        {
            return Ok(());
        }
        self.load_lists(&before.state, &state).await?;
        let policy = self.stored_policy(&state).await?;
        let mut view = View { state, ..View::default() };
        let mut slots = Vec::new();
        for row in view.state.filters.clone() {
            let slot = self.slot(&row, &before, &mut view).await?;
            slots.extend(slot);
        }
        self.0.pipeline.replace(FilterSet { slots, policy });
        self.0.view.store(Arc::new(view));
        Ok(())
    }

    async fn slot(
        &self,
        row: &FilterRow,
        before: &View,
        view: &mut View,
    ) -> Result<Option<Slot>, StoreError> {
        let mut slot = Slot {
            name: row.name.as_str().into(),
            fail_mode: row.fail_mode,
            live: None,
            candidate: None,
        };
        if let Some(quarantine) = &row.quarantine {
            let key = (row.name.clone(), quarantine.version);
            lock(&self.0.warm).retain(|(name, version, _), _| (name, version) != (&key.0, &key.1));
            let off = before.loaded.get(&key).or_else(|| before.off.get(&row.name));
            view.off.extend(off.map(|loaded| (row.name.clone(), Arc::clone(loaded))));
            if quarantine.kind == super::alarms::CRASHES {
                let version = off.map_or("", |off| off.release.filter.version());
                slot.live = Some(switched_off(row, version, &quarantine.reason));
            }
        } else if let Some(live) = row.live {
            match self.loaded(row, live, false).await? {
                Ok(loaded) if loaded.row.bundled && !self.0.config.bundled => return Ok(None),
                Ok(loaded) => slot.live = Some(keep(view, loaded)),
                Err(problem) => {
                    tracing::error!(filter = row.name, version = live, %problem, "a live filter can't be loaded: its fail mode decides");
                    slot.live = Some(switched_off(row, "", &problem));
                    view.broken.insert(row.name.clone(), problem);
                }
            }
        }
        if let Some(candidate) = &row.candidate {
            let mode = match candidate.canary_percent {
                Some(percent) => CandidateMode::Canary { percent },
                None => CandidateMode::Shadow,
            };
            match self.loaded(row, candidate.version, mode == CandidateMode::Shadow).await? {
                Ok(loaded) => {
                    slot.candidate = Some(Candidate { release: keep(view, loaded), mode });
                }
                Err(problem) => {
                    tracing::error!(filter = row.name, version = candidate.version, %problem, "a filter on trial can't be loaded");
                    view.broken.entry(row.name.clone()).or_insert(problem);
                }
            }
        }
        Ok((slot.live.is_some() || slot.candidate.is_some()).then_some(slot))
    }

    /// The version ready to run, or why it can't.
    async fn loaded(
        &self,
        row: &FilterRow,
        version: u32,
        watches: bool,
    ) -> Result<Result<Arc<Loaded>, String>, StoreError> {
        let Some(version_row) = self.0.store.filter_version(&row.name, version).await? else {
            return Ok(Err(format!("version {version} is not in the store")));
        };
        match self.ready(&version_row, watches).await {
            Ok(loaded) => Ok(Ok(loaded)),
            Err(ReleaseError::Store(error @ StoreError::Unavailable(_))) => Err(error),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    async fn stored_policy(&self, state: &FilterState) -> Result<Arc<Policy>, StoreError> {
        let current = self.0.pipeline.current();
        if state.policy == 0 || current.policy.version() == state.policy && state.revision > 0 {
            return Ok(Arc::clone(&current.policy));
        }
        let corrupt = |what: String| StoreError::Corrupt { what };
        let stored = self.0.store.policy(state.policy).await?;
        let stored = stored
            .ok_or_else(|| corrupt(format!("policy {} is active and not there", state.policy)))?;
        match Policy::parse(&stored.text, stored.version) {
            Ok(policy) => Ok(Arc::new(policy)),
            Err(error) => {
                tracing::error!(version = stored.version, %error, "the active policy can't be read any more; the one before goes on");
                Ok(Arc::clone(&current.policy))
            }
        }
    }

    async fn load_lists(
        &self,
        before: &FilterState,
        after: &FilterState,
    ) -> Result<(), StoreError> {
        let known: BTreeMap<&str, u64> =
            before.lists.iter().map(|list| (list.name.as_str(), list.revision)).collect();
        for list in &after.lists {
            if known.get(list.name.as_str()) != Some(&list.revision) {
                let entries = self.list_hashes(&list.name).await?;
                self.0.lists.set(&list.name, Some(Arc::new(entries)));
            }
        }
        for gone in known.keys().filter(|name| !after.lists.iter().any(|list| list.name == **name))
        {
            self.0.lists.set(gone, None);
        }
        Ok(())
    }

    async fn list_hashes(&self, name: &str) -> Result<List, StoreError> {
        let (mut hashes, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.0.store.list_entries(name, after.as_deref(), LIST_PAGE).await?;
            hashes.extend(page.iter().filter_map(|entry| EntryHash::of(&entry.text)));
            match page.last() {
                Some(last) if page.len() == LIST_PAGE => after = Some(last.key.clone()),
                _ => break,
            }
        }
        List::from_hashes(hashes)
            .map_err(|error| StoreError::Corrupt { what: format!("list {name}: {error}") })
    }
}

fn keep(view: &mut View, loaded: Arc<Loaded>) -> Arc<Release> {
    let release = Arc::clone(&loaded.release);
    view.loaded.insert((loaded.row.filter.clone(), loaded.row.number), loaded);
    release
}

fn switched_off(row: &FilterRow, version: &str, reason: &str) -> Arc<Release> {
    let nothing: Arc<str> = Arc::from("");
    Arc::new(Release {
        filter: Arc::new(SwitchedOff::new(&row.name, version, reason)),
        version: row.quarantine.as_ref().map_or(row.live, |off| Some(off.version)).unwrap_or(0),
        digest: Arc::clone(&nothing),
        config_hash: nothing,
        stats: Arc::new(FilterStats::default()),
    })
}
