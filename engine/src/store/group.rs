//! Many commits as one transaction: rows by table, one outbox row.

use std::collections::BTreeMap;

use surrealdb::types::{Array, Bytes, RecordId, SurrealValue, Value};

use super::StoreError;
use super::audit::{AUDIT, entry_row};
use super::catalogue::{self, variable};
use super::commit::{Catalogue, Commit, Decision, Work, Write};
use super::db::Statement;
use super::decisions::{DECIDED, decided_row};
use super::journal::{GroupKey, JOURNAL};
use super::outbox::{CatalogueEntry, ConversationEntry, OutboxEntry};
use super::queue::{QueueRows, RULING, queue_statements, ruling_row};
use super::rows::{conversation_row, message_row, run_row};
use super::value::{NewRow, int, millis, record, serde_value, text};
use crate::domain::{ConversationId, Event, Held, ListingId, Seq, UserId, Verdict};

/// Rows of one table that are written one by one. The database keeps statements about single
/// records compiled but compiles every `INSERT`, which from about here on is cheaper all the same.
const ONE_BY_ONE: usize = 16;

/// How a table's rows are written: one, and many at once.
pub(super) struct Table {
    pub(super) one: &'static str,
    pub(super) many: &'static str,
}

pub(super) const CREATE: &str = "CREATE $id CONTENT $row RETURN NONE";
pub(super) const REPLACE: &str = "UPSERT $id CONTENT $row RETURN NONE";

pub(super) const EVENT: Table = Table { one: CREATE, many: "INSERT INTO event $rows RETURN NONE" };
const OUTBOX: Table = Table { one: CREATE, many: "INSERT INTO outbox $rows RETURN NONE" };
const MESSAGE: Table = Table {
    one: REPLACE,
    many: "INSERT INTO message $rows ON DUPLICATE KEY UPDATE body = $input.body, \
           verdict = $input.verdict, edited_at = $input.edited_at, \
           retracted_at = $input.retracted_at, decision = $input.decision, \
           revision = $input.revision RETURN NONE",
};
const CONVERSATION: Table = Table {
    one: REPLACE,
    many: "INSERT INTO conversation $rows ON DUPLICATE KEY UPDATE listing = $input.listing, \
           category = $input.category, participants = $input.participants, \
           state = $input.state, blocks = $input.blocks, \
           sealed_chunks = $input.sealed_chunks RETURN NONE",
};
const READ: Table = Table {
    one: REPLACE,
    many: "INSERT INTO read $rows ON DUPLICATE KEY UPDATE seq = $input.seq RETURN NONE",
};
const SENT: Table = Table {
    one: REPLACE,
    many: "INSERT INTO sent $rows ON DUPLICATE KEY UPDATE \
           fingerprints = $input.fingerprints RETURN NONE",
};
const DECISION: Table =
    Table { one: REPLACE, many: "INSERT IGNORE INTO decision $rows RETURN NONE" };
const BLOCK: Table = Table { one: REPLACE, many: "INSERT IGNORE INTO block $rows RETURN NONE" };

type SeqKey = (ConversationId, Seq);

/// A row without its id, and its id.
pub(super) type NewRecord = (RecordId, NewRow);

/// Rows of a group, by table. Of several rows with one key only the last counts.
#[derive(Default)]
struct Group<'a> {
    events: Vec<&'a Event>,
    messages: BTreeMap<SeqKey, NewRecord>,
    conversations: BTreeMap<ConversationId, NewRecord>,
    reads: BTreeMap<(ConversationId, UserId), NewRecord>,
    sealed: BTreeMap<SeqKey, NewRecord>,
    decisions: Vec<NewRecord>,
    decided: Vec<NewRecord>,
    blocks: BTreeMap<(UserId, UserId), bool>,
    queue: BTreeMap<SeqKey, QueueRows>,
    rulings: Vec<NewRecord>,
    audit: Vec<NewRecord>,
    users: BTreeMap<UserId, NewRecord>,
    introduced: Vec<Value>,
    listings: BTreeMap<ListingId, NewRecord>,
    entries: Vec<OutboxEntry>,
}

/// A group's statements, and what they leave in the outbox.
pub(super) struct Transaction {
    pub(super) statements: Vec<Statement>,
    pub(super) entries: Vec<OutboxEntry>,
}

/// Does this work and leaves an outbox row. Events go into the journal, or each into a row of its own.
pub(super) fn transaction<'a>(
    work: impl Iterator<Item = &'a Work>,
    key: GroupKey,
    at: Value,
    journaled: bool,
) -> Result<Transaction, StoreError> {
    let mut group = Group::default();
    for work in work {
        match work {
            Work::Commit(commit) => group.add(commit),
            Work::Catalogue(catalogue) => group.add_catalogue(catalogue),
        }
    }
    let entries = std::mem::take(&mut group.entries);
    let mut statements = Vec::new();
    let events = std::mem::take(&mut group.events);
    if !journaled {
        let row = |event: &&Event| run_row(std::slice::from_ref(*event));
        put(&mut statements, &EVENT, events.iter().filter_map(row));
    } else if !events.is_empty() {
        put(&mut statements, &JOURNAL, [key.row(&events)?]);
    }
    group.statements(&mut statements);
    let outbox = NewRow::new().with("at", at).with("entries", OutboxEntry::together(&entries)?);
    put(&mut statements, &OUTBOX, [(key.outbox_id(), outbox)]);
    Ok(Transaction { statements, entries })
}

/// The rows' statements: one each if there are few, else one for all.
pub(super) fn put(
    statements: &mut Vec<Statement>,
    table: &Table,
    rows: impl IntoIterator<Item = NewRecord>,
) {
    let rows: Vec<NewRecord> = rows.into_iter().collect();
    if rows.len() > ONE_BY_ONE {
        let rows: Vec<Value> =
            rows.into_iter().map(|(id, row)| row.with("id", id).value()).collect();
        let variables = variable("rows", Value::Array(rows.into()));
        statements.push(Statement { sql: table.many, variables });
        return;
    }
    statements.extend(rows.into_iter().map(|(id, row)| {
        let mut variables = variable("id", Value::RecordId(id));
        variables.insert("row", row.value());
        Statement { sql: table.one, variables }
    }));
}

impl<'a> Group<'a> {
    fn add(&mut self, commit: &'a Commit) {
        let conversation = &commit.conversation;
        let mut entry = ConversationEntry::new(conversation.clone());
        for write in &commit.writes {
            match write {
                Write::Event(event) => {
                    let first = entry.events.map_or(event.seq, |(first, _)| first);
                    entry.events = Some((first, event.seq));
                    self.events.push(event);
                }
                Write::Message(message) => {
                    let key = (conversation.clone(), message.seq);
                    self.messages.insert(key, message_row(message));
                }
                Write::Conversation(record) => {
                    self.conversations.insert(conversation.clone(), conversation_row(record));
                }
                Write::Read { user, seq } => {
                    entry.reads.push(user.clone());
                    let id = conversation_id("read", conversation, text(user.as_str()));
                    let row = NewRow::new().with("seq", int(*seq));
                    self.reads.insert((conversation.clone(), user.clone()), (id, row));
                }
                Write::Sealed { chunk, fingerprints } => {
                    let row = sealed_row(conversation, *chunk, fingerprints);
                    self.sealed.insert((conversation.clone(), *chunk), row);
                }
                Write::Decision(decision) => {
                    entry.decisions.push((decision.at, decision.client_id.clone()));
                    self.decisions.push(decision_row(conversation, decision));
                    self.decided.push(decided_row(conversation, decision));
                }
                Write::Held(held) => self.queued(held).put = Some(held.clone()),
                Write::Unheld(held) => {
                    let rows = self.queued(held);
                    rows.put = None;
                    rows.dropped.push(held.clone());
                }
                Write::Ruling(ruling) => self.rulings.push(ruling_row(conversation, ruling)),
                Write::Audit(entry) => self.audit.push(entry_row(entry)),
                Write::Block { by, blocked } => {
                    self.blocks.insert((by.clone(), blocked.clone()), true);
                }
                Write::Unblock { by, blocked } => {
                    self.blocks.insert((by.clone(), blocked.clone()), false);
                }
            }
        }
        self.entries.push(OutboxEntry::Conversation(entry));
    }

    fn add_catalogue(&mut self, catalogue: &Catalogue) {
        let mut entry = CatalogueEntry::default();
        for user in &catalogue.users {
            entry.users.push(user.id.clone());
            self.users.insert(user.id.clone(), catalogue::user_row(user));
        }
        for user in &catalogue.introduced {
            entry.users.push(user.id.clone());
            let (id, row) = catalogue::user_row(user);
            self.introduced.push(row.with("id", id).value());
        }
        for listing in &catalogue.listings {
            entry.listings.push(listing.id.clone());
            self.listings.insert(listing.id.clone(), catalogue::listing_row(listing));
        }
        self.entries.push(OutboxEntry::Catalogue(entry));
    }

    fn queued(&mut self, held: &Held) -> &mut QueueRows {
        self.queue.entry((held.conversation.clone(), held.seq)).or_default()
    }

    fn statements(self, all: &mut Vec<Statement>) {
        let (blocked, lifted): (Vec<_>, Vec<_>) =
            self.blocks.into_iter().partition(|(_, stands)| *stands);
        let block_id = |((by, blocked), _): ((UserId, UserId), bool)| {
            record("block", [text(by.as_str()), text(blocked.as_str())])
        };
        put(all, &MESSAGE, self.messages.into_values());
        put(all, &CONVERSATION, self.conversations.into_values());
        put(all, &READ, self.reads.into_values());
        put(all, &SENT, self.sealed.into_values());
        put(all, &DECISION, self.decisions);
        put(all, &DECIDED, self.decided);
        put(all, &BLOCK, blocked.into_iter().map(|block| (block_id(block), NewRow::new())));
        if !lifted.is_empty() {
            let ids: Array = lifted.into_iter().map(block_id).collect();
            let variables = variable("ids", Value::Array(ids));
            all.push(Statement { sql: "DELETE $ids RETURN NONE", variables });
        }
        queue_statements(all, self.queue.into_values());
        put(all, &RULING, self.rulings);
        put(all, &AUDIT, self.audit);
        put(all, &catalogue::USER, self.users.into_values());
        put(all, &catalogue::LISTING, self.listings.into_values());
        if !self.introduced.is_empty() {
            let variables = variable("rows", Value::Array(self.introduced.into()));
            all.push(Statement { sql: "INSERT IGNORE INTO user $rows RETURN NONE", variables });
        }
    }
}

fn conversation_id(table: &'static str, conversation: &ConversationId, rest: Value) -> RecordId {
    record(table, [text(conversation.as_str()), rest])
}

// Bytes rather than a list of numbers: one value to encode and decode instead of 256.
fn sealed_row(conversation: &ConversationId, chunk: u64, fingerprints: &[u64]) -> NewRecord {
    let bytes: Vec<u8> = fingerprints.iter().flat_map(|print| print.to_le_bytes()).collect();
    let id = conversation_id("sent", conversation, int(chunk).into_value());
    (id, NewRow::new().with("fingerprints", Bytes::from(bytes)))
}

fn decision_row(conversation: &ConversationId, decision: &Decision) -> NewRecord {
    let key = [text(conversation.as_str()), millis(decision.at), text(decision.client_id.as_str())];
    let row = NewRow::new()
        .with("sender", text(decision.sender.as_str()))
        .with("body", text(&decision.body))
        .with("verdict", serde_value(Verdict::clone(&decision.verdict)))
        .maybe("seq", decision.seq.map(|seq| int(seq).into_value()))
        .with("runs", serde_value(decision.runs.clone()))
        .with("micros", i64::from(decision.micros));
    (record("decision", key), row)
}
