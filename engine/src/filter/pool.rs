//! Inspector threads: a bounded queue, and a few plain threads that take jobs from it, so that no filter ever runs on tokio's.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A piece of work; says whether it was given up on meanwhile.
pub(super) type Job = Box<dyn FnOnce() -> Ended + Send>;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// In time.
    Done,
    /// After `replace_stuck` was called for it, or will be.
    GivenUp,
}

/// Threads replaced at once; with more of them stuck, the pool stays as small as it is.
const MAX_STUCK: isize = 16;

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

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Threads that wait to be called.
    asleep: usize,
    /// Those of them that were called and have not come yet: calling takes the caller longer than queueing.
    called: usize,
    /// Threads in a job that was given up; below zero while one comes back before that is known here.
    stuck: isize,
    closed: bool,
}

impl Inspectors {
    /// Starts the threads.
    pub(super) fn start(name: &'static str, threads: usize, capacity: usize) -> io::Result<Self> {
        let queue = Queue::default();
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
        let call = queue.asleep > queue.called;
        queue.called += usize::from(call);
        drop(queue);
        if call {
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
        queue.stuck += 1;
        if queue.stuck > MAX_STUCK {
            tracing::error!(
                "{MAX_STUCK} inspector threads are stuck in filters; no more are replaced"
            );
            return;
        }
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
                Ok(Ended::GivenUp) => {
                    let mut queue = self.lock();
                    queue.stuck -= 1;
                    if queue.stuck < MAX_STUCK {
                        return;
                    }
                    // So many are stuck that nobody took its place.
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
            queue.asleep += 1;
            let uncalled = |queue: &mut Queue| queue.called == 0 && !queue.closed;
            queue = self.wake.wait_while(queue, uncalled).unwrap_or_else(PoisonError::into_inner);
            queue.asleep -= 1;
            queue.called = queue.called.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);
    const ROOM: usize = 8;

    /// A job that ends like this when it may, having said that it began.
    fn job(began: SyncSender<()>, may_end: Receiver<()>, end: Ended) -> Job {
        Box::new(move || {
            let _ = began.send(());
            let _ = may_end.recv();
            end
        })
    }

    fn brief(done: &SyncSender<()>) -> Job {
        let done = done.clone();
        Box::new(move || {
            let _ = done.send(());
            Ended::Done
        })
    }

    #[test]
    fn jobs_behind_one_that_takes_long_are_taken_by_others() {
        let inspectors = Inspectors::start("test", 2, 64).expect("threads");
        let (done, dones) = sync_channel(ROOM);
        for _ in 0..100 {
            assert!(inspectors.submit(brief(&done)));
            dones.recv_timeout(PATIENCE).expect("done");
        }
        let (began, begins) = sync_channel(ROOM);
        let (let_go, may_end) = sync_channel(ROOM);
        assert!(inspectors.submit(job(began, may_end, Ended::GivenUp)));
        begins.recv_timeout(PATIENCE).expect("begun");
        for _ in 0..100 {
            assert!(inspectors.submit(brief(&done)));
            dones.recv_timeout(PATIENCE).expect("done");
        }
        drop(let_go);
    }

    #[test]
    fn the_pool_has_its_size_again_when_more_were_stuck_than_were_replaced() {
        let inspectors = Inspectors::start("test", 1, 64).expect("threads");
        let (began, begins) = sync_channel(ROOM);
        let mut stuck = Vec::new();
        for _ in 0..=MAX_STUCK {
            let (let_go, may_end) = sync_channel(ROOM);
            assert!(inspectors.submit(job(began.clone(), may_end, Ended::GivenUp)));
            begins.recv_timeout(PATIENCE).expect("begun");
            inspectors.replace_stuck();
            stuck.push(let_go);
        }
        let (done, dones) = sync_channel(ROOM);
        assert!(inspectors.submit(brief(&done)));
        assert!(dones.recv_timeout(Duration::from_millis(50)).is_err(), "all are stuck");
        drop(stuck);
        for _ in 0..3 {
            dones.recv_timeout(PATIENCE).expect("done");
            assert!(inspectors.submit(brief(&done)));
        }
    }
}
