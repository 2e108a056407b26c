//! Durable, cursor-driven consumers of what was committed: at least once, in order, never on the way of a send.

mod consumer;
mod follow;
mod keeper;
mod progress;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::Clock;
use crate::store::{OutboxCursor, Store, StoreError};
use crate::telemetry::{Page, catalogue};

pub use consumer::{Consumer, ConsumerError, Pace};
pub use progress::{Lag, Progress, Running};

/// All consumers of one store. Clones share it.
#[derive(Debug, Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Clock,
    /// Who reads, or will read, from where; nothing after the earliest is trimmed.
    readers: Mutex<BTreeMap<u64, Reader>>,
    next: AtomicU64,
}

/// Somebody who needs what the outbox holds.
enum Reader {
    /// A running consumer.
    Running(Progress),
    /// Somebody who is not reading yet, but will.
    Held(OutboxCursor),
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("readers", &self.readers().len()).finish_non_exhaustive()
    }
}

/// Keeps what comes after a cursor from being trimmed, until it is dropped.
#[derive(Debug)]
pub struct Hold {
    id: u64,
    outbox: Arc<Inner>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.outbox.readers().remove(&self.id);
    }
}

impl Inner {
    fn readers(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(&self, reader: Reader) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.readers().insert(id, reader);
        id
    }
}

impl Outbox {
    /// Starts trimming behind the slowest consumer, now and then. Consumers are to be started before the next minute is over.
    pub fn start(store: Store, clock: Clock) -> Self {
        let readers = Mutex::new(BTreeMap::new());
        let inner = Arc::new(Inner { store, clock, readers, next: AtomicU64::new(0) });
        let outbox = Self { inner };
        tokio::spawn(keeper::run(outbox.clone()));
        outbox
    }

    /// Runs a consumer from where it stands, until it is stopped, gives up, or the store is closed.
    pub async fn follow<C: Consumer>(&self, consumer: C) -> Result<Running, ConsumerError> {
        // From before its cursor is known, so that nothing it needs is trimmed meanwhile.
        let hold = self.hold(OutboxCursor::default());
        let cursor = consumer.position(&self.inner.store).await?;
        let (running, report) = progress::begin(&self.inner.store, consumer.name(), cursor.clone());
        let id = self.inner.register(Reader::Running(running.progress().clone()));
        drop(hold);
        let registered = Hold { id, outbox: Arc::clone(&self.inner) };
        let follower = follow::Follower {
            store: self.inner.store.clone(),
            clock: self.inner.clock.clone(),
            consumer: Arc::new(consumer),
            cursor,
            report,
        };
        tokio::spawn(async move {
            follower.run().await;
            drop(registered);
        });
        Ok(running)
    }

    /// Keeps what comes after the cursor until the hold is dropped.
    pub fn hold(&self, cursor: OutboxCursor) -> Hold {
        let id = self.inner.register(Reader::Held(cursor));
        Hold { id, outbox: Arc::clone(&self.inner) }
    }

    /// How far every running consumer is, by name.
    pub fn lags(&self) -> Vec<Lag> {
        let now = self.inner.clock.now();
        let readers = self.inner.readers();
        let running = readers.values().filter_map(|reader| match reader {
            Reader::Running(progress) => Some(progress.lag_at(now)),
            Reader::Held(_) => None,
        });
        let mut lags: Vec<Lag> = running.collect();
        lags.sort_by_key(|lag| lag.consumer);
        lags
    }

    /// Writes how far every running consumer is.
    pub fn write_figures(&self, page: &mut Page) {
        let lags = self.lags();
        page.metric(&catalogue::OUTBOX_LAG_GROUPS);
        for it in &lags {
            page.sample(&[("consumer", it.consumer)], it.groups);
        }
        page.metric(&catalogue::OUTBOX_LAG_SECONDS);
        for it in &lags {
            page.sample(&[("consumer", it.consumer)], it.age.as_secs_f64());
        }
        page.metric(&catalogue::OUTBOX_SET_ASIDE);
        for it in &lags {
            page.sample(&[("consumer", it.consumer)], it.set_aside);
        }
        page.metric(&catalogue::OUTBOX_FAILING);
        for it in &lags {
            page.sample(&[("consumer", it.consumer)], u8::from(it.trouble.is_some()));
        }
    }

    /// Deletes what every consumer has passed. Happens by itself once a minute.
    pub async fn trim(&self) -> Result<(), StoreError> {
        let slowest = {
            let readers = self.inner.readers();
            let places = readers.values().map(|reader| match reader {
                Reader::Running(progress) => progress.cursor(),
                Reader::Held(cursor) => cursor.clone(),
            });
            places.reduce(|one, other| one.earlier(&other))
        };
        match slowest {
            Some(cursor) => self.inner.store.trim_outbox(&cursor).await,
            None => Ok(()),
        }
    }
}
