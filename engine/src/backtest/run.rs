//! One backtest from its first message to its report: a task that reads, a thread that judges, a short queue in between.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot, watch};

use super::history::{HistoryRange, Index};
use super::item::Item;
use super::jobs::FileMessages;
use super::pace::Cancel;
use super::plan::{Plan, Progress, UnderTest};
use super::report::{Place, Report};
use super::worker::{Candidate, Worker};
use crate::domain::Clock;
use crate::filter::{FilterSet, Pipeline, Policy, Slot};
use crate::release::{ReleaseError, Releases};
use crate::store::{Store, StoreError};

/// Messages read ahead.
const AHEAD: usize = 256;

/// What a backtest stands on.
pub(super) struct Ground<'a> {
    pub(super) store: &'a Store,
    pub(super) pipeline: &'a Pipeline,
    pub(super) releases: &'a Releases,
    pub(super) clock: &'a Clock,
}

/// What it judges.
pub(super) enum Input {
    /// What was said here.
    History(HistoryRange),
    /// A file's messages.
    File(FileMessages),
}

/// Why a backtest could not go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the policy it was asked to try is gone")]
    PolicyGone,
    #[error("its thread can't be started: {0}")]
    Thread(#[from] std::io::Error),
    #[error("its thread ended without a report")]
    NoReport,
}

/// Judges everything, or what comes before it is cancelled; `None` if that is nothing.
pub(super) async fn run(
    ground: &Ground<'_>,
    plan: &Plan,
    input: Input,
    progress: &watch::Sender<Progress>,
    cancel: &Arc<Cancel>,
) -> Result<Option<Report>, RunError> {
    let worker = Worker {
        candidate: candidate(ground, plan).await?,
        set: own_set(ground, matches!(input, Input::File(_))).await?,
        share: plan.share,
        cancel: Arc::clone(cancel),
        progress: progress.clone(),
    };
    let (items, queue) = mpsc::channel(AHEAD);
    let (reply, answer) = oneshot::channel();
    std::thread::Builder::new().name("rialto-backtest".into()).spawn(move || {
        // Nobody waits for the report of a backtest whose reading failed.
        let _ = reply.send(worker.run(queue));
    })?;
    match input {
        Input::History(range) => {
            let index = Index::build(ground.store, &range, plan.share, cancel).await?;
            progress.send_modify(|progress| progress.total = Some(index.len() as u64));
            read_history(ground.store, &index, &items, cancel).await?;
        }
        Input::File(messages) => read_file(messages, ground.clock.now(), &items, progress).await,
    }
    drop(items);
    answer.await.map(Some).map_err(|_| RunError::NoReport)
}

async fn candidate(ground: &Ground<'_>, plan: &Plan) -> Result<Candidate, RunError> {
    Ok(match &plan.under_test {
        UnderTest::Filter { name, version } => {
            let lists = ground.releases.live_lists();
            let detached = ground.releases.load_detached(name, *version, lists).await?;
            Candidate::Filter(detached.release)
        }
        UnderTest::Policy { version } => {
            let row = ground.store.policy(*version).await?.ok_or(RunError::PolicyGone)?;
            let policy = Policy::parse(&row.text, *version).map_err(ReleaseError::from)?;
            Candidate::Policy(Arc::new(policy))
        }
        UnderTest::PolicyText(text) => {
            Candidate::Policy(Arc::new(Policy::parse(text, 0).map_err(ReleaseError::from)?))
        }
    })
}

/// The active policy, and copies of the live filters where something has to be judged that never was.
async fn own_set(ground: &Ground<'_>, with_filters: bool) -> Result<FilterSet, RunError> {
    let current = ground.pipeline.current();
    let mut set = FilterSet { slots: Vec::new(), policy: Arc::clone(&current.policy) };
    for slot in current.slots.iter().filter(|_| with_filters) {
        let Some(live) = &slot.live else { continue };
        let lists = ground.releases.live_lists();
        let detached = ground.releases.load_detached(&slot.name, live.version, lists).await?;
        let live = Some(detached.release);
        set.slots.push(Slot { live, candidate: None, ..slot.clone() });
    }
    Ok(set)
}

async fn read_history(
    store: &Store,
    index: &Index,
    items: &mpsc::Sender<Item>,
    cancel: &Cancel,
) -> Result<(), StoreError> {
    let mut start = 0;
    while start < index.len() && !cancel.is_cancelled() {
        let (batch, next) = index.batch(store, start).await?;
        start = next;
        for item in batch {
            if items.send(item).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn read_file(
    messages: FileMessages,
    now: DateTime<Utc>,
    items: &mpsc::Sender<Item>,
    progress: &watch::Sender<Progress>,
) {
    progress.send_modify(|progress| progress.total = Some(messages.len() as u64));
    for message in messages {
        let item = Item {
            place: Place::Line(message.line),
            inspection: message.inspection(now),
            recorded: None,
            unwanted: message.unwanted,
        };
        // A cancelled worker takes no more.
        if items.send(item).await.is_err() {
            return;
        }
    }
}
