//! What the API shows: one file per topic, each wrapping what the rooms return.

pub mod conversation;
pub mod cursor;
pub mod event;
pub mod inbox;
pub mod listing;
pub mod message;
pub mod node;
pub mod user;
pub mod user_error;
pub mod verdict;
pub mod viewer;

use async_graphql::connection::{Connection, Edge, EmptyFields, PageInfo};
use async_graphql::{ID, ObjectType, SchemaBuilder, SubscriptionType};
use chrono::{DateTime, Utc};

use conversation::Conversation;
use listing::Listing;
use message::Message;

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
}
