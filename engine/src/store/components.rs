//! Components in pieces of a mebibyte: a component exists only once the change that needed it is committed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Array, Bytes, RecordId, SurrealValue, Value};

use super::catalogue::variable;
use super::group::{NewRecord, REPLACE};
use super::value::{NewRow, Row, int, millis, named, record, serde_value, text};
use super::{Store, StoreError};

/// Bytes in one row.
const PART_BYTES: usize = 1024 * 1024;

/// A component, without its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentRow {
    /// BLAKE3 of the bytes, 64 hexadecimal digits.
    pub digest: String,
    /// How many bytes.
    pub bytes: u64,
    /// When it was first uploaded.
    pub at: DateTime<Utc>,
    /// What was found out about it when it was admitted.
    pub about: ComponentFacts,
}

/// What a component says of itself, found out when it was admitted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ComponentFacts {
    /// The filter's name.
    pub name: String,
    /// The component's own version.
    pub semver: String,
    /// JSON Schema of its configuration, as JSON text.
    pub config_schema: String,
    /// The signals it can give.
    pub signals: Vec<SignalFacts>,
    /// What it imports beside its world, in words.
    pub imports: Vec<String>,
    /// What an operator should know of it.
    pub warnings: Vec<String>,
    /// How long compiling took, milliseconds.
    pub compile_ms: u64,
}

/// A signal a component can give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalFacts {
    /// Such as `contact.phone`.
    pub id: String,
    /// For people.
    pub description: String,
    /// Weight in a policy's sums unless the policy says otherwise.
    pub default_weight: f32,
}

impl Store {
    /// Writes a component's bytes, unless it is there. It doesn't exist before a change completes it.
    pub async fn put_component(
        &self,
        digest: &str,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if self.component(digest).await?.is_some() {
            return Ok(());
        }
        let row = NewRow::new().with("complete", false).with("at", millis(now));
        self.replace((named("component", digest), row)).await?;
        for (number, part) in (0u64..).zip(bytes.chunks(PART_BYTES)) {
            let row = NewRow::new().with("bytes", Bytes::from(part.to_vec()));
            self.replace((part_id(digest, number), row)).await?;
        }
        Ok(())
    }

    /// The component of this digest, if it was uploaded completely.
    pub async fn component(&self, digest: &str) -> Result<Option<ComponentRow>, StoreError> {
        let Some(row) = self.one(named("component", digest)).await? else { return Ok(None) };
        let row = &mut Row::new(row, "component")?;
        if row.take("complete") != Value::Bool(true) {
            return Ok(None);
        }
        Ok(Some(ComponentRow {
            digest: digest.to_owned(),
            bytes: row.count("bytes")?,
            at: row.time("at")?,
            about: row.serde("about")?,
        }))
    }

    /// A component's bytes, held against its digest.
    pub async fn component_bytes(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(component) = self.component(digest).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        for number in 0..component.bytes.div_ceil(PART_BYTES as u64) {
            let part = self.one(part_id(digest, number)).await?.ok_or_else(|| {
                StoreError::Corrupt { what: format!("component {digest} lacks part {number}") }
            })?;
            bytes.extend(Row::new(part, "component_part")?.bytes("bytes")?);
        }
        if blake3::hash(&bytes).to_hex().as_str() != digest {
            let what = format!("the bytes of component {digest} have another digest");
            return Err(StoreError::Corrupt { what });
        }
        Ok(Some(bytes))
    }

    /// Deletes what uploads left behind that were begun before `before` and never became part of a change.
    pub async fn sweep_components(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let variables = variable("before", millis(before));
        let sql = "SELECT * FROM component WHERE complete = false AND at < $before";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        let left = rows.len();
        for row in rows {
            let digest = Row::new(row, "component")?.name()?;
            let mut variables = variable("digest", text(&digest));
            variables.insert("max", i64::MAX);
            let parts = "DELETE component_part:[$digest, 0]..=[$digest, $max] RETURN NONE";
            self.inner.db.ask(parts, variables).await?;
            let id: Array = [named("component", &digest)].into_iter().collect();
            let sql = "DELETE $ids RETURN NONE";
            self.inner.db.ask(sql, variable("ids", Value::Array(id))).await?;
        }
        Ok(left)
    }

    /// Replaces one row.
    pub(super) async fn replace(&self, (id, row): NewRecord) -> Result<(), StoreError> {
        let mut variables = variable("id", Value::RecordId(id));
        variables.insert("row", row.value());
        self.inner.db.ask(REPLACE, variables).await.map(|_| ())
    }
}

/// The row that makes a component exist.
pub(super) fn component_row(component: &ComponentRow) -> NewRecord {
    let row = NewRow::new()
        .with("complete", true)
        .with("bytes", int(component.bytes))
        .with("at", millis(component.at))
        .with("about", serde_value(component.about.clone()));
    (named("component", &component.digest), row)
}

fn part_id(digest: &str, number: u64) -> RecordId {
    record("component_part", [text(digest), int(number).into_value()])
}
