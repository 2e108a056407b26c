//! Pages of messages, walked in closed ranges of the log.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use surrealdb::types::{Array, Value};

use super::rows::{self, seq_id};
use super::{Store, StoreError, run};
use crate::domain::{ConversationId, Event, Message, Seq};

/// Ranges read for one page at most; they double up to `LARGEST_RANGE`, so a page looks at no more
/// than about 7,000 events however few of them it may show.
const MAX_RANGES: usize = 10;
const SMALLEST_RANGE: u64 = 16;
const LARGEST_RANGE: u64 = 1_024;

/// Which messages are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Only messages after this one; 0 for all.
    pub after: Seq,
    /// Only messages before this one; `Seq::MAX` for all.
    pub before: Seq,
    /// How many at most.
    pub limit: usize,
    /// Those next to `before` if there are more than `limit`, else those next to `after`.
    pub newest: bool,
}

/// A page of messages.
#[derive(Debug, Clone, PartialEq)]
pub struct MessagePage {
    /// In ascending order.
    pub messages: Vec<Message>,
    /// Whether there may be more in the direction of walking.
    pub has_more: bool,
    /// Everything from the page's start to here, inclusive, was looked at: where to go on. Matters
    /// when so few messages were visible that the walk was cut short of `limit`.
    pub scanned_to: Seq,
}

impl Store {
    /// Messages of the page that are visible, edits and retractions applied.
    pub async fn messages(
        &self,
        id: &ConversationId,
        page: Page,
        visible: impl Fn(&Message) -> bool + Send,
    ) -> Result<MessagePage, StoreError> {
        let last = self.end_of(id, &page).await?;
        let mut walk = Walk::new(&page, last);
        let mut found = MessagePage { messages: Vec::new(), has_more: false, scanned_to: 0 };
        found.scanned_to = if page.newest { page.before } else { page.after };
        while let Some(range) = walk.next_range() {
            let mut messages = self.messages_of(id, &range).await?;
            found.scanned_to = if page.newest { *range.start() } else { *range.end() };
            if page.newest {
                messages.reverse();
            }
            for message in messages.into_iter().filter(&visible) {
                if found.messages.len() == page.limit {
                    found.has_more = true;
                    break;
                }
                found.messages.push(message);
            }
            if found.has_more {
                found.scanned_to =
                    found.messages.last().map_or(found.scanned_to, |message| message.seq);
                break;
            }
        }
        found.has_more = found.has_more || walk.is_cut_short();
        if page.newest {
            found.messages.reverse();
        }
        Ok(found)
    }

    /// The last event that can matter: a page's bound may lie far beyond the end of the log.
    async fn end_of(&self, id: &ConversationId, page: &Page) -> Result<Seq, StoreError> {
        let bound = page.before.saturating_sub(1);
        let near = bound.saturating_sub(page.after) <= SMALLEST_RANGE;
        let known = near || (page.before != Seq::MAX && self.has_event(id, bound).await?);
        if known { Ok(bound) } else { Ok(bound.min(self.last_seq(id).await?)) }
    }

    async fn has_event(&self, id: &ConversationId, seq: Seq) -> Result<bool, StoreError> {
        Ok(!self.events(id, seq..=seq).await?.is_empty())
    }

    /// All messages of a closed range, ascending.
    async fn messages_of(
        &self,
        id: &ConversationId,
        range: &RangeInclusive<Seq>,
    ) -> Result<Vec<Message>, StoreError> {
        let unfiled = self.inner.unfiled.events(id, range);
        let (sql, mut variables) = run::question(id, range);
        let sql = if sql == run::NAMED {
            let ids: Array =
                range.clone().map(|seq| Value::RecordId(seq_id("message", id, seq))).collect();
            variables.insert("messages", Value::Array(ids));
            "SELECT * FROM $events; SELECT * FROM $messages"
        } else {
            "SELECT * FROM event:[$c, $from]..=[$c, $to]; \
             SELECT * FROM message:[$c, $from]..=[$c, $to]"
        };
        let mut answers = self.inner.db.ask(sql, variables).await?;
        let events = run::merged(run::events(id, answers.rows(0)?, range)?, unfiled);
        let mut changed = HashMap::new();
        for row in answers.rows(1)? {
            let message = rows::message(id, row)?;
            changed.insert(message.seq, message);
        }
        let message = |event: &Event| changed.remove(&event.seq).or_else(|| event.posted_message());
        Ok(events.iter().filter_map(message).collect())
    }
}

/// The ranges of one walk, in its direction, growing.
struct Walk {
    first: Seq,
    last: Seq,
    newest: bool,
    size: u64,
    ranges_left: usize,
}

impl Walk {
    fn new(page: &Page, last: Seq) -> Self {
        let limit = u64::try_from(page.limit).unwrap_or(LARGEST_RANGE);
        Self {
            first: page.after.saturating_add(1),
            last,
            newest: page.newest,
            size: limit.saturating_add(1).clamp(SMALLEST_RANGE, LARGEST_RANGE),
            ranges_left: MAX_RANGES,
        }
    }

    fn next_range(&mut self) -> Option<RangeInclusive<Seq>> {
        if self.first > self.last || self.ranges_left == 0 {
            return None;
        }
        self.ranges_left -= 1;
        let size = self.size - 1;
        self.size = (self.size * 2).min(LARGEST_RANGE);
        let range = if self.newest {
            self.last.saturating_sub(size).max(self.first)..=self.last
        } else {
            self.first..=self.first.saturating_add(size).min(self.last)
        };
        if self.newest {
            self.last = range.start().saturating_sub(1);
        } else {
            self.first = range.end().saturating_add(1);
        }
        Some(range)
    }

    /// Whether it stopped for its length with something left to look at.
    fn is_cut_short(&self) -> bool {
        self.first <= self.last && self.ranges_left == 0
    }
}
