//! Versions of a filter: a component, its configuration, its grants.

use async_graphql::{Context, Enum, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::errors::Fault;
use crate::graphql::rooms;
use crate::plugin::{AdmissionReport, Grants};
use crate::store::{SignalFacts, VersionRow};

/// What a filter may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum FilterGrant {
    /// Write to its own log.
    Log,
    /// Count in windows.
    Counters,
    /// Look into the operator's lists.
    Lists,
    /// Look back at recent messages.
    History,
}

impl FilterGrant {
    const ALL: [(Self, &str); 4] = [
        (Self::Log, "log"),
        (Self::Counters, "counters"),
        (Self::Lists, "lists"),
        (Self::History, "history"),
    ];

    fn of_words<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Vec<Self> {
        let find = |word: S| Self::ALL.iter().find(|(_, known)| *known == word.as_ref());
        words.into_iter().filter_map(find).map(|(grant, _)| *grant).collect()
    }

    /// All of these as the host takes them.
    pub fn grants(list: &[Self]) -> Grants {
        let words = Self::ALL.iter().filter(|(grant, _)| list.contains(grant));
        words.fold(Grants::NONE, |grants, (_, word)| grants.with(word).unwrap_or(grants))
    }
}

/// A signal a filter can give.
#[derive(Debug, Clone, SimpleObject)]
pub struct SignalDescription {
    /// Such as `contact.phone`.
    id: String,
    /// What it means.
    description: String,
    /// Weight in a policy's sums unless the policy says otherwise.
    default_weight: f32,
}

impl From<&SignalFacts> for SignalDescription {
    fn from(signal: &SignalFacts) -> Self {
        let SignalFacts { id, description, default_weight } = signal.clone();
        Self { id, description, default_weight }
    }
}

/// A version of a filter; it never changes.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterVersion {
    /// 1, 2, 3…
    number: u32,
    /// The component's own version.
    semver: String,
    /// BLAKE3 of the component, 64 hexadecimal digits.
    digest: String,
    /// Size of the component, bytes.
    bytes: u64,
    /// JSON Schema of the configuration.
    config_schema: serde_json::Value,
    /// The configuration.
    config: serde_json::Value,
    /// BLAKE3 of the configuration, 64 hexadecimal digits.
    config_hash: String,
    /// What it may call.
    grants: Vec<FilterGrant>,
    /// The signals it can give.
    signals: Vec<SignalDescription>,
    /// What an operator should know of the component.
    warnings: Vec<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Who made it; null: it came with the engine or its configuration.
    created_by: Option<String>,
    /// What they said about it.
    note: Option<String>,
    /// Its component is part of the engine's binary.
    bundled: bool,
}

impl FilterVersion {
    /// The version with what is known of its component.
    pub async fn load(ctx: &Context<'_>, row: VersionRow) -> Result<Self, Fault> {
        let component = rooms(ctx)?.store.component(&row.digest).await?;
        let component = component.ok_or(Fault::Internal)?;
        let about = component.about;
        Ok(Self {
            number: row.number,
            semver: about.semver,
            digest: row.digest,
            bytes: component.bytes,
            config_schema: json(&about.config_schema),
            config: json(&row.config),
            config_hash: row.config_hash,
            grants: FilterGrant::of_words(&row.grants),
            signals: about.signals.iter().map(SignalDescription::from).collect(),
            warnings: about.warnings,
            created_at: row.created_at,
            created_by: row.created_by,
            note: row.note,
            bundled: row.bundled,
        })
    }

    /// Its number.
    pub fn place(&self) -> u32 {
        self.number
    }
}

/// What was found out about a component.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterReport {
    /// What it calls itself.
    name: String,
    /// Its own version.
    semver: String,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    digest: String,
    /// Its size, bytes.
    bytes: u64,
    /// JSON Schema of its configuration.
    config_schema: serde_json::Value,
    /// The signals it can give.
    signals: Vec<SignalDescription>,
    /// Every interface it imports.
    imports: Vec<String>,
    /// What of these can be granted; filters in JavaScript and Python import all of it, used or not.
    wants: Vec<FilterGrant>,
    /// How long compiling took, or finding it compiled, milliseconds.
    compile_millis: u64,
    /// What an operator should know before it goes live.
    warnings: Vec<String>,
}

impl From<&AdmissionReport> for FilterReport {
    fn from(report: &AdmissionReport) -> Self {
        let signals = report.signals.iter().map(|signal| SignalDescription {
            id: signal.id.clone(),
            description: signal.description.clone(),
            default_weight: signal.default_weight,
        });
        Self {
            name: report.name.clone(),
            semver: report.semver.clone(),
            digest: report.digest.to_string(),
            bytes: report.bytes as u64,
            config_schema: json(&report.config_schema),
            signals: signals.collect(),
            imports: report.imports.clone(),
            wants: FilterGrant::of_words(report.wants.words()),
            compile_millis: report.compile_ms,
            warnings: report.warnings.clone(),
        }
    }
}

/// Text that was checked to be JSON when it came in.
fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}
