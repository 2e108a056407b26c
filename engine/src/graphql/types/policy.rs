//! Policy versions, and what is different between two.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};

use crate::filter::policy::{Change, ChangeKind, FieldChange, PolicyChanges};
use crate::store::PolicyRow;

/// A version of the policy table; it never changes.
#[derive(Debug, Clone, SimpleObject)]
pub struct Policy {
    /// 1, 2, 3…
    version: u32,
    /// TOML.
    text: String,
    /// What its author said about it.
    note: Option<String>,
    /// When it was saved.
    created_at: DateTime<Utc>,
    /// Who saved it; null: it came with the engine or its configuration.
    created_by: Option<String>,
    /// Whether it decides now.
    active: bool,
}

impl Policy {
    /// `active`: the version that decides.
    pub fn new(row: PolicyRow, active: u32) -> Self {
        Self {
            version: row.version,
            text: row.text,
            note: row.note,
            created_at: row.created_at,
            created_by: row.created_by,
            active: row.version == active,
        }
    }

    /// Its number.
    pub fn place(&self) -> u32 {
        self.version
    }
}

/// How an entry of a policy changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ChangeKind")]
pub enum PolicyChangeKind {
    /// Only the newer policy has it.
    Added,
    /// Only the older policy has it.
    Removed,
    /// Both have it, with different fields.
    Changed,
    /// Both have it alike, but other rows come before it now.
    Moved,
}

/// A field that is not the same in both policies.
#[derive(Debug, Clone, SimpleObject)]
pub struct PolicyFieldChange {
    /// Such as `min_confidence` or `notice.de`.
    field: String,
    /// Its value in the older policy.
    from: Option<String>,
    /// Its value in the newer policy.
    to: Option<String>,
}

/// An entry that is not the same in both policies.
#[derive(Debug, Clone, SimpleObject)]
pub struct PolicyChange {
    /// How.
    kind: PolicyChangeKind,
    /// `row`, `sum`, `group`, `weight`, `words` or `setting`.
    table: &'static str,
    /// What it is about, such as `contact.*`.
    name: String,
    /// Its number in the older policy, counted from 1; only rows, sums and groups have one.
    from_number: Option<u64>,
    /// Its number in the newer policy.
    to_number: Option<u64>,
    /// Every field that is different; of an added or removed entry, every field.
    fields: Vec<PolicyFieldChange>,
}

/// What is different between two policies.
#[derive(Debug, Clone, SimpleObject)]
pub struct PolicyComparison {
    /// By table, in the order of the newer policy; what was removed comes last.
    changes: Vec<PolicyChange>,
    /// Both texts as a unified difference; empty if they are the same.
    text: String,
}

impl From<PolicyChanges> for PolicyComparison {
    fn from(found: PolicyChanges) -> Self {
        let field = |FieldChange { field, from, to }| PolicyFieldChange { field, from, to };
        let change = |change: Change| PolicyChange {
            kind: change.kind.into(),
            table: change.table,
            name: change.name,
            from_number: change.from.map(|number| number as u64),
            to_number: change.to.map(|number| number as u64),
            fields: change.fields.into_iter().map(field).collect(),
        };
        Self { changes: found.changes.into_iter().map(change).collect(), text: found.text }
    }
}
