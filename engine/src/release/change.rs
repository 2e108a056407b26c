//! One change after the other: look, decide, write, swap. Once begun it ends, also if whoever asked has left.

use crate::domain::UserId;
use crate::store::{AuditEntry, ChangeError, FilterChange, FilterRow, FilterState, FilterWrite};

use super::{ProblemCode, ReleaseError, Releases};

/// How often a change is decided again because another engine's came first.
const TRIES: usize = 8;

/// Who changes something, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: UserId,
    /// Why, if they said.
    pub reason: Option<String>,
}

/// What a change writes, and what the audit log says of it.
pub(super) struct Draft<T> {
    pub(super) writes: Vec<FilterWrite>,
    /// Action and target; at least one.
    pub(super) audit: Vec<(&'static str, String)>,
    /// What whoever asked is told.
    pub(super) answer: T,
}

impl<T> Draft<T> {
    /// Nothing needs to be written.
    pub(super) fn nothing(answer: T) -> Self {
        Self { writes: vec![], audit: vec![], answer }
    }

    /// One filter stands differently.
    pub(super) fn filter(row: FilterRow, action: &'static str, answer: T) -> Self {
        let target = format!("filter:{}", row.name);
        Self { writes: vec![FilterWrite::Filter(row)], audit: vec![(action, target)], answer }
    }
}

impl Releases {
    /// Decides on the newest state, writes, and lets the result judge; decides again if another engine came first.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        by: By,
        decide: impl Fn(&FilterState) -> Result<Draft<T>, ReleaseError> + Send + Sync + 'static,
    ) -> Result<T, ReleaseError> {
        let releases = self.clone();
        let work = tokio::spawn(async move { releases.change_here(by, decide).await });
        work.await.unwrap_or_else(|error| Err(ReleaseError::Failed(error.to_string())))
    }

    async fn change_here<T>(
        &self,
        by: By,
        decide: impl Fn(&FilterState) -> Result<Draft<T>, ReleaseError>,
    ) -> Result<T, ReleaseError> {
        let turn = self.0.turn.lock().await;
        for _ in 0..TRIES {
            let state = self.0.store.filter_state().await?;
            let draft = decide(&state)?;
            if draft.writes.is_empty() {
                return Ok(draft.answer);
            }
            let change = self.complete(&state, &by, draft.writes, &draft.audit);
            match self.0.store.change_filters(change).await {
                Ok(revision) => {
                    let what = draft.audit.first().map_or("", |(action, _)| *action);
                    tracing::info!(revision, actor = %by.actor, what, "filters changed");
                }
                Err(ChangeError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
            // It is written: if the swap fails now, the watch makes up for it.
            match self.0.store.filter_state().await {
                Ok(state) => self.apply(state).await?,
                Err(error) => {
                    tracing::error!(%error, "a change is stored but not yet in effect");
                    self.0.alarm.notify_one();
                }
            }
            drop(turn);
            return Ok(draft.answer);
        }
        Err(ChangeError::Conflict.into())
    }

    fn complete(
        &self,
        state: &FilterState,
        by: &By,
        writes: Vec<FilterWrite>,
        audit: &[(&'static str, String)],
    ) -> FilterChange {
        let at = self.0.clock.now();
        let entry = |(action, target): &(&'static str, String)| AuditEntry {
            at,
            actor: by.actor.clone(),
            action: (*action).to_owned(),
            target: target.clone(),
            reason: by.reason.clone(),
        };
        let mut change = FilterChange {
            base: state.revision,
            policies: state.policies,
            policy: state.policy,
            at,
            writes,
            audit: audit.iter().map(entry).collect(),
        };
        for write in &change.writes {
            match write {
                FilterWrite::Policy(policy) => change.policies = policy.version,
                FilterWrite::ActivatePolicy(version) => change.policy = *version,
                _ => {}
            }
        }
        change
    }
}

/// The filter of this name, unless it changed since the revision somebody looked at.
pub(super) fn row(
    state: &FilterState,
    name: &str,
    seen: Option<u64>,
) -> Result<FilterRow, ReleaseError> {
    let row = state.filters.iter().find(|row| row.name == name);
    let row = row.ok_or_else(|| ReleaseError::no_filter(name))?;
    if seen.is_some_and(|seen| seen != row.revision) {
        let message = format!("`{name}` was changed meanwhile; look at it again, then decide");
        return Err(ReleaseError::refused(ProblemCode::Conflict, "expectedRevision", message));
    }
    Ok(row.clone())
}
