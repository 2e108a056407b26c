//! The thread that writes: one commit for each batch, the position in its payload.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use std::{io, thread};

use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexWriter, TantivyError, Term};
use tokio::sync::oneshot;

use super::core::{Core, error};
use super::files;
use super::merging::Tiers;
use crate::document::Changes;
use crate::index::IndexError;

/// Niceness: searches and conversations go before.
#[cfg(target_os = "linux")]
const POLITENESS: i32 = 5;
/// Writes that may wait.
const MOST_WAITING: usize = 4;
/// After a pause of this length, what was merged meanwhile is taken into use.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the lock of the index is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// Threads that merge.
const MERGERS: usize = 1;

struct Job {
    changes: Changes,
    position: String,
    reply: oneshot::Sender<Result<(), IndexError>>,
}

/// The way to the thread; it ends when this is dropped.
pub(super) struct Writer(SyncSender<Job>);

impl Writer {
    /// Starts the thread. When it ends it removes the index's directory, if that was retired.
    pub(super) fn start(core: &Arc<Core>) -> io::Result<Self> {
        let (send, receive) = sync_channel(MOST_WAITING);
        let (weak, path, retired) =
            (Arc::downgrade(core), core.path.clone(), Arc::clone(&core.retired));
        thread::Builder::new().name("rialto-indexer".into()).spawn(move || {
            be_polite();
            work(&receive, &weak);
            if retired.load(Ordering::Acquire) {
                files::remove(&path);
            }
        })?;
        Ok(Self(send))
    }

    /// Writes and waits for it.
    pub(super) async fn write(&self, changes: Changes, position: &str) -> Result<(), IndexError> {
        let (reply, answer) = oneshot::channel();
        let job = Job { changes, position: position.to_owned(), reply };
        match self.0.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(IndexError::Unavailable("too many writes wait".into()));
            }
            Err(TrySendError::Disconnected(_)) => return Err(gone()),
        }
        answer.await.map_err(|_| gone())?
    }
}

fn gone() -> IndexError {
    IndexError::Lost("the indexing thread has ended".into())
}

fn work(jobs: &Receiver<Job>, core: &Weak<Core>) {
    let mut writer = None;
    let mut idle = true;
    loop {
        let job = if idle {
            jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            jobs.recv_timeout(PAUSE)
        };
        let Some(core) = core.upgrade() else { return };
        match job {
            Ok(job) => {
                let result = carry_out(&mut writer, &core, &job.changes, &job.position);
                // Whoever asked may have left.
                let _ = job.reply.send(result);
                idle = false;
            }
            Err(RecvTimeoutError::Timeout) => idle = settle(&core),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Takes merged segments into use; true if nothing has changed for a while.
fn settle(core: &Core) -> bool {
    let before = core.snapshot().segments.len();
    let position = core.snapshot().position.clone();
    core.reload(position).is_ok() && core.snapshot().segments.len() == before
}

/// A writer that failed is thrown away, and with it all it had not committed.
fn carry_out(
    slot: &mut Option<IndexWriter>,
    core: &Core,
    changes: &Changes,
    position: &str,
) -> Result<(), IndexError> {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut writer = match slot.take() {
            Some(writer) => writer,
            None => open(core)?,
        };
        write(&mut writer, core, changes, position)?;
        *slot = Some(writer);
        core.reload(Some(position.to_owned()))
    }));
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(failed)) => Err(error(&core.path, &failed)),
        Err(_) => Err(IndexError::Lost("writing to it panicked".into())),
    }
}

fn open(core: &Core) -> tantivy::Result<IndexWriter> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .memory_budget_per_thread(core.heap)
        .num_merge_threads(MERGERS)
        .build();
    let started = Instant::now();
    loop {
        match core.index.writer_with_options(options.clone()) {
            // The thread of a shelf that was dropped just now has the lock until it ends.
            Err(TantivyError::LockFailure(..)) if started.elapsed() < LONGEST_WAIT => {
                thread::park_timeout(PAUSE / 25);
            }
            opened => {
                let writer: IndexWriter = opened?;
                writer.set_merge_policy(Box::new(Tiers));
                return Ok(writer);
            }
        }
    }
}

fn write(
    writer: &mut IndexWriter,
    core: &Core,
    changes: &Changes,
    position: &str,
) -> tantivy::Result<()> {
    let fields = &core.fields;
    for conversation in &changes.erased {
        for side in [&fields.message, &fields.conversation] {
            writer.delete_term(Term::from_field_text(side.conversation, conversation));
        }
    }
    for (conversation, seq) in &changes.replaced {
        writer.delete_term(fields.key(conversation, *seq));
    }
    for message in &changes.messages {
        writer.add_document(fields.message(message))?;
    }
    for conversation in &changes.conversations {
        writer
            .delete_term(Term::from_field_text(fields.conversation.conversation, &conversation.id));
        let doc = fields
            .conversation(conversation)
            .map_err(|error| TantivyError::InvalidArgument(error.to_string()))?;
        writer.add_document(doc)?;
    }
    let mut commit = writer.prepare_commit()?;
    commit.set_payload(position);
    commit.commit()?;
    Ok(())
}

/// Linux knows priorities of threads, and threads inherit them: tantivy's are started from this one.
fn be_polite() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, POLITENESS) {
        tracing::warn!(%error, "the search index is written at normal priority");
    }
}
