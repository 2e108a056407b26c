//! Writing: what changes becomes tasks, in order, none larger than the server takes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::io::Cursor;
use meilisearch_sdk::documents::DocumentDeletionQuery;
use serde::Serialize;

use super::filter;
use super::server::{Server, TaskId, classify, is_too_large};
use super::stored::{StoredConversation, StoredMessage, message_id};
use crate::document::{Changes, Projection};
use crate::index::IndexError;

/// A payload has at most this many bytes (but always a document), until the server says that it is too much.
const PAYLOAD: usize = 8 * 1024 * 1024;
/// And at most this many documents.
const DOCUMENTS: usize = 10_000;
/// Ids in one request.
const IDS: usize = 2_000;

/// Writes to the two indexes of a generation.
pub struct Writer {
    payload: AtomicUsize,
}

impl Default for Writer {
    fn default() -> Self {
        Self { payload: AtomicUsize::new(PAYLOAD) }
    }
}

impl Writer {
    /// Enqueues all of it, and waits until it is done.
    pub async fn write(
        &self,
        server: &Server,
        messages: &str,
        conversations: &str,
        changes: &Changes,
    ) -> Result<(), IndexError> {
        let mut tasks = Vec::new();
        let enqueued = self.enqueue(server, messages, conversations, changes, &mut tasks).await;
        match enqueued {
            // What the server was told before must not happen in the middle of another write.
            Err(IndexError::Rejected(reason)) => {
                server.finish(&tasks).await?;
                Err(IndexError::Rejected(reason))
            }
            Err(error) => Err(error),
            Ok(()) => server.finish(&tasks).await,
        }
    }

    async fn enqueue(
        &self,
        server: &Server,
        messages: &str,
        conversations: &str,
        changes: &Changes,
        tasks: &mut Vec<TaskId>,
    ) -> Result<(), IndexError> {
        for erased in changes.erased.chunks(filter::VALUES) {
            let filter = filter::any("conversation_key", erased);
            let index = server.index(messages);
            let mut query = DocumentDeletionQuery::new(&index);
            query.with_filter(&filter);
            let task = index.delete_documents_with(&query).await;
            tasks.push(task.map_err(|error| classify(&error))?.task_uid);
        }
        let erased = filter::keys(&changes.erased);
        remove(server, conversations, &erased, tasks).await?;
        remove(server, messages, &superseded(changes), tasks).await?;
        let documents = lines(changes.messages.iter().map(StoredMessage::from))?;
        self.put(server, messages, &documents, tasks).await?;
        let documents = lines(changes.conversations.iter().map(StoredConversation::from))?;
        self.put(server, conversations, &documents, tasks).await
    }

    /// Enqueues documents, each one a line of JSON, in as many payloads as it takes.
    async fn put(
        &self,
        server: &Server,
        uid: &str,
        documents: &[Vec<u8>],
        tasks: &mut Vec<TaskId>,
    ) -> Result<(), IndexError> {
        let mut rest = documents;
        while !rest.is_empty() {
            let fits = fitting(rest, self.payload.load(Ordering::Relaxed));
            let (now, later) = rest.split_at(fits);
            let payload = Cursor::new(now.concat());
            let task = server
                .index(uid)
                .add_or_replace_unchecked_payload(payload, "application/x-ndjson", Some("id"))
                .await;
            match task {
                Ok(task) => {
                    tasks.push(task.task_uid);
                    rest = later;
                }
                Err(error) if is_too_large(&error) => {
                    let bytes = now.iter().map(Vec::len).sum::<usize>();
                    if now.len() == 1 {
                        return Err(IndexError::Rejected(format!(
                            "a document of {bytes} bytes is more than the server takes (its \
                             http-payload-size-limit)"
                        )));
                    }
                    self.payload.store(bytes / 2, Ordering::Relaxed);
                }
                Err(error) => return Err(classify(&error)),
            }
        }
        Ok(())
    }
}

/// How many of these go into one payload: one at least.
fn fitting(documents: &[Vec<u8>], payload: usize) -> usize {
    let mut bytes = 0;
    let fits = documents
        .iter()
        .take(DOCUMENTS)
        .take_while(|document| {
            bytes += document.len();
            bytes <= payload
        })
        .count();
    fits.max(1)
}

async fn remove(
    server: &Server,
    uid: &str,
    ids: &[String],
    tasks: &mut Vec<TaskId>,
) -> Result<(), IndexError> {
    for ids in ids.chunks(IDS) {
        let task = server.index(uid).delete_documents(ids).await;
        tasks.push(task.map_err(|error| classify(&error))?.task_uid);
    }
    Ok(())
}

/// Ids of documents of replaced messages that are not written anew.
fn superseded(changes: &Changes) -> Vec<String> {
    let written: HashSet<_> = changes
        .messages
        .iter()
        .map(|message| (message.conversation.as_str(), message.seq, message.projection))
        .collect();
    changes
        .replaced
        .iter()
        .flat_map(|(conversation, seq)| {
            Projection::ALL.map(|projection| (conversation.as_str(), *seq, projection))
        })
        .filter(|id| !written.contains(id))
        .map(|(conversation, seq, projection)| message_id(conversation, seq, projection))
        .collect()
}

fn lines<T: Serialize>(documents: impl Iterator<Item = T>) -> Result<Vec<Vec<u8>>, IndexError> {
    documents
        .map(|document| {
            let mut line = serde_json::to_vec(&document).map_err(|_| {
                IndexError::Rejected("a document can't be written as JSON".to_owned())
            })?;
            line.push(b'\n');
            Ok(line)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_bounded_by_bytes_and_number_but_hold_one() {
        let documents = vec![vec![b'x'; 10]; 25_000];
        assert_eq!(fitting(&documents, 35), 3);
        assert_eq!(fitting(&documents, 5), 1, "one that is too large goes alone");
        assert_eq!(fitting(&documents, usize::MAX), DOCUMENTS);
    }
}
