//! A live conversation's memory: current state, and enough of the past to know a retry from a new message.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::{Refusal, View};
use crate::domain::conversation::EVENTS_PER_CHUNK;
use crate::domain::event::fingerprint;
use crate::domain::{ClientId, Conversation, ConversationState, Event, EventKind, Seq, UserId};
use crate::store::{Loaded, Write};

/// Fingerprints looked through at once.
const SCANNED: usize = 256;
/// Sends remembered exactly; older ones are recognised by their stored fingerprints.
const REMEMBERED_SENDS: usize = 512;

/// What the actor knows of its conversation.
#[derive(Debug)]
pub struct Live {
    /// Shared with every view.
    pub conversation: Arc<Conversation>,
    /// Shared with every view.
    pub reads: Arc<HashMap<UserId, Seq>>,
    /// The newest event's sequence number.
    pub last_seq: Seq,
    sends: Sends,
    spoken: HashSet<UserId>,
    /// Fingerprints of the events after the last sealed chunk.
    unsealed: Vec<u64>,
    /// Fingerprints of sealed chunks; index is sequence number - 1. Read on first need.
    sealed: Option<Vec<u64>>,
}

impl Live {
    /// A conversation without events.
    pub fn new(conversation: Conversation) -> Self {
        Self::loaded(Loaded { conversation, reads: HashMap::new(), tail: Vec::new() })
    }

    /// A conversation as the store has it.
    pub fn loaded(loaded: Loaded) -> Self {
        let mut live = Self {
            last_seq: loaded.conversation.sealed_seq(),
            conversation: Arc::new(loaded.conversation),
            reads: Arc::new(loaded.reads),
            sends: Sends::default(),
            spoken: HashSet::new(),
            unsealed: Vec::new(),
            sealed: None,
        };
        for event in &loaded.tail {
            live.note(event);
        }
        live
    }

    /// What everybody else sees of it.
    pub fn view(&self) -> View {
        View {
            conversation: Arc::clone(&self.conversation),
            reads: Arc::clone(&self.reads),
            last_seq: self.last_seq,
        }
    }

    /// Why this participant can't send just now, if so.
    pub fn send_refusal(&self, sender: &UserId) -> Option<Refusal> {
        if self.conversation.state == ConversationState::Closed {
            return Some(Refusal::ConversationClosed);
        }
        self.conversation.is_blocked(sender).then_some(Refusal::Blocked)
    }

    /// Whether this user said something here before.
    pub fn has_spoken(&self, user: &UserId) -> bool {
        // Beyond the first chunk nobody's message is a first contact.
        self.conversation.sealed_chunks > 0 || self.spoken.contains(user)
    }

    /// The sequence number of an earlier send with this client id, if it is among the remembered.
    pub fn remembered(&self, sender: &UserId, client_id: &ClientId) -> Option<Seq> {
        self.sends.seqs.get(&(sender.clone(), client_id.clone())).copied()
    }

    /// Whether older sends than the remembered could match and their fingerprints are not read yet.
    pub fn needs_fingerprints(&self) -> bool {
        self.sealed.is_none() && self.conversation.sealed_chunks > 0
    }

    /// Takes the stored fingerprints of all sealed chunks.
    pub fn take_fingerprints(&mut self, sealed: Vec<u64>) {
        self.sealed = Some(sealed);
    }

    /// Sequence numbers whose event may be an earlier send with this client id; to be confirmed on the event.
    pub fn candidates(&self, sender: &UserId, client_id: &ClientId) -> Vec<Seq> {
        let wanted = fingerprint(sender, client_id);
        let sealed = self.sealed.as_deref().unwrap_or_default();
        // Nearly always there is none, and a chunk that has none is passed over much faster than number by number.
        let chunks = (0..).step_by(SCANNED).zip(sealed.chunks(SCANNED));
        let found =
            chunks.filter(|(_, prints)| prints.contains(&wanted)).flat_map(|(before, prints)| {
                let places = (before + 1..).zip(prints).filter(|(_, print)| **print == wanted);
                places.map(|(seq, _)| seq)
            });
        found.collect()
    }

    /// The writes that seal a chunk, if these new events fill one. Changes nothing yet.
    pub fn sealing(&self, events: &[Event]) -> Option<(Write, Conversation)> {
        if ((self.unsealed.len() + events.len()) as u64) < EVENTS_PER_CHUNK {
            return None;
        }
        let mut prints = self.unsealed.clone();
        prints.extend(events.iter().map(|event| event.fingerprint().unwrap_or(0)));
        prints.truncate(usize::try_from(EVENTS_PER_CHUNK).unwrap_or(usize::MAX));
        let mut conversation = Conversation::clone(&self.conversation);
        let chunk = conversation.sealed_chunks;
        conversation.sealed_chunks += 1;
        Some((Write::Sealed { chunk, fingerprints: prints }, conversation))
    }

    /// Takes committed events into account, and the conversation if it changed with them.
    pub fn advance(&mut self, events: &[Event], conversation: Option<Conversation>) {
        for event in events {
            self.note(event);
        }
        let Some(conversation) = conversation else { return };
        if conversation.sealed_chunks > self.conversation.sealed_chunks {
            let rest = self.unsealed.split_off(
                usize::try_from(EVENTS_PER_CHUNK).map_or(0, |chunk| chunk.min(self.unsealed.len())),
            );
            let full = std::mem::replace(&mut self.unsealed, rest);
            if self.conversation.sealed_chunks == 0 {
                self.sealed = Some(full);
            } else if let Some(sealed) = &mut self.sealed {
                sealed.extend(full);
            }
        }
        self.conversation = Arc::new(conversation);
    }

    /// Moves a read marker; the store has it.
    pub fn read(&mut self, user: UserId, seq: Seq) {
        Arc::make_mut(&mut self.reads).insert(user, seq);
    }

    fn note(&mut self, event: &Event) {
        self.last_seq = event.seq;
        self.unsealed.push(event.fingerprint().unwrap_or(0));
        if let EventKind::MessagePosted { client_id, .. } = &event.kind {
            self.spoken.insert(event.actor.clone());
            self.sends.remember(event.actor.clone(), client_id.clone(), event.seq);
        }
    }
}

/// The newest sends, by who sent them and what their client called them.
#[derive(Debug, Default)]
struct Sends {
    seqs: HashMap<(UserId, ClientId), Seq>,
    order: VecDeque<(UserId, ClientId)>,
}

impl Sends {
    fn remember(&mut self, sender: UserId, client_id: ClientId, seq: Seq) {
        if self.order.len() == REMEMBERED_SENDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.seqs.remove(&oldest);
        }
        self.seqs.insert((sender.clone(), client_id.clone()), seq);
        self.order.push_back((sender, client_id));
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::opening::Opening;
    use super::*;

    fn posted(seq: Seq) -> Event {
        Event {
            conversation: crate::domain::ConversationId::trusted("c"),
            seq,
            at: DateTime::UNIX_EPOCH,
            actor: UserId::trusted("ann"),
            kind: EventKind::MessagePosted {
                client_id: ClientId::trusted(format!("client-{seq}")),
                body: Arc::from("hello"),
                verdict: None,
            },
        }
    }

    #[test]
    fn a_send_of_any_age_is_recognised_and_chunks_are_sealed_when_full() {
        let ann = UserId::trusted("ann");
        let opening = Opening::support(&ann, None, "other", &ClientId::trusted("0"));
        let mut live = Live::new(opening.conversation(DateTime::UNIX_EPOCH));
        let mut sealed_at = Vec::new();
        for seq in 1..=1_500 {
            let events = [posted(seq)];
            let conversation = live.sealing(&events).map(|(write, conversation)| {
                let Write::Sealed { chunk, fingerprints } = write else { panic!("a sealed chunk") };
                assert_eq!(fingerprints.len(), 256);
                sealed_at.push((seq, chunk));
                conversation
            });
            live.advance(&events, conversation);
        }
        assert_eq!(sealed_at, [(256, 0), (512, 1), (768, 2), (1_024, 3), (1_280, 4)]);
        assert!(!live.needs_fingerprints(), "a conversation that grew in memory knows its own");
        for seq in [1, 256, 257, 900, 1_280] {
            let found = live.candidates(&ann, &ClientId::trusted(format!("client-{seq}")));
            assert_eq!(found, [seq]);
        }
        assert_eq!(live.remembered(&ann, &ClientId::trusted("client-1500")), Some(1_500));
        assert_eq!(live.remembered(&ann, &ClientId::trusted("client-1")), None);
        assert!(live.candidates(&ann, &ClientId::trusted("client-9999")).is_empty());
    }
}
