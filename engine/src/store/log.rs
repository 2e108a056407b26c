//! Reading conversations: the record, the log, the messages it adds up to.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use surrealdb::types::{Object, Value};

use super::catalogue::variable;
use super::rows::{self, seq_id};
use super::run;
use super::value::{LAST_TEXT, Row, int, named, record, text};
use super::{Decision, Store, StoreError};
use crate::domain::conversation::EVENTS_PER_CHUNK;
use crate::domain::{ClientId, Conversation, ConversationId, Event, Message, Seq, UserId};

/// A conversation as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Its record.
    pub conversation: Conversation,
    /// Everybody's read marker; who never read anything is missing.
    pub reads: HashMap<UserId, Seq>,
    /// Events after the last sealed chunk, in order.
    pub tail: Vec<Event>,
}

impl Loaded {
    /// The sequence number of the last event; 0 if there is none.
    pub fn last_seq(&self) -> Seq {
        self.tail.last().map_or_else(|| self.conversation.sealed_seq(), |event| event.seq)
    }
}

const REST: &str = "SELECT * FROM read:[$c, '']..=[$c, $last]; \
     SELECT * FROM event:[$c, $from]..=[$c, $to]";

const READS: &str = "SELECT * FROM read:[$c, '']..=[$c, $last]";

const TAIL: &str = "SELECT VALUE id[1] + array::len(then ?? []) FROM event:[$c, $from]..=[$c, $to]";

fn read_markers(rows: Vec<Value>) -> Result<HashMap<UserId, Seq>, StoreError> {
    let mut reads = HashMap::with_capacity(rows.len());
    for row in rows {
        let row = &mut Row::new(row, "read")?;
        let user = second_text(row)?;
        reads.insert(UserId::trusted(user), row.count("seq")?);
    }
    Ok(reads)
}

impl Store {
    /// The conversation with its read markers and the end of its log.
    pub async fn load(&self, id: &ConversationId) -> Result<Option<Loaded>, StoreError> {
        let Some(conversation) = self.conversation_row(id).await? else { return Ok(None) };
        let range = conversation.sealed_seq() + 1..=Seq::MAX;
        let unfiled = self.inner.unfiled.events(id, &range);
        let mut variables = tail_variables(&conversation);
        variables.insert("last", text(LAST_TEXT));
        let mut answers = self.inner.db.ask(REST, variables).await?;
        let reads = read_markers(answers.rows(0)?)?;
        let tail = run::merged(run::events(id, answers.rows(1)?, &range)?, unfiled);
        Ok(Some(Loaded { conversation, reads, tail }))
    }

    /// The conversation's record alone, from memory if it was used lately.
    pub async fn conversation(
        &self,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let version = match self.inner.recent.conversation(id) {
            Ok(known) => return Ok(known.map(|known| Conversation::clone(&known))),
            Err(version) => version,
        };
        let found = self.conversation_row(id).await?;
        if let Some(conversation) = &found {
            self.inner.recent.fill(conversation, version);
        }
        Ok(found)
    }

    async fn conversation_row(
        &self,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.one(named("conversation", id.as_str())).await?.map(rows::conversation).transpose()
    }

    /// Everybody's read marker in the conversation.
    pub async fn reads(&self, id: &ConversationId) -> Result<HashMap<UserId, Seq>, StoreError> {
        let mut variables = variable("c", text(id.as_str()));
        variables.insert("last", text(LAST_TEXT));
        read_markers(self.inner.db.ask(READS, variables).await?.rows(0)?)
    }

    /// The sequence number of the conversation's last event; 0 if there is none.
    pub async fn last_seq(&self, id: &ConversationId) -> Result<Seq, StoreError> {
        if let Some(last) = self.inner.unfiled.last_seq(id) {
            return Ok(last);
        }
        let sealed_chunks =
            self.conversation(id).await?.map_or(0, |conversation| conversation.sealed_chunks);
        let sealed = sealed_chunks * EVENTS_PER_CHUNK;
        let variables = range_variables(id, &(sealed + 1..=Seq::MAX));
        let Some(last) = self.inner.db.ask(TAIL, variables).await?.rows(0)?.pop() else {
            return Ok(sealed);
        };
        super::value::as_int(&last)
            .and_then(|seq| Seq::try_from(seq).ok())
            .ok_or_else(|| StoreError::Corrupt { what: format!("the log of {id} has no end") })
    }

    /// What retries are recognised by: index `i` is event `i + 1`, 0 for those that posted nothing.
    pub async fn fingerprints(
        &self,
        id: &ConversationId,
        sealed_chunks: u64,
    ) -> Result<Vec<u64>, StoreError> {
        if sealed_chunks == 0 {
            return Ok(Vec::new());
        }
        let mut variables = variable("c", text(id.as_str()));
        variables.insert("n", int(sealed_chunks - 1));
        let sql = "SELECT * FROM sent:[$c, 0]..=[$c, $n]";
        let chunks = self.inner.db.ask(sql, variables).await?.rows(0)?;
        let mut prints = Vec::new();
        for chunk in chunks {
            let bytes = Row::new(chunk, "sent")?.bytes("fingerprints")?;
            let (words, _) = bytes.as_chunks::<8>();
            prints.extend(words.iter().map(|word| u64::from_le_bytes(*word)));
        }
        if prints.len() as u64 == sealed_chunks * EVENTS_PER_CHUNK {
            return Ok(prints);
        }
        let what = format!(
            "{id} has {} fingerprints where {sealed_chunks} chunks are sealed",
            prints.len()
        );
        Err(StoreError::Corrupt { what })
    }

    /// The events of a closed range, in order; fewer if the log ends before it.
    pub async fn events(
        &self,
        id: &ConversationId,
        range: RangeInclusive<Seq>,
    ) -> Result<Vec<Event>, StoreError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(events) = self.inner.recent.events(id, &range) {
            return Ok(events);
        }
        let unfiled = self.inner.unfiled.events(id, &range);
        if is_whole(&unfiled, &range) {
            return Ok(unfiled);
        }
        let (sql, variables) = run::question(id, &range);
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        Ok(run::merged(run::events(id, rows, &range)?, unfiled))
    }

    /// The message posted with this sequence number, as it is now.
    pub async fn message(
        &self,
        id: &ConversationId,
        seq: Seq,
    ) -> Result<Option<Message>, StoreError> {
        let changed = self.one(seq_id("message", id, seq)).await?;
        if let Some(changed) = changed {
            return rows::message(id, changed).map(Some);
        }
        let posted = self.events(id, seq..=seq).await?.pop();
        Ok(posted.as_ref().and_then(Event::posted_message))
    }

    /// Whether `blocker` has blocked `blocked`, in whatever conversation.
    pub async fn is_blocked(&self, blocker: &UserId, blocked: &UserId) -> Result<bool, StoreError> {
        let id = record("block", [text(blocker.as_str()), text(blocked.as_str())]);
        Ok(self.one(id).await?.is_some())
    }

    /// Why policy acted on messages of this conversation, oldest first.
    pub async fn decisions(&self, id: &ConversationId) -> Result<Vec<Decision>, StoreError> {
        let mut variables = variable("c", text(id.as_str()));
        variables.insert("last", text(LAST_TEXT));
        variables.insert("max", i64::MAX);
        let sql = "SELECT * FROM decision:[$c, 0, '']..=[$c, $max, $last]";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(|row| Ok(decision(row)?.1)).collect()
    }
}

fn is_whole(events: &[Event], range: &RangeInclusive<Seq>) -> bool {
    let ends = events.first().map(|event| event.seq).zip(events.last().map(|event| event.seq));
    ends == Some((*range.start(), *range.end()))
}

fn tail_variables(conversation: &Conversation) -> Object {
    range_variables(&conversation.id, &(conversation.sealed_seq() + 1..=Seq::MAX))
}

pub(super) fn range_variables(id: &ConversationId, range: &RangeInclusive<Seq>) -> Object {
    let mut variables = variable("c", text(id.as_str()));
    variables.insert("from", int(*range.start()));
    variables.insert("to", int(*range.end()));
    variables
}

/// The second part of a key of two, which is a text.
pub(super) fn second_text(row: &mut Row) -> Result<String, StoreError> {
    let [_, second] = row.key::<2>()?;
    super::value::as_text(second).map_err(|value| row.corrupt("id", &value))
}

/// Reads a decision's row, and in which conversation it was made.
pub(super) fn decision(value: Value) -> Result<(ConversationId, Decision), StoreError> {
    let row = &mut Row::new(value, "decision")?;
    let [conversation, at, client_id] = row.key::<3>()?;
    let conversation =
        super::value::as_text(conversation).map_err(|value| row.corrupt("id", &value))?;
    let at = super::value::as_int(&at)
        .and_then(chrono::DateTime::from_timestamp_millis)
        .ok_or_else(|| row.corrupt("id", &at))?;
    let client_id = super::value::as_text(client_id).map_err(|value| row.corrupt("id", &value))?;
    let seq = row.maybe_int("seq")?.and_then(|seq| Seq::try_from(seq).ok());
    let decision = Decision {
        at,
        sender: UserId::trusted(row.text("sender")?),
        client_id: ClientId::trusted(client_id),
        body: row.text("body")?.into(),
        verdict: std::sync::Arc::new(row.serde("verdict")?),
        seq,
        runs: row.maybe_serde("runs")?.unwrap_or_default(),
        micros: row.maybe_int("micros")?.and_then(|micros| u32::try_from(micros).ok()).unwrap_or(0),
    };
    Ok((ConversationId::trusted(conversation), decision))
}
