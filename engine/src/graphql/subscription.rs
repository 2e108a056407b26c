//! Everything that can be watched, one file per topic.

pub mod backtest;
pub mod conversation;
pub mod inbox;
mod replay;

use async_graphql::MergedSubscription;

/// Everything that can be watched.
#[derive(Default, MergedSubscription)]
pub struct Subscription(
    conversation::ConversationSubscription,
    inbox::InboxSubscription,
    backtest::BacktestSubscription,
);
