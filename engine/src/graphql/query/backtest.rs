//! Backtests, for staff.

use async_graphql::{Context, ID, Object};

use crate::graphql::errors::Fault;
use crate::graphql::types::backtest::Backtest;
use crate::graphql::{releases, rooms, viewer};

/// Backtests.
#[derive(Debug, Default)]
pub struct BacktestQuery;

#[Object]
impl BacktestQuery {
    /// A backtest with its report, which quotes messages: staff's reading is audited.
    async fn backtest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The backtest's id.")] id: ID,
    ) -> Result<Option<Backtest>, Fault> {
        releases(ctx)?;
        let (viewer, rooms) = (viewer(ctx)?, rooms(ctx)?);
        let found = rooms.backtests.get(&id).await?;
        if found.as_ref().is_some_and(|backtest| backtest.report.is_some()) {
            rooms.backtests.note_reading(&viewer.id, &id).await?;
        }
        Ok(found.map(Backtest))
    }

    /// The newest backtests, newest first, without their reports.
    async fn backtests(&self, ctx: &Context<'_>) -> Result<Vec<Backtest>, Fault> {
        releases(ctx)?;
        Ok(rooms(ctx)?.backtests.list().await?.into_iter().map(Backtest).collect())
    }
}
