//! The truth: an append-only log per conversation in SurrealDB, committed in groups, every commit synced to disk.
//! What tables there are and how rows are keyed is in schema/README.md.

mod audit;
mod backtests;
mod cache;
mod catalogue;
mod commit;
mod components;
mod coverage;
mod db;
mod decisions;
mod desk;
mod error;
mod filing;
mod filters;
mod group;
mod inbox;
mod journal;
mod lists;
mod log;
mod meter;
mod migrate;
mod minutes;
mod outbox;
mod page;
mod policies;
mod queue;
mod recent;
mod rows;
mod run;
mod scan;
mod shadow;
mod staff;
mod value;
mod writer;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex as BlockingMutex, PoisonError};

use lru::LruCache;
use surrealdb::types::{Object, Value};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

pub use audit::{AuditEntry, AuditFilter, AuditPage, AuditPlace};
pub use backtests::BacktestRow;
pub use catalogue::ListingFilter;
pub use commit::{Commit, Decision, Write};
pub use components::{ComponentFacts, ComponentRow, SignalFacts};
pub use coverage::Coverage;
pub use decisions::{DecisionFilter, DecisionPage, DecisionPlace};
pub use desk::{DeskFilter, DeskPage, DeskPlace};
pub use error::{CommitError, StoreError};
pub use filters::{
    CandidateRow, ChangeError, FilterChange, FilterRow, FilterState, FilterWrite, QuarantineRow,
    VersionRow,
};
pub use inbox::{INBOX_CONSUMER, InboxChange};
pub use lists::{ListChange, ListEntry, ListRow};
pub use log::Loaded;
pub use minutes::MinuteRow;
pub use outbox::{
    AsideEntry, CatalogueEntry, ConversationEntry, NoCursor, OutboxCursor, OutboxEntry,
    OutboxPlace, OutboxRow, Standing,
};
pub use page::{MessagePage, Page};
pub use policies::PolicyRow;
pub use queue::{QueueFilter, QueueOrder, QueuePage, QueuePlace, Ruling};
pub use shadow::{ShadowPlace, ShadowRow, ShadowTally};
pub use staff::{LinkRow, SessionRow, StaffChangeError, StaffRow, StaffWrite};

use crate::config;
use crate::domain::{Clock, ConversationId, Listing, ListingId, User, UserId};
use crate::telemetry::store::Backlog;
use cache::Cache;
use commit::Work;
use coverage::Counters;
use db::{Db, Session};
use filing::Filing;
use journal::{JournalGroup, Unfiled};
use recent::Recent;
use writer::{ENDS, Job, Writer};

/// Upserts of users or listings that wait to be written; further ones wait to wait.
const CATALOGUE_QUEUE: usize = 64;

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// The way to a writer.
struct Queue {
    jobs: mpsc::Sender<Job>,
    backlog: Arc<Backlog>,
}

struct Inner {
    db: Arc<Db>,
    /// One per writer; a conversation always goes to the same one.
    queues: Vec<Queue>,
    /// The writer of users and listings.
    catalogue: Queue,
    /// By shard: groups committed since the store was opened.
    committed: HashMap<u64, Arc<AtomicU64>>,
    /// Counts committed groups of all writers.
    signal: Arc<watch::Sender<u64>>,
    /// How often the store was opened, this time included.
    boot: u64,
    /// The most writers the store ever had.
    shards: u64,
    key: [u8; 32],
    users: Cache<UserId, User>,
    listings: Cache<ListingId, Listing>,
    recent: Arc<Recent>,
    /// Empty if events are filed with their commit.
    unfiled: Arc<Unfiled>,
    /// `None` until somebody asks.
    coverage: Mutex<Option<Counters>>,
    /// For transactions of outbox consumers.
    projector: Mutex<Session>,
    /// For changes of filters, policies and lists.
    administrator: Mutex<Session>,
    /// For what versions on trial would have done.
    observer: Mutex<Session>,
    closing: watch::Sender<bool>,
    writers: BlockingMutex<Vec<JoinHandle<()>>>,
    filing: BlockingMutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("boot", &self.inner.boot).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects (the embedded database lies in `store` under `data_dir`), brings the schema up to
    /// date and starts the writers. Must be called inside a tokio runtime.
    pub async fn open(
        config: &config::Store,
        data_dir: &Path,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let db = Arc::new(Db::connect(config, data_dir).await?);
        let writers = config.writers.max(1);
        let meta = migrate::open(&db, &clock, writers).await?;
        let signal = Arc::new(watch::Sender::new(0));
        let recent = Arc::new(Recent::new(config.recent_events));
        let unfiled = Arc::new(Unfiled::default());
        for group in JournalGroup::all(&db).await? {
            unfiled.add(group);
        }
        // A server's store may have another engine as well: then the database has to see each event to refuse a second one.
        let journaled = config.journal && matches!(&*config.address, "embedded" | "memory");
        let mut filing = Filing {
            db: Arc::clone(&db),
            session: Session::new(Arc::clone(&db)),
            unfiled: Arc::clone(&unfiled),
        };
        if !journaled {
            filing.all().await?;
        }
        let closing = watch::Sender::new(false);
        let mut committed = HashMap::new();
        let mut tasks = Vec::new();
        let mut start = |shard: u64, waiting: usize| {
            let (queue, jobs) = mpsc::channel(waiting.max(1));
            let count = Arc::clone(committed.entry(shard).or_default());
            let writer = Writer {
                db: Arc::clone(&db),
                session: Session::new(Arc::clone(&db)),
                clock: clock.clone(),
                shard,
                boot: meta.boot,
                committed: count,
                signal: Arc::clone(&signal),
                recent: Arc::clone(&recent),
                unfiled: journaled.then(|| Arc::clone(&unfiled)),
                ends: LruCache::new(ENDS),
                group_size: config.group_size.max(1),
                suspects: HashSet::new(),
                uncertain: false,
            };
            tasks.push(tokio::spawn(writer.run(jobs, closing.subscribe())));
            Queue { jobs: queue, backlog: Arc::default() }
        };
        let each = config.queue.div_ceil(writers);
        let queues = (0..writers).map(|shard| start(shard as u64, each)).collect();
        let catalogue = start(outbox::CATALOGUE_SHARD, CATALOGUE_QUEUE);
        Ok(Self {
            inner: Arc::new(Inner {
                projector: Mutex::new(Session::new(Arc::clone(&db))),
                administrator: Mutex::new(Session::new(Arc::clone(&db))),
                observer: Mutex::new(Session::new(Arc::clone(&db))),
                db,
                queues,
                catalogue,
                committed,
                signal,
                boot: meta.boot,
                shards: meta.shards,
                key: meta.key,
                users: Cache::new(config.cached_users),
                listings: Cache::new(config.cached_listings),
                recent,
                unfiled,
                coverage: Mutex::new(None),
                closing,
                writers: BlockingMutex::new(tasks),
                filing: BlockingMutex::new(Some(tokio::spawn(filing.run()))),
            }),
        })
    }

    /// Resolves when the store is being closed.
    pub async fn closing(&self) {
        let mut closing = self.inner.closing.subscribe();
        // An error means that the store is gone altogether.
        let _ = closing.wait_for(|closing| *closing).await;
    }

    /// Stops the writers after what they accepted, and waits until the database is closed. What is
    /// asked afterwards fails. The embedded database can be opened again when all clones are gone.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.closing.send_replace(true);
        let writers =
            std::mem::take(&mut *self.inner.writers.lock().unwrap_or_else(PoisonError::into_inner));
        for writer in writers {
            if let Err(error) = writer.await {
                tracing::error!(%error, "a store writer had died");
            }
        }
        self.inner.unfiled.end();
        let filing = self.inner.filing.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = futures_util::future::OptionFuture::from(filing).await {
            tracing::error!(%error, "what files events had died");
        }
        self.inner.db.shutdown().await
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.inner.db.ask("RETURN 1", Object::new()).await.map(|_| ())
    }

    /// Writes a little, and remembers nothing of it: whether the store takes writes.
    pub async fn try_write(&self) -> Result<(), StoreError> {
        let id = value::named("meta", "probe");
        let mut variables = catalogue::variable("id", Value::RecordId(id));
        // A row that is as it was would not be written.
        let mut row = Object::new();
        row.insert("turn", i64::from(rand::random::<u32>()));
        variables.insert("row", row);
        self.inner.db.ask(group::REPLACE, variables).await.map(|_| ())
    }

    /// 32 random bytes made with this store, for whatever must not be guessable from outside.
    pub fn secret_key(&self) -> [u8; 32] {
        self.inner.key
    }

    /// Makes the writes together or not at all. When it returns `Ok`, they are on disk.
    ///
    /// Whoever stops waiting does not stop the commit.
    pub async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        self.submit(commit)?.await
    }

    /// Hands writes in, to be made in this order with others of the conversation, and gives what becomes of them.
    /// `Busy` at once if too many wait.
    pub fn submit(
        &self,
        commit: Commit,
    ) -> Result<impl Future<Output = Result<(), CommitError>> + Send + 'static, CommitError> {
        let closing = || StoreError::Unavailable("it is closing".into());
        if !commit.is_consecutive() {
            let fault = "a commit's events must be consecutive and of its conversation";
            return Err(StoreError::Query(fault.into()).into());
        }
        let (answer, outcome) = oneshot::channel();
        let queue = self.queue(&commit.conversation).ok_or_else(closing)?;
        let job = Job { work: Work::Commit(commit), waiting: queue.backlog.enter(), answer };
        queue.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => meter::busy(),
            TrySendError::Closed(_) => closing().into(),
        })?;
        Ok(async move { outcome.await.unwrap_or_else(|_| Err(closing().into())) })
    }

    fn queue(&self, conversation: &ConversationId) -> Option<&Queue> {
        let mut hasher = DefaultHasher::new();
        conversation.hash(&mut hasher);
        let shard = hasher.finish() % (self.inner.queues.len() as u64).max(1);
        usize::try_from(shard).ok().and_then(|shard| self.inner.queues.get(shard))
    }
}
