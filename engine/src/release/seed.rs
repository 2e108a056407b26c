//! What a binary and its configuration bring along: bundled filters, configured files, the policy. Brought to the store once;
//! what people decided later is left alone.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::filter::{Policy, PolicyError};
use crate::plugin::{AdmissionReport, bundled};
use crate::store::{FilterWrite, PolicyRow, StoreError, VersionRow};

use super::change::{By, Draft, row};
use super::filters::live;
use super::upload::{component_row, is_same, new_filter, words};
use super::{ReleaseError, Releases, engine};

/// Where configured files run, after the binary's filters.
const FILE_POSITION: u32 = 1_000;
/// Versions of a filter that are looked through for one that was brought before.
const LOOKED_THROUGH: u32 = 1_000;

/// Why the filters can't be started; the engine doesn't start without a filter it was told to run.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A file can't be read.
    #[error("{path} can't be read: {problem}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What was wrong.
        problem: String,
    },
    /// A filter can't be used.
    #[error("the filter {source_name} can't be used: {error}")]
    Filter {
        /// The file, or the bundled component's name.
        source_name: String,
        /// Why.
        error: ReleaseError,
    },
    /// Two filters have the same name.
    #[error(
        "there are two filters called {0}; remove one, or switch the bundled ones off with filters.bundled = false"
    )]
    Twice(String),
    /// A configuration is for a filter that isn't there.
    #[error(
        "filters.config_files names the filter {0}, which is not loaded; correct the name or remove it"
    )]
    UnknownConfig(String),
    /// The policy table is wrong.
    #[error("{file}: {source}")]
    Policy {
        /// Where it was read from.
        file: String,
        /// What is wrong.
        source: PolicyError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else.
    #[error(transparent)]
    Change(ReleaseError),
}

/// The digest of the binary's own filter of this name, 64 hexadecimal digits.
pub(super) fn bundled_digest(name: &str) -> Option<&'static str> {
    static DIGESTS: OnceLock<HashMap<String, String>> = OnceLock::new();
    let digests = DIGESTS.get_or_init(|| {
        let digest = |(stem, bytes): (&str, &[u8])| {
            (stem.replace('_', "-"), blake3::hash(bytes).to_hex().to_string())
        };
        bundled().map(digest).collect()
    });
    digests.get(name).map(String::as_str)
}

/// A filter that came along.
struct Brought {
    source_name: String,
    bytes: Arc<[u8]>,
    position: u32,
    bundled: bool,
}

impl Releases {
    /// Brings everything to the store, and sweeps what uploads left behind.
    pub(super) async fn seed(&self) -> Result<(), SeedError> {
        let day_ago = self.0.clock.now() - chrono::TimeDelta::days(1);
        self.0.store.sweep_components(day_ago).await?;
        self.seed_policy().await?;
        let mut configs = BTreeMap::new();
        for (name, path) in &self.0.config.config_files {
            configs.insert(name.clone(), read_config(path)?);
        }
        let mut names = Vec::new();
        for brought in self.brought()? {
            let filter = |error: ReleaseError| match error {
                ReleaseError::Store(error) => SeedError::Store(error),
                error => SeedError::Filter { source_name: brought.source_name.clone(), error },
            };
            let report = self.check(Arc::clone(&brought.bytes)).await.map_err(filter)?;
            if names.contains(&report.name) {
                return Err(SeedError::Twice(report.name.clone()));
            }
            names.push(report.name.clone());
            let config = configs.remove(&report.name);
            self.bring(&brought, &report, config).await.map_err(filter)?;
        }
        match configs.into_keys().next() {
            Some(name) => Err(SeedError::UnknownConfig(name)),
            None => Ok(()),
        }
    }

    fn brought(&self) -> Result<Vec<Brought>, SeedError> {
        let mut all = Vec::new();
        if self.0.config.bundled {
            for (position, (name, bytes)) in (0..).zip(bundled()) {
                let source_name = format!("{name} (bundled)");
                all.push(Brought { source_name, bytes: bytes.into(), position, bundled: true });
            }
            if all.is_empty() {
                tracing::warn!(
                    "no bundled filters are in this binary; `make filters` builds them, then build the engine again"
                );
            }
        }
        for (position, path) in (FILE_POSITION..).zip(&self.0.config.files) {
            let bytes = std::fs::read(path).map_err(|error| SeedError::File {
                path: path.clone(),
                problem: error.to_string(),
            })?;
            let source_name = path.display().to_string();
            all.push(Brought { source_name, bytes: bytes.into(), position, bundled: false });
        }
        Ok(all)
    }

    async fn bring(
        &self,
        brought: &Brought,
        report: &Arc<AdmissionReport>,
        config: Option<String>,
    ) -> Result<(), ReleaseError> {
        let state = self.0.store.filter_state().await?;
        let known = state.filters.iter().find(|row| row.name == report.name);
        let newest = self.newest(&report.name).await?;
        if let (Some(known), Some(judging)) = (known, &newest)
            && (known.pinned || (brought.bundled && !judging.bundled))
        {
            tracing::info!(
                filter = report.name,
                "an operator chose another version than the one that came along; that one stays"
            );
            return Ok(());
        }
        let mut version = VersionRow {
            filter: report.name.clone(),
            number: 0,
            digest: report.digest.to_string(),
            config: config
                .or_else(|| newest.as_ref().map(|version| version.config.clone()))
                .unwrap_or_else(|| "{}".to_owned()),
            config_hash: String::new(),
            grants: match &newest {
                Some(version) => version.grants.clone(),
                None => words(report.wants),
            },
            created_at: self.0.clock.now(),
            created_by: None,
            note: Some(brought.source_name.clone()),
            bundled: brought.bundled,
        };
        self.configured(&mut version, Arc::clone(&brought.bytes)).await?;
        if self.was_brought(&version, known.map_or(0, |row| row.versions)).await? {
            return Ok(());
        }
        self.0.store.put_component(&version.digest, &brought.bytes, version.created_at).await?;
        let component = component_row(report, version.created_at);
        let (position, fail_mode) = (brought.position, self.0.config.fail_mode);
        let seen = known.map(|row| row.revision);
        let reason = Some(format!("came along: {}", brought.source_name));
        self.change(By { actor: engine(), reason }, move |state| {
            let found = row(state, &version.filter, None).ok();
            if found.as_ref().map(|row| row.revision) != seen {
                // Another engine brought it at the same moment.
                return Ok(Draft::nothing(()));
            }
            let fresh = found.is_none();
            let mut filter = found.unwrap_or_else(|| new_filter(&version, fail_mode, position));
            filter.versions += 1;
            (filter.position, filter.bundled) = (position, version.bundled);
            let number = filter.versions;
            // One that was taken off stays off.
            if fresh || filter.live.is_some() {
                filter = live(filter, number, false);
            }
            let target = format!("filter:{}@{number}", version.filter);
            let version = VersionRow { number, ..version.clone() };
            let writes = vec![
                FilterWrite::Component(component.clone()),
                FilterWrite::Version(version),
                FilterWrite::Filter(filter),
            ];
            Ok(Draft { writes, audit: vec![("filter.upload", target)], answer: () })
        })
        .await
    }

    /// Whether one of the filter's versions is the same: then it was brought before, and people decided since.
    async fn was_brought(&self, version: &VersionRow, versions: u32) -> Result<bool, StoreError> {
        let from = versions.saturating_sub(LOOKED_THROUGH - 1).max(1);
        let known = self.0.store.filter_versions(&version.filter, from, versions).await?;
        Ok(known.iter().any(|known| is_same(known, version)))
    }

    async fn seed_policy(&self) -> Result<(), SeedError> {
        let file = self.0.config.policy_file.as_deref();
        let (text, origin) = match file {
            Some(path) => (read(path)?, path.display().to_string()),
            None => (Policy::DEFAULT.to_owned(), "the default policy".to_owned()),
        };
        Policy::parse(&text, 1)
            .map_err(|source| SeedError::Policy { file: origin.clone(), source })?;
        let state = self.0.store.filter_state().await?;
        let known = self.0.store.policies(1, state.policies).await?;
        let active = known.iter().find(|policy| policy.version == state.policy);
        let chosen = active.is_some_and(|policy| policy.created_by.is_some());
        // A table somebody wrote stays; a file is brought once, the default whenever a binary brings another.
        let done = match file {
            Some(_) => known.iter().any(|policy| policy.text == text),
            None => chosen || active.is_some_and(|policy| policy.text == text),
        };
        if done {
            return Ok(());
        }
        let (now, seen) = (self.0.clock.now(), state.policies);
        let by = By { actor: engine(), reason: Some(format!("came along: {origin}")) };
        let brought = self.change(by, move |state| {
            if state.policies != seen {
                return Ok(Draft::nothing(()));
            }
            let version = seen + 1;
            let policy = PolicyRow {
                version,
                text: text.clone(),
                note: Some(origin.clone()),
                created_at: now,
                created_by: None,
            };
            let target = || format!("policy:{version}");
            let writes = vec![FilterWrite::Policy(policy), FilterWrite::ActivatePolicy(version)];
            let audit = vec![("policy.save", target()), ("policy.activate", target())];
            Ok(Draft { writes, audit, answer: () })
        });
        brought.await.map_err(|error| match error {
            ReleaseError::Store(error) => SeedError::Store(error),
            error => SeedError::Change(error),
        })
    }
}

fn read(path: &Path) -> Result<String, SeedError> {
    std::fs::read_to_string(path)
        .map_err(|error| SeedError::File { path: path.to_owned(), problem: error.to_string() })
}

fn read_config(path: &Path) -> Result<String, SeedError> {
    let text = read(path)?;
    serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(|error| SeedError::File {
        path: path.to_owned(),
        problem: format!("it is no JSON: {error}"),
    })?;
    Ok(text)
}
