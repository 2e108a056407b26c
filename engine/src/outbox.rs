//! Durable, cursor-driven consumers of what was committed: at least once, in order, never on the way of a send.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::store::{OutboxCursor, OutboxRow, Store, StoreError};

/// Rows handed to a consumer at once.
const BATCH: usize = 64;
/// Between batches of a busy consumer, so that what changes often is written once for many changes.
const COALESCE: Duration = Duration::from_millis(100);
/// First and longest wait after a failed batch.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// Something fed from the outbox. Its effects and the cursor are stored together, or applying twice is harmless.
pub trait Consumer: Send + Sync + 'static {
    /// Names its cursor.
    fn name(&self) -> &'static str;

    /// Takes committed groups into account and stores the cursor that follows them.
    fn apply(
        &self,
        rows: Vec<OutboxRow>,
        next: &OutboxCursor,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A running consumer: tells how far it is.
#[derive(Debug, Clone)]
pub struct Progress {
    committed: watch::Receiver<u64>,
    done: watch::Receiver<u64>,
    hurry: Arc<Notify>,
}

impl Progress {
    /// Groups committed but not yet consumed.
    pub fn lag(&self) -> u64 {
        self.committed.borrow().saturating_sub(*self.done.borrow())
    }

    /// Waits until everything committed before this call is consumed; `false` if that took longer than `patience`.
    pub async fn caught_up(&self, patience: Duration) -> bool {
        let goal = *self.committed.borrow();
        let mut done = self.done.clone();
        if *done.borrow() >= goal {
            return true;
        }
        self.hurry.notify_one();
        let reached = tokio::time::timeout(patience, done.wait_for(|done| *done >= goal)).await;
        matches!(reached, Ok(Ok(_)))
    }
}

/// Starts a consumer where its cursor stands; it runs until the store is closed.
pub async fn start<C: Consumer>(store: Store, consumer: C) -> Result<Progress, StoreError> {
    let cursor = store.cursor(consumer.name()).await?;
    let committed = store.outbox_signal();
    let (report, done) = watch::channel(0);
    let hurry = Arc::new(Notify::new());
    let progress = Progress { committed: committed.clone(), done, hurry: Arc::clone(&hurry) };
    tokio::spawn(run(store, consumer, cursor, committed, report, hurry));
    Ok(progress)
}

async fn run<C: Consumer>(
    store: Store,
    consumer: C,
    mut cursor: OutboxCursor,
    mut committed: watch::Receiver<u64>,
    report: watch::Sender<u64>,
    hurry: Arc<Notify>,
) {
    let mut wait = BACK_OFF.0;
    loop {
        let goal = *committed.borrow_and_update();
        match drain(&store, &consumer, &mut cursor).await {
            Ok(()) => {
                wait = BACK_OFF.0;
                report.send_replace(goal);
            }
            Err(error) => {
                tracing::warn!(consumer = consumer.name(), %error, ?wait, "an outbox batch failed; trying again");
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = store.closing() => return,
                }
                wait = (wait * 2).min(BACK_OFF.1);
                continue;
            }
        }
        tokio::select! {
            changed = committed.changed() => if changed.is_err() { return },
            () = store.closing() => return,
        }
        let _ = tokio::time::timeout(COALESCE, hurry.notified()).await;
    }
}

async fn drain<C: Consumer>(
    store: &Store,
    consumer: &C,
    cursor: &mut OutboxCursor,
) -> Result<(), StoreError> {
    loop {
        let rows = store.outbox_after(cursor, BATCH).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut next = cursor.clone();
        for row in &rows {
            next.pass(row);
        }
        consumer.apply(rows, &next).await?;
        *cursor = next;
    }
}
