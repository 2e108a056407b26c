//! What the API shows: one file per topic, each wrapping what the rooms return.

pub mod audit;
pub mod backtest;
pub mod connection;
pub mod conversation;
pub mod cursor;
pub mod decision;
pub mod event;
pub mod filter;
pub mod filter_health;
pub mod filter_list;
pub mod filter_version;
pub mod inbox;
pub mod listing;
pub mod live;
pub mod message;
pub mod moderation;
pub mod node;
pub mod policy;
pub mod queue;
pub mod search;
pub mod search_index;
pub mod shadow;
pub mod staff;
pub mod trial;
pub mod user;
pub mod user_error;
pub mod verdict;
pub mod viewer;

use async_graphql::connection::{Connection, Edge, EmptyFields, PageInfo};
use async_graphql::{ID, ObjectType, SchemaBuilder, SubscriptionType, Upload};
use chrono::{DateTime, Utc};

use conversation::Conversation;
use filter_list::FilterListEntry;
use filter_version::FilterVersion;
use listing::Listing;
use message::Message;
use policy::Policy;
use shadow::ShadowResult;

/// Words for the types whose Rust type is the library's.
pub fn describe<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder
        .register_output_type::<event::DurableEvent>()
        .override_output_type_description::<ID>(
            "An identifier; opaque, except where its field says more.",
        )
        .override_output_type_description::<DateTime<Utc>>("A time: RFC 3339, UTC.")
        .override_output_type_description::<PageInfo>("Where a page stands in its connection.")
        .override_output_type_description::<Connection<String, Conversation>>(
            "A page of a list of conversations.",
        )
        .override_output_type_description::<Edge<String, Conversation, EmptyFields>>(
            "A conversation and its place in the list.",
        )
        .override_output_type_description::<Connection<String, Message>>(
            "A page of a conversation's messages.",
        )
        .override_output_type_description::<Edge<String, Message, EmptyFields>>(
            "A message and its place in the conversation.",
        )
        .override_output_type_description::<Connection<String, Listing>>(
            "A page of a list of listings.",
        )
        .override_output_type_description::<Edge<String, Listing, EmptyFields>>(
            "A listing and its place in the list.",
        )
        .override_output_type_description::<Connection<String, FilterVersion>>(
            "A page of a filter's versions, newest first.",
        )
        .override_output_type_description::<Edge<String, FilterVersion, EmptyFields>>(
            "A version and its place in the list.",
        )
        .override_output_type_description::<Connection<String, ShadowResult>>(
            "A page of what a version on trial found, newest first.",
        )
        .override_output_type_description::<Edge<String, ShadowResult, EmptyFields>>(
            "A result and its place in the list.",
        )
        .override_output_type_description::<Connection<String, Policy>>(
            "A page of policy versions, newest first.",
        )
        .override_output_type_description::<Edge<String, Policy, EmptyFields>>(
            "A policy version and its place in the list.",
        )
        .override_output_type_description::<Connection<String, FilterListEntry>>(
            "A page of a list's entries.",
        )
        .override_output_type_description::<Edge<String, FilterListEntry, EmptyFields>>(
            "An entry and its place in the list.",
        )
        .override_output_type_description::<Connection<String, event::DurableEvent>>(
            "A page of a conversation's events.",
        )
        .override_output_type_description::<Edge<String, event::DurableEvent, EmptyFields>>(
            "An event and its place in the conversation.",
        )
        .override_output_type_description::<serde_json::Value>("Any JSON value.")
        .override_input_type_description::<Upload>(
            "A file, sent as the GraphQL multipart request specification says.",
        )
}
