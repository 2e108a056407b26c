//! The queue of a store that held messages before there was a queue: found once by walking through the log.

use crate::domain::{Action, EventKind, Held, Seq};
use crate::store::{Store, StoreError};

/// Conversations read at once.
const CONVERSATIONS: usize = 256;
/// Events read at once.
const EVENTS: Seq = 1_024;
/// Entries written at once.
const BATCH: usize = 500;

/// Fills the queue unless that was done before.
pub(super) async fn fill(store: &Store) -> Result<(), StoreError> {
    if store.queue_is_filled().await? {
        return Ok(());
    }
    let (mut after, mut found, mut total) = (None, Vec::new(), 0);
    loop {
        let page = store.conversations(after.as_ref(), CONVERSATIONS).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for conversation in &page {
            let newest = store.last_seq(&conversation.id).await?;
            let mut next = 1;
            while next <= newest {
                let range = next..=newest.min(next + EVENTS - 1);
                next = range.end() + 1;
                for event in store.events(&conversation.id, range).await? {
                    let EventKind::MessagePosted { verdict: Some(verdict), .. } = &event.kind
                    else {
                        continue;
                    };
                    if verdict.action == Action::Hold {
                        let message = store.message(&conversation.id, event.seq).await?;
                        found.extend(message.as_ref().and_then(Held::of));
                    }
                }
            }
            if found.len() >= BATCH {
                total += found.len();
                store.put_in_queue(&std::mem::take(&mut found)).await?;
            }
        }
    }
    total += found.len();
    store.put_in_queue(&found).await?;
    store.note_queue_filled().await?;
    if total > 0 {
        tracing::info!(total, "held messages of before there was a queue wait for a moderator now");
    }
    Ok(())
}
