//! The index inside the process: tantivy, in the data directory.
//!
//! A directory has generations beside each other and a file that names the one in use. A generation is one tantivy index
//! with messages and conversations, so that one commit carries both, and their position in its payload.
//!
//! Limits, per segment: of a word that is being typed or misspelt the 2,000 best and most frequent words are looked for, of
//! an unfinished word at the end of a phrase the first 500; beginnings of one or two characters are indexed and have no
//! limit. Words are compared by their first 64 bytes.

mod core;
mod files;
mod gate;
mod generation;
mod merging;
mod plan;
mod schema;
mod scope;
mod search;
mod snapshot;
#[cfg(test)]
mod tests;
mod union;
mod words;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use self::core::Core;
use self::files::Pointer;
use self::gate::Gate;
use self::generation::Generation;
use crate::index::{Current, Index, IndexError, Shelf};
use crate::settings::Settings;

/// How the embedded index works.
#[derive(Debug, Clone)]
pub struct Options {
    /// Memory for documents that are being written, bytes; at least 15 MB.
    pub heap_bytes: usize,
    /// Searches that run at once.
    pub searches: usize,
    /// Searches that may wait; more are turned away as `Unavailable`.
    pub waiting: usize,
    /// Typing errors and synonyms.
    pub settings: Arc<Settings>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            heap_bytes: 64 << 20,
            searches: std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8),
            waiting: 64,
            settings: Arc::new(Settings::shipped().clone()),
        }
    }
}

/// Indexes in a directory of their own.
#[derive(Clone)]
pub struct EmbeddedShelf(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    options: Options,
    digest: String,
    gate: Gate,
    shelf: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<(Arc<Generation>, String)>,
    begun: Option<Arc<Generation>>,
    /// The highest number that was given to a generation.
    number: u64,
}

impl EmbeddedShelf {
    /// Opens the directory, which is made if it is not there. What is unreadable in it is warned of and counts as not there.
    pub fn open(dir: &Path, options: Options) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let gate = Gate::new(options.searches, options.waiting);
        let digest = options.settings.digest(schema::VERSION);
        let current = match open_current(dir, &options, &gate) {
            Ok(current) => current,
            Err(problem) => {
                tracing::warn!(problem, "the search index is damaged and must be built anew");
                None
            }
        };
        let name = current.as_ref().map(|(generation, _)| generation.name.as_str());
        files::remove_leftovers(dir, name)?;
        let state = State { current, ..State::default() };
        let dir = dir.to_owned();
        Ok(Self(Arc::new(Inner { dir, options, digest, gate, shelf: Mutex::new(state) })))
    }
}

fn open_current(
    dir: &Path,
    options: &Options,
    gate: &Gate,
) -> Result<Option<(Arc<Generation>, String)>, String> {
    let Some(Pointer { generation, digest }) =
        files::read_pointer(dir).map_err(|error| error.to_string())?
    else {
        return Ok(None);
    };
    let core = Core::open(&dir.join(&generation), options).map_err(|error| error.to_string())?;
    let opened = Generation::new(dir.to_owned(), generation, core, gate.clone(), options);
    let opened = opened.map_err(|error| error.to_string())?;
    opened.adopted(digest.clone());
    Ok(Some((Arc::new(opened), digest)))
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> Result<Arc<Generation>, IndexError> {
        let mut state = self.state();
        if let Some(abandoned) = state.begun.take() {
            abandoned.retire();
        }
        let (name, path) = files::create_generation(&self.dir, state.number)
            .map_err(|error| unavailable(&error))?;
        state.number = files::number(&name).unwrap_or(state.number);
        let core = Core::create(&path, &self.options).map_err(|error| unavailable(&error))?;
        let begun = Generation::new(self.dir.clone(), name, core, self.gate.clone(), &self.options);
        let begun = Arc::new(begun.map_err(|error| unavailable(&error))?);
        state.begun = Some(Arc::clone(&begun));
        Ok(begun)
    }

    fn adopt(&self) -> Result<(), IndexError> {
        let mut state = self.state();
        let Some(begun) = state.begun.clone() else {
            return Err(IndexError::Rejected("no index was begun".into()));
        };
        let pointer = Pointer { generation: begun.name.clone(), digest: self.digest.clone() };
        files::write_pointer(&self.dir, &pointer).map_err(|error| unavailable(&error))?;
        begun.adopted(pointer.digest.clone());
        state.begun = None;
        if let Some((before, _)) = state.current.replace((begun, pointer.digest)) {
            before.retire();
        }
        Ok(())
    }
}

impl Shelf for EmbeddedShelf {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    fn current(&self) -> BoxFuture<'_, Result<Option<Current>, IndexError>> {
        async {
            let current = self.0.state().current.clone();
            Ok(current.map(|(index, digest)| Current { index, outdated: digest != self.0.digest }))
        }
        .boxed()
    }

    fn begin(&self) -> BoxFuture<'_, Result<Arc<dyn Index>, IndexError>> {
        let inner = Arc::clone(&self.0);
        let begun = async move { spawn_blocking(move || inner.begin()).await };
        begun
            .map(|begun| Ok(begun.map_err(|error| unavailable(&error))?? as Arc<dyn Index>))
            .boxed()
    }

    fn adopt(&self) -> BoxFuture<'_, Result<(), IndexError>> {
        let inner = Arc::clone(&self.0);
        let adopted = async move { spawn_blocking(move || inner.adopt()).await };
        adopted.map(|adopted| adopted.map_err(|error| unavailable(&error))?).boxed()
    }
}

fn unavailable(error: &impl ToString) -> IndexError {
    IndexError::Unavailable(error.to_string())
}
