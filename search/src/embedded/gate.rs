//! How many searches run, and how many may wait.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::index::IndexError;

/// Searches run on threads of their own, a few at once; when too many wait, more are turned away.
#[derive(Clone)]
pub(super) struct Gate {
    running: Arc<Semaphore>,
    /// Running and waiting.
    all: Arc<Semaphore>,
}

impl Gate {
    pub(super) fn new(running: usize, waiting: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(running.max(1))),
            all: Arc::new(Semaphore::new(running.max(1) + waiting)),
        }
    }

    /// Runs it when its turn comes. A search nobody waits for any more does not begin.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        search: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, IndexError> {
        let busy = || IndexError::Unavailable("too many searches wait".into());
        let place = Arc::clone(&self.all).try_acquire_owned().map_err(|_| busy())?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_| busy())?;
        let search = spawn_blocking(move || {
            let _held = (place, turn);
            search()
        });
        match search.await {
            Ok(answer) => answer,
            Err(failed) if failed.is_panic() => Err(IndexError::Lost("reading it panicked".into())),
            Err(_) => Err(IndexError::Unavailable("the process is ending".into())),
        }
    }

    /// Places that nobody has.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.all.available_permits()
    }
}
