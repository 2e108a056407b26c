//! Everything that can be done, one file per topic. What a user should handle is in `userErrors`.

pub mod backtest;
pub mod catalogue;
pub mod conversation;
pub mod filter;
pub mod filter_list;
pub mod message;
pub mod moderation;
pub mod policy;
pub mod search;
pub mod staff;

use std::sync::Arc;

use async_graphql::{Context, MergedObject};

use super::errors::{Fault, refusal};
use super::limits::SendLimiter;
use super::types::conversation::Conversation;
use super::types::message::Message;
use super::types::user_error::{UserError, UserErrorCode};
use crate::conversation::{ConversationError, Posted, Refusal};
use crate::domain::{IdError, Viewer, access};

/// Everything that can be done. A field is looked for from the last to the first.
#[derive(Default, MergedObject)]
pub struct Mutation(
    catalogue::CatalogueMutation,
    filter::FilterMutation,
    filter_list::FilterListMutation,
    policy::PolicyMutation,
    backtest::BacktestMutation,
    moderation::ModerationMutation,
    staff::StaffMutation,
    search::SearchMutation,
    conversation::ConversationMutation,
    message::MessageMutation,
);

/// What a mutation about a conversation gives back; `Err` holds what the user can handle.
type Handled<T> = Result<T, UserError>;

/// Runs until the first thing the user can handle.
macro_rules! handle {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Ok(Err(UserError::from(error))),
        }
    };
}
pub(crate) use handle;

/// Turns an id that is not well formed into something the user can handle, named after its field.
fn field<T>(field: &'static str, parsed: Result<T, IdError>) -> Handled<T> {
    parsed.map_err(|error| UserError::new(UserErrorCode::Invalid, field, error.to_string()))
}

/// Holds the viewer to the pace of sending.
fn pace(ctx: &Context<'_>, viewer: &Viewer) -> Result<Handled<()>, Fault> {
    Ok(paced(limiter(ctx)?, viewer))
}

fn paced(limiter: &SendLimiter, viewer: &Viewer) -> Handled<()> {
    limiter.check(&viewer.id).map_err(UserError::rate_limited)
}

fn limiter<'a>(ctx: &Context<'a>) -> Result<&'a SendLimiter, Fault> {
    ctx.data_opt::<Arc<SendLimiter>>().map(|limiter| &**limiter).ok_or(Fault::Internal)
}

/// Splits what the user can handle from faults.
fn handled<T>(result: Result<T, ConversationError>) -> Result<Handled<T>, Fault> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => Ok(Err(refusal(error)?.into())),
    }
}

/// The conversation and the message, as whoever caused them may see them.
fn shown(posted: Posted, viewer: &Viewer) -> Handled<(Conversation, Option<Message>)> {
    let audience = access::audience(viewer, &posted.view.conversation);
    let audience = audience.ok_or(Refusal::ConversationNotFound)?;
    let message = Message::seen(posted.message, &audience);
    Ok((Conversation::new(posted.view, audience), message))
}

/// Defines payloads that carry a conversation and a message.
macro_rules! message_payloads {
    ($($(#[$meta:meta])* $name:ident)*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, async_graphql::SimpleObject)]
            pub struct $name {
                /// The conversation, if it was done.
                conversation: Option<Conversation>,
                /// The message, if it was done.
                message: Option<Message>,
                /// Why it was not done; empty if it was.
                user_errors: Vec<UserError>,
            }

            impl From<Handled<(Conversation, Option<Message>)>> for $name {
                fn from(result: Handled<(Conversation, Option<Message>)>) -> Self {
                    match result {
                        Ok((conversation, message)) => {
                            Self { conversation: Some(conversation), message, user_errors: vec![] }
                        }
                        Err(error) => {
                            Self { conversation: None, message: None, user_errors: vec![error] }
                        }
                    }
                }
            }
        )*
    };
}

/// Defines payloads that carry a conversation.
macro_rules! conversation_payloads {
    ($($(#[$meta:meta])* $name:ident)*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, async_graphql::SimpleObject)]
            pub struct $name {
                /// The conversation, if it was done.
                conversation: Option<Conversation>,
                /// Why it was not done; empty if it was.
                user_errors: Vec<UserError>,
            }

            impl From<Handled<Conversation>> for $name {
                fn from(result: Handled<Conversation>) -> Self {
                    match result {
                        Ok(conversation) => {
                            Self { conversation: Some(conversation), user_errors: vec![] }
                        }
                        Err(error) => Self { conversation: None, user_errors: vec![error] },
                    }
                }
            }
        )*
    };
}
pub(crate) use {conversation_payloads, message_payloads};
