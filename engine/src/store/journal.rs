//! Events that were committed, group by group, and not yet filed by conversation: as rows, and in memory for who reads.

use std::collections::{HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::SubsecRound as _;
use surrealdb::types::{Bytes, Object, RecordId, SurrealValue as _, Value};
use tokio::sync::Notify;

use super::StoreError;
use super::db::Db;
use super::group::{CREATE, NewRecord, Table};
use super::value::{NewRow, Row, as_int, int, record};
use crate::domain::{ConversationId, Event, Seq};

/// Events that may wait to be filed; writers wait for room, so that memory and the next start are bounded.
const MOST: usize = 20_000;

pub(super) const JOURNAL: Table =
    Table { one: CREATE, many: "INSERT INTO journal $rows RETURN NONE" };

/// `journal:[shard, opening, n]`, as the group's outbox row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupKey {
    pub(super) boot: u64,
    pub(super) shard: u64,
    pub(super) n: u64,
}

impl GroupKey {
    pub(super) fn journal_id(self) -> RecordId {
        record("journal", [self.shard, self.boot, self.n].map(|part| int(part).into_value()))
    }

    /// `outbox:[shard, opening, n]`
    pub(super) fn outbox_id(self) -> RecordId {
        record("outbox", [self.shard, self.boot, self.n].map(|part| int(part).into_value()))
    }

    /// The row that keeps these events. Their text is one value: nobody looks into it, and a value for each field would cost
    /// more than all the rest of the commit.
    pub(super) fn row(self, events: &[&Event]) -> Result<NewRecord, StoreError> {
        let text = serde_json::to_vec(events).map_err(|error| StoreError::Corrupt {
            what: format!("events that can't be written: {error}"),
        })?;
        Ok((self.journal_id(), NewRow::new().with("events", Bytes::from(text))))
    }
}

/// One group's events, in the order they were committed.
#[derive(Debug, Clone)]
pub(super) struct JournalGroup {
    pub(super) key: GroupKey,
    pub(super) events: Arc<[Event]>,
}

impl JournalGroup {
    /// As they would be read: the store keeps milliseconds.
    pub(super) fn new<'a>(key: GroupKey, events: impl Iterator<Item = &'a Event>) -> Self {
        let exact = |event: &Event| Event { at: event.at.trunc_subsecs(3), ..event.clone() };
        Self { key, events: events.map(exact).collect() }
    }

    fn read(value: Value) -> Result<Self, StoreError> {
        let row = &mut Row::new(value, "journal")?;
        let key = row.key::<3>()?;
        let number = |value: &Value| as_int(value).and_then(|n| u64::try_from(n).ok());
        let [Some(shard), Some(boot), Some(n)] = [&key[0], &key[1], &key[2]].map(number) else {
            return Err(row.corrupt("id", &Value::None));
        };
        let events: Vec<Event> =
            serde_json::from_slice(&row.bytes("events")?).map_err(|error| StoreError::Corrupt {
                what: format!("journal:[{shard}, {boot}, {n}]: {error}"),
            })?;
        Ok(Self { key: GroupKey { boot, shard, n }, events: events.into() })
    }

    /// The group of this key, if it appended events and they are not filed.
    pub(super) async fn find(db: &Db, key: GroupKey) -> Result<Option<Self>, StoreError> {
        let variables = super::catalogue::variable("id", Value::RecordId(key.journal_id()));
        let found = db.ask("SELECT * FROM ONLY $id", variables).await?.rows(0)?.pop();
        found.map(Self::read).transpose()
    }

    /// All groups that are not filed, in the order of each conversation.
    pub(super) async fn all(db: &Db) -> Result<Vec<Self>, StoreError> {
        let found = db.ask("SELECT * FROM journal", Object::new()).await?.rows(0)?;
        let mut groups = found.into_iter().map(Self::read).collect::<Result<Vec<_>, _>>()?;
        // A conversation may change its shard only from one opening to the next.
        groups.sort_by_key(|group| group.key);
        Ok(groups)
    }
}

/// What is not filed yet. Whoever reads the log looks here first and then into the rows: what is filed in between is in both.
#[derive(Debug, Default)]
pub(super) struct Unfiled {
    state: Mutex<State>,
    /// Something came, or no more will.
    pub(super) came: Notify,
    /// Something was filed.
    filed: Notify,
}

#[derive(Debug, Default)]
struct State {
    logs: HashMap<ConversationId, VecDeque<Event>>,
    groups: VecDeque<JournalGroup>,
    events: usize,
    over: bool,
}

impl Unfiled {
    /// Takes a group that was just committed; must come before anybody is told of it.
    pub(super) fn add(&self, group: JournalGroup) {
        if group.events.is_empty() {
            return;
        }
        let mut state = self.lock();
        state.events += group.events.len();
        for event in &*group.events {
            state.logs.entry(event.conversation.clone()).or_default().push_back(event.clone());
        }
        state.groups.push_back(group);
        drop(state);
        self.came.notify_one();
    }

    /// The oldest groups, of about so many events.
    pub(super) fn oldest(&self, most: usize) -> Vec<JournalGroup> {
        let mut events = 0;
        let fits = |group: &&JournalGroup| {
            let fits = events < most;
            events += group.events.len();
            fits
        };
        self.lock().groups.iter().take_while(fits).cloned().collect()
    }

    /// The oldest so many groups are filed.
    pub(super) fn forget(&self, groups: usize) {
        let mut state = self.lock();
        let state = &mut *state;
        for group in state.groups.drain(..groups) {
            state.events -= group.events.len();
            for event in &*group.events {
                if let Some(log) = state.logs.get_mut(&event.conversation) {
                    log.pop_front();
                    if log.is_empty() {
                        state.logs.remove(&event.conversation);
                    }
                }
            }
        }
        self.filed.notify_waiters();
    }

    /// How many events wait.
    pub(super) fn len(&self) -> usize {
        self.lock().events
    }

    /// Waits until there is room for more.
    pub(super) async fn room(&self) {
        loop {
            let filed = self.filed.notified();
            if self.len() < MOST {
                return;
            }
            filed.await;
        }
    }

    /// Nothing will come any more.
    pub(super) fn end(&self) {
        self.lock().over = true;
        self.came.notify_one();
    }

    pub(super) fn is_over(&self) -> bool {
        self.lock().over
    }

    /// Those of a closed range that wait, in order.
    pub(super) fn events(&self, id: &ConversationId, range: &RangeInclusive<Seq>) -> Vec<Event> {
        let state = self.lock();
        let Some(log) = state.logs.get(id) else { return Vec::new() };
        log.iter().filter(|event| range.contains(&event.seq)).cloned().collect()
    }

    /// The last event of the conversation, if it waits.
    pub(super) fn last_seq(&self, id: &ConversationId) -> Option<Seq> {
        self.lock().logs.get(id)?.back().map(|event| event.seq)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
