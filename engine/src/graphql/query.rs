//! Everything that can be read, one file per topic.

pub mod backtest;
pub mod conversation;
pub mod decision;
pub mod desk;
pub mod filter;
pub mod listing;
pub mod moderation;
pub mod node;
pub mod policy;
pub mod search;
pub mod staff;
pub mod viewer;

use async_graphql::MergedObject;

/// Everything that can be read.
#[derive(Default, MergedObject)]
pub struct Query(
    viewer::ViewerQuery,
    conversation::ConversationQuery,
    listing::ListingQuery,
    node::NodeQuery,
    filter::FilterQuery,
    policy::PolicyQuery,
    backtest::BacktestQuery,
    decision::DecisionQuery,
    moderation::ModerationQuery,
    desk::DeskQuery,
    staff::StaffQuery,
    search::SearchQuery,
);
