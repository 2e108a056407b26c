//! Decisions of all conversations, newest first, trimmed when they are old.
//!
//! Ranges are read forwards only, and a limit ends such a reading early; so the list by time counts backwards.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::{Array, RecordId, SurrealValue, Value};

use super::catalogue::variable;
use super::commit::Decision;
use super::group::{NewRecord, Table};
use super::value::{LAST_TEXT, NewRow, Row, as_int, as_text, int, millis, record, text};
use super::{Store, StoreError};
use crate::domain::{Action, ClientId, ConversationId, UserId};

pub(super) const DECIDED: Table =
    Table { one: super::group::REPLACE, many: "INSERT IGNORE INTO decided $rows RETURN NONE" };

/// Entries read at once where a filter leaves out some.
const BATCH: usize = 1_000;
/// Entries looked at for one page at most; a page cut short says where to go on.
const MAX_LOOKED_AT: usize = 20_000;
const SEPARATOR: &str = "\n";

/// Which decisions are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    /// Of this conversation.
    pub conversation: Option<ConversationId>,
    /// Over messages of this user.
    pub sender: Option<UserId>,
    /// Where this filter gave a signal or failed.
    pub filter: Option<String>,
    /// Where this signal was given.
    pub signal: Option<String>,
    /// With this action.
    pub action: Option<Action>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Not after.
    pub to: Option<DateTime<Utc>>,
}

/// A decision's place among all: newest first, then by conversation and client id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DecisionPlace {
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub conversation: ConversationId,
    /// What the sender's client called the message.
    pub client_id: ClientId,
}

impl DecisionPlace {
    fn key(&self) -> (Reverse<DateTime<Utc>>, &str, &str) {
        (Reverse(self.at), self.conversation.as_str(), self.client_id.as_str())
    }
}

impl PartialOrd for DecisionPlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DecisionPlace {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// A page of decisions, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionPage {
    /// The decisions and where they are.
    pub decisions: Vec<(DecisionPlace, Decision)>,
    /// Whether there may be older ones.
    pub has_more: bool,
    /// Where to go on, if there may be more; matters when the page was cut short because few of very many fit.
    pub end: Option<DecisionPlace>,
}

/// What is known of a decision without reading it.
struct Entry {
    place: DecisionPlace,
    fits: bool,
}

impl DecisionFilter {
    /// Whether it leaves out some of a stretch of time.
    fn chooses(&self) -> bool {
        let Self { sender, filter, signal, action, .. } = self;
        sender.is_some() || filter.is_some() || signal.is_some() || action.is_some()
    }

    fn newest(&self) -> i64 {
        self.to.map_or(i64::MAX, |to| to.timestamp_millis())
    }

    fn oldest(&self) -> i64 {
        // Its negative must exist too.
        self.from.map_or(-i64::MAX, |from| from.timestamp_millis())
    }
}

impl Store {
    /// Up to `limit` decisions that fit, newest first, those after `after`.
    pub async fn decisions_by_time(
        &self,
        filter: &DecisionFilter,
        after: Option<&DecisionPlace>,
        limit: usize,
    ) -> Result<DecisionPage, StoreError> {
        let mut page = Page { limit, places: Vec::new(), has_more: false, end: None };
        if let Some(conversation) = &filter.conversation {
            self.look_in_conversation(filter, conversation, after, &mut page).await?;
        } else {
            self.look_by_time(filter, after, &mut page).await?;
        }
        let decisions = self.decisions_at(page.places).await?;
        let end = page.end.filter(|_| page.has_more);
        Ok(DecisionPage { decisions, has_more: page.has_more, end })
    }

    async fn look_by_time(
        &self,
        filter: &DecisionFilter,
        after: Option<&DecisionPlace>,
        page: &mut Page,
    ) -> Result<(), StoreError> {
        // One more than the page says whether there is a next one, and the place to go on from is read again.
        let batch = if filter.chooses() { BATCH } else { page.limit.saturating_add(2) };
        let mut after = after.cloned();
        let mut looked_at = 0;
        loop {
            let entries = self.entries(filter, after.as_ref(), batch).await?;
            let count = entries.len();
            looked_at += count;
            for entry in entries.into_iter().filter(|it| after.as_ref() != Some(&it.place)) {
                if !page.take(entry) {
                    return Ok(());
                }
            }
            if count < batch {
                return Ok(());
            }
            after.clone_from(&page.end);
            if looked_at >= MAX_LOOKED_AT {
                page.has_more = true;
                return Ok(());
            }
        }
    }

    /// A conversation has few; all their places are read, and as many of themselves as are wanted.
    async fn look_in_conversation(
        &self,
        filter: &DecisionFilter,
        conversation: &ConversationId,
        after: Option<&DecisionPlace>,
        page: &mut Page,
    ) -> Result<(), StoreError> {
        let mut variables = variable("c", text(conversation.as_str()));
        variables.insert("from", filter.oldest());
        variables.insert("to", filter.newest());
        variables.insert("last", text(LAST_TEXT));
        let sql = "SELECT id FROM decision:[$c, $from, '']..=[$c, $to, $last]";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        let places = rows.into_iter().map(|row| {
            let row = &mut Row::new(row, "decision")?;
            let [conversation, at, client_id] = row.key::<3>()?;
            place(row, &at, conversation, client_id)
        });
        let mut places = places.collect::<Result<Vec<_>, _>>()?;
        places.sort_unstable();
        places.retain(|place| after.is_none_or(|after| place > after));
        for places in places.chunks(page.limit.saturating_add(1).min(BATCH)) {
            for (place, decision) in self.decisions_at(places.to_vec()).await? {
                if !page.take(Entry { place, fits: fits(filter, &decision) }) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Deletes up to `limit` decisions older than `before`; how many there were.
    pub async fn trim_decisions(
        &self,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let to = before - TimeDelta::milliseconds(1);
        let filter = DecisionFilter { to: Some(to), ..DecisionFilter::default() };
        let entries = self.entries(&filter, None, limit).await?;
        if !entries.is_empty() {
            // The entry goes last: should this be cut short, it is found again.
            for id in [decision_id, decided_id] {
                let ids: Array = entries.iter().map(|entry| id(&entry.place)).collect();
                let ids = variable("ids", Value::Array(ids));
                self.inner.db.ask("DELETE $ids RETURN NONE", ids).await?;
            }
        }
        Ok(entries.len())
    }

    /// Up to `limit` entries of the list by time, from a place on, that one included.
    async fn entries(
        &self,
        filter: &DecisionFilter,
        from: Option<&DecisionPlace>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let from = from.filter(|from| from.at.timestamp_millis() <= filter.newest());
        let newest = from.map_or(filter.newest(), |from| from.at.timestamp_millis());
        let mut variables = variable("from", (-newest).into_value());
        variables.insert("c", text(from.map_or("", |from| from.conversation.as_str())));
        variables.insert("k", text(from.map_or("", |from| from.client_id.as_str())));
        variables.insert("to", -filter.oldest());
        variables.insert("last", text(LAST_TEXT));
        variables.insert("limit", int(limit as u64));
        let sql = "SELECT * FROM decided:[$from, $c, $k]..=[$to, $last, $last] LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(|row| entry(filter, row)).collect()
    }

    async fn decisions_at(
        &self,
        places: Vec<DecisionPlace>,
    ) -> Result<Vec<(DecisionPlace, Decision)>, StoreError> {
        let ids: Array = places.iter().map(decision_id).collect();
        let rows = self
            .inner
            .db
            .ask("SELECT * FROM $ids", variable("ids", Value::Array(ids)))
            .await?
            .rows(0)?;
        let mut found = HashMap::with_capacity(rows.len());
        for row in rows {
            let (conversation, decision) = super::log::decision(row)?;
            found.insert(place_of(&conversation, &decision), decision);
        }
        // One that was trimmed since is not there any more.
        let found = places.into_iter().filter_map(|place| found.remove_entry(&place));
        Ok(found.collect())
    }
}

/// A page being filled.
struct Page {
    limit: usize,
    places: Vec<DecisionPlace>,
    has_more: bool,
    /// The last place that was looked at and is on this page or on none.
    end: Option<DecisionPlace>,
}

impl Page {
    /// Takes the next entry; false if it belongs to the next page.
    fn take(&mut self, entry: Entry) -> bool {
        if entry.fits && self.places.len() >= self.limit {
            self.has_more = true;
            return false;
        }
        if entry.fits {
            self.places.push(entry.place.clone());
        }
        self.end = Some(entry.place);
        true
    }
}

pub(super) fn place_of(conversation: &ConversationId, decision: &Decision) -> DecisionPlace {
    let at = DateTime::from_timestamp_millis(decision.at.timestamp_millis()).unwrap_or(decision.at);
    DecisionPlace { at, conversation: conversation.clone(), client_id: decision.client_id.clone() }
}

fn decision_id(place: &DecisionPlace) -> RecordId {
    let key = [text(place.conversation.as_str()), millis(place.at), text(place.client_id.as_str())];
    record("decision", key)
}

fn decided_id(place: &DecisionPlace) -> RecordId {
    let back = -place.at.timestamp_millis();
    let key =
        [back.into_value(), text(place.conversation.as_str()), text(place.client_id.as_str())];
    record("decided", key)
}

/// The decision's entry in the list by time: what lists are filtered by, and no more.
pub(super) fn decided_row(conversation: &ConversationId, decision: &Decision) -> NewRecord {
    let verdict = &decision.verdict;
    let row = NewRow::new()
        .with("sender", text(decision.sender.as_str()))
        .with("action", i64::try_from(verdict.action.index()).unwrap_or(0))
        .with("filters", text(words(verdict.signals.iter().map(|signal| signal.filter.as_str()))))
        .with("signals", text(words(verdict.signals.iter().map(|signal| signal.id.as_str()))));
    (decided_id(&place_of(conversation, decision)), row)
}

/// Distinct words in one text: quicker to write and read than a list.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    words.dedup();
    words.join(SEPARATOR)
}

fn place(
    row: &Row,
    at: &Value,
    conversation: Value,
    client_id: Value,
) -> Result<DecisionPlace, StoreError> {
    let time = as_int(at).and_then(|at| DateTime::from_timestamp_millis(at.abs()));
    let conversation = as_text(conversation).map_err(|value| row.corrupt("id", &value))?;
    let client_id = as_text(client_id).map_err(|value| row.corrupt("id", &value))?;
    Ok(DecisionPlace {
        at: time.ok_or_else(|| row.corrupt("id", at))?,
        conversation: ConversationId::trusted(conversation),
        client_id: ClientId::trusted(client_id),
    })
}

fn entry(filter: &DecisionFilter, value: Value) -> Result<Entry, StoreError> {
    let row = &mut Row::new(value, "decided")?;
    let [at, conversation, client_id] = row.key::<3>()?;
    let place = place(row, &at, conversation, client_id)?;
    let mut has = |field: &str, wanted: Option<&str>| -> Result<bool, StoreError> {
        let Some(wanted) = wanted else { return Ok(true) };
        Ok(row.text(field)?.split(SEPARATOR).any(|word| word == wanted))
    };
    let fits = has("filters", filter.filter.as_deref())?
        && has("signals", filter.signal.as_deref())?
        && has("sender", filter.sender.as_ref().map(UserId::as_str))?;
    let action = row.count("action")?;
    let fits = fits && filter.action.is_none_or(|wanted| wanted.index() as u64 == action);
    Ok(Entry { place, fits })
}

fn fits(filter: &DecisionFilter, decision: &Decision) -> bool {
    let signals = &decision.verdict.signals;
    filter.sender.as_ref().is_none_or(|sender| *sender == decision.sender)
        && filter.action.is_none_or(|action| action == decision.verdict.action)
        && filter.filter.as_ref().is_none_or(|name| signals.iter().any(|it| it.filter == *name))
        && filter.signal.as_ref().is_none_or(|id| signals.iter().any(|it| it.id == *id))
}

/// How often old decisions are looked for.
const TRIM_EVERY: std::time::Duration = std::time::Duration::from_secs(3_600);
/// Decisions deleted at once, so that trimming never holds up the store for long.
const TRIM: usize = 500;

impl Store {
    /// Deletes decisions older than so many days, now and every hour, until the store closes.
    pub async fn keep_decisions(&self, days: u32, clock: crate::domain::Clock) {
        loop {
            let before = clock.now() - TimeDelta::days(i64::from(days));
            match self.trim_decisions(before, TRIM).await {
                Ok(trimmed) if trimmed >= TRIM => {}
                result => {
                    if let Err(error) = result {
                        tracing::error!(%error, "old decisions can't be deleted; trying again in an hour");
                    }
                    tokio::select! {
                        () = self.closing() => return,
                        () = tokio::time::sleep(TRIM_EVERY) => {}
                    }
                }
            }
        }
    }
}
