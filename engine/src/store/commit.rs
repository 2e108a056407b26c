//! What can be written about a conversation.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::AuditEntry;
use super::queue::Ruling;
use crate::domain::{
    ClientId, Conversation, ConversationId, Event, FilterRun, Held, Listing, Message, Seq, User,
    UserId, Verdict,
};

/// Writes about one conversation that are made together or not at all.
///
/// Its events must be consecutive. Commits of one conversation are made in the order they were
/// handed in; if one fails, those handed in after it fail too, so no gap can appear.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// Which conversation.
    pub conversation: ConversationId,
    /// What to write.
    pub writes: Vec<Write>,
}

impl Commit {
    /// Whether its events are of this conversation and follow each other.
    pub(super) fn is_consecutive(&self) -> bool {
        let mut next = None;
        self.writes.iter().all(|write| {
            let Write::Event(event) = write else { return true };
            let fits = event.conversation == self.conversation
                && next.is_none_or(|next| next == event.seq);
            next = Some(event.seq + 1);
            fits
        })
    }
}

/// What a writer is given.
pub(super) enum Work {
    /// Writes about one conversation.
    Commit(Commit),
    /// Users and listings.
    Catalogue(Catalogue),
}

/// Users and listings that are added or replaced together.
#[derive(Default)]
pub(super) struct Catalogue {
    pub(super) users: Vec<User>,
    /// Added only if nobody has their id.
    pub(super) introduced: Vec<User>,
    pub(super) listings: Vec<Listing>,
}

/// One thing to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Appends to the log; fails with `Conflict` if the sequence number is taken.
    Event(Event),
    /// Keeps a message that differs from what its event posted.
    Message(Message),
    /// Replaces the conversation's record.
    Conversation(Conversation),
    /// Moves somebody's read marker.
    Read {
        /// Whose.
        user: UserId,
        /// Everything up to here is read.
        seq: Seq,
    },
    /// Keeps the fingerprints of one full chunk of events.
    Sealed {
        /// Which chunk: `k` covers sequence numbers `256 k + 1 ..= 256 (k + 1)`.
        chunk: u64,
        /// One per event; 0 for those that posted nothing.
        fingerprints: Vec<u64>,
    },
    /// Keeps why policy did something to a message, or refused it.
    Decision(Decision),
    /// Puts a held message into the queue of those that wait for a moderator, or replaces its entry.
    Held(Held),
    /// Takes it out; the entry must be what was put in.
    Unheld(Held),
    /// Keeps a moderator's decision among those about its sender, or that it was undone.
    Ruling(Ruling),
    /// Adds to the audit log.
    Audit(AuditEntry),
    /// Notes a block across conversations.
    Block {
        /// Who asked for it.
        by: UserId,
        /// Whose messages are refused.
        blocked: UserId,
    },
    /// Lifts it.
    Unblock {
        /// Who asked for it.
        by: UserId,
        /// Whose messages were refused.
        blocked: UserId,
    },
}

/// Why a message was labelled, masked, held or refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// When.
    pub at: DateTime<Utc>,
    /// Who wrote the message.
    pub sender: UserId,
    /// What the sender's client called it.
    pub client_id: ClientId,
    /// The text as written, also of messages that were refused and have no event.
    pub body: Arc<str>,
    /// What filters found and policy decided.
    pub verdict: Arc<Verdict>,
    /// The event it became, if it became one; for an edit the event that posted the message.
    pub seq: Option<Seq>,
    /// Which versions of which filters looked at it, in their order.
    pub runs: Vec<FilterRun>,
    /// How long judging it took, waiting included, microseconds.
    pub micros: u32,
}
