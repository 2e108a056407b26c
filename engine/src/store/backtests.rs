//! Backtests and their reports, as texts the backtest room understands; only the newest are kept.

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, Object, Value};

use super::catalogue::variable;
use super::value::{NewRow, Row, millis, named, text};
use super::{Store, StoreError};
use crate::domain::UserId;

/// Backtests kept; older ones are deleted.
const KEPT: usize = 50;

/// A backtest as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacktestRow {
    /// Sorts by time of creation.
    pub id: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: UserId,
    /// When it ended, however it did.
    pub finished_at: Option<DateTime<Utc>>,
    /// Where it is, as the backtest room words it.
    pub state: String,
    /// What was asked for, JSON.
    pub plan: String,
    /// What was found, JSON; left out in lists.
    pub report: Option<String>,
}

impl Store {
    /// Adds or replaces; once this returned, it is on disk.
    pub async fn save_backtest(&self, backtest: &BacktestRow) -> Result<(), StoreError> {
        let row = NewRow::new()
            .with("created_at", millis(backtest.created_at))
            .with("created_by", text(backtest.created_by.as_str()))
            .maybe("finished_at", backtest.finished_at.map(millis))
            .with("state", text(&backtest.state))
            .with("plan", text(&backtest.plan))
            .maybe("report", backtest.report.as_ref().map(text));
        let mut variables = variable("id", Value::RecordId(named("backtest", &backtest.id)));
        variables.insert("row", row.value());
        self.inner.db.ask("UPSERT $id CONTENT $row", variables).await?;
        self.trim_backtests().await
    }

    /// The backtest of this id, report included.
    pub async fn backtest(&self, id: &str) -> Result<Option<BacktestRow>, StoreError> {
        self.one(named("backtest", id)).await?.map(read).transpose()
    }

    /// All that are kept, newest first, without their reports.
    pub async fn backtests(&self) -> Result<Vec<BacktestRow>, StoreError> {
        let sql = "SELECT * OMIT report FROM backtest ORDER BY id DESC";
        let rows = self.inner.db.ask(sql, Object::new()).await?.rows(0)?;
        rows.into_iter().map(read).collect()
    }

    async fn trim_backtests(&self) -> Result<(), StoreError> {
        let old: Vec<String> =
            self.backtests().await?.into_iter().skip(KEPT).map(|old| old.id).collect();
        if old.is_empty() {
            return Ok(());
        }
        let ids: Array = old.iter().map(|id| named("backtest", id)).collect();
        let variables = variable("ids", Value::Array(ids));
        self.inner.db.ask("DELETE $ids", variables).await.map(|_| ())
    }
}

fn read(value: Value) -> Result<BacktestRow, StoreError> {
    let row = &mut Row::new(value, "backtest")?;
    Ok(BacktestRow {
        id: row.name()?,
        created_at: row.time("created_at")?,
        created_by: UserId::trusted(row.text("created_by")?),
        finished_at: row.maybe_time("finished_at")?,
        state: row.text("state")?,
        plan: row.text("plan")?,
        report: row.maybe_text("report")?,
    })
}
