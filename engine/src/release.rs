//! The life of filters, policies and lists: uploaded, configured, tried, live, rolled back, switched off. The store is the
//! truth; what judges is built from it after every change, also after another engine's.

mod alarms;
mod apply;
mod change;
mod error;
mod filters;
mod lists;
mod load;
mod policies;
mod seed;
mod shadow;
mod trial;
mod upload;
mod view;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as BlockingMutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

use crate::config;
use crate::domain::{Clock, UserId};
use crate::filter::{Lists, Pipeline};
use crate::plugin::{Counters, Host};
use crate::store::{FilterRow, FilterState, Store};
use crate::telemetry::Page;

pub use alarms::DEFAULT_FLAGGED_SHARE;
pub use change::By;
pub use error::{Problem, ProblemCode, ReleaseError};
pub use filters::{Limits, Mode, SetMode};
pub use lists::ChangeList;
pub use load::Detached;
pub use policies::SavePolicy;
pub use seed::SeedError;
pub use shadow::{ShadowSummary, summary};
pub use trial::{Trial, TrialResult};
pub use upload::{Configure, Upload, Uploaded};
pub use view::{FilterHealth, LogEntry, VersionHealth};

use load::Loaded;

/// How often another engine's changes are looked for.
const FOLLOW_EVERY: Duration = Duration::from_secs(5);
/// How often alarms are looked for.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// The life of filters, policies and lists. Cheap to clone.
#[derive(Clone)]
pub struct Releases(Arc<Inner>);

struct Inner {
    store: Store,
    pipeline: Pipeline,
    host: Host,
    clock: Clock,
    config: config::Filters,
    key: [u8; 32],
    /// What all filters' `lists` import looks into.
    lists: Arc<Lists>,
    /// By filter, and whether they only watch: its versions share their counters, so that windows survive a new version.
    counters: BlockingMutex<HashMap<(String, bool), Arc<Counters>>>,
    /// Versions ready to run, and whether they only watch, as long as somebody uses them.
    warm: BlockingMutex<HashMap<(String, u32, bool), Weak<Loaded>>>,
    /// Changes and swaps happen one after the other.
    turn: Mutex<()>,
    view: ArcSwap<View>,
    /// The view is the store's.
    loaded: AtomicBool,
    /// A filter switched itself off.
    alarm: Arc<Notify>,
    tasks: BlockingMutex<Vec<JoinHandle<()>>>,
}

/// What judges now, and the state it was built from.
#[derive(Default)]
struct View {
    state: FilterState,
    /// Versions that run, by filter and number.
    loaded: BTreeMap<(String, u32), Arc<Loaded>>,
    /// Versions that were switched off, for their logs.
    off: BTreeMap<String, Arc<Loaded>>,
    /// Why a version that should run could not be loaded, by filter.
    broken: BTreeMap<String, String>,
}

impl fmt::Debug for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let revision = self.0.view.load().state.revision;
        f.debug_struct("Releases").field("revision", &revision).finish_non_exhaustive()
    }
}

impl Releases {
    /// Whether filters and policy were taken from the store, so that messages are judged by them.
    pub fn is_loaded(&self) -> bool {
        self.0.loaded.load(Ordering::Acquire)
    }

    /// Versions that judge or are tried, and filters of which a version should but can't be loaded.
    pub fn judging(&self) -> (usize, usize) {
        let view = self.0.view.load();
        (view.loaded.len(), view.broken.len())
    }

    /// Writes figures of the filters that judge or are tried.
    pub fn write_figures(&self, page: &mut Page) {
        self.0.pipeline.write_figures(page);
    }

    /// Brings bundled and configured filters and the policy to the store, builds the set that judges, and watches both.
    pub async fn start(
        store: Store,
        pipeline: Pipeline,
        host: Host,
        config: config::Filters,
        clock: Clock,
    ) -> Result<Self, SeedError> {
        let key = store.secret_key();
        let releases = Self(Arc::new(Inner {
            store,
            pipeline,
            host,
            clock,
            config,
            key,
            lists: Arc::default(),
            counters: BlockingMutex::default(),
            warm: BlockingMutex::default(),
            turn: Mutex::default(),
            view: ArcSwap::default(),
            loaded: AtomicBool::new(false),
            alarm: Arc::default(),
            tasks: BlockingMutex::default(),
        }));
        releases.seed().await?;
        releases.refresh().await?;
        releases.0.loaded.store(true, Ordering::Release);
        let tasks = [releases.watch(), releases.keep_shadow_results()];
        lock(&releases.0.tasks).extend(tasks);
        Ok(releases)
    }

    /// Waits until its tasks, which end when the store closes, have ended; gives up after ten seconds.
    pub async fn stop(&self) {
        let tasks = std::mem::take(&mut *lock(&self.0.tasks));
        for task in tasks {
            if tokio::time::timeout(Duration::from_secs(10), task).await.is_err() {
                tracing::warn!("a task that looks after filters did not end in time");
            }
        }
    }

    /// What all filters' `lists` import looks into.
    pub fn live_lists(&self) -> Arc<Lists> {
        Arc::clone(&self.0.lists)
    }

    /// The host that runs filters.
    pub fn host(&self) -> &Host {
        &self.0.host
    }

    /// Every filter, in the order they run, as of the set that judges here.
    pub fn filters(&self) -> Vec<FilterRow> {
        self.0.view.load().state.filters.clone()
    }

    /// One filter.
    pub fn filter(&self, name: &str) -> Option<FilterRow> {
        self.0.view.load().state.filters.iter().find(|row| row.name == name).cloned()
    }

    /// How everything stands, as of the set that judges here.
    pub fn state(&self) -> FilterState {
        self.0.view.load().state.clone()
    }

    /// Looks for changes that others made to the store since the set was built, and applies them.
    pub async fn refresh(&self) -> Result<(), crate::store::StoreError> {
        let turn = self.0.turn.lock().await;
        let state = self.0.store.filter_state().await?;
        self.apply(state).await?;
        drop(turn);
        Ok(())
    }
}

/// Who is named where the engine itself acts.
fn engine() -> UserId {
    UserId::trusted("rialto")
}

fn lock<T>(mutex: &BlockingMutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
