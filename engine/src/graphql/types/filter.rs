//! Filters: what they are, what their versions do, how they do.

use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::cursor;
use super::filter_health::FilterHealth;
use super::filter_version::FilterVersion;
use super::shadow::{self, ShadowResult, ShadowSummary};
use crate::config;
use crate::graphql::errors::Fault;
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::{ids, limits, releases, rooms};
use crate::plugin;
use crate::release;
use crate::store::{FilterRow, QuarantineRow};

/// What a filter, or a version of it, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum FilterMode {
    /// Nothing.
    Draft,
    /// Watches, without effect.
    Shadow,
    /// Judges a share of conversations.
    Canary,
    /// Judges.
    Live,
    /// It was switched off.
    Quarantined,
}

impl FilterMode {
    /// What a filter does.
    pub fn of(row: &FilterRow) -> Self {
        match (&row.quarantine, row.live, &row.candidate) {
            (Some(_), ..) => Self::Quarantined,
            (None, Some(_), _) => Self::Live,
            (None, None, Some(candidate)) if candidate.canary_percent.is_some() => Self::Canary,
            (None, None, Some(_)) => Self::Shadow,
            (None, None, None) => Self::Draft,
        }
    }
}

/// What becomes of a message when a filter fails on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "config::FailMode")]
pub enum FailMode {
    /// The message goes on without this filter's signals.
    Open,
    /// The message is held for a moderator.
    Hold,
}

/// Why a filter was switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum QuarantineKind {
    /// It crashed too often; its fail mode decides what becomes of messages.
    Crashes,
    /// It acted on too large a share of messages; they go on without it.
    PassRate,
    /// It acted on as many messages as a day allows; they go on without it.
    ActionCap,
}

/// A filter is switched off.
#[derive(Debug, Clone, SimpleObject)]
pub struct Quarantine {
    /// Which version misbehaved.
    version: u32,
    /// Why.
    kind: QuarantineKind,
    /// The same in words, with figures.
    reason: String,
    /// When.
    at: DateTime<Utc>,
}

impl From<&QuarantineRow> for Quarantine {
    fn from(row: &QuarantineRow) -> Self {
        let kind = match row.kind.as_str() {
            "pass_rate" => QuarantineKind::PassRate,
            "action_cap" => QuarantineKind::ActionCap,
            _ => QuarantineKind::Crashes,
        };
        Self { version: row.version, kind, reason: row.reason.clone(), at: row.at }
    }
}

/// When a filter is switched off.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterLimits {
    /// Messages a day its signals may get masked or worse; null: as many as it likes.
    max_actions_per_day: Option<u64>,
    /// Share of an hour's messages its signals may get masked or worse, 0 to 1.
    max_flagged_share: f32,
}

/// A version on trial.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterCandidate {
    /// Which.
    version: FilterVersion,
    /// Shadow or canary.
    mode: FilterMode,
    /// Share of conversations it judges; null in shadow.
    canary_percent: Option<u8>,
    /// Since when.
    since: DateTime<Utc>,
}

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "plugin::LogLevel")]
pub enum FilterLogLevel {
    /// For the filter's author.
    Debug,
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warn,
    /// Something failed.
    Error,
}

/// A line of a filter's log.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterLogLine {
    /// When.
    at: DateTime<Utc>,
    /// How important.
    level: FilterLogLevel,
    /// The line.
    text: String,
    /// Which version wrote it.
    version: u32,
}

/// A filter.
#[derive(Debug, Clone)]
pub struct Filter(pub FilterRow);

/// Something that looks at messages and says what it found; policy decides what is done about it.
#[Object]
impl Filter {
    /// The global id: `filter:<name>`.
    pub async fn id(&self) -> ID {
        ids::of_filter(&self.0.name)
    }

    /// Such as `contact-guard`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Goes up with every change of this filter; changes may name the one they are based on.
    async fn revision(&self) -> u64 {
        self.0.revision
    }

    /// What it does.
    async fn mode(&self) -> FilterMode {
        FilterMode::of(&self.0)
    }

    /// The version that judges, or would if it were not quarantined.
    async fn live(&self, ctx: &Context<'_>) -> Result<Option<FilterVersion>, Fault> {
        match self.0.live {
            Some(version) => self.one(ctx, version).await,
            None => Ok(None),
        }
    }

    /// The version on trial.
    async fn candidate(&self, ctx: &Context<'_>) -> Result<Option<FilterCandidate>, Fault> {
        let Some(candidate) = &self.0.candidate else { return Ok(None) };
        let Some(version) = self.one(ctx, candidate.version).await? else { return Ok(None) };
        let mode = match candidate.canary_percent {
            Some(_) => FilterMode::Canary,
            None => FilterMode::Shadow,
        };
        let (canary_percent, since) = (candidate.canary_percent, candidate.since);
        Ok(Some(FilterCandidate { version, mode, canary_percent, since }))
    }

    /// One of its versions.
    async fn version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its number.")] number: u32,
    ) -> Result<Option<FilterVersion>, Fault> {
        self.one(ctx, number).await
    }

    /// Its versions, newest first.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Connection<String, FilterVersion>, Fault> {
        releases(ctx)?;
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::number).transpose()?;
        let (from, to) = newest(self.0.versions, after, page.limit);
        let rows = rooms(ctx)?.store.filter_versions(&self.0.name, from, to).await?;
        let mut connection = Connection::new(after.is_some(), from > 1 && to > 0);
        for row in rows.into_iter().rev() {
            let version = FilterVersion::load(ctx, row).await?;
            connection.edges.push(Edge::new(cursor::of_number(version.place()), version));
        }
        Ok(connection)
    }

    /// What becomes of a message it fails on.
    async fn fail_mode(&self) -> FailMode {
        self.0.fail_mode.into()
    }

    /// When it is switched off.
    async fn limits(&self) -> FilterLimits {
        FilterLimits {
            max_actions_per_day: self.0.max_actions_per_day,
            max_flagged_share: self.0.max_flagged_share.unwrap_or(release::DEFAULT_FLAGGED_SHARE),
        }
    }

    /// Why it is switched off, if it is.
    async fn quarantine(&self) -> Option<Quarantine> {
        self.0.quarantine.as_ref().map(Quarantine::from)
    }

    /// How it does on this engine.
    async fn health(&self, ctx: &Context<'_>) -> Result<FilterHealth, Fault> {
        Ok(releases(ctx)?.health(&self.0.name).into())
    }

    /// The last lines of its log on this engine, oldest first.
    async fn logs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, up to 1,000.", default = 100)] last: u32,
    ) -> Result<Vec<FilterLogLine>, Fault> {
        let last = usize::try_from(last.min(1_000)).unwrap_or(1_000);
        let lines = releases(ctx)?.logs(&self.0.name, last).into_iter();
        Ok(lines
            .map(|entry| FilterLogLine {
                at: entry.line.at,
                level: entry.line.level.into(),
                text: entry.line.text,
                version: entry.version,
            })
            .collect())
    }

    /// What a version on trial found, newest first; what it found nothing in and would not have changed is left out.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn shadow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version; the one on trial if not given.")] version: Option<u32>,
        #[graphql(desc = "Take this many; 50 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Connection<String, ShadowResult>, Fault> {
        releases(ctx)?;
        let page = Page::new(first, None, false, limits(ctx)?)?;
        let after = after.as_deref().map(cursor::shadow).transpose()?;
        let Some(version) = self.on_trial(version) else {
            return Ok(Connection::new(false, false));
        };
        let key = (self.0.name.as_str(), version);
        let rows = rooms(ctx)?.store.shadow(key, after, page.limit + 1).await?;
        Ok(shadow::page(rows, page.limit, after.is_some()))
    }

    /// What a version on trial would have changed so far.
    async fn shadow_summary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version; the one on trial if not given.")] version: Option<u32>,
    ) -> Result<ShadowSummary, Fault> {
        let releases = releases(ctx)?;
        let Some(version) = self.on_trial(version) else {
            return Ok(ShadowSummary::new(None, &release::ShadowSummary::default()));
        };
        let summary = releases.shadow_summary(&self.0.name, version).await?;
        Ok(ShadowSummary::new(Some(version), &summary))
    }

    /// It came with the engine's binary.
    async fn bundled(&self) -> bool {
        self.0.bundled
    }

    /// When its first version came.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }
}

impl Filter {
    async fn one(&self, ctx: &Context<'_>, number: u32) -> Result<Option<FilterVersion>, Fault> {
        releases(ctx)?;
        match rooms(ctx)?.store.filter_version(&self.0.name, number).await? {
            Some(row) => FilterVersion::load(ctx, row).await.map(Some),
            None => Ok(None),
        }
    }

    fn on_trial(&self, version: Option<u32>) -> Option<u32> {
        version.or(self.0.candidate.as_ref().map(|candidate| candidate.version))
    }
}

/// The first and last number of a page of `limit` of `count` numbered things, newest first, after that number.
pub fn newest(count: u32, after: Option<u32>, limit: usize) -> (u32, u32) {
    let to = after.map_or(count, |after| count.min(after.saturating_sub(1)));
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    ((to + 1).saturating_sub(limit).max(1), to)
}
