//! The operator's lists: words, numbers, addresses that filters may look up.

use std::collections::BTreeMap;

use chrono::serde::ts_milliseconds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Array, RecordId, Value};

use super::catalogue::variable;
use super::db::Statement;
use super::filters::content;
use super::group::{NewRecord, REPLACE, Table, put};
use super::value::{
    LAST_TEXT, NewRow, Row, as_text, int, millis, named, record, serde_value, text,
};
use super::{Store, StoreError};

/// A list, without its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// Such as `blocked-hosts`.
    pub name: String,
    /// The change that last touched it.
    pub revision: u64,
    /// How many entries it has.
    pub entries: u64,
    /// When it was last changed.
    #[serde(with = "ts_milliseconds")]
    pub changed_at: DateTime<Utc>,
    /// By whom; `None`: by the engine itself.
    pub changed_by: Option<String>,
    /// What they said about it.
    pub note: Option<String>,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// What it is found by; entries that are looked up alike have the same.
    pub key: String,
    /// As it was written.
    pub text: String,
    /// When it was added.
    pub at: DateTime<Utc>,
    /// By whom; `None`: by the engine itself.
    pub by: Option<String>,
}

/// What happens to a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListChange {
    /// How it stands afterwards, `revision` and `changed_at` aside; `None`: it is deleted with all entries.
    pub list: Option<ListRow>,
    /// Which.
    pub name: String,
    /// Entries that are added or replaced.
    pub add: Vec<ListEntry>,
    /// Keys of entries that go.
    pub remove: Vec<String>,
}

const ENTRIES: Table = Table {
    one: REPLACE,
    many: "INSERT INTO list_entry $rows ON DUPLICATE KEY UPDATE text = $input.text, \
           at = $input.at, by = $input.by RETURN NONE",
};

impl ListChange {
    pub(super) fn statements(&self, all: &mut Vec<Statement>, number: u64, at: DateTime<Utc>) {
        let ids = |ids: Vec<RecordId>| {
            let ids: Array = ids.into_iter().collect();
            Statement {
                sql: "DELETE $ids RETURN NONE",
                variables: variable("ids", Value::Array(ids)),
            }
        };
        let Some(list) = &self.list else {
            let mut variables = variable("l", text(&self.name));
            variables.insert("last", text(LAST_TEXT));
            let sql = "DELETE list_entry:[$l, '']..=[$l, $last] RETURN NONE";
            all.push(Statement { sql, variables });
            all.push(ids(vec![named("list", &self.name)]));
            return;
        };
        let row = ListRow { revision: number, changed_at: at, ..list.clone() };
        all.push(content(REPLACE, named("list", &self.name), serde_value(row)));
        if !self.remove.is_empty() {
            all.push(ids(self.remove.iter().map(|key| entry_id(&self.name, key)).collect()));
        }
        put(all, &ENTRIES, self.add.iter().map(|entry| entry_row(&self.name, entry)));
    }
}

impl Store {
    /// Up to `limit` entries in order of their keys, those after `after`.
    pub async fn list_entries(
        &self,
        list: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ListEntry>, StoreError> {
        let mut variables = variable("l", text(list));
        variables.insert("after", text(after.unwrap_or_default()));
        variables.insert("last", text(LAST_TEXT));
        // One more, because the range begins with `after` itself.
        variables.insert("limit", int(limit as u64 + 1));
        let sql = "SELECT * FROM list_entry:[$l, $after]..=[$l, $last] LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        let mut entries: Vec<_> = rows.into_iter().map(read_entry).collect::<Result<_, _>>()?;
        entries.retain(|entry| after != Some(entry.key.as_str()));
        entries.truncate(limit);
        Ok(entries)
    }

    /// Which of these keys the list has.
    pub async fn list_has(
        &self,
        list: &str,
        keys: &[String],
    ) -> Result<BTreeMap<String, ListEntry>, StoreError> {
        let ids: Array = keys.iter().map(|key| entry_id(list, key)).collect();
        let variables = variable("ids", Value::Array(ids));
        let rows = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        let entries = rows.into_iter().map(read_entry);
        entries.map(|entry| entry.map(|entry| (entry.key.clone(), entry))).collect()
    }
}

fn entry_id(list: &str, key: &str) -> RecordId {
    record("list_entry", [text(list), text(key)])
}

fn entry_row(list: &str, entry: &ListEntry) -> NewRecord {
    let row = NewRow::new()
        .with("text", text(&entry.text))
        .with("at", millis(entry.at))
        .maybe("by", entry.by.as_ref().map(text));
    (entry_id(list, &entry.key), row)
}

fn read_entry(value: Value) -> Result<ListEntry, StoreError> {
    let row = &mut Row::new(value, "list_entry")?;
    let [_, key] = row.key::<2>()?;
    Ok(ListEntry {
        key: as_text(key).map_err(|value| row.corrupt("id", &value))?,
        text: row.text("text")?,
        at: row.time("at")?,
        by: row.maybe_text("by")?,
    })
}
