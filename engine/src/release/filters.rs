//! What is done to one filter: put in a mode, rolled back, released, limited.

use crate::config::FailMode;
use crate::store::{CandidateRow, FilterRow, VersionRow};

use super::change::{By, Draft, row};
use super::{ProblemCode, ReleaseError, Releases};

/// Former live versions remembered for rolling back.
const MAX_PREVIOUS: usize = 100;

/// What a version should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Draft,
    /// Watch, without effect.
    Shadow,
    /// Judge this share of conversations in the live version's place, 0 to 100.
    Canary(u8),
    /// Judge.
    Live,
}

/// A version and what it should do.
#[derive(Debug, Clone)]
pub struct SetMode {
    /// Which filter.
    pub name: String,
    /// Which version.
    pub version: u32,
    /// What it should do.
    pub mode: Mode,
    /// The filter's revision it is based on; `None`: whatever it is.
    pub seen: Option<u64>,
}

/// When a filter is switched off, and what becomes of messages it fails on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// What becomes of a message it fails on.
    pub fail_mode: FailMode,
    /// Messages a day its signals may get masked or worse.
    pub max_actions_per_day: Option<u64>,
    /// Share of messages of an hour its signals may get masked or worse, 0 to 1; `None`: the default.
    pub max_flagged_share: Option<f32>,
}

impl Releases {
    /// Lets a version do something else. Compiles and configures it first, so that the swap itself takes no time.
    pub async fn set_mode(&self, by: By, set: SetMode) -> Result<FilterRow, ReleaseError> {
        let found = self.version(&set.name, set.version).await?;
        let version = found.ok_or_else(|| ReleaseError::no_version(&set.name, set.version))?;
        if let Mode::Canary(101..) = set.mode {
            let message = "a canary judges 0 to 100 percent of conversations";
            return Err(ReleaseError::refused(ProblemCode::Invalid, "canaryPercent", message));
        }
        let warm = match set.mode {
            Mode::Draft => None,
            mode => Some(self.ready(&version, mode == Mode::Shadow).await?),
        };
        let (now, pinned) = (self.0.clock.now(), is_pinned(&version));
        let changed = self.change(by, move |state| {
            let filter = row(state, &set.name, set.seen)?;
            let filter = in_mode(filter, set.version, set.mode, pinned, now)?;
            Ok(Draft::filter(filter.clone(), "filter.mode", filter))
        });
        let changed = changed.await;
        drop(warm);
        changed
    }

    /// Lets an earlier version judge again: this one, or the one that judged before.
    pub async fn roll_back(
        &self,
        by: By,
        name: &str,
        version: Option<u32>,
        seen: Option<u64>,
    ) -> Result<FilterRow, ReleaseError> {
        let name = name.to_owned();
        let (to, warm) = {
            let state = self.0.store.filter_state().await?;
            let filter = row(&state, &name, seen)?;
            let to = version.or(filter.previous.last().copied()).ok_or_else(|| {
                let message = format!("no other version of `{name}` was live before");
                ReleaseError::refused(ProblemCode::NotPossible, "version", message)
            })?;
            let found = self.version(&name, to).await?;
            let found = found.ok_or_else(|| ReleaseError::no_version(&name, to))?;
            (found.clone(), self.ready(&found, false).await?)
        };
        let changed = self.change(by, move |state| {
            let mut filter = row(state, &name, seen)?;
            if filter.live == Some(to.number) && filter.quarantine.is_none() {
                let message = format!("version {} of `{name}` is live already", to.number);
                return Err(ReleaseError::refused(ProblemCode::NotPossible, "version", message));
            }
            // Going back step by step ends at the first version instead of going to and fro.
            if filter.previous.last() == Some(&to.number) && version.is_none() {
                filter.previous.pop();
                filter.live = None;
            }
            let filter = live(filter, to.number, is_pinned(&to));
            Ok(Draft::filter(filter.clone(), "filter.rollback", filter))
        });
        let changed = changed.await;
        drop(warm);
        changed
    }

    /// Lets a filter that was switched off judge again.
    pub async fn release_quarantine(&self, by: By, name: &str) -> Result<FilterRow, ReleaseError> {
        let name = name.to_owned();
        self.change(by, move |state| {
            let mut filter = row(state, &name, None)?;
            if filter.quarantine.take().is_none() {
                let message = format!("`{name}` is not quarantined");
                return Err(ReleaseError::refused(ProblemCode::NotPossible, "name", message));
            }
            Ok(Draft::filter(filter.clone(), "filter.release", filter))
        })
        .await
    }

    /// Sets when a filter is switched off, and what becomes of messages it fails on.
    pub async fn set_limits(
        &self,
        by: By,
        name: &str,
        change: impl Fn(Limits) -> Limits + Send + Sync + 'static,
        seen: Option<u64>,
    ) -> Result<FilterRow, ReleaseError> {
        let name = name.to_owned();
        self.change(by, move |state| {
            let mut filter = row(state, &name, seen)?;
            let limits = change(Limits {
                fail_mode: filter.fail_mode,
                max_actions_per_day: filter.max_actions_per_day,
                max_flagged_share: filter.max_flagged_share,
            });
            if limits.max_flagged_share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
                let message = "a share is a number from 0 to 1";
                let field = "maxFlaggedShare";
                return Err(ReleaseError::refused(ProblemCode::Invalid, field, message));
            }
            filter.fail_mode = limits.fail_mode;
            filter.max_actions_per_day = limits.max_actions_per_day;
            filter.max_flagged_share = limits.max_flagged_share;
            Ok(Draft::filter(filter.clone(), "filter.limits", filter))
        })
        .await
    }
}

/// Whether a version is an older or foreign one, chosen by hand over the binary's: then the next binary's won't replace it.
fn is_pinned(version: &VersionRow) -> bool {
    let bundled = super::seed::bundled_digest(&version.filter);
    bundled.is_some_and(|digest| digest != version.digest)
}

fn in_mode(
    mut filter: FilterRow,
    version: u32,
    mode: Mode,
    pinned: bool,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<FilterRow, ReleaseError> {
    let refused =
        |message: String| Err(ReleaseError::refused(ProblemCode::NotPossible, "version", message));
    let is_live = filter.live == Some(version);
    let is_candidate = filter.candidate.as_ref().is_some_and(|it| it.version == version);
    let name = &filter.name;
    match mode {
        Mode::Draft if is_live => {
            filter.previous.push(version);
            filter.live = None;
            filter.quarantine = None;
        }
        Mode::Draft if is_candidate => filter.candidate = None,
        Mode::Draft => {
            return refused(format!("version {version} of `{name}` does nothing as it is"));
        }
        Mode::Live if is_live && filter.quarantine.is_some() => {
            return refused(format!(
                "version {version} of `{name}` is quarantined; release it, or let another version judge"
            ));
        }
        Mode::Live if is_live => {
            return refused(format!("version {version} of `{name}` is live already"));
        }
        Mode::Live => return Ok(live(filter, version, pinned)),
        Mode::Shadow | Mode::Canary(_) if is_live => {
            return refused(format!(
                "version {version} of `{name}` is live; let another version judge first"
            ));
        }
        Mode::Shadow => {
            filter.candidate = Some(CandidateRow { version, canary_percent: None, since: now });
        }
        Mode::Canary(percent) => {
            let canary_percent = Some(percent);
            filter.candidate = Some(CandidateRow { version, canary_percent, since: now });
        }
    }
    Ok(filter)
}

/// The filter with this version judging.
pub(super) fn live(mut filter: FilterRow, version: u32, pinned: bool) -> FilterRow {
    filter.previous.extend(filter.live.filter(|live| *live != version));
    let most = filter.previous.len().saturating_sub(MAX_PREVIOUS);
    filter.previous.drain(..most);
    filter.candidate.take_if(|candidate| candidate.version == version);
    filter.live = Some(version);
    filter.quarantine = None;
    filter.pinned = pinned;
    filter
}
