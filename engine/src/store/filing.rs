//! Files committed events by conversation, a moment after their commit and off its path: what one conversation said
//! meanwhile goes into few rows instead of one each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use surrealdb::types::{Array, Value};
use tokio::time::{sleep, timeout};

use super::catalogue::variable;
use super::db::{Db, Fall, Session, Statement};
use super::group::{EVENT, put};
use super::journal::{JournalGroup, Unfiled};
use super::{StoreError, run};
use crate::domain::{ConversationId, Event};

/// How long events are collected.
const PACE: Duration = Duration::from_millis(200);
/// More than that are filed at once.
const MANY: usize = 2_000;
/// Events of one transaction, about.
const BATCH: usize = 1_000;
/// Between tries when the store fails.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// The task that files.
pub(super) struct Filing {
    pub(super) db: Arc<Db>,
    pub(super) session: Session,
    pub(super) unfiled: Arc<Unfiled>,
}

impl Filing {
    /// Works until nothing more comes and everything is filed; at the end it tries once, as what is not filed stays in the
    /// journal.
    pub(super) async fn run(mut self) {
        let mut wait = BACK_OFF.0;
        loop {
            if self.unfiled.len() == 0 {
                if self.unfiled.is_over() {
                    return;
                }
                self.unfiled.came.notified().await;
                self.collect().await;
                continue;
            }
            match self.file().await {
                Ok(()) => wait = BACK_OFF.0,
                Err(error) => {
                    tracing::error!(%error, unfiled = self.unfiled.len(),
                        "events could not be filed; they are safe in the journal");
                    if self.unfiled.is_over() {
                        return;
                    }
                    sleep(wait).await;
                    wait = (wait * 2).min(BACK_OFF.1);
                    continue;
                }
            }
            if self.unfiled.len() < MANY {
                self.collect().await;
            }
        }
    }

    /// Files what there is.
    pub(super) async fn all(&mut self) -> Result<(), StoreError> {
        while self.unfiled.len() > 0 {
            self.file().await?;
        }
        Ok(())
    }

    /// Waits for more, unless there is much already or nothing more will come.
    async fn collect(&self) {
        let enough = async {
            while self.unfiled.len() < MANY && !self.unfiled.is_over() {
                self.unfiled.came.notified().await;
            }
        };
        // It is time either way.
        let _ = timeout(PACE, enough).await;
    }

    /// Files the oldest groups.
    async fn file(&mut self) -> Result<(), StoreError> {
        let groups = self.unfiled.oldest(BATCH);
        let mut logs: BTreeMap<&ConversationId, Vec<Event>> = BTreeMap::new();
        for event in groups.iter().flat_map(|group| &*group.events) {
            logs.entry(&event.conversation).or_default().push(event.clone());
        }
        let mut statements = Vec::new();
        put(&mut statements, &EVENT, logs.values().flat_map(|events| run::rows(events)));
        let filed: Array =
            groups.iter().map(|group| Value::RecordId(group.key.journal_id())).collect();
        let variables = variable("ids", Value::Array(filed));
        statements.push(Statement { sql: "DELETE $ids RETURN NONE", variables });
        match self.session.transact(statements).await {
            Ok(()) => {}
            Err(Fall::Retry) => {
                let fault = "another transaction came first";
                return Err(StoreError::Unavailable(fault.into()));
            }
            Err(fall) => {
                let error = match fall {
                    Fall::Unknown(error) => error,
                    _ => StoreError::Corrupt { what: "an event is filed already".into() },
                };
                // The journal's rows are gone exactly if their events are filed.
                if !self.is_filed(&groups).await? {
                    return Err(error);
                }
            }
        }
        self.unfiled.forget(groups.len());
        Ok(())
    }

    async fn is_filed(&self, groups: &[JournalGroup]) -> Result<bool, StoreError> {
        let Some(first) = groups.first() else { return Ok(true) };
        Ok(JournalGroup::find(&self.db, first.key).await?.is_none())
    }
}
