//! A writer: takes what is waiting, commits it as one group, answers everyone in it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use surrealdb::types::{Object, RecordId, SurrealValue, Value};
use tokio::sync::{mpsc, oneshot, watch};

use super::commit::{Commit, Work, Write};
use super::db::{Db, Fall, Session};
use super::group::transaction;
use super::recent::Recent;
use super::rows::seq_id;
use super::value::{int, millis, record};
use super::{CommitError, StoreError, meter};
use crate::domain::{Clock, ConversationId, Seq};
use crate::telemetry::store::Waiting;

/// How often a group that lost against another transaction is tried again as a whole.
const RETRIES: usize = 3;

/// What to write and whom to tell.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) waiting: Waiting,
    pub(super) answer: oneshot::Sender<Result<(), CommitError>>,
}

/// Commits the conversations of one shard, group after group.
pub(super) struct Writer {
    pub(super) db: Arc<Db>,
    pub(super) session: Session,
    pub(super) clock: Clock,
    pub(super) shard: u64,
    pub(super) boot: u64,
    /// Groups this shard has committed since the store was opened; also read by the outbox.
    pub(super) committed: Arc<AtomicU64>,
    /// Tells outbox consumers that there is something new.
    pub(super) signal: Arc<watch::Sender<u64>>,
    pub(super) recent: Arc<Recent>,
    pub(super) group_size: usize,
    /// Conversations with a failed commit: the next one must prove that it leaves no gap.
    pub(super) suspects: HashSet<ConversationId>,
    /// The last group's outcome could not be found out; it must be before anything else is written.
    pub(super) uncertain: bool,
}

impl Writer {
    /// Works until the store closes and everything that was accepted is answered.
    pub(super) async fn run(
        mut self,
        mut jobs: mpsc::Receiver<Job>,
        closing: watch::Receiver<bool>,
    ) {
        let mut closing = Some(closing);
        let mut batch = Vec::new();
        loop {
            let closed = async {
                match closing.as_mut() {
                    Some(closing) => drop(closing.wait_for(|closing| *closing).await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = closed => {
                    jobs.close();
                    closing = None;
                }
                taken = jobs.recv_many(&mut batch, self.group_size) => {
                    if taken == 0 {
                        return;
                    }
                    self.commit(std::mem::take(&mut batch)).await;
                }
            }
        }
    }

    async fn commit(&mut self, mut jobs: Vec<Job>) {
        jobs.iter_mut().for_each(|job| job.waiting.taken());
        if !self.suspects.is_empty() {
            jobs = self.cleared(jobs).await;
        }
        if jobs.len() > 1 {
            let outcome = self.attempt(&jobs).await;
            // If it could not even be found out what became of the group, repeating its members
            // might make them twice.
            if outcome.is_ok() || self.uncertain {
                jobs.drain(..).for_each(|job| self.finish(job, outcome.clone()));
            }
        }
        for job in jobs {
            let outcome = match self.admit(&job.work).await {
                Ok(()) => self.attempt(std::slice::from_ref(&job)).await,
                refused => refused,
            };
            self.finish(job, outcome);
        }
    }

    fn finish(&mut self, job: Job, outcome: Result<(), CommitError>) {
        if outcome.is_err()
            && let Some((commit, _)) = first_event(&job.work)
        {
            self.suspects.insert(commit.conversation.clone());
        }
        answer(job, outcome);
    }

    /// Answers those that would leave a gap and returns the others.
    async fn cleared(&mut self, jobs: Vec<Job>) -> Vec<Job> {
        let mut cleared = Vec::with_capacity(jobs.len());
        for job in jobs {
            match self.admit(&job.work).await {
                Ok(()) => cleared.push(job),
                refused => answer(job, refused),
            }
        }
        cleared
    }

    /// Refuses a commit that follows one that failed: its predecessor is not in the log.
    async fn admit(&mut self, work: &Work) -> Result<(), CommitError> {
        let Some((commit, first)) = first_event(work) else { return Ok(()) };
        if !self.suspects.contains(&commit.conversation) {
            return Ok(());
        }
        let before = seq_id("event", &commit.conversation, first.saturating_sub(1));
        if first > 1 && !self.exists(before).await? {
            return Err(CommitError::Conflict);
        }
        self.suspects.remove(&commit.conversation);
        Ok(())
    }

    /// One transaction for all of them.
    async fn attempt(&mut self, jobs: &[Job]) -> Result<(), CommitError> {
        if self.uncertain {
            self.settle().await?;
        }
        let mut tries = 0;
        loop {
            let at = millis(self.clock.now());
            let work = jobs.iter().map(|job| &job.work);
            let statements = transaction(work, self.outbox_id(), at);
            let group = meter::group(jobs);
            let outcome = self.session.transact(statements).await;
            let number = self.committed.load(Ordering::Acquire) + 1;
            group.end(outcome.is_ok(), (self.shard, number));
            match outcome {
                Ok(()) => {
                    self.recent.committed(jobs.iter().map(|job| &job.work));
                    self.landed();
                    return Ok(());
                }
                Err(Fall::Exists) => return Err(CommitError::Conflict),
                Err(Fall::Retry) if tries < RETRIES => tries += 1,
                Err(Fall::Retry) => {
                    let fault = "a group kept losing against other transactions";
                    return Err(StoreError::Unavailable(fault.into()).into());
                }
                Err(Fall::Unknown(error)) => {
                    tracing::error!(%error, shard = self.shard, "a commit failed");
                    self.uncertain = true;
                    self.recent.forget_conversations();
                    // The group's outbox row is there exactly if all of the group is.
                    return if self.settle().await? { Ok(()) } else { Err(error.into()) };
                }
            }
        }
    }

    /// Finds out whether the last group was committed after all.
    async fn settle(&mut self) -> Result<bool, StoreError> {
        let landed = self.exists(self.outbox_id()).await?;
        self.uncertain = false;
        // It may have landed after they were read again.
        self.recent.forget_conversations();
        if landed {
            self.landed();
        }
        Ok(landed)
    }

    fn landed(&self) {
        self.committed.fetch_add(1, Ordering::Release);
        self.signal.send_modify(|groups| *groups += 1);
    }

    /// The outbox row of the group that is next.
    fn outbox_id(&self) -> RecordId {
        outbox_id(self.shard, self.boot, self.committed.load(Ordering::Acquire) + 1)
    }

    async fn exists(&self, id: RecordId) -> Result<bool, StoreError> {
        let mut variables = Object::new();
        variables.insert("id", id);
        let found = self.db.ask("SELECT VALUE id FROM ONLY $id", variables).await?.value(0)?;
        Ok(matches!(found, Value::RecordId(_)))
    }
}

/// `outbox:[shard, boot, n]`
pub(super) fn outbox_id(shard: u64, boot: u64, n: u64) -> RecordId {
    record("outbox", [shard, boot, n].map(|part| int(part).into_value()))
}

/// The commit and the first event it appends, if it appends any.
fn first_event(work: &Work) -> Option<(&Commit, Seq)> {
    let Work::Commit(commit) = work else { return None };
    let first = commit.writes.iter().find_map(|write| match write {
        Write::Event(event) => Some(event.seq),
        _ => None,
    });
    first.map(|first| (commit, first))
}

fn answer(job: Job, outcome: Result<(), CommitError>) {
    meter::answered(&outcome);
    // Whoever asked may have stopped waiting.
    drop(job.answer.send(outcome));
}
