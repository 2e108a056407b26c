//! Finding messages and conversations: keeps the index fed from the outbox, builds it anew when it must be, and asks it on
//! behalf of viewers, who find only what they may see.

mod asked;
mod build;
mod documents;
mod feed;
mod find;
mod keeper;
mod names;
mod open;
mod status;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use rialto_search::{Index, Shelf};
use tokio::sync::watch;

use crate::domain::Clock;
use crate::outbox::{Outbox, Progress};
use crate::store::Store;

pub use asked::{
    ConversationMatch, ConversationMatches, ConversationSearch, MessageMatch, MessageMatches,
    MessageSearch, Place, SearchError, SearchFilter, Snippet,
};
pub use feed::SEARCH_CONSUMER;
pub use open::OpenError;
pub use status::{BuildProgress, SearchState, Status};

/// Search. Clones share it.
#[derive(Clone)]
pub struct Search {
    inner: Arc<Inner>,
}

/// What search works with.
pub struct SearchRooms {
    /// Keeps the truth.
    pub store: Store,
    /// Says what was committed.
    pub outbox: Outbox,
    /// Where the index is.
    pub shelf: Arc<dyn Shelf>,
    /// Tells the time.
    pub clock: Clock,
}

struct Inner {
    rooms: SearchRooms,
    /// The index that answers, if one does.
    serving: ArcSwapOption<Serving>,
    /// Why none does, or what went wrong last.
    problem: watch::Sender<Option<String>>,
    build: watch::Sender<Option<BuildProgress>>,
    /// Counts requests to build the index anew, and how many are answered.
    requested: watch::Sender<u64>,
    /// Hits that the viewer is not shown, or no longer as the index has them.
    stale: AtomicU64,
    built: watch::Sender<Built>,
}

/// Which requests are answered, and how the last build ended.
#[derive(Debug, Clone, Default)]
struct Built {
    requests: u64,
    error: Option<String>,
}

/// An index in use, and how far it follows.
struct Serving {
    index: Arc<dyn Index>,
    progress: Progress,
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("index", &self.inner.rooms.shelf.kind()).finish()
    }
}

impl Search {
    /// Opens the index in the background: the engine starts whether it can be reached or not. A missing, lost or outdated
    /// index is built from the store.
    pub fn start(rooms: SearchRooms) -> Self {
        let inner = Arc::new(Inner {
            rooms,
            serving: ArcSwapOption::empty(),
            problem: watch::Sender::new(None),
            build: watch::Sender::new(None),
            requested: watch::Sender::new(0),
            stale: AtomicU64::new(0),
            built: watch::Sender::new(Built::default()),
        });
        tokio::spawn(keeper::Keeper::new(Arc::clone(&inner)).run());
        Self { inner }
    }

    /// Asks for the index to be built anew beside the one in use, and returns at once.
    pub fn request_rebuild(&self) {
        self.inner.requested.send_modify(|requests| *requests += 1);
    }

    /// The same, and waits until the new index is in use; says what went wrong if it is not.
    pub async fn rebuild(&self) -> Result<(), String> {
        let mut mine = 0;
        self.inner.requested.send_modify(|requests| {
            *requests += 1;
            mine = *requests;
        });
        let mut built = self.inner.built.subscribe();
        let closed = || "the engine is stopping".to_owned();
        let built = built.wait_for(|built| built.requests >= mine).await.map_err(|_| closed())?;
        built.error.clone().map_or(Ok(()), Err)
    }

    /// Follows the build under way, if one is.
    pub fn watch_build(&self) -> watch::Receiver<Option<BuildProgress>> {
        self.inner.build.subscribe()
    }

    /// Hits so far that the index gave though the viewer is not shown them, or not so: it lagged.
    pub fn stale_hits(&self) -> u64 {
        self.inner.stale.load(Ordering::Relaxed)
    }

    /// Waits until everything committed before this call is searchable; `false` if it is not within `patience`.
    pub async fn caught_up(&self, patience: std::time::Duration) -> bool {
        let waiting = async {
            loop {
                if let Some(serving) = self.inner.serving.load_full() {
                    return serving.progress.caught_up(patience).await;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(patience, waiting).await.unwrap_or(false)
    }
}
