//! How far a backtest is.

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::graphql::errors::Fault;
use crate::graphql::types::backtest::BacktestProgress;
use crate::graphql::{releases, rooms};

/// How far a backtest is.
#[derive(Debug, Default)]
pub struct BacktestSubscription;

#[Subscription]
impl BacktestSubscription {
    /// How far a backtest is, whenever that changes; completes when it is over. For staff.
    async fn backtest_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The backtest's id.")] id: ID,
    ) -> Result<BoxStream<'static, BacktestProgress>, Fault> {
        releases(ctx)?;
        let backtests = &rooms(ctx)?.backtests;
        let Some(watch) = backtests.watch(&id) else {
            let over =
                backtests.get(&id).await?.ok_or(Fault::NotFound("There is no such backtest."))?;
            return Ok(stream::iter([over.progress.into()]).boxed());
        };
        Ok(stream::unfold(Some((watch, true)), |state| async move {
            let (mut watch, first) = state?;
            if !first && watch.changed().await.is_err() {
                return None;
            }
            let progress = watch.borrow_and_update().clone();
            let more = (!progress.state.is_over()).then_some((watch, false));
            Some((progress.into(), more))
        })
        .boxed())
    }
}
