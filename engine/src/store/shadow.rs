//! What versions on trial would have done: a row where they found or changed something, and a tally of everything.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Array, Object, RecordId, SurrealValue, Value};

use super::catalogue::variable;
use super::db::{Fall, Statement};
use super::filters::content;
use super::group::{CREATE, NewRecord, REPLACE, Table, put};
use super::value::{NewRow, Row, as_int, as_text, int, millis, record, serde_value, text, whole};
use super::{Store, StoreError};
use crate::domain::{Action, ClientId, ConversationId, RecordedSignal, Seq, UserId};

/// What a version on trial found in one message.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadowRow {
    /// The filter's name.
    pub filter: String,
    /// The version on trial.
    pub version: u32,
    /// When the message was judged.
    pub at: DateTime<Utc>,
    /// Tells rows of one millisecond apart.
    pub n: u32,
    /// Where.
    pub conversation: ConversationId,
    /// The message; `None` if it was refused.
    pub seq: Option<Seq>,
    /// The message's client id.
    pub client_id: ClientId,
    /// Who wrote it.
    pub sender: UserId,
    /// What it found.
    pub signals: Vec<RecordedSignal>,
    /// In what way it failed.
    pub fault: Option<String>,
    /// How long it took.
    pub micros: u32,
    /// What the live set did.
    pub live_action: Action,
    /// What would have been done with this version in the live one's place.
    pub would_be: Action,
}

/// Everything a version on trial saw, in figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShadowTally {
    /// Messages it looked at.
    pub inspected: u64,
    /// Of these, messages it gave a signal for.
    pub flagged: u64,
    /// Messages it failed on.
    pub faults: u64,
    /// Messages by `live>would-be` action, such as `deliver>mask`.
    pub outcomes: BTreeMap<String, u64>,
    /// Messages by time taken: index `i` is below 2^i microseconds and not below half of that.
    pub latency: Vec<u64>,
}

impl ShadowTally {
    /// Counts one more message.
    pub fn add(&mut self, row: &ShadowRow) {
        self.inspected += 1;
        self.flagged += u64::from(!row.signals.is_empty());
        self.faults += u64::from(row.fault.is_some());
        let outcome = format!("{}>{}", word(row.live_action), word(row.would_be));
        *self.outcomes.entry(outcome).or_default() += 1;
        let bucket = (u32::BITS - row.micros.leading_zeros()) as usize;
        if self.latency.len() <= bucket {
            self.latency.resize(bucket + 1, 0);
        }
        self.latency[bucket] += 1;
    }

    /// Adds another tally's figures.
    pub fn merge(&mut self, other: &Self) {
        self.inspected += other.inspected;
        self.flagged += other.flagged;
        self.faults += other.faults;
        for (outcome, count) in &other.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += count;
        }
        if self.latency.len() < other.latency.len() {
            self.latency.resize(other.latency.len(), 0);
        }
        self.latency.iter_mut().zip(&other.latency).for_each(|(mine, more)| *mine += more);
    }

    /// Messages by live and would-be action.
    pub fn outcomes(&self) -> Vec<(Action, Action, u64)> {
        let read = |(words, count): (&String, &u64)| {
            let (live, would_be) = words.split_once('>')?;
            Some((action(live)?, action(would_be)?, *count))
        };
        self.outcomes.iter().filter_map(read).collect()
    }

    /// The time that this share of the messages (0 to 1) stayed within, microseconds, rounded up to a power of two.
    pub fn latency_micros(&self, share: f64) -> Option<u64> {
        let all: u64 = self.latency.iter().sum();
        if all == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among counts"
        )]
        let rank = ((all as f64) * share.clamp(0.0, 1.0)).ceil().max(1.0) as u64;
        let mut seen = 0;
        let bucket = self.latency.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        bucket.map(|bucket| 1 << bucket.min(63))
    }
}

const ACTIONS: [Action; 7] = [
    Action::Deliver,
    Action::Label,
    Action::Warn,
    Action::Mask,
    Action::Hold,
    Action::Refuse,
    Action::Shadow,
];

fn word(action: Action) -> &'static str {
    match action {
        Action::Deliver => "deliver",
        Action::Label => "label",
        Action::Warn => "warn",
        Action::Mask => "mask",
        Action::Hold => "hold",
        Action::Refuse => "refuse",
        Action::Shadow => "shadow",
    }
}

fn action(text: &str) -> Option<Action> {
    ACTIONS.into_iter().find(|action| word(*action) == text)
}

/// A place among a version's shadow results: after the row of this time and number, going back in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShadowPlace {
    /// The row's time.
    pub at: DateTime<Utc>,
    /// The row's number.
    pub n: u32,
}

const SHADOW: Table = Table { one: CREATE, many: "INSERT IGNORE INTO shadow $rows RETURN NONE" };

impl Store {
    /// Writes results and, with them, the tally of one version since this store was opened.
    pub async fn add_shadow(
        &self,
        (filter, version): (&str, u32),
        rows: &[ShadowRow],
        tally: &ShadowTally,
    ) -> Result<(), StoreError> {
        let mut statements: Vec<Statement> = Vec::new();
        put(&mut statements, &SHADOW, rows.iter().map(shadow_row));
        let id = tally_id(filter, version, self.inner.boot);
        statements.push(content(REPLACE, id, serde_value(tally.clone())));
        match self.inner.observer.lock().await.transact(statements).await {
            Ok(()) => Ok(()),
            Err(Fall::Unknown(error)) => Err(error),
            Err(Fall::Exists | Fall::Retry) => {
                Err(StoreError::Unavailable("shadow results are being trimmed".into()))
            }
        }
    }

    /// Up to `limit` results of a version, newest first, those before `after`.
    pub async fn shadow(
        &self,
        (filter, version): (&str, u32),
        after: Option<ShadowPlace>,
        limit: usize,
    ) -> Result<Vec<ShadowRow>, StoreError> {
        let mut variables = variable("f", text(filter));
        variables.insert("v", i64::from(version));
        variables.insert("from", after.map_or(i64::MIN + 1, |place| back(place.at)));
        variables.insert("n", after.map_or(0, |place| i64::from(place.n) + 1));
        variables.insert("to", i64::MAX);
        variables.insert("limit", int(limit as u64));
        let sql = "SELECT * FROM shadow:[$f, $v, $from, $n]..=[$f, $v, $to, $to] LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_row).collect()
    }

    /// The figures of a version, of all engines and times together.
    pub async fn shadow_tally(
        &self,
        filter: &str,
        version: u32,
    ) -> Result<ShadowTally, StoreError> {
        let mut variables = variable("f", text(filter));
        variables.insert("v", i64::from(version));
        variables.insert("max", i64::MAX);
        let sql = "SELECT * FROM shadow_tally:[$f, $v, 0]..=[$f, $v, $max]";
        let mut all = ShadowTally::default();
        for row in self.inner.db.ask(sql, variables).await?.rows(0)? {
            all.merge(&whole(row, "shadow_tally")?);
        }
        Ok(all)
    }

    /// Deletes up to `limit` results older than `before`; how many there were. Tallies stay.
    pub async fn trim_shadow(
        &self,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let sql = "SELECT VALUE [id[0], id[1]] FROM shadow_tally";
        let mut versions = self.inner.db.ask(sql, Object::new()).await?.rows(0)?;
        versions.dedup();
        let mut trimmed = 0;
        for version in versions {
            let Value::Array(parts) = version else { continue };
            let Ok([filter, version]) = <[Value; 2]>::try_from(parts.into_vec()) else { continue };
            let mut variables = variable("f", filter);
            variables.insert("v", version);
            variables.insert("from", back(before) + 1);
            variables.insert("to", i64::MAX);
            variables.insert("limit", int((limit - trimmed) as u64));
            let sql = "SELECT VALUE id FROM shadow:[$f, $v, $from, 0]..=[$f, $v, $to, $to] \
                       LIMIT $limit";
            let ids = self.inner.db.ask(sql, variables).await?.rows(0)?;
            if ids.is_empty() {
                continue;
            }
            trimmed += ids.len();
            let ids = variable("ids", Value::Array(Array::from(ids)));
            self.inner.db.ask("DELETE $ids RETURN NONE", ids).await?;
            if trimmed >= limit {
                break;
            }
        }
        Ok(trimmed)
    }
}

/// Ranges are read forwards only, so times count backwards: the newest comes first.
fn back(at: DateTime<Utc>) -> i64 {
    -at.timestamp_millis()
}

fn tally_id(filter: &str, version: u32, opening: u64) -> RecordId {
    let key = [text(filter), i64::from(version).into_value(), int(opening).into_value()];
    record("shadow_tally", key)
}

fn shadow_row(row: &ShadowRow) -> NewRecord {
    let key = [
        text(&row.filter),
        i64::from(row.version).into_value(),
        back(row.at).into_value(),
        i64::from(row.n).into_value(),
    ];
    let fields = NewRow::new()
        .with("at", millis(row.at))
        .with("conversation", text(row.conversation.as_str()))
        .maybe("seq", row.seq.map(|seq| int(seq).into_value()))
        .with("client_id", text(row.client_id.as_str()))
        .with("sender", text(row.sender.as_str()))
        .with("signals", serde_value(row.signals.clone()))
        .maybe("fault", row.fault.as_ref().map(text))
        .with("micros", i64::from(row.micros))
        .with("live", serde_value(row.live_action))
        .with("would_be", serde_value(row.would_be));
    (record("shadow", key), fields)
}

fn read_row(value: Value) -> Result<ShadowRow, StoreError> {
    let row = &mut Row::new(value, "shadow")?;
    let [filter, version, _, n] = row.key::<4>()?;
    let number = |row: &Row, value: &Value| {
        as_int(value).and_then(|n| u32::try_from(n).ok()).ok_or_else(|| row.corrupt("id", value))
    };
    Ok(ShadowRow {
        version: number(row, &version)?,
        n: number(row, &n)?,
        filter: as_text(filter).map_err(|value| row.corrupt("id", &value))?,
        at: row.time("at")?,
        conversation: ConversationId::trusted(row.text("conversation")?),
        seq: row.maybe_int("seq")?.and_then(|seq| Seq::try_from(seq).ok()),
        client_id: ClientId::trusted(row.text("client_id")?),
        sender: UserId::trusted(row.text("sender")?),
        signals: row.serde("signals")?,
        fault: row.maybe_text("fault")?,
        micros: row.serde("micros")?,
        live_action: row.serde("live")?,
        would_be: row.serde("would_be")?,
    })
}
