//! Live figures.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::graphql::errors::Fault;
use crate::graphql::query::desk::desk;
use crate::graphql::types::live::LiveStats;
use crate::graphql::viewer;

/// Between frames.
const EVERY: Duration = Duration::from_secs(2);

/// Live figures.
#[derive(Debug, Default)]
pub struct LiveSubscription;

#[Subscription]
impl LiveSubscription {
    /// How things stand, about every two seconds; for staff.
    async fn live_stats(
        &self,
        ctx: &Context<'_>,
    ) -> Result<BoxStream<'static, Result<LiveStats, Fault>>, Fault> {
        let (rooms, viewer) = (desk(ctx)?.clone(), Arc::clone(viewer(ctx)?));
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Ok(stream::unfold(ticks, move |mut ticks| {
            let (rooms, viewer) = (rooms.clone(), Arc::clone(&viewer));
            async move {
                ticks.tick().await;
                Some((LiveStats::now(&rooms, &viewer).await, ticks))
            }
        })
        .boxed())
    }
}
