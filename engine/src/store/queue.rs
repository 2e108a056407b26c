//! Messages that wait for a moderator, and what moderators decided about whose messages.
//!
//! Ranges are read forwards only, and a limit ends such a reading early; so each order has entries of its own.

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, Object, RecordId, SurrealValue, Value};

use super::catalogue::variable;
use super::db::Statement;
use super::group::{NewRecord, REPLACE, Table, put};
use super::value::{
    LAST_TEXT, NewRow, Row, as_int, as_text, int, millis, named, record, serde_value, text,
};
use super::{Store, StoreError};
use crate::domain::{ConversationId, Held, ModeratorDecision, Seq, UserId};

const HELD: Table = Table { one: REPLACE, many: "INSERT IGNORE INTO held $rows RETURN NONE" };
const WORST: Table =
    Table { one: REPLACE, many: "INSERT IGNORE INTO held_worst $rows RETURN NONE" };
pub(super) const RULING: Table = Table {
    one: REPLACE,
    many: "INSERT INTO ruling $rows ON DUPLICATE KEY UPDATE undone = $input.undone RETURN NONE",
};

/// Entries read at once where a filter leaves out some.
const BATCH: usize = 1_000;
/// Entries looked at for one page at most; a page cut short says where to go on.
const MAX_LOOKED_AT: usize = 20_000;
const SEPARATOR: &str = "\n";

/// In which order the queue is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueOrder {
    /// Who waits longest comes first.
    Oldest,
    /// What looks worst comes first, then who waits longest.
    Severity,
}

/// Which entries are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Where this signal was given.
    pub signal: Option<String>,
    /// Where this filter gave a signal.
    pub filter: Option<String>,
    /// From this sender.
    pub sender: Option<UserId>,
    /// In this conversation.
    pub conversation: Option<ConversationId>,
}

/// An entry's place in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePlace {
    /// How bad it looks, 0 to 1,000.
    pub severity: u32,
    /// Since when it waits.
    pub at: DateTime<Utc>,
    /// Where.
    pub conversation: ConversationId,
    /// The event that posted it.
    pub seq: Seq,
}

/// A page of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePage {
    /// The entries.
    pub held: Vec<Held>,
    /// Whether there may be more.
    pub has_more: bool,
    /// Where to go on, if there may be more.
    pub end: Option<QueuePlace>,
}

/// A moderator's decision about somebody's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Who said it.
    pub sender: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// The event that posted it.
    pub message: Seq,
    /// What was decided.
    pub decision: ModeratorDecision,
    /// Whether it was taken back.
    pub undone: bool,
}

impl QueueFilter {
    fn chooses(&self) -> bool {
        *self != Self::default()
    }

    fn fits(&self, held: &Held) -> bool {
        let has = |wanted: &Option<String>, list: &[String]| {
            wanted.as_ref().is_none_or(|wanted| list.contains(wanted))
        };
        has(&self.signal, &held.signals)
            && has(&self.filter, &held.filters)
            && self.sender.as_ref().is_none_or(|sender| *sender == held.sender)
            && self.conversation.as_ref().is_none_or(|id| *id == held.conversation)
    }
}

impl QueuePlace {
    /// Where an entry stands.
    pub fn of(held: &Held) -> Self {
        let at = DateTime::from_timestamp_millis(held.at.timestamp_millis()).unwrap_or(held.at);
        Self { severity: held.severity, at, conversation: held.conversation.clone(), seq: held.seq }
    }

    fn ids(&self) -> [RecordId; 2] {
        let rest =
            || [millis(self.at), text(self.conversation.as_str()), int(self.seq).into_value()];
        let worst = (-i64::from(self.severity)).into_value();
        [record("held", rest()), record("held_worst", std::iter::once(worst).chain(rest()))]
    }
}

impl Store {
    /// Up to `limit` entries of the queue that fit, those after `after`.
    pub async fn held(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<QueuePage, StoreError> {
        // One more than the page says whether there is a next one, and the place to go on from is read again.
        let batch = if filter.chooses() { BATCH } else { limit.saturating_add(2) };
        let mut page = QueuePage { held: Vec::new(), has_more: false, end: after.cloned() };
        let mut looked_at = 0;
        loop {
            let entries = self.queue_entries(order, page.end.as_ref(), batch).await?;
            let count = entries.len();
            let from = page.end.clone();
            for held in entries {
                let place = QueuePlace::of(&held);
                if from.as_ref() == Some(&place) {
                    continue;
                }
                if filter.fits(&held) {
                    if page.held.len() >= limit {
                        page.has_more = true;
                        return Ok(page);
                    }
                    page.held.push(held);
                }
                page.end = Some(place);
            }
            looked_at += count;
            page.has_more = count >= batch;
            if count < batch || looked_at >= MAX_LOOKED_AT {
                return Ok(page);
            }
        }
    }

    async fn queue_entries(
        &self,
        order: QueueOrder,
        from: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<Held>, StoreError> {
        let at = from.map_or(i64::MIN, |from| from.at.timestamp_millis());
        let mut variables = variable("at", at.into_value());
        variables.insert("c", text(from.map_or("", |from| from.conversation.as_str())));
        variables.insert("seq", int(from.map_or(0, |from| from.seq)));
        variables.insert("max", i64::MAX);
        variables.insert("last", text(LAST_TEXT));
        variables.insert("limit", int(limit as u64));
        let sql = match order {
            QueueOrder::Oldest => {
                "SELECT * FROM held:[$at, $c, $seq]..=[$max, $last, $max] LIMIT $limit"
            }
            QueueOrder::Severity => {
                let worst = from.map_or(i64::MIN, |from| -i64::from(from.severity));
                variables.insert("worst", worst);
                "SELECT * FROM held_worst:[$worst, $at, $c, $seq]..=[$max, $max, $last, $max] LIMIT $limit"
            }
        };
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_held).collect()
    }

    /// How many messages wait. Counts them: not for every frame.
    pub async fn count_queue(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count() FROM held GROUP ALL";
        let Some(row) = self.inner.db.ask(sql, Object::new()).await?.rows(0)?.pop() else {
            return Ok(0);
        };
        Row::new(row, "held")?.count("count")
    }

    /// Whether the queue was ever filled from the log.
    pub async fn queue_is_filled(&self) -> Result<bool, StoreError> {
        Ok(self.one(named("meta", "queue")).await?.is_some())
    }

    /// Lets the queue be filled from the log again, at the next start.
    pub async fn forget_queue(&self) -> Result<(), StoreError> {
        let ids: Array = std::iter::once(Value::RecordId(named("meta", "queue"))).collect();
        let variables = variable("ids", Value::Array(ids));
        self.inner.db.ask("DELETE $ids RETURN NONE", variables).await.map(|_| ())
    }

    /// Notes that it was.
    pub async fn note_queue_filled(&self) -> Result<(), StoreError> {
        let mut variables = variable("id", Value::RecordId(named("meta", "queue")));
        variables.insert("row", Value::Object(Object::new()));
        self.inner.db.ask(REPLACE, variables).await.map(|_| ())
    }

    /// Puts entries in, outside of any message's commit.
    pub async fn put_in_queue(&self, held: &[Held]) -> Result<(), StoreError> {
        let mut statements = Vec::new();
        let rows = |held: &Held| QueueRows { put: Some(held.clone()), dropped: Vec::new() };
        queue_statements(&mut statements, held.iter().map(rows));
        for Statement { sql, variables } in statements {
            self.inner.db.ask(sql, variables).await?;
        }
        Ok(())
    }

    /// Takes an entry out whose message waits no longer, should one be left over.
    pub async fn drop_from_queue(&self, held: &Held) -> Result<(), StoreError> {
        let ids = QueuePlace::of(held).ids().into_iter().map(Value::RecordId).collect::<Array>();
        let variables = variable("ids", Value::Array(ids));
        self.inner.db.ask("DELETE $ids RETURN NONE", variables).await.map(|_| ())
    }

    /// What moderators decided about this sender's messages, newest first.
    pub async fn rulings(&self, sender: &UserId, limit: usize) -> Result<Vec<Ruling>, StoreError> {
        let mut variables = variable("sender", text(sender.as_str()));
        variables.insert("min", i64::MIN);
        variables.insert("max", i64::MAX);
        variables.insert("last", text(LAST_TEXT));
        variables.insert("limit", int(limit as u64));
        let sql = "SELECT * FROM ruling:[$sender, $min, '', 0]..=[$sender, $max, $last, $max] LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_ruling).collect()
    }
}

/// What a group does to one message's entry.
#[derive(Default)]
pub(super) struct QueueRows {
    pub(super) put: Option<Held>,
    pub(super) dropped: Vec<Held>,
}

/// Entries go before they come: what is replaced may have the same place.
pub(super) fn queue_statements(all: &mut Vec<Statement>, changes: impl Iterator<Item = QueueRows>) {
    let (mut gone, mut held, mut worst) = (Array::new(), Vec::new(), Vec::new());
    for QueueRows { put, dropped } in changes {
        for entry in &dropped {
            gone.extend(QueuePlace::of(entry).ids().map(Value::RecordId));
        }
        if let Some(entry) = put {
            let [by_age, by_severity] = QueuePlace::of(&entry).ids();
            held.push((by_age, held_row(&entry)));
            worst.push((by_severity, held_row(&entry)));
        }
    }
    if !gone.is_empty() {
        let variables = variable("ids", Value::Array(gone));
        all.push(Statement { sql: "DELETE $ids RETURN NONE", variables });
    }
    put(all, &HELD, held);
    put(all, &WORST, worst);
}

fn held_row(held: &Held) -> NewRow {
    NewRow::new()
        .with("sender", text(held.sender.as_str()))
        .with("severity", i64::from(held.severity))
        .with("filters", text(held.filters.join(SEPARATOR)))
        .with("signals", text(held.signals.join(SEPARATOR)))
}

fn read_held(value: Value) -> Result<Held, StoreError> {
    let row = &mut Row::new(value, "held")?;
    let mut key = row.list_key()?;
    let (seq, conversation, at) = (key.pop(), key.pop(), key.pop());
    let bad = |row: &Row| row.corrupt("id", &Value::None);
    let seq = seq.as_ref().and_then(as_int).and_then(|seq| Seq::try_from(seq).ok());
    let at = at.as_ref().and_then(as_int).and_then(DateTime::from_timestamp_millis);
    let conversation = conversation.and_then(|it| as_text(it).ok());
    let words = |text: String| -> Vec<String> {
        text.split(SEPARATOR).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    Ok(Held {
        conversation: ConversationId::trusted(conversation.ok_or_else(|| bad(row))?),
        seq: seq.ok_or_else(|| bad(row))?,
        at: at.ok_or_else(|| bad(row))?,
        sender: UserId::trusted(row.text("sender")?),
        severity: u32::try_from(row.count("severity")?).unwrap_or(u32::MAX),
        filters: words(row.text("filters")?),
        signals: words(row.text("signals")?),
    })
}

pub(super) fn ruling_row(conversation: &ConversationId, ruling: &Ruling) -> NewRecord {
    let decision = &ruling.decision;
    let key = [
        text(ruling.sender.as_str()),
        (-decision.at.timestamp_millis()).into_value(),
        text(conversation.as_str()),
        int(decision.seq).into_value(),
    ];
    let row = NewRow::new()
        .with("message", int(ruling.message))
        .with("decision", serde_value(decision.clone()))
        .with("undone", ruling.undone);
    (record("ruling", key), row)
}

fn read_ruling(value: Value) -> Result<Ruling, StoreError> {
    let row = &mut Row::new(value, "ruling")?;
    let [sender, _, conversation, _] = row.key::<4>()?;
    let sender = as_text(sender).map_err(|value| row.corrupt("id", &value))?;
    let conversation = as_text(conversation).map_err(|value| row.corrupt("id", &value))?;
    Ok(Ruling {
        sender: UserId::trusted(sender),
        conversation: ConversationId::trusted(conversation),
        message: row.count("message")?,
        decision: row.serde("decision")?,
        undone: row.serde("undone")?,
    })
}
