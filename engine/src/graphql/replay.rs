//! Messages of replayed events. An event holds the text as it was posted; a message that has been retracted, edited
//! or held since must not come back as it was, so what is replayed shows messages as they are now.

use std::collections::BTreeMap;

use crate::domain::{ConversationId, Message, Seq};
use crate::store::{Page, Store, StoreError};

/// Messages read ahead in one go.
const READ_AHEAD: usize = 128;

/// Reads messages in ascending order, a page at a time.
pub struct Replay {
    store: Store,
    conversation: ConversationId,
    /// Newest event at the time of subscribing: everything up to it is replay, after it live.
    until: Seq,
    ahead: BTreeMap<Seq, Message>,
}

impl Replay {
    /// `until`: the newest event at the time of subscribing.
    pub fn new(store: Store, conversation: ConversationId, until: Seq) -> Self {
        Self { store, conversation, until, ahead: BTreeMap::new() }
    }

    /// The message as it is now if its event is replayed, and as it was posted if it is live.
    pub async fn current(&mut self, posted: Message) -> Result<Message, StoreError> {
        let seq = posted.seq;
        if seq > self.until {
            self.ahead.clear();
            return Ok(posted);
        }
        if !self.ahead.contains_key(&seq) {
            let before = self.until.saturating_add(1);
            let after = seq.saturating_sub(1);
            let page = Page { after, before, limit: READ_AHEAD, newest: false };
            let found = self.store.messages(&self.conversation, page, |_| true).await?;
            self.ahead = found.messages.into_iter().map(|found| (found.seq, found)).collect();
        }
        Ok(self.ahead.remove(&seq).unwrap_or(posted))
    }
}
