//! Backtests asked for, under way and kept: one runs at a time, a few wait, the newest reports stay in the store.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex as BlockingMutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::file::{self, FileFormat, FileMessage};
use super::history::HistoryRange;
use super::pace::Cancel;
use super::plan::{Backtest, Plan, Progress, Source, State, UnderTest};
use super::run::{self, Input};
use crate::domain::{Clock, UserId};
use crate::filter::{Pipeline, Policy};
use crate::release::{ProblemCode, ReleaseError, Releases};
use crate::store::{AuditEntry, BacktestRow, Store, StoreError};

/// Backtests under way or waiting.
const MAX_WAITING: usize = 8;
/// Messages of one backtest.
const MAX_MESSAGES: usize = 1_000_000;
/// How long a stop waits for a backtest to notice.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs backtests beside live traffic. Cheap to clone.
#[derive(Clone)]
pub struct Backtests(Arc<Inner>);

struct Inner {
    store: Store,
    pipeline: Pipeline,
    releases: Releases,
    clock: Clock,
    turn: Semaphore,
    jobs: BlockingMutex<BTreeMap<String, Job>>,
}

struct Job {
    backtest: Backtest,
    progress: watch::Receiver<Progress>,
    cancel: Arc<Cancel>,
    /// Ends when the report is stored.
    task: Option<JoinHandle<()>>,
}

/// A backtest as it is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is tried.
    pub under_test: UnderTest,
    /// On what.
    pub source: RequestedSource,
    /// Share of one core it may take, 0.01 to 1.
    pub share: f64,
}

/// What a backtest is asked to judge.
#[derive(Debug, Clone)]
pub enum RequestedSource {
    /// What was said here.
    History(HistoryRange),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// How it is written.
        format: FileFormat,
        /// What is in it.
        text: String,
    },
}

impl fmt::Debug for Backtests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Backtests")
    }
}

impl Backtests {
    /// Nothing runs yet; backtests that were under way when the engine stopped are marked so.
    pub async fn start(
        store: Store,
        pipeline: Pipeline,
        releases: Releases,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        for row in store.backtests().await? {
            let mut backtest = read(row)?;
            if !backtest.progress.state.is_over() {
                backtest.progress.state = State::Interrupted;
                backtest.finished_at = Some(clock.now());
                store.save_backtest(&row_of(&backtest)?).await?;
            }
        }
        let (turn, jobs) = (Semaphore::new(1), BlockingMutex::default());
        Ok(Self(Arc::new(Inner { store, pipeline, releases, clock, turn, jobs })))
    }

    /// Checks the request and queues it; noted in the audit log.
    pub async fn request(&self, by: &UserId, request: Request) -> Result<Backtest, ReleaseError> {
        let (plan, input) = self.check(request).await?;
        let now = self.0.clock.now();
        let id = format!("{:012x}{:08x}", now.timestamp_millis(), rand::random::<u32>());
        let progress = Progress { state: State::Queued, done: 0, total: None, problem: None };
        let backtest = Backtest {
            id: id.clone(),
            created_at: now,
            created_by: by.clone(),
            finished_at: None,
            plan,
            progress: progress.clone(),
            report: None,
        };
        let (sender, receiver) = watch::channel(progress);
        let cancel = Arc::new(Cancel::default());
        let job = Job {
            backtest: backtest.clone(),
            progress: receiver,
            cancel: Arc::clone(&cancel),
            task: None,
        };
        self.admit(job)?;
        let stored = self.keep(by, &backtest).await;
        if let Err(error) = stored {
            self.jobs().remove(&id);
            return Err(error.into());
        }
        let (backtests, mut running) = (self.clone(), backtest.clone());
        let task = tokio::spawn(async move {
            let last = backtests.carry_out(&mut running, input, &sender, &cancel).await;
            // First out of the way of the store's answer, which has the report.
            backtests.jobs().remove(&running.id);
            sender.send_replace(last);
        });
        if let Some(job) = self.jobs().get_mut(&id) {
            job.task = Some(task);
        }
        Ok(backtest)
    }

    /// The backtest of this id, with its report once there is one.
    pub async fn get(&self, id: &str) -> Result<Option<Backtest>, StoreError> {
        if let Some(backtest) = self.jobs().get(id).map(Job::now) {
            return Ok(Some(backtest));
        }
        self.0.store.backtest(id).await?.map(read).transpose()
    }

    /// All that are kept, newest first, without their reports.
    pub async fn list(&self) -> Result<Vec<Backtest>, StoreError> {
        let kept = self.0.store.backtests().await?;
        let jobs = self.jobs();
        let now = |row: BacktestRow| match jobs.get(&row.id) {
            Some(job) => Ok(job.now()),
            None => read(row),
        };
        kept.into_iter().map(now).collect()
    }

    /// How far it is, now and later; `None` if it is over or never was.
    pub fn watch(&self, id: &str) -> Option<watch::Receiver<Progress>> {
        self.jobs().get(id).map(|job| job.progress.clone())
    }

    /// Notes in the audit log that somebody read the report, which quotes messages.
    pub async fn note_reading(&self, by: &UserId, id: &str) -> Result<(), StoreError> {
        self.audit(by, "backtest.read", id).await
    }

    /// Stops it; false if it is over or never was. Noted in the audit log.
    pub async fn cancel(&self, by: &UserId, id: &str) -> Result<bool, StoreError> {
        let Some(cancel) = self.jobs().get(id).map(|job| Arc::clone(&job.cancel)) else {
            return Ok(false);
        };
        self.audit(by, "backtest.cancel", id).await?;
        cancel.cancel();
        Ok(true)
    }

    /// Stops all of them and waits until what they found is stored.
    pub async fn stop(&self) {
        self.0.turn.close();
        let jobs: Vec<_> = self
            .jobs()
            .values_mut()
            .map(|job| (Arc::clone(&job.cancel), job.task.take()))
            .collect();
        for (cancel, task) in jobs {
            cancel.cancel();
            if let Some(task) = task
                && tokio::time::timeout(PATIENCE, task).await.is_err()
            {
                tracing::warn!("a backtest did not end in time; it will be marked as interrupted");
            }
        }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<String, Job>> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, job: Job) -> Result<(), ReleaseError> {
        let mut jobs = self.jobs();
        if jobs.len() >= MAX_WAITING {
            let message =
                format!("{MAX_WAITING} backtests wait already; cancel one or wait until one ends");
            return Err(ReleaseError::refused(ProblemCode::Busy, "source", message));
        }
        jobs.insert(job.backtest.id.clone(), job);
        Ok(())
    }

    async fn keep(&self, by: &UserId, backtest: &Backtest) -> Result<(), StoreError> {
        self.0.store.save_backtest(&row_of(backtest)?).await?;
        self.audit(by, "backtest.start", &backtest.id).await
    }

    async fn audit(&self, by: &UserId, action: &str, id: &str) -> Result<(), StoreError> {
        let entry = AuditEntry {
            at: self.0.clock.now(),
            actor: by.clone(),
            action: action.to_owned(),
            target: id.to_owned(),
            reason: None,
        };
        self.0.store.audit(&entry).await
    }

    async fn check(&self, request: Request) -> Result<(Plan, Input), ReleaseError> {
        let invalid = |field: &str, message: String| {
            Err(ReleaseError::refused(ProblemCode::Invalid, field, message))
        };
        if !(0.01..=1.0).contains(&request.share) {
            return invalid(
                "share",
                format!("the share of a core is 0.01 to 1, not {}", request.share),
            );
        }
        match &request.under_test {
            UnderTest::Filter { name, version } => {
                if self.0.releases.version(name, *version).await?.is_none() {
                    let message = format!("there is no version {version} of a filter `{name}`");
                    return Err(ReleaseError::refused(ProblemCode::NotFound, "filter", message));
                }
            }
            UnderTest::Policy { version } => {
                if self.0.store.policy(*version).await?.is_none() {
                    let message = format!("there is no policy {version}");
                    return Err(ReleaseError::refused(ProblemCode::NotFound, "policy", message));
                }
            }
            UnderTest::PolicyText(text) => {
                Policy::parse(text, 0)?;
            }
        }
        let (source, input) = match request.source {
            RequestedSource::History(range) => {
                if range.limit == 0 || range.limit > MAX_MESSAGES {
                    let message = format!("the limit is 1 to {MAX_MESSAGES}, not {}", range.limit);
                    return invalid("source/history/limit", message);
                }
                (Source::History(range.clone()), Input::History(range))
            }
            RequestedSource::File { name, format, text } => {
                let messages = match file::parse(format, &text) {
                    Ok(messages) => messages,
                    Err(error) => return invalid("source/file", error.to_string()),
                };
                if messages.is_empty() || messages.len() > MAX_MESSAGES {
                    let message = format!(
                        "the file has {} messages; 1 to {MAX_MESSAGES} are possible",
                        messages.len()
                    );
                    return invalid("source/file", message);
                }
                (Source::File { name, messages: messages.len() as u64 }, Input::File(messages))
            }
        };
        let plan = Plan { under_test: request.under_test, source, share: request.share };
        Ok((plan, input))
    }

    /// Waits for its turn, runs, and stores what came of it; the last word on its progress.
    async fn carry_out(
        &self,
        backtest: &mut Backtest,
        input: Input,
        progress: &watch::Sender<Progress>,
        cancel: &Arc<Cancel>,
    ) -> Progress {
        let Inner { store, pipeline, releases, clock, turn, .. } = &*self.0;
        let waited = tokio::select! {
            turn = turn.acquire() => turn.ok(),
            () = cancel.cancelled() => None,
        };
        let ended = if let Some(_turn) = waited {
            progress.send_modify(|progress| progress.state = State::Running);
            let ground = run::Ground { store, pipeline, releases, clock };
            let ended = run::run(&ground, &backtest.plan, input, progress, cancel).await;
            ended.map_err(|error| error.to_string())
        } else {
            Ok(None)
        };
        let stopping = turn.is_closed();
        let mut last = progress.borrow().clone();
        last.state = match (&ended, cancel.is_cancelled()) {
            (Err(_), _) => State::Failed,
            (Ok(_), true) if stopping => State::Interrupted,
            (Ok(_), true) => State::Cancelled,
            (Ok(_), false) => State::Done,
        };
        match ended {
            Ok(report) => backtest.report = report,
            Err(problem) => {
                tracing::warn!(backtest = backtest.id, problem, "a backtest failed");
                last.problem = Some(problem);
            }
        }
        backtest.finished_at = Some(clock.now());
        backtest.progress = last.clone();
        let stored = match row_of(backtest) {
            Ok(row) => store.save_backtest(&row).await,
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            tracing::error!(%error, backtest = backtest.id, "a backtest's report could not be stored");
            last.state = State::Failed;
            last.problem = Some(error.to_string());
        }
        last
    }
}

impl Job {
    fn now(&self) -> Backtest {
        Backtest { progress: self.progress.borrow().clone(), ..self.backtest.clone() }
    }
}

/// The messages of a file, as the run takes them.
pub(super) type FileMessages = Vec<FileMessage>;

#[derive(serde::Serialize, serde::Deserialize)]
struct KeptState {
    state: State,
    done: u64,
    total: Option<u64>,
    problem: Option<String>,
}

fn row_of(backtest: &Backtest) -> Result<BacktestRow, StoreError> {
    let Progress { state, done, total, problem } = backtest.progress.clone();
    Ok(BacktestRow {
        id: backtest.id.clone(),
        created_at: backtest.created_at,
        created_by: backtest.created_by.clone(),
        finished_at: backtest.finished_at,
        state: json(&KeptState { state, done, total, problem })?,
        plan: json(&backtest.plan)?,
        report: backtest.report.as_ref().map(json).transpose()?,
    })
}

fn read(row: BacktestRow) -> Result<Backtest, StoreError> {
    let KeptState { state, done, total, problem } = parse(&row.id, &row.state)?;
    let created_at: DateTime<Utc> = row.created_at;
    Ok(Backtest {
        created_at,
        created_by: row.created_by,
        finished_at: row.finished_at,
        plan: parse(&row.id, &row.plan)?,
        progress: Progress { state, done, total, problem },
        report: row.report.map(|report| parse(&row.id, &report)).transpose()?,
        id: row.id,
    })
}

fn json<T: serde::Serialize>(thing: &T) -> Result<String, StoreError> {
    serde_json::to_string(thing).map_err(|error| StoreError::Corrupt { what: error.to_string() })
}

fn parse<T: serde::de::DeserializeOwned>(id: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Corrupt { what: format!("backtest {id}: {error}") })
}
