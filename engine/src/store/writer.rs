//! A writer: takes what is waiting, commits it as one group, answers everyone in it.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, SubsecRound as _, Utc};
use lru::LruCache;
use surrealdb::types::{Object, RecordId, Value};
use tokio::sync::{mpsc, oneshot, watch};

use super::commit::{Commit, Work, Write};
use super::db::{Db, Fall, Session};
use super::group::{Transaction, transaction};
use super::journal::{GroupKey, JournalGroup, Unfiled};
use super::recent::Recent;
use super::value::millis;
use super::{CommitError, OutboxEntry, OutboxRow, StoreError, meter, run};
use crate::domain::{Clock, ConversationId, Event, Seq};
use crate::telemetry::store::Waiting;

/// How often a group that lost against another transaction is tried again as a whole.
const RETRIES: usize = 3;

/// Conversations whose last event a writer knows.
pub(super) const ENDS: NonZeroUsize = NonZeroUsize::new(50_000).expect("not zero");

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
    /// Where events wait to be filed if they go into the journal; `None` if each gets a row of its own at once.
    pub(super) unfiled: Option<Arc<Unfiled>>,
    pub(super) group_size: usize,
    /// The last events of conversations it wrote to lately: a number up to there is taken.
    pub(super) ends: LruCache<ConversationId, Seq>,
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
        if let Some(unfiled) = &self.unfiled {
            unfiled.room().await;
        }
        jobs = self.admitted(jobs).await;
        if jobs.len() > 1 {
            let outcome = self.attempt(&jobs).await;
            // If it could not even be found out what became of the group, repeating its members
            // might make them twice.
            if outcome.is_ok() || self.uncertain {
                jobs.drain(..).for_each(|job| self.finish(job, outcome.clone()));
            }
        }
        for job in jobs {
            for job in self.admitted(vec![job]).await {
                let outcome = self.attempt(std::slice::from_ref(&job)).await;
                self.finish(job, outcome);
            }
        }
    }

    fn finish(&mut self, job: Job, outcome: Result<(), CommitError>) {
        if let Some((commit, _, last)) = appended(&job.work) {
            if outcome.is_ok() {
                self.ends.put(commit.conversation.clone(), last);
            } else {
                self.ends.pop(&commit.conversation);
                self.suspects.insert(commit.conversation.clone());
            }
        }
        answer(job, outcome);
    }

    /// Answers those whose sequence number is taken, and those that follow one that failed: its predecessor is not in the
    /// log. Returns the others.
    async fn admitted(&mut self, jobs: Vec<Job>) -> Vec<Job> {
        let unknown = self.unknown(&jobs);
        let present = match run::present(&self.db, &unknown).await {
            Ok(present) => present,
            Err(error) => {
                jobs.into_iter().for_each(|job| self.finish(job, Err(error.clone().into())));
                return Vec::new();
            }
        };
        let mut ends: HashMap<ConversationId, Seq> = HashMap::new();
        let mut admitted = Vec::with_capacity(jobs.len());
        for job in jobs {
            let Some((commit, first, last)) = appended(&job.work) else {
                admitted.push(job);
                continue;
            };
            let id = &commit.conversation;
            let end = ends.get(id).copied().or_else(|| self.end(id));
            let is_there = |seq: Seq| match end {
                Some(end) => seq <= end,
                None => seq == 0 || present.contains(&(id.clone(), seq)),
            };
            let follows = !self.suspects.contains(id) || is_there(first - 1);
            if is_there(first) || !follows {
                self.suspects.insert(id.clone());
                answer(job, Err(CommitError::Conflict));
            } else {
                self.suspects.remove(id);
                ends.insert(id.clone(), last);
                admitted.push(job);
            }
        }
        admitted
    }

    /// The conversation's last event, if it is known without looking it up.
    fn end(&self, id: &ConversationId) -> Option<Seq> {
        let known = self.ends.peek(id).copied();
        known.or_else(|| self.unfiled.as_ref()?.last_seq(id))
    }

    /// Events that must be looked up to know which numbers are taken.
    fn unknown(&self, jobs: &[Job]) -> Vec<(ConversationId, Seq)> {
        let mut unknown = Vec::new();
        for (commit, first, _) in jobs.iter().filter_map(|job| appended(&job.work)) {
            let id = &commit.conversation;
            if self.end(id).is_some() {
                continue;
            }
            unknown.push((id.clone(), first));
            if first > 1 && self.suspects.contains(id) {
                unknown.push((id.clone(), first - 1));
            }
        }
        unknown
    }

    /// One transaction for all of them.
    async fn attempt(&mut self, jobs: &[Job]) -> Result<(), CommitError> {
        if self.uncertain {
            self.settle().await?;
        }
        let mut tries = 0;
        loop {
            let at = self.clock.now().trunc_subsecs(3);
            let work = jobs.iter().map(|job| &job.work);
            let key = self.key();
            let Transaction { statements, entries } =
                transaction(work, key, millis(at), self.unfiled.is_some())?;
            let group = meter::group(jobs);
            let outcome = self.session.transact(statements).await;
            group.end(outcome.is_ok(), (self.shard, key.n));
            match outcome {
                Ok(()) => {
                    self.remember(jobs, key, (at, entries));
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

    fn remember(
        &self,
        jobs: &[Job],
        key: GroupKey,
        (at, entries): (DateTime<Utc>, Vec<OutboxEntry>),
    ) {
        if let Some(unfiled) = &self.unfiled {
            unfiled.add(JournalGroup::new(key, events(jobs)));
        }
        self.recent.committed(jobs.iter().map(|job| &job.work));
        self.recent.groups.add(OutboxRow::new(key, at, entries));
    }

    /// Finds out whether the last group was committed after all.
    async fn settle(&mut self) -> Result<bool, StoreError> {
        let landed = self.exists(self.key().outbox_id()).await?;
        if let (true, Some(unfiled)) = (landed, &self.unfiled)
            && let Some(group) = JournalGroup::find(&self.db, self.key()).await?
        {
            unfiled.add(group);
        }
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

    /// The group that is next.
    fn key(&self) -> GroupKey {
        let n = self.committed.load(Ordering::Acquire) + 1;
        GroupKey { boot: self.boot, shard: self.shard, n }
    }

    async fn exists(&self, id: RecordId) -> Result<bool, StoreError> {
        let mut variables = Object::new();
        variables.insert("id", id);
        let found = self.db.ask("SELECT VALUE id FROM ONLY $id", variables).await?.value(0)?;
        Ok(matches!(found, Value::RecordId(_)))
    }
}

fn events(jobs: &[Job]) -> impl Iterator<Item = &Event> {
    let commits = jobs.iter().filter_map(|job| match &job.work {
        Work::Commit(commit) => Some(commit),
        Work::Catalogue(_) => None,
    });
    commits.flat_map(|commit| &commit.writes).filter_map(|write| match write {
        Write::Event(event) => Some(event),
        _ => None,
    })
}

/// The commit and the first and the last event it appends, if it appends any.
fn appended(work: &Work) -> Option<(&Commit, Seq, Seq)> {
    let Work::Commit(commit) = work else { return None };
    let mut seqs = commit.writes.iter().filter_map(|write| match write {
        Write::Event(event) => Some(event.seq),
        _ => None,
    });
    let first = seqs.next()?;
    Some((commit, first, seqs.next_back().unwrap_or(first)))
}

fn answer(job: Job, outcome: Result<(), CommitError>) {
    meter::answered(&outcome);
    // Whoever asked may have stopped waiting.
    drop(job.answer.send(outcome));
}
