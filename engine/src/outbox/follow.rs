//! One consumer's life: batch after batch, waiting longer after each failure, setting aside what it refuses.

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use rand::Rng as _;

use super::consumer::{Consumer, ConsumerError};
use super::progress::{Ending, Report, Status};
use crate::domain::Clock;
use crate::store::{AsideEntry, OutboxCursor, OutboxEntry, OutboxPlace, OutboxRow, Store};
use crate::telemetry::trace::{self, Attribute};

/// First and longest wait after a failed batch; half of it is chance, so that consumers don't return together.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));
/// A batch that is refused this often is taken apart, and what is refused alone is set aside.
const REFUSALS: u32 = 3;
/// Entries set aside that are tried again at a start.
const RETRIED: u64 = 10_000;

pub(super) struct Follower<C> {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) consumer: Arc<C>,
    pub(super) cursor: OutboxCursor,
    pub(super) report: Report,
}

/// A batch: entries with their places, and the cursor after them.
struct Batch {
    entries: Vec<OutboxEntry>,
    places: Vec<OutboxPlace>,
    next: OutboxCursor,
}

impl<C: Consumer> Follower<C> {
    pub(super) async fn run(mut self) {
        let ending = tokio::select! {
            ending = Self::work(
                &self.store, &self.clock, &self.consumer, &mut self.cursor, &self.report,
            ) => ending,
            () = stopped(self.report.stop.clone()) => Ending::Stopped,
            () = self.store.closing() => Ending::Stopped,
        };
        if let Ending::Lost(why) = &ending {
            tracing::error!(consumer = self.consumer.name(), %why, "a consumer of the outbox gave up");
        }
        self.report.status.send_modify(|status| status.ended = Some(ending));
    }

    async fn work(
        store: &Store,
        clock: &Clock,
        consumer: &Arc<C>,
        cursor: &mut OutboxCursor,
        report: &Report,
    ) -> Ending {
        let mut turn = Turn { store, clock, consumer, report, refusals: 0 };
        let mut committed = report.committed.clone();
        let mut wait = BACK_OFF.0;
        let mut retried = false;
        loop {
            committed.mark_unchanged();
            let drained = async {
                if !retried {
                    turn.retry_aside(cursor).await?;
                    retried = true;
                }
                turn.drain(cursor).await
            };
            match drained.await {
                Ok(()) => {
                    wait = BACK_OFF.0;
                    report.status.send_modify(|status| {
                        status.arrived = true;
                        status.oldest = None;
                        status.trouble = None;
                    });
                }
                Err(ConsumerError::Lost(why)) => return Ending::Lost(why),
                Err(error) => {
                    let jittered = wait / 2 + rand::rng().random_range(Duration::ZERO..=wait / 2);
                    tracing::warn!(consumer = consumer.name(), %error, wait = ?jittered,
                        "an outbox batch failed; trying again");
                    report.status.send_modify(|status| status.trouble = Some(error.to_string()));
                    tokio::time::sleep(jittered).await;
                    wait = (wait * 2).min(BACK_OFF.1);
                    continue;
                }
            }
            if committed.changed().await.is_err() {
                return Ending::Stopped;
            }
            let _ = tokio::time::timeout(consumer.pace().coalesce, report.hurry.notified()).await;
        }
    }
}

/// What the steps of one consumer share.
struct Turn<'a, C> {
    store: &'a Store,
    clock: &'a Clock,
    consumer: &'a Arc<C>,
    report: &'a Report,
    /// How often the batch that is next was refused.
    refusals: u32,
}

impl<C: Consumer> Turn<'_, C> {
    /// Consumes what is committed now. What is committed meanwhile waits for the next time, or under a steady load the pace
    /// would never be kept.
    async fn drain(&mut self, cursor: &mut OutboxCursor) -> Result<(), ConsumerError> {
        let goal = self.store.outbox_end();
        loop {
            let rows = self.store.outbox_after(cursor, self.consumer.pace().batch).await?;
            let oldest = rows.iter().map(|row| row.at).min();
            if oldest.is_none() {
                return Ok(());
            }
            self.report.status.send_modify(|status| status.oldest = oldest);
            let batch = Batch::of(cursor, rows);
            let groups = batch.places.iter().map(|place| (place.shard, place.n));
            let traced = trace::Batch::begin(
                self.consumer.name(),
                self.consumer.name(),
                trace::members_of(groups),
            );
            let applied = self.apply(&batch.entries, &batch.next).await;
            let entries = batch.entries.len() as u64;
            traced.end(|| [Attribute::Number("entries", entries)]);
            match applied {
                Ok(()) => {}
                Err(ConsumerError::Rejected(_)) if self.refusals + 1 >= REFUSALS => {
                    self.take_apart(&batch, cursor).await?;
                }
                Err(error) => {
                    if matches!(error, ConsumerError::Rejected(_)) {
                        self.refusals += 1;
                    }
                    return Err(error);
                }
            }
            self.refusals = 0;
            cursor.clone_from(&batch.next);
            self.report.status.send_modify(|status| status.cursor.clone_from(cursor));
            if cursor.covers(&goal) {
                return Ok(());
            }
        }
    }

    /// A panic is a refusal: it must not end the consumer.
    async fn apply(
        &self,
        entries: &[OutboxEntry],
        cursor: &OutboxCursor,
    ) -> Result<(), ConsumerError> {
        let outcome = AssertUnwindSafe(self.consumer.apply(entries, cursor)).catch_unwind().await;
        outcome.unwrap_or_else(|_| Err(ConsumerError::Rejected("it panicked".to_owned())))
    }

    /// Halves a refused batch until what is refused stands alone; that is set aside, and everything else is consumed.
    async fn take_apart(&self, batch: &Batch, at: &OutboxCursor) -> Result<(), ConsumerError> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        parts.push(0..batch.entries.len());
        let mut refused = Vec::new();
        while let Some(part) = parts.pop() {
            // The cursor stays: should this be interrupted, the whole batch comes again.
            match self.apply(&batch.entries[part.clone()], at).await {
                Ok(()) => {}
                Err(ConsumerError::Rejected(reason)) if part.len() <= 1 => {
                    for index in part {
                        refused.push(AsideEntry {
                            place: batch.places[index],
                            at: self.clock.now(),
                            reason: reason.clone(),
                            entry: batch.entries[index].clone(),
                        });
                    }
                }
                Err(ConsumerError::Rejected(_)) => {
                    let middle = part.start + part.len() / 2;
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
                Err(error) => return Err(error),
            }
        }
        for entry in &refused {
            tracing::error!(consumer = self.consumer.name(), place = ?entry.place, reason = %entry.reason,
                "an outbox entry was set aside; it is tried again at the next start");
        }
        self.store.set_aside(self.consumer.name(), &refused).await?;
        let count = refused.len() as u64;
        self.report.status.send_modify(|status| status.set_aside += count);
        self.apply(&[], &batch.next).await
    }

    /// What was set aside may work now: with a newer version, or after a repair.
    async fn retry_aside(&self, cursor: &OutboxCursor) -> Result<(), ConsumerError> {
        let name = self.consumer.name();
        let aside = self.store.aside(name, RETRIED).await?;
        let mut done = Vec::new();
        for one in &aside {
            match self.apply(std::slice::from_ref(&one.entry), cursor).await {
                Ok(()) => done.push(one.place),
                Err(ConsumerError::Rejected(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.store.put_back(name, &done).await?;
        let left = (aside.len() - done.len()) as u64;
        self.report.status.send_modify(|status: &mut Status| status.set_aside = left);
        Ok(())
    }
}

impl Batch {
    fn of(cursor: &OutboxCursor, rows: Vec<OutboxRow>) -> Self {
        let mut batch = Self { entries: Vec::new(), places: Vec::new(), next: cursor.clone() };
        for row in rows {
            batch.next.pass(&row);
            batch.places.extend((0..row.entries.len()).map(|index| row.place(index)));
            batch.entries.extend(row.entries);
        }
        batch
    }
}

async fn stopped(mut stop: tokio::sync::watch::Receiver<bool>) {
    // Whoever could have stopped it is gone: it runs as long as the store.
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
