//! Everything that can be watched, one file per topic.

pub mod backtest;
pub mod conversation;
pub mod inbox;
pub mod live;
pub mod queue;

use async_graphql::MergedSubscription;

/// Everything that can be watched.
#[derive(Default, MergedSubscription)]
pub struct Subscription(
    conversation::ConversationSubscription,
    inbox::InboxSubscription,
    backtest::BacktestSubscription,
    queue::QueueSubscription,
    live::LiveSubscription,
);
