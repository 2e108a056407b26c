//! How far a consumer is, for those who wait for it and those who watch it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};

use crate::store::{OutboxCursor, Store};

/// How far a consumer is behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// Whose.
    pub consumer: &'static str,
    /// Groups committed since the store was opened but not yet consumed.
    pub groups: u64,
    /// Age of the oldest group it has in hand; zero if it has none.
    pub age: Duration,
    /// Entries it refused, which were set aside.
    pub set_aside: u64,
    /// Why its last batch failed, if it did.
    pub trouble: Option<String>,
}

/// What a follower tells of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Status {
    /// It has once been up to date, so that what earlier openings left is consumed.
    pub(super) arrived: bool,
    pub(super) cursor: OutboxCursor,
    /// When the oldest group in hand was committed.
    pub(super) oldest: Option<DateTime<Utc>>,
    pub(super) set_aside: u64,
    pub(super) trouble: Option<String>,
    /// It has ended, and why if not by request.
    pub(super) ended: Option<Ending>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    Stopped,
    Lost(String),
}

/// A running consumer: tells how far it is. Clones watch the same.
#[derive(Debug, Clone)]
pub struct Progress {
    name: &'static str,
    store: Store,
    status: watch::Receiver<Status>,
    hurry: Arc<Notify>,
}

/// A consumer that was started.
#[derive(Debug)]
pub struct Running {
    progress: Progress,
    stop: watch::Sender<bool>,
}

/// The follower's side.
pub(super) struct Report {
    pub(super) status: watch::Sender<Status>,
    pub(super) committed: watch::Receiver<u64>,
    pub(super) hurry: Arc<Notify>,
    pub(super) stop: watch::Receiver<bool>,
}

pub(super) fn begin(store: &Store, name: &'static str, cursor: OutboxCursor) -> (Running, Report) {
    let (status, seen) = watch::channel(Status { cursor, ..Status::default() });
    let (stop, stopped) = watch::channel(false);
    let hurry = Arc::new(Notify::new());
    let report = Report {
        status,
        committed: store.outbox_signal(),
        hurry: Arc::clone(&hurry),
        stop: stopped,
    };
    let progress = Progress { name, store: store.clone(), status: seen, hurry };
    (Running { progress, stop }, report)
}

impl Running {
    /// How far it is.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Ends it. The batch in hand may have been applied, with or without its cursor.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let mut status = self.progress.status.clone();
        // An error means that the follower is gone altogether.
        let _ = status.wait_for(|status| status.ended.is_some()).await;
    }
}

impl Progress {
    /// Groups committed since the store was opened but not yet consumed; 1 while it works on what earlier openings left.
    pub fn lag(&self) -> u64 {
        let status = self.status.borrow();
        let groups = self.store.outbox_groups_after(&status.cursor);
        if status.arrived { groups } else { groups.max(1) }
    }

    /// The same with everything else there is to tell.
    pub fn lag_at(&self, now: DateTime<Utc>) -> Lag {
        let groups = self.lag();
        let status = self.status.borrow();
        let age = status.oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default();
        Lag {
            consumer: self.name,
            groups,
            age,
            set_aside: status.set_aside,
            trouble: status.trouble.clone(),
        }
    }

    /// Everything before this is consumed.
    pub fn cursor(&self) -> OutboxCursor {
        self.status.borrow().cursor.clone()
    }

    /// Waits until everything committed before this call is consumed; `false` if that took longer than `patience` or the
    /// consumer has ended.
    pub async fn caught_up(&self, patience: Duration) -> bool {
        let goal = self.store.outbox_end();
        let mut status = self.status.clone();
        let there =
            |status: &Status| status.cursor.covers(&goal) || (goal.is_start() && status.arrived);
        if there(&status.borrow()) {
            return true;
        }
        self.hurry.notify_one();
        let reached = status.wait_for(|status| there(status) || status.ended.is_some());
        match tokio::time::timeout(patience, reached).await {
            Ok(Ok(status)) => there(&status),
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Resolves when the consumer has ended; says why if it gave up.
    pub async fn ended(&self) -> Option<String> {
        let mut status = self.status.clone();
        match status.wait_for(|status| status.ended.is_some()).await.as_deref() {
            Ok(Status { ended: Some(Ending::Lost(why)), .. }) => Some(why.clone()),
            Ok(_) => None,
            Err(_) => Some("the consumer's task is gone".to_owned()),
        }
    }
}
