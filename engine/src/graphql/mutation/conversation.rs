//! Starting, reading, closing conversations, and blocking people in them.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{
    Handled, conversation_payloads, field, handle, handled, message_payloads, pace, shown,
};
use crate::conversation::{ConversationError, Refusal, View};
use crate::domain::{ClientId, Seq, UserId, Viewer};
use crate::graphql::errors::Fault;
use crate::graphql::types::conversation::Conversation;
use crate::graphql::types::message::Message;
use crate::graphql::types::user_error::UserError;
use crate::graphql::{ids, rooms, viewer};

/// A buyer's first message about a listing.
#[derive(Debug, InputObject)]
pub struct StartConversationInput {
    /// The listing's id: the marketplace's own, or the global one.
    listing_id: ID,
    /// Chosen by the client for this one message: a retry with it answers with the first result.
    client_id: String,
    /// The text.
    body: String,
}

/// A user's first message to support.
#[derive(Debug, InputObject)]
pub struct ContactSupportInput {
    /// The listing it is about, if any: the marketplace's own id, or the global one.
    listing_id: Option<ID>,
    /// The support category, such as `payment`.
    category: String,
    /// Chosen by the client for this one message: a retry with it answers with the first result.
    client_id: String,
    /// The text.
    body: String,
}

/// How far the viewer has read.
#[derive(Debug, InputObject)]
pub struct MarkReadInput {
    /// The conversation's id, global or bare.
    conversation_id: ID,
    /// Everything up to this sequence number is read.
    seq: Seq,
}

/// Whether the viewer types.
#[derive(Debug, InputObject)]
pub struct SetTypingInput {
    /// The conversation's id, global or bare.
    conversation_id: ID,
    /// Started or stopped.
    typing: bool,
}

/// Whom to block, or no longer.
#[derive(Debug, InputObject)]
pub struct BlockParticipantInput {
    /// The conversation's id, global or bare.
    conversation_id: ID,
    /// Whom; may be left out where there is only one other.
    user_id: Option<ID>,
}

/// A conversation to end or to open again.
#[derive(Debug, InputObject)]
pub struct ConversationInput {
    /// The conversation's id, global or bare.
    conversation_id: ID,
}

message_payloads! {
    /// What starting a conversation led to.
    StartConversationPayload
    /// What contacting support led to.
    ContactSupportPayload
}

conversation_payloads! {
    /// What marking as read led to.
    MarkReadPayload
    /// What blocking somebody led to.
    BlockParticipantPayload
    /// What lifting a block led to.
    UnblockParticipantPayload
    /// What closing a conversation led to.
    CloseConversationPayload
    /// What reopening a conversation led to.
    ReopenConversationPayload
}

/// What showing typing led to.
#[derive(Debug, SimpleObject)]
pub struct SetTypingPayload {
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

type Outcome = Result<Handled<Conversation>, Fault>;
type Started = Result<Handled<(Conversation, Option<Message>)>, Fault>;

/// What is done to conversations.
#[derive(Debug, Default)]
pub struct ConversationMutation;

#[Object]
impl ConversationMutation {
    /// Asks a seller about a listing; goes on in the conversation about it if there is one.
    async fn start_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first message.")] input: StartConversationInput,
    ) -> Result<StartConversationPayload, Fault> {
        start(ctx, input).await.map(Into::into)
    }

    /// Asks the marketplace's staff.
    async fn contact_support(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first message.")] input: ContactSupportInput,
    ) -> Result<ContactSupportPayload, Fault> {
        contact(ctx, input).await.map(Into::into)
    }

    /// Says how far the viewer has read; it never goes back.
    async fn mark_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How far.")] input: MarkReadInput,
    ) -> Result<MarkReadPayload, Fault> {
        let viewer = viewer(ctx)?;
        let outcome: Outcome = async {
            let id = handle!(field("conversationId", ids::conversation(&input.conversation_id)));
            viewed(rooms(ctx)?.conversations.mark_read(viewer, &id, input.seq).await, viewer)
        }
        .await;
        outcome.map(Into::into)
    }

    /// Shows the others that the viewer types, or no longer does; kept nowhere.
    async fn set_typing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Started or stopped.")] input: SetTypingInput,
    ) -> Result<SetTypingPayload, Fault> {
        let viewer = viewer(ctx)?;
        let outcome: Result<Handled<()>, Fault> = async {
            let id = handle!(field("conversationId", ids::conversation(&input.conversation_id)));
            handled(rooms(ctx)?.conversations.set_typing(viewer, &id, input.typing).await)
        }
        .await;
        Ok(SetTypingPayload { user_errors: outcome?.err().into_iter().collect() })
    }

    /// Refuses further messages of a participant to the viewer; they are not told.
    async fn block_participant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: BlockParticipantInput,
    ) -> Result<BlockParticipantPayload, Fault> {
        block(ctx, input, true).await.map(Into::into)
    }

    /// Lets a blocked participant send again.
    async fn unblock_participant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: BlockParticipantInput,
    ) -> Result<UnblockParticipantPayload, Fault> {
        block(ctx, input, false).await.map(Into::into)
    }

    /// Ends a conversation; its history stays readable.
    async fn close_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ConversationInput,
    ) -> Result<CloseConversationPayload, Fault> {
        let viewer = viewer(ctx)?;
        let outcome: Outcome = async {
            let id = handle!(field("conversationId", ids::conversation(&input.conversation_id)));
            viewed(rooms(ctx)?.conversations.close(viewer, &id).await, viewer)
        }
        .await;
        outcome.map(Into::into)
    }

    /// Opens a closed conversation again.
    async fn reopen_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ConversationInput,
    ) -> Result<ReopenConversationPayload, Fault> {
        let viewer = viewer(ctx)?;
        let outcome: Outcome = async {
            let id = handle!(field("conversationId", ids::conversation(&input.conversation_id)));
            viewed(rooms(ctx)?.conversations.reopen(viewer, &id).await, viewer)
        }
        .await;
        outcome.map(Into::into)
    }
}

fn viewed(result: Result<Arc<View>, ConversationError>, viewer: &Viewer) -> Outcome {
    let view = handle!(handled(result)?);
    let conversation = Conversation::after(view, viewer);
    Ok(conversation.ok_or_else(|| Refusal::ConversationNotFound.into()))
}

async fn start(ctx: &Context<'_>, input: StartConversationInput) -> Started {
    let viewer = viewer(ctx)?;
    let listing = handle!(field("listingId", ids::listing(&input.listing_id)));
    let client_id = handle!(field("clientId", ClientId::new(&input.client_id)));
    handle!(pace(ctx, viewer)?);
    let rooms = rooms(ctx)?;
    let started = rooms.conversations.start_direct(viewer, &listing, client_id, &input.body).await;
    Ok(shown(handle!(handled(started)?), viewer))
}

async fn contact(ctx: &Context<'_>, input: ContactSupportInput) -> Started {
    let viewer = viewer(ctx)?;
    let listing = input.listing_id.as_ref().map(|id| ids::listing(id)).transpose();
    let listing = handle!(field("listingId", listing));
    let client_id = handle!(field("clientId", ClientId::new(&input.client_id)));
    handle!(pace(ctx, viewer)?);
    let started = rooms(ctx)?
        .conversations
        .contact_support(viewer, listing.as_ref(), &input.category, client_id, &input.body)
        .await;
    Ok(shown(handle!(handled(started)?), viewer))
}

async fn block(ctx: &Context<'_>, input: BlockParticipantInput, block: bool) -> Outcome {
    let viewer = viewer(ctx)?;
    let id = handle!(field("conversationId", ids::conversation(&input.conversation_id)));
    let other = handle!(field("userId", input.user_id.map(UserId::new).transpose()));
    let conversations = &rooms(ctx)?.conversations;
    let result = if block {
        conversations.block(viewer, &id, other.as_ref()).await
    } else {
        conversations.unblock(viewer, &id, other.as_ref()).await
    };
    viewed(result, viewer)
}
