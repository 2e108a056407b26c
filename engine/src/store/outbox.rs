//! What has been committed, group by group, for consumers that follow at their own pace.

mod aside;
mod cursor;
mod entry;
mod recent;

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, Object, SurrealValue, Value};
use tokio::sync::watch;

use super::catalogue::variable;
use super::journal::GroupKey;
use super::value::{Row, as_int, named};
use super::{Store, StoreError};

pub use aside::AsideEntry;
pub(super) use cursor::CURSOR;
pub use cursor::{NoCursor, OutboxCursor};
pub use entry::{CatalogueEntry, ConversationEntry, OutboxEntry};
pub(super) use recent::RecentGroups;

/// Keeps the name of no consumer: what has been trimmed away.
const TRIMMED: &str = "*trimmed";
const TRIM_RANGE: u64 = 512;

/// The shard of what is no conversation's: users and listings. Numbers of writers stay far below.
pub(super) const CATALOGUE_SHARD: u64 = 1 << 32;

/// One committed group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    shard: u64,
    boot: u64,
    n: u64,
    /// When it was committed.
    pub at: DateTime<Utc>,
    /// One entry per commit, in order.
    pub entries: Vec<OutboxEntry>,
}

/// Where an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxPlace {
    /// The opening of the store in which it was committed.
    pub boot: u64,
    /// The writer.
    pub shard: u64,
    /// Its group.
    pub n: u64,
    /// Its place in the group.
    pub index: u64,
}

/// What a cursor that was kept outside of the store is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Everything after it is still there.
    Good,
    /// Some of what follows it has been trimmed.
    Behind,
    /// It is not of this store, or of a past of it that was undone by restoring a copy.
    Foreign,
}

impl OutboxRow {
    /// What a group leaves.
    pub(super) fn new(key: GroupKey, at: DateTime<Utc>, entries: Vec<OutboxEntry>) -> Self {
        Self { shard: key.shard, boot: key.boot, n: key.n, at, entries }
    }

    /// Where the entry of this index is.
    pub fn place(&self, index: usize) -> OutboxPlace {
        OutboxPlace { boot: self.boot, shard: self.shard, n: self.n, index: index as u64 }
    }
}

impl Store {
    /// Changes with every committed group, so that consumers wake up.
    pub fn outbox_signal(&self) -> watch::Receiver<u64> {
        self.inner.signal.subscribe()
    }

    /// The next rows after the cursor, about `limit`: those of a conversation in the order they
    /// were committed. None if the consumer is up to date.
    pub async fn outbox_after(
        &self,
        cursor: &OutboxCursor,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let each = (limit as u64 / (self.inner.shards + 1)).max(1);
        // One opening after the other: the number of writers may have changed in between, and
        // with it a conversation's shard.
        for boot in cursor.boot.max(1)..self.inner.boot {
            let mut found = Vec::new();
            for shard in self.shards() {
                let from = cursor.passed(boot, shard) + 1;
                let mut sql = String::from("SELECT * FROM ");
                push_range(&mut sql, shard, boot, from, from + each - 1);
                found.extend(self.inner.db.ask(&sql, Object::new()).await?.rows(0)?);
            }
            if !found.is_empty() {
                return found.into_iter().map(read_row).collect();
            }
        }
        // In this opening it is known which rows there are; the database keeps a statement about
        // named rows compiled.
        let (mut ids, mut rows) = (Array::new(), Vec::new());
        for shard in self.shards() {
            let from = cursor.passed(self.inner.boot, shard) + 1;
            let to = (from + each - 1).min(self.last_row(self.inner.boot, shard));
            for n in from..=to {
                match self.inner.recent.groups.find(shard, n) {
                    Some(row) => rows.push(row),
                    None => {
                        let key = GroupKey { boot: self.inner.boot, shard, n };
                        ids.push(Value::RecordId(key.outbox_id()));
                    }
                }
            }
        }
        if ids.is_empty() {
            return Ok(rows);
        }
        let variables = variable("ids", Value::Array(ids));
        let found = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        for row in found {
            rows.push(read_row(row)?);
        }
        rows.sort_by_key(|row| (row.shard, row.n));
        Ok(rows)
    }

    fn shards(&self) -> impl Iterator<Item = u64> + use<> {
        (0..self.inner.shards).chain([CATALOGUE_SHARD])
    }

    /// The place after everything that is committed now.
    pub fn outbox_end(&self) -> OutboxCursor {
        let boot = self.inner.boot;
        let passed = self.shards().map(|shard| (shard, self.last_row(boot, shard)));
        OutboxCursor { boot, passed: passed.filter(|(_, n)| *n > 0).collect() }
    }

    /// How many groups were committed in this opening that the cursor has not passed.
    pub fn outbox_groups_after(&self, cursor: &OutboxCursor) -> u64 {
        let boot = self.inner.boot;
        let left = |shard| self.last_row(boot, shard).saturating_sub(cursor.passed(boot, shard));
        self.shards().map(left).sum()
    }

    /// What a cursor that was kept elsewhere is worth here.
    pub async fn standing(&self, cursor: &OutboxCursor) -> Result<Standing, StoreError> {
        if cursor.boot > self.inner.boot {
            return Ok(Standing::Foreign);
        }
        // Trimming leaves the row a cursor stands on.
        for (shard, n) in cursor.passed.iter().filter(|(_, n)| **n > 0) {
            let row =
                Value::RecordId(GroupKey { boot: cursor.boot, shard: *shard, n: *n }.outbox_id());
            let sql = "SELECT VALUE id FROM ONLY $id";
            let found = self.inner.db.ask(sql, variable("id", row)).await?.rows(0)?;
            if found.is_empty() {
                let trimmed = self.trimmed().await?;
                let gone = trimmed.boot > cursor.boot || trimmed.passed(cursor.boot, *shard) > *n;
                return Ok(if gone { Standing::Behind } else { Standing::Foreign });
            }
        }
        let trimmed = self.trimmed().await?;
        Ok(if cursor.covers(&trimmed) { Standing::Good } else { Standing::Behind })
    }

    /// What has been trimmed.
    async fn trimmed(&self) -> Result<OutboxCursor, StoreError> {
        let row = self.one(named("cursor", TRIMMED)).await?;
        row.map_or_else(|| Ok(OutboxCursor::default()), OutboxCursor::read)
    }

    /// The last row of a shard that can exist; rows are dense from 1.
    fn last_row(&self, boot: u64, shard: u64) -> u64 {
        if boot < self.inner.boot {
            return u64::MAX >> 1;
        }
        self.inner.committed.get(&shard).map_or(0, |n| n.load(Ordering::Acquire))
    }

    /// How far this consumer has come; a new one starts with what has not been trimmed.
    pub async fn cursor(&self, name: &str) -> Result<OutboxCursor, StoreError> {
        match self.one(named("cursor", name)).await? {
            Some(row) => OutboxCursor::read(row),
            None => self.trimmed().await,
        }
    }

    /// Notes how far a consumer has come that keeps what it makes elsewhere.
    pub async fn save_cursor(&self, name: &str, cursor: &OutboxCursor) -> Result<(), StoreError> {
        let (id, row) = cursor.row(name);
        let mut variables = variable("id", Value::RecordId(id));
        variables.insert("row", row.value());
        self.inner.db.ask(CURSOR.one, variables).await.map(|_| ())
    }

    /// Deletes what every consumer has passed, up to the rows on which `cursor`, that of the slowest, stands.
    pub async fn trim_outbox(&self, cursor: &OutboxCursor) -> Result<(), StoreError> {
        let trimmed = self.trimmed().await?;
        for boot in trimmed.boot.max(1)..=cursor.boot {
            for shard in self.shards() {
                let from = trimmed.passed(boot, shard).max(1);
                let to = match cursor.passed(boot, shard) {
                    _ if boot < cursor.boot => self.last_row(boot, shard),
                    passed => passed.saturating_sub(1),
                };
                self.trim(boot, shard, from, to).await?;
            }
        }
        self.save_cursor(TRIMMED, cursor).await
    }

    async fn trim(&self, boot: u64, shard: u64, from: u64, to: u64) -> Result<(), StoreError> {
        if boot == self.inner.boot {
            self.inner.recent.groups.forget(shard, &(from..=to));
        }
        let mut at = from;
        while at <= to {
            let end = (at + TRIM_RANGE - 1).min(to);
            let mut sql = String::from("SELECT VALUE id FROM ");
            push_range(&mut sql, shard, boot, at, end);
            sql.push_str("DELETE ");
            push_range(&mut sql, shard, boot, at, end);
            let found = self.inner.db.ask(&sql, Object::new()).await?.rows(0)?;
            // Rows are dense, so a range without any is beyond the last one.
            if found.is_empty() {
                break;
            }
            at = end + 1;
        }
        Ok(())
    }
}

fn push_range(sql: &mut String, shard: u64, boot: u64, from: u64, to: u64) {
    // Writing to a String can't fail.
    let _ = write!(sql, "outbox:[{shard}, {boot}, {from}]..=[{shard}, {boot}, {to}];");
}

fn read_row(value: Value) -> Result<OutboxRow, StoreError> {
    let row = &mut Row::new(value, "outbox")?;
    let key = row.key::<3>()?;
    let number = |value: &Value| as_int(value).and_then(|n| u64::try_from(n).ok());
    let [Some(shard), Some(boot), Some(n)] = [&key[0], &key[1], &key[2]].map(number) else {
        return Err(row.corrupt("id", &key.to_vec().into_value()));
    };
    let entries = OutboxEntry::read_all(row.take("entries"))?;
    Ok(OutboxRow { shard, boot, n, at: row.time("at")?, entries })
}
