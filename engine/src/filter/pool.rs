//! Inspector threads: a bounded queue, and a few plain threads that take jobs from it, so that no filter ever runs on tokio's.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A piece of work; says whether its thread was given up on meanwhile and should end.
pub(super) type Job = Box<dyn FnOnce() -> Ended + Send>;

/// What a thread does after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Takes the next job.
    Done,
    /// Ends: another thread has taken its place.
    Replaced,
}

/// Threads replaced at once; with more of them stuck, the pool stays as small as it is.
const MAX_STUCK: usize = 16;

/// The threads and their queue; the threads end when this is dropped.
pub(super) struct Inspectors {
    shared: Arc<Shared>,
}

struct Shared {
    name: &'static str,
    queue: Mutex<Queue>,
    wake: Condvar,
    capacity: usize,
}

struct Queue {
    jobs: VecDeque<Job>,
    idle: usize,
    stuck: usize,
    closed: bool,
}

impl Inspectors {
    /// Starts the threads.
    pub(super) fn start(name: &'static str, threads: usize, capacity: usize) -> io::Result<Self> {
        let queue = Queue { jobs: VecDeque::new(), idle: 0, stuck: 0, closed: false };
        let shared =
            Arc::new(Shared { name, queue: Mutex::new(queue), wake: Condvar::new(), capacity });
        let inspectors = Self { shared };
        for _ in 0..threads {
            inspectors.spawn()?;
        }
        Ok(inspectors)
    }

    /// Queues a job; false if the queue is full.
    pub(super) fn submit(&self, job: Job) -> bool {
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= self.shared.capacity {
            return false;
        }
        queue.jobs.push_back(job);
        let idle = queue.idle > 0;
        drop(queue);
        if idle {
            self.shared.wake.notify_one();
        }
        true
    }

    /// Jobs that no thread has taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.shared.lock().jobs.len()
    }

    /// Starts a thread in place of one that doesn't come back from its job.
    pub(super) fn replace_stuck(&self) {
        let mut queue = self.shared.lock();
        if queue.stuck >= MAX_STUCK {
            tracing::error!(
                "{MAX_STUCK} inspector threads are stuck in filters; no more are replaced"
            );
            return;
        }
        queue.stuck += 1;
        drop(queue);
        if let Err(error) = self.spawn() {
            tracing::error!(%error, "an inspector thread is stuck and can't be replaced");
        }
    }

    fn spawn(&self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        thread::Builder::new().name(shared.name.into()).spawn(move || shared.work())?;
        Ok(())
    }
}

impl Drop for Inspectors {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            match catch_unwind(AssertUnwindSafe(job)) {
                Ok(Ended::Done) => {}
                Ok(Ended::Replaced) => {
                    self.lock().stuck -= 1;
                    return;
                }
                Err(_) => tracing::error!("an inspection panicked; its message was not judged"),
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.closed {
                return None;
            }
            queue.idle += 1;
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }
}
