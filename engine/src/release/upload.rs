//! New versions of a filter: a component that comes in, or another configuration of one that is there.

use std::sync::Arc;

use crate::config::FailMode;
use crate::plugin::{AdmissionReport, Grants};
use crate::store::{
    ComponentFacts, ComponentRow, FilterRow, FilterState, FilterWrite, SignalFacts, VersionRow,
};

use super::change::{By, Draft, row};
use super::{ReleaseError, Releases};

/// Where filters that were uploaded run, after those of the binary and of its configuration.
const UPLOADED_POSITION: u32 = 10_000;

/// A component to be kept, with its configuration.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The component.
    pub component: Arc<[u8]>,
    /// JSON text; `None`: as the filter's live or newest version has it, or `{}` for a new filter.
    pub config: Option<String>,
    /// What it may call; `None`: as the filter's live or newest version may, or nothing for a new filter.
    pub grants: Option<Grants>,
    /// What its author says about it.
    pub note: Option<String>,
}

/// What an upload made.
#[derive(Debug, Clone, PartialEq)]
pub struct Uploaded {
    /// What admission found.
    pub report: Arc<AdmissionReport>,
    /// The version; the newest one, if that was the same already.
    pub version: VersionRow,
}

/// Another configuration or other grants for a component that is there.
#[derive(Debug, Clone)]
pub struct Configure {
    /// Which filter.
    pub name: String,
    /// The version whose component and, where nothing else is said, configuration and grants are taken.
    pub base: u32,
    /// JSON text.
    pub config: Option<String>,
    /// What it may call.
    pub grants: Option<Grants>,
    /// What its author says about it.
    pub note: Option<String>,
}

impl Releases {
    /// Checks a component and its configuration and keeps both as the next version, a draft.
    pub async fn upload(&self, by: By, upload: Upload) -> Result<Uploaded, ReleaseError> {
        let report = self.check(Arc::clone(&upload.component)).await?;
        let newest = self.newest(&report.name).await?;
        let (config, grants) = match &newest {
            Some(version) => (version.config.clone(), version.grants.clone()),
            None => ("{}".to_owned(), vec![]),
        };
        let mut version = VersionRow {
            filter: report.name.clone(),
            number: 0,
            digest: report.digest.to_string(),
            config: upload.config.unwrap_or(config),
            config_hash: String::new(),
            grants: upload.grants.map_or(grants, words),
            created_at: self.0.clock.now(),
            created_by: Some(by.actor.to_string()),
            note: upload.note,
            bundled: false,
        };
        self.configured(&mut version, Arc::clone(&upload.component)).await?;
        let version = self.keep_version(by, version, &report, upload.component).await?;
        Ok(Uploaded { report, version })
    }

    /// Makes a new version, a draft, from another one's component.
    pub async fn configure(
        &self,
        by: By,
        configure: Configure,
    ) -> Result<VersionRow, ReleaseError> {
        let Configure { name, base, config, grants, note } = configure;
        let found = self.version(&name, base).await?;
        let base = found.ok_or_else(|| ReleaseError::no_version(&name, base))?;
        let bytes = self.0.store.component_bytes(&base.digest).await?;
        let bytes = bytes.ok_or_else(|| ReleaseError::no_version(&name, base.number))?;
        let mut version = VersionRow {
            config: config.unwrap_or(base.config),
            grants: grants.map_or(base.grants, words),
            created_at: self.0.clock.now(),
            created_by: Some(by.actor.to_string()),
            note,
            ..base
        };
        self.configured(&mut version, bytes.into()).await?;
        self.change(by, move |state| {
            let mut filter = row(state, &version.filter, None)?;
            filter.versions += 1;
            let version = VersionRow { number: filter.versions, ..version.clone() };
            let target = format!("filter:{}@{}", version.filter, version.number);
            let writes = vec![FilterWrite::Version(version.clone()), FilterWrite::Filter(filter)];
            Ok(Draft { writes, audit: vec![("filter.configure", target)], answer: version })
        })
        .await
    }

    /// The version that new ones take over from: the live one, else the newest.
    pub(super) async fn newest(&self, name: &str) -> Result<Option<VersionRow>, ReleaseError> {
        let state = self.0.store.filter_state().await?;
        let Some(filter) = state.filters.iter().find(|row| row.name == name) else {
            return Ok(None);
        };
        Ok(self.version(name, filter.live.unwrap_or(filter.versions)).await?)
    }

    /// Fills in the configuration as the host writes it, and its hash; refuses what the filter doesn't take.
    pub(super) async fn configured(
        &self,
        version: &mut VersionRow,
        bytes: Arc<[u8]>,
    ) -> Result<(), ReleaseError> {
        let lists = Arc::clone(&self.0.lists);
        let loaded = self.load(version, bytes, lists, None).await?;
        loaded.plugin.config().clone_into(&mut version.config);
        loaded.plugin.config_hash().as_ref().clone_into(&mut version.config_hash);
        Ok(())
    }

    async fn keep_version(
        &self,
        by: By,
        version: VersionRow,
        report: &AdmissionReport,
        bytes: Arc<[u8]>,
    ) -> Result<VersionRow, ReleaseError> {
        let now = version.created_at;
        self.0.store.put_component(&version.digest, &bytes, now).await?;
        let last = self.last_version(&version.filter).await?;
        let component = component_row(report, now);
        let fail_mode = self.0.config.fail_mode;
        self.change(by, move |state| {
            // Sending the same once more, say after a lost answer, makes nothing new.
            if let Some(last) = last.as_ref().filter(|last| is_same(last, &version))
                && versions(state, &version.filter) == last.number
            {
                return Ok(Draft::nothing(last.clone()));
            }
            let mut filter = row(state, &version.filter, None)
                .unwrap_or_else(|_| new_filter(&version, fail_mode, UPLOADED_POSITION));
            filter.versions += 1;
            let version = VersionRow { number: filter.versions, ..version.clone() };
            let target = format!("filter:{}@{}", version.filter, version.number);
            let writes = vec![
                FilterWrite::Component(component.clone()),
                FilterWrite::Version(version.clone()),
                FilterWrite::Filter(filter),
            ];
            Ok(Draft { writes, audit: vec![("filter.upload", target)], answer: version })
        })
        .await
    }

    async fn last_version(&self, name: &str) -> Result<Option<VersionRow>, ReleaseError> {
        let number = versions(&self.0.store.filter_state().await?, name);
        Ok(self.version(name, number).await?)
    }
}

fn versions(state: &FilterState, name: &str) -> u32 {
    state.filters.iter().find(|row| row.name == name).map_or(0, |row| row.versions)
}

/// Whether two versions would do the same.
pub(super) fn is_same(one: &VersionRow, other: &VersionRow) -> bool {
    let what = |version: &VersionRow| {
        (version.digest.clone(), version.config_hash.clone(), version.grants.clone())
    };
    what(one) == what(other)
}

pub(super) fn words(grants: Grants) -> Vec<String> {
    grants.words().map(str::to_owned).collect()
}

pub(super) fn component_row(
    report: &AdmissionReport,
    at: chrono::DateTime<chrono::Utc>,
) -> ComponentRow {
    let signals = report.signals.iter().map(|signal| SignalFacts {
        id: signal.id.clone(),
        description: signal.description.clone(),
        default_weight: signal.default_weight,
    });
    ComponentRow {
        digest: report.digest.to_string(),
        bytes: report.bytes as u64,
        at,
        about: ComponentFacts {
            name: report.name.clone(),
            semver: report.semver.clone(),
            config_schema: report.config_schema.clone(),
            signals: signals.collect(),
            imports: report.imports.clone(),
            warnings: report.warnings.clone(),
            compile_ms: report.compile_ms,
        },
    }
}

pub(super) fn new_filter(version: &VersionRow, fail_mode: FailMode, position: u32) -> FilterRow {
    FilterRow {
        name: version.filter.clone(),
        revision: 0,
        position,
        versions: 0,
        live: None,
        candidate: None,
        previous: vec![],
        pinned: false,
        bundled: version.bundled,
        fail_mode,
        max_actions_per_day: None,
        max_flagged_share: None,
        quarantine: None,
        created_at: version.created_at,
        changed_at: version.created_at,
    }
}
