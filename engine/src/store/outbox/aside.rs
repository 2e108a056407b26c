//! Entries a consumer could not take into account: set aside, so that it can go on, and kept, so that nothing is lost.

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, RecordId, SurrealValue, Value};

use super::{OutboxEntry, OutboxPlace};
use crate::store::catalogue::variable;
use crate::store::group::{NewRecord, REPLACE, Table, put};
use crate::store::value::{LAST_TEXT, NewRow, Row, as_int, int, millis, record, text};
use crate::store::{Store, StoreError};

const ASIDE: Table = Table {
    one: REPLACE,
    many: "INSERT INTO outbox_aside $rows ON DUPLICATE KEY UPDATE reason = $input.reason, \
           at = $input.at RETURN NONE",
};

/// An entry that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideEntry {
    /// Where in the outbox it was.
    pub place: OutboxPlace,
    /// When it was set aside.
    pub at: DateTime<Utc>,
    /// What the consumer said.
    pub reason: String,
    /// It.
    pub entry: OutboxEntry,
}

impl Store {
    /// Keeps entries a consumer refused.
    pub async fn set_aside(
        &self,
        consumer: &str,
        entries: &[AsideEntry],
    ) -> Result<(), StoreError> {
        let mut statements = Vec::new();
        put(&mut statements, &ASIDE, entries.iter().map(|entry| row(consumer, entry)));
        for statement in statements {
            self.inner.db.ask(statement.sql, statement.variables).await?;
        }
        Ok(())
    }

    /// Entries set aside for a consumer, oldest first, `limit` at most.
    pub async fn aside(&self, consumer: &str, limit: u64) -> Result<Vec<AsideEntry>, StoreError> {
        let mut variables = variable("consumer", text(consumer));
        variables.insert("max", i64::MAX);
        variables.insert("limit", int(limit));
        let sql = "SELECT * FROM outbox_aside:[$consumer, 0, 0, 0, 0]\
                   ..=[$consumer, $max, $max, $max, $max] LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read).collect()
    }

    /// Forgets entries that were set aside: they have been taken into account after all.
    pub async fn put_back(&self, consumer: &str, places: &[OutboxPlace]) -> Result<(), StoreError> {
        if places.is_empty() {
            return Ok(());
        }
        let ids: Array = places.iter().map(|place| id(consumer, *place)).collect();
        let variables = variable("ids", Value::Array(ids));
        self.inner.db.ask("DELETE $ids RETURN NONE", variables).await.map(|_| ())
    }

    /// Forgets everything set aside for a consumer, since what it makes was made anew. Named so that no range of
    /// another consumer's is touched.
    pub async fn forget_aside(&self, consumer: &str) -> Result<(), StoreError> {
        debug_assert!(consumer < LAST_TEXT, "consumers have ordinary names");
        loop {
            let some = self.aside(consumer, 1_000).await?;
            if some.is_empty() {
                return Ok(());
            }
            let places: Vec<_> = some.iter().map(|entry| entry.place).collect();
            self.put_back(consumer, &places).await?;
        }
    }
}

fn id(consumer: &str, place: OutboxPlace) -> RecordId {
    let OutboxPlace { boot, shard, n, index } = place;
    let numbers = [boot, shard, n, index].map(|part| int(part).into_value());
    record("outbox_aside", std::iter::once(text(consumer)).chain(numbers))
}

fn row(consumer: &str, entry: &AsideEntry) -> NewRecord {
    let row = NewRow::new()
        .with("at", millis(entry.at))
        .with("reason", text(&entry.reason))
        .with("entry", entry.entry.value());
    (id(consumer, entry.place), row)
}

fn read(value: Value) -> Result<AsideEntry, StoreError> {
    let row = &mut Row::new(value, "outbox_aside")?;
    let key = row.key::<5>()?;
    let number = |value: &Value| as_int(value).and_then(|n| u64::try_from(n).ok());
    let [_, Some(boot), Some(shard), Some(n), Some(index)] = key.each_ref().map(number) else {
        return Err(row.corrupt("id", &key.to_vec().into_value()));
    };
    Ok(AsideEntry {
        place: OutboxPlace { boot, shard, n, index },
        at: row.time("at")?,
        reason: row.text("reason")?,
        entry: OutboxEntry::read(row.take("entry"))?,
    })
}
