//! What versions on trial would have done: kept in batches, tallied, trimmed, summed up.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::domain::Action;
use crate::filter::ShadowResult;
use crate::store::{ShadowRow, ShadowTally, StoreError};

use super::Releases;

/// Results that may wait; more are dropped and counted by the pipeline.
const WAITING: usize = 4_096;
/// Results written together.
const BATCH: usize = 256;
/// How long a result waits for others.
const BATCH_FOR: Duration = Duration::from_millis(500);
const TRIM_EVERY: Duration = Duration::from_secs(3_600);
/// Rows deleted at once, so that trimming never holds up the store for long.
const TRIM: usize = 500;

/// What a version on trial would have changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShadowSummary {
    /// Messages it looked at.
    pub inspected: u64,
    /// Of these, messages it gave a signal for.
    pub flagged: u64,
    /// Messages it failed on.
    pub faults: u64,
    /// Messages that would have been treated more strictly.
    pub newly_caught: u64,
    /// Messages that would have been treated more mildly.
    pub newly_released: u64,
    /// Messages by what was done and what would have been done.
    pub outcomes: Vec<(Action, Action, u64)>,
    /// Half of its inspections took no longer, microseconds, rounded up to a power of two.
    pub p50_micros: Option<u64>,
    /// 99 of 100 inspections took no longer, likewise.
    pub p99_micros: Option<u64>,
}

/// The figures behind a tally.
pub fn summary(tally: &ShadowTally) -> ShadowSummary {
    let outcomes = tally.outcomes();
    let count = |wanted: fn(&Action, &Action) -> bool| {
        outcomes.iter().filter(|(live, would, _)| wanted(live, would)).map(|(.., n)| n).sum()
    };
    ShadowSummary {
        inspected: tally.inspected,
        flagged: tally.flagged,
        faults: tally.faults,
        newly_caught: count(|live, would| would > live),
        newly_released: count(|live, would| would < live),
        p50_micros: tally.latency_micros(0.5),
        p99_micros: tally.latency_micros(0.99),
        outcomes,
    }
}

impl Releases {
    /// What this version would have changed so far, as far as it is written.
    pub async fn shadow_summary(
        &self,
        filter: &str,
        version: u32,
    ) -> Result<ShadowSummary, StoreError> {
        Ok(summary(&self.0.store.shadow_tally(filter, version).await?))
    }

    /// Takes the pipeline's shadow results, and writes what is waiting when the store closes.
    pub(super) fn keep_shadow_results(&self) -> JoinHandle<()> {
        let (send, mut receive) = mpsc::channel(WAITING);
        self.0.pipeline.set_sink(send);
        let store = self.0.store.clone();
        let (clock, days) = (self.0.clock.clone(), self.0.config.shadow_days);
        let mut keeper = Keeper { store, tallies: BTreeMap::new(), n: 0 };
        tokio::spawn(async move {
            let mut trimmed: Option<Instant> = None;
            let mut batch = Vec::new();
            loop {
                tokio::select! {
                    () = keeper.store.closing() => return,
                    taken = receive.recv_many(&mut batch, BATCH) => if taken == 0 { return },
                    () = tokio::time::sleep(TRIM_EVERY) => {}
                }
                let until = Instant::now() + BATCH_FOR;
                while batch.len() < BATCH {
                    match tokio::time::timeout_at(until, receive.recv()).await {
                        Ok(Some(result)) => batch.push(result),
                        _ => break,
                    }
                }
                keeper.keep(std::mem::take(&mut batch)).await;
                if trimmed.is_none_or(|last| last.elapsed() >= TRIM_EVERY) {
                    trimmed = Some(Instant::now());
                    let before = clock.now() - chrono::TimeDelta::days(i64::from(days));
                    keeper.trim(before).await;
                }
            }
        })
    }
}

struct Keeper {
    store: crate::store::Store,
    /// By version, since the store was opened.
    tallies: BTreeMap<(String, u32), ShadowTally>,
    n: u32,
}

impl Keeper {
    async fn keep(&mut self, results: Vec<ShadowResult>) {
        let mut versions: BTreeMap<(String, u32), Vec<ShadowRow>> = BTreeMap::new();
        for result in results {
            self.n = self.n.wrapping_add(1) & 0x7FFF_FFFF;
            let row = shadow_row(result, self.n);
            let key = (row.filter.clone(), row.version);
            self.tallies.entry(key.clone()).or_default().add(&row);
            let rows = versions.entry(key).or_default();
            // What found nothing and changed nothing is only counted.
            if !row.signals.is_empty() || row.fault.is_some() || row.live_action != row.would_be {
                rows.push(row);
            }
        }
        for ((filter, version), rows) in versions {
            let Some(tally) = self.tallies.get(&(filter.clone(), version)) else { continue };
            let written = self.store.add_shadow((&filter, version), &rows, tally).await;
            if let Err(error) = written {
                tracing::error!(filter, version, %error, rows = rows.len(), "shadow results are lost");
            }
        }
    }

    async fn trim(&self, before: chrono::DateTime<chrono::Utc>) {
        loop {
            match self.store.trim_shadow(before, TRIM).await {
                Ok(TRIM) => tokio::task::yield_now().await,
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "old shadow results are not trimmed now");
                    return;
                }
            }
        }
    }
}

fn shadow_row(result: ShadowResult, n: u32) -> ShadowRow {
    ShadowRow {
        filter: result.filter,
        version: result.version,
        at: result.at,
        n,
        conversation: result.conversation,
        seq: result.seq,
        client_id: result.client_id,
        sender: result.sender,
        signals: result.signals,
        fault: result.fault,
        micros: result.micros,
        live_action: result.live_action,
        would_be: result.would_be,
    }
}
