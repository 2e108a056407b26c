//! Saying something, changing it, taking it back.

use async_graphql::{Context, ID, InputObject, Object};

use super::{Handled, field, handle, handled, limiter, message_payloads, pace, paced, shown};
use crate::domain::{ClientId, Viewer};
use crate::graphql::errors::Fault;
use crate::graphql::limits::SendLimiter;
use crate::graphql::sending::Done;
use crate::graphql::types::conversation::Conversation;
use crate::graphql::types::message::Message;
use crate::graphql::types::user_error::UserError;
use crate::graphql::{Rooms, ids, rooms, viewer};

/// A message to a conversation.
#[derive(Debug, InputObject)]
pub struct SendMessageInput {
    /// The conversation's id, global or bare.
    conversation_id: ID,
    /// Chosen by the client for this one message: a retry with it answers with the first result.
    client_id: String,
    /// The text.
    body: String,
}

/// A new text for a message.
#[derive(Debug, InputObject)]
pub struct EditMessageInput {
    /// The message's global id.
    message_id: ID,
    /// The new text.
    body: String,
}

/// A message to take back.
#[derive(Debug, InputObject)]
pub struct RetractMessageInput {
    /// The message's global id.
    message_id: ID,
}

message_payloads! {
    /// What sending a message led to.
    SendMessagePayload
    /// What editing a message led to.
    EditMessagePayload
    /// What retracting a message led to.
    RetractMessagePayload
}

/// What became of it, as the viewer may see it.
pub(in crate::graphql) type Outcome = Result<Handled<(Conversation, Option<Message>)>, Fault>;

/// What is done to messages.
#[derive(Debug, Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Says something in a conversation. Answered once it is stored durably.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SendMessageInput,
    ) -> Result<SendMessagePayload, Fault> {
        if let Some(done) = ctx.data_opt::<Done>() {
            return done.take().map(Into::into);
        }
        send(viewer(ctx)?, rooms(ctx)?, limiter(ctx)?, input).await.map(Into::into)
    }

    /// Changes the text of an own message, for a while after sending; it is filtered again.
    async fn edit_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message and its new text.")] input: EditMessageInput,
    ) -> Result<EditMessagePayload, Fault> {
        edit(ctx, input).await.map(Into::into)
    }

    /// Takes an own message back, for a while after sending; its text is gone for everyone.
    async fn retract_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: RetractMessageInput,
    ) -> Result<RetractMessagePayload, Fault> {
        retract(ctx, input).await.map(Into::into)
    }
}

/// Posts a message for the viewer.
pub(in crate::graphql) async fn send(
    viewer: &Viewer,
    rooms: &Rooms,
    limiter: &SendLimiter,
    input: SendMessageInput,
) -> Outcome {
    let id = handle!(field("conversationId", ids::conversation(&input.conversation_id)));
    let client_id = handle!(field("clientId", ClientId::new(&input.client_id)));
    handle!(paced(limiter, viewer));
    let sent = rooms.conversations.send(viewer, &id, client_id, &input.body).await;
    Ok(shown(handle!(handled(sent)?), viewer))
}

async fn edit(ctx: &Context<'_>, input: EditMessageInput) -> Outcome {
    let viewer = viewer(ctx)?;
    let (id, seq) = handle!(field("messageId", ids::message(&input.message_id)));
    handle!(pace(ctx, viewer)?);
    let edited = rooms(ctx)?.conversations.edit(viewer, &id, seq, &input.body).await;
    Ok(shown(handle!(handled(edited)?), viewer))
}

async fn retract(ctx: &Context<'_>, input: RetractMessageInput) -> Outcome {
    let viewer = viewer(ctx)?;
    let (id, seq) = handle!(field("messageId", ids::message(&input.message_id)));
    let retracted = rooms(ctx)?.conversations.retract(viewer, &id, seq).await;
    Ok(shown(handle!(handled(retracted)?), viewer))
}
