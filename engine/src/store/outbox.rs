//! What has been committed, group by group, for consumers that follow at their own pace.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, Object, SurrealValue, Value};
use tokio::sync::watch;

use super::catalogue::variable;
use super::group::{NewRecord, REPLACE, Table};
use super::value::{NewRow, Row, as_int, as_text, int, named};
use super::writer::outbox_id;
use super::{Store, StoreError};
use crate::domain::{ClientId, ConversationId, Seq, UserId};

/// Keeps the name of no consumer: what has been trimmed away.
const TRIMMED: &str = "*trimmed";
const TRIM_RANGE: u64 = 512;

pub(super) const CURSOR: Table = Table {
    one: REPLACE,
    many: "INSERT INTO cursor $rows ON DUPLICATE KEY UPDATE boot = $input.boot, \
           passed = $input.passed RETURN NONE",
};

/// How far a consumer has come. The default is the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxCursor {
    /// The opening of the store whose rows are being consumed; those of earlier ones are done.
    boot: u64,
    /// By shard, the last row of that opening that was consumed.
    passed: BTreeMap<u64, u64>,
}

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

/// What one commit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// The conversation.
    pub conversation: ConversationId,
    /// First and last event it appended, if it appended any. It started the conversation if the
    /// first is 1.
    pub events: Option<(Seq, Seq)>,
    /// Whose read markers it moved.
    pub reads: Vec<UserId>,
    /// Time and client id of the decisions it recorded.
    pub decisions: Vec<(DateTime<Utc>, ClientId)>,
}

impl OutboxEntry {
    /// Whether the commit started the conversation.
    pub fn started(&self) -> bool {
        self.events.is_some_and(|(first, _)| first == 1)
    }
}

impl OutboxCursor {
    /// Moves past a row. Rows must be passed in the order `outbox_after` gave them.
    pub fn pass(&mut self, row: &OutboxRow) {
        if row.boot > self.boot {
            self.boot = row.boot;
            self.passed.clear();
        }
        self.passed.insert(row.shard, row.n);
    }

    fn passed(&self, boot: u64, shard: u64) -> u64 {
        if boot == self.boot { self.passed.get(&shard).copied().unwrap_or(0) } else { 0 }
    }

    pub(super) fn row(&self, name: &str) -> NewRecord {
        let pair = |(shard, n): (&u64, &u64)| Value::Array(Array::from(vec![int(*shard), int(*n)]));
        let fields = NewRow::new()
            .with("boot", int(self.boot))
            .with("passed", Value::Array(self.passed.iter().map(pair).collect()));
        (named("cursor", name), fields)
    }

    fn read(value: Value) -> Result<Self, StoreError> {
        let row = &mut Row::new(value, "cursor")?;
        let mut passed = BTreeMap::new();
        for pair in row.list("passed")? {
            let number = |at: usize| as_int(pair.get(at)).and_then(|n| u64::try_from(n).ok());
            let (Some(shard), Some(n)) = (number(0), number(1)) else {
                return Err(row.corrupt("passed", &pair));
            };
            passed.insert(shard, n);
        }
        Ok(Self { boot: row.count("boot")?, passed })
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
        let each = (limit as u64 / self.inner.shards).max(1);
        // One opening after the other: the number of writers may have changed in between, and
        // with it a conversation's shard.
        for boot in cursor.boot.max(1)..self.inner.boot {
            let mut found = Vec::new();
            for shard in 0..self.inner.shards {
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
        let mut ids = Array::new();
        for shard in 0..self.inner.shards {
            let from = cursor.passed(self.inner.boot, shard) + 1;
            let to = (from + each - 1).min(self.last_row(self.inner.boot, shard));
            ids.extend((from..=to).map(|n| Value::RecordId(outbox_id(shard, self.inner.boot, n))));
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let variables = variable("ids", Value::Array(ids));
        let found = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        found.into_iter().map(read_row).collect()
    }

    /// The last row of a shard that can exist; rows are dense from 1.
    fn last_row(&self, boot: u64, shard: u64) -> u64 {
        if boot < self.inner.boot {
            return u64::MAX >> 1;
        }
        let shard = usize::try_from(shard).unwrap_or(usize::MAX);
        self.inner.committed.get(shard).map_or(0, |n| n.load(Ordering::Acquire))
    }

    /// How far this consumer has come; a new one starts with what has not been trimmed.
    pub async fn cursor(&self, name: &str) -> Result<OutboxCursor, StoreError> {
        for name in [name, TRIMMED] {
            if let Some(row) = self.one(named("cursor", name)).await? {
                return OutboxCursor::read(row);
            }
        }
        Ok(OutboxCursor::default())
    }

    /// Notes how far a consumer has come that keeps what it makes elsewhere.
    pub async fn save_cursor(&self, name: &str, cursor: &OutboxCursor) -> Result<(), StoreError> {
        let (id, row) = cursor.row(name);
        let mut variables = variable("id", Value::RecordId(id));
        variables.insert("row", row.value());
        self.inner.db.ask(CURSOR.one, variables).await.map(|_| ())
    }

    /// Deletes what every consumer has passed: `cursor` is that of the slowest.
    pub async fn trim_outbox(&self, cursor: &OutboxCursor) -> Result<(), StoreError> {
        let trimmed = self.cursor(TRIMMED).await?;
        for boot in trimmed.boot.max(1)..=cursor.boot {
            for shard in 0..self.inner.shards {
                let from = trimmed.passed(boot, shard) + 1;
                let to = match cursor.passed(boot, shard) {
                    _ if boot < cursor.boot => self.last_row(boot, shard),
                    passed => passed,
                };
                self.trim(boot, shard, from, to).await?;
            }
        }
        self.save_cursor(TRIMMED, cursor).await
    }

    async fn trim(&self, boot: u64, shard: u64, from: u64, to: u64) -> Result<(), StoreError> {
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
    let entries = row.list("entries")?.into_iter().map(read_entry).collect::<Result<_, _>>()?;
    Ok(OutboxRow { shard, boot, n, at: row.time("at")?, entries })
}

fn read_entry(value: Value) -> Result<OutboxEntry, StoreError> {
    let row = &mut Row::new(value, "outbox.entries")?;
    let seq = |n: Option<i64>| n.and_then(|n| Seq::try_from(n).ok());
    let events = seq(row.maybe_int("first")?).zip(seq(row.maybe_int("last")?));
    let mut reads = Vec::new();
    for user in row.list("reads")? {
        let user = as_text(user).map_err(|value| row.corrupt("reads", &value))?;
        reads.push(UserId::trusted(user));
    }
    let mut decisions = Vec::new();
    for pair in row.list("decisions")? {
        let at = as_int(pair.get(0)).and_then(DateTime::from_timestamp_millis);
        let (Some(at), Value::String(client_id)) = (at, pair.get(1)) else {
            return Err(row.corrupt("decisions", &pair));
        };
        decisions.push((at, ClientId::trusted(client_id)));
    }
    let conversation = ConversationId::trusted(row.text("conversation")?);
    Ok(OutboxEntry { conversation, events, reads, decisions })
}
