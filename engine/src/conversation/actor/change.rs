//! Read markers, blocks, closing.

use std::sync::Arc;

use super::super::command::Change;
use super::super::{ConversationError, Refusal, View};
use super::{ConversationActor, Outcome, State};
use crate::domain::access::ConversationAction;
use crate::domain::conversation::Block;
use crate::domain::{Conversation, ConversationState, EventKind, Seq, UserId, Viewer};
use crate::fanout;
use crate::store::Write;

/// What a change comes to: an event, the conversation after it, and further rows.
struct Plan {
    kind: EventKind,
    conversation: Conversation,
    writes: Vec<Write>,
}

impl ConversationActor {
    /// Moves the viewer's read marker forward; backward is no change.
    pub(super) async fn mark_read(
        &self,
        state: &mut State,
        viewer: &Viewer,
        seq: Seq,
    ) -> Outcome<Arc<View>> {
        let live = match state.permitted(viewer, ConversationAction::Participate) {
            Ok(live) => live,
            Err(error) => return Ok(Err(error)),
        };
        let seq = seq.min(live.last_seq);
        if live.reads.get(&viewer.id).copied().unwrap_or(0) >= seq {
            return Ok(Ok(Arc::new(live.view())));
        }
        let user = viewer.id.clone();
        let writes = vec![Write::Read { user: user.clone(), seq }];
        let committed = self.commit(state, Vec::new(), None, writes).await?;
        if let Err(error) = committed {
            return Ok(Err(error));
        }
        let Some(live) = state.live.as_mut() else {
            return Ok(Err(Refusal::ConversationNotFound.into()));
        };
        live.read(user.clone(), seq);
        let view = Arc::new(live.view());
        state.shared.view.store(Some(Arc::clone(&view)));
        self.rooms.fanout.publish(&state.id, fanout::Live::ReadAdvanced { user, seq });
        Ok(Ok(view))
    }

    /// Blocks, unblocks, closes or reopens; what is so already stays so without an event.
    pub(super) async fn change(
        &self,
        state: &mut State,
        viewer: &Viewer,
        change: Change,
    ) -> Outcome<Arc<View>> {
        let action = match change {
            Change::Block(_) | Change::Unblock(_) => ConversationAction::Block,
            Change::Close | Change::Reopen => ConversationAction::Close,
        };
        let planned = state.permitted(viewer, action).and_then(|live| {
            let view = Arc::new(live.view());
            Ok((plan(&view.conversation, viewer, change)?, view))
        });
        match planned {
            Err(error) => Ok(Err(error)),
            Ok((None, view)) => Ok(Ok(view)),
            Ok((Some(Plan { kind, conversation, writes }), _)) => {
                let event = self.event(state, 0, &viewer.id, kind);
                self.commit(state, vec![event], Some(conversation), writes).await
            }
        }
    }
}

fn plan(
    conversation: &Conversation,
    viewer: &Viewer,
    change: Change,
) -> Result<Option<Plan>, ConversationError> {
    let mut after = conversation.clone();
    let mut writes = Vec::new();
    let kind = match change {
        Change::Block(other) => {
            let block = block(conversation, viewer, other)?;
            if conversation.blocks.contains(&block) {
                return Ok(None);
            }
            after.blocks.push(block.clone());
            let blocked = block.blocked.clone();
            writes.push(Write::Block { by: block.by, blocked: block.blocked });
            EventKind::ParticipantBlocked { blocked }
        }
        Change::Unblock(other) => {
            let block = block(conversation, viewer, other)?;
            if !conversation.blocks.contains(&block) {
                return Ok(None);
            }
            after.blocks.retain(|standing| *standing != block);
            let blocked = block.blocked.clone();
            writes.push(Write::Unblock { by: block.by, blocked: block.blocked });
            EventKind::ParticipantUnblocked { blocked }
        }
        Change::Close => {
            if conversation.state == ConversationState::Closed {
                return Ok(None);
            }
            after.state = ConversationState::Closed;
            EventKind::ConversationClosed
        }
        Change::Reopen => {
            if conversation.state == ConversationState::Open {
                return Ok(None);
            }
            after.state = ConversationState::Open;
            EventKind::ConversationReopened
        }
    };
    Ok(Some(Plan { kind, conversation: after, writes }))
}

fn block(
    conversation: &Conversation,
    viewer: &Viewer,
    other: Option<UserId>,
) -> Result<Block, ConversationError> {
    let blocked = match other {
        Some(other) => conversation.participant(&other).map(|participant| &participant.user),
        None => conversation.participants.iter().map(|it| &it.user).find(|id| **id != viewer.id),
    };
    let blocked = blocked.filter(|id| **id != viewer.id).ok_or_else(|| Refusal::Invalid {
        field: "userId",
        message: "Name another participant of this conversation.".to_owned(),
    })?;
    Ok(Block { by: viewer.id.clone(), blocked: blocked.clone() })
}
