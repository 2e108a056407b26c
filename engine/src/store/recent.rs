//! What was committed lately, kept in memory: followers of the outbox and clients that come back ask for just that.

use std::collections::{HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::SubsecRound as _;

use super::cache::Cache;
use super::commit::{Commit, Work, Write};
use super::outbox::RecentGroups;
use crate::domain::{Conversation, ConversationId, Event, Seq};

/// Newest events and conversations' records. Right because an event never changes, and because this process is the only
/// one that writes: a record is forgotten before anybody is told that it changed.
pub(super) struct Recent {
    events: Mutex<Ring>,
    /// What they left in the outbox.
    pub(super) groups: RecentGroups,
    conversations: Cache<ConversationId, Conversation>,
}

/// Events of many conversations, the oldest dropped first.
struct Ring {
    /// Each without a gap.
    logs: HashMap<ConversationId, VecDeque<Event>>,
    /// Whose event came when.
    order: VecDeque<ConversationId>,
    capacity: usize,
}

impl Recent {
    /// Keeps so many events, and as many conversations at most.
    pub(super) fn new(capacity: usize) -> Self {
        let ring = Ring { logs: HashMap::new(), order: VecDeque::new(), capacity };
        let groups = RecentGroups::default();
        Self { events: Mutex::new(ring), groups, conversations: Cache::new(capacity) }
    }

    /// Takes what was just committed into account; must come before anybody is told of it.
    pub(super) fn committed<'a>(&self, work: impl Iterator<Item = &'a Work> + Clone) {
        self.unsure(work.clone());
        let mut ring = self.lock();
        for write in work.filter_map(commit).flat_map(|commit| &commit.writes) {
            if let Write::Event(event) = write {
                ring.push(event);
            }
        }
    }

    /// Forgets what may have changed.
    pub(super) fn unsure<'a>(&self, work: impl Iterator<Item = &'a Work>) {
        let changed: Vec<&ConversationId> = work
            .filter_map(commit)
            .filter(|commit| commit.writes.iter().any(|it| matches!(it, Write::Conversation(_))))
            .map(|commit| &commit.conversation)
            .collect();
        if !changed.is_empty() {
            self.conversations.forget(changed.into_iter());
        }
    }

    /// Forgets all records of conversations.
    pub(super) fn forget_conversations(&self) {
        self.conversations.clear();
    }

    /// The events of a closed range, if all of them are here.
    pub(super) fn events(
        &self,
        id: &ConversationId,
        range: &RangeInclusive<Seq>,
    ) -> Option<Vec<Event>> {
        self.lock().range(id, range).map(|events| events.cloned().collect())
    }

    /// One event.
    pub(super) fn event(&self, id: &ConversationId, seq: Seq) -> Option<Event> {
        self.lock().range(id, &(seq..=seq))?.next().cloned()
    }

    /// A conversation's record, or else the version to hand to `fill`.
    pub(super) fn conversation(
        &self,
        id: &ConversationId,
    ) -> Result<Option<Arc<Conversation>>, u64> {
        self.conversations.get(id)
    }

    /// Keeps what was read, unless something changed since `version`.
    pub(super) fn fill(&self, conversation: &Conversation, version: u64) {
        let (id, known) = (conversation.id.clone(), Arc::new(conversation.clone()));
        self.conversations.fill(id, Some(known), version);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn commit(work: &Work) -> Option<&Commit> {
    match work {
        Work::Commit(commit) => Some(commit),
        Work::Catalogue(_) => None,
    }
}

impl Ring {
    fn push(&mut self, event: &Event) {
        // As it would be read: the store keeps milliseconds.
        let event = Event { at: event.at.trunc_subsecs(3), ..event.clone() };
        let log = self.logs.entry(event.conversation.clone()).or_default();
        if log.back().is_some_and(|last| last.seq + 1 != event.seq) {
            log.clear();
            self.order.retain(|other| *other != event.conversation);
        }
        self.order.push_back(event.conversation.clone());
        log.push_back(event);
        if self.order.len() > self.capacity
            && let Some(id) = self.order.pop_front()
            && let Some(log) = self.logs.get_mut(&id)
        {
            log.pop_front();
            if log.is_empty() {
                self.logs.remove(&id);
            }
        }
    }

    fn range(
        &self,
        id: &ConversationId,
        range: &RangeInclusive<Seq>,
    ) -> Option<impl Iterator<Item = &Event>> {
        let log = self.logs.get(id)?;
        let (first, last) = (log.front()?.seq, log.back()?.seq);
        if *range.start() < first || *range.end() > last || range.is_empty() {
            return None;
        }
        let from = usize::try_from(range.start() - first).ok()?;
        let count = usize::try_from(range.end() - range.start() + 1).ok()?;
        Some(log.range(from..from + count))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::{EventKind, UserId};

    fn id(name: &str) -> ConversationId {
        ConversationId::trusted(name)
    }

    fn event(name: &str, seq: Seq) -> Work {
        let event = Event {
            conversation: id(name),
            seq,
            at: DateTime::UNIX_EPOCH,
            actor: UserId::trusted("ann"),
            kind: EventKind::ConversationClosed,
        };
        Work::Commit(Commit { conversation: id(name), writes: vec![Write::Event(event)] })
    }

    fn seqs(recent: &Recent, name: &str, range: RangeInclusive<Seq>) -> Option<Vec<Seq>> {
        let events = recent.events(&id(name), &range)?;
        Some(events.iter().map(|event| event.seq).collect())
    }

    #[test]
    fn it_gives_whole_ranges_or_nothing_and_stays_small() {
        let recent = Recent::new(6);
        for seq in 3..=5 {
            recent.committed([event("a", seq), event("b", seq + 10)].iter());
        }
        assert_eq!(seqs(&recent, "a", 3..=5), Some(vec![3, 4, 5]));
        assert_eq!(seqs(&recent, "a", 4..=4), Some(vec![4]));
        assert_eq!(seqs(&recent, "a", 2..=5), None, "its beginning is not here");
        assert_eq!(seqs(&recent, "a", 4..=6), None, "nor what may have come since");
        assert_eq!(seqs(&recent, "c", 1..=1), None);
        recent.committed([event("c", 1), event("c", 2)].iter());
        assert_eq!(seqs(&recent, "a", 3..=3), None, "the oldest gave way");
        assert_eq!(seqs(&recent, "a", 4..=5), Some(vec![4, 5]));
        assert_eq!(recent.lock().order.len(), 6);
        for seq in 1..=6 {
            recent.committed([event("d", seq)].iter());
        }
        assert_eq!(recent.lock().logs.len(), 1, "conversations without events are forgotten");
    }

    #[test]
    fn a_log_that_begins_anew_has_no_gap() {
        let recent = Recent::new(4);
        recent.committed([event("a", 1), event("a", 2)].iter());
        recent.committed([event("a", 9)].iter());
        assert_eq!(seqs(&recent, "a", 2..=2), None);
        assert_eq!(seqs(&recent, "a", 9..=9), Some(vec![9]));
        for seq in 1..=4 {
            recent.committed([event("b", seq)].iter());
        }
        assert_eq!((seqs(&recent, "a", 9..=9), recent.lock().logs.len()), (None, 1));
    }
}
