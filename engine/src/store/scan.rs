//! Walking over all conversations, for whatever has to look at the whole history.

use std::collections::HashMap;
use std::ops::Bound;

use surrealdb::types::{Array, Object, RecordId, RecordIdKey, RecordIdKeyRange, Value};

use super::catalogue::variable;
use super::rows::{self, seq_id};
use super::value::{Row, as_text, int, named};
use super::{Store, StoreError, run};
use crate::domain::{Conversation, ConversationId, Event, Message, Seq};

impl Store {
    /// Up to `limit` conversations in order of their ids, those after `after`.
    pub async fn conversations(
        &self,
        after: Option<&ConversationId>,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError> {
        let start = after.map_or(Bound::Unbounded, |id| {
            Bound::Excluded(RecordIdKey::String(id.as_str().to_owned()))
        });
        let range = RecordIdKeyRange { start, end: Bound::Unbounded };
        let mut variables = Object::new();
        let range = RecordId::new("conversation", RecordIdKey::Range(Box::new(range)));
        variables.insert("range", range);
        variables.insert("limit", int(limit as u64));
        let sql = "SELECT * FROM $range LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(rows::conversation).collect()
    }

    /// How many conversations there are; counts them all.
    pub async fn conversation_count(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count() AS conversations FROM conversation GROUP ALL";
        let Some(row) = self.inner.db.ask(sql, Object::new()).await?.rows(0)?.pop() else {
            return Ok(0);
        };
        Row::new(row, "conversation count")?.count("conversations")
    }

    /// The conversations of these ids, in no particular order; those that don't exist are left out.
    pub async fn conversations_at(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreError> {
        let recent = &self.inner.recent;
        let (mut found, mut missing, mut version) = (Vec::with_capacity(ids.len()), vec![], None);
        for id in ids {
            match recent.conversation(id) {
                Ok(known) => found.extend(known.map(|known| Conversation::clone(&known))),
                Err(now) => {
                    version.get_or_insert(now);
                    missing.push(named("conversation", id.as_str()));
                }
            }
        }
        let Some(version) = version else { return Ok(found) };
        let variables = variable("ids", Value::Array(Array::from(missing)));
        let rows = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        for row in rows {
            let conversation = rows::conversation(row)?;
            recent.fill(&conversation, version);
            found.push(conversation);
        }
        Ok(found)
    }

    /// The messages at these places as they are now, in no particular order; those that don't exist are left out. Events
    /// that are known already are taken from `posted` rather than read.
    pub async fn messages_at(
        &self,
        places: &[(ConversationId, Seq)],
        posted: &mut HashMap<(ConversationId, Seq), Event>,
    ) -> Result<Vec<Message>, StoreError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Array = places.iter().map(|(id, seq)| seq_id("message", id, *seq)).collect();
        let variables = variable("ids", Value::Array(ids));
        let found = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        let mut changed = HashMap::with_capacity(found.len());
        for value in found {
            let mut key = Row::new(value.clone(), "message")?;
            let [id, _] = key.key::<2>()?;
            let id = as_text(id).map_err(|value| key.corrupt("id", &value))?;
            let message = rows::message(&ConversationId::trusted(id), value)?;
            changed.insert((message.conversation.clone(), message.seq), message);
        }
        let missing: Vec<(ConversationId, Seq)> = places
            .iter()
            .filter(|place| !changed.contains_key(*place) && !posted.contains_key(*place))
            .cloned()
            .collect();
        let read = self.events_at(&missing).await?;
        posted
            .extend(read.into_iter().map(|event| ((event.conversation.clone(), event.seq), event)));
        let messages = places.iter().filter_map(|place| {
            changed.remove(place).or_else(|| posted.get(place).and_then(Event::posted_message))
        });
        Ok(messages.collect())
    }

    /// These events, in the order asked for; those that don't exist are left out.
    pub async fn events_at(
        &self,
        places: &[(ConversationId, Seq)],
    ) -> Result<Vec<Event>, StoreError> {
        let recent = &self.inner.recent;
        let waiting = |id, seq| self.inner.unfiled.events(id, &(seq..=seq)).pop();
        let mut events: Vec<Option<Event>> = places
            .iter()
            .map(|(id, seq)| recent.event(id, *seq).or_else(|| waiting(id, *seq)))
            .collect();
        let missing: Vec<usize> = (0..events.len()).filter(|at| events[*at].is_none()).collect();
        if missing.is_empty() {
            return Ok(events.into_iter().flatten().collect());
        }
        let ids = run::ids_of(missing.iter().map(|at| (&places[*at].0, places[*at].1)));
        let variables = variable("ids", Value::Array(ids));
        let found = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        let read: HashMap<(ConversationId, Seq), Event> = run::all(found)?
            .into_iter()
            .map(|event| ((event.conversation.clone(), event.seq), event))
            .collect();
        for at in missing {
            events[at] = read.get(&places[at]).cloned();
        }
        Ok(events.into_iter().flatten().collect())
    }
}
