//! Who may look into a conversation, and as whom. Staff say why before they look into one between users.

use std::sync::Arc;

use super::reasons::Reasons;
use super::{ConversationError, Conversations, Refusal, View};
use crate::domain::{Audience, Conversation, ConversationId, Viewer, access};
use crate::store::AuditEntry;

impl Conversations {
    /// The conversation as this viewer may see it; staff must have said why, if it is between users.
    pub async fn view(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
    ) -> Result<(Arc<View>, Audience), ConversationError> {
        self.view_because(viewer, id, None).await
    }

    /// The same, with staff's reason, which is audited and good for an hour.
    pub async fn view_because(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        reason: Option<&str>,
    ) -> Result<(Arc<View>, Audience), ConversationError> {
        let view = self.current(id).await?;
        let audience =
            access::audience(viewer, &view.conversation).ok_or(Refusal::ConversationNotFound)?;
        if self.may_look(viewer, &view.conversation).is_err() {
            let reason = Reasons::check(reason)?;
            let at = self.rooms().clock.now();
            let entry = AuditEntry {
                at,
                actor: viewer.id.clone(),
                action: "conversation.read".to_owned(),
                target: format!("conversation:{id}"),
                reason: Some(reason.to_owned()),
            };
            self.rooms().store.audit(&entry).await?;
            self.reasons().give(viewer, id, at);
        }
        Ok((view, audience))
    }

    /// Who is in the conversation and what it is about, for whoever was admitted to it otherwise.
    pub async fn metadata(&self, id: &ConversationId) -> Result<Arc<View>, ConversationError> {
        self.current(id).await
    }

    /// Whether what is said in the conversation may be shown to the viewer, who may see that it exists.
    pub fn may_look(&self, viewer: &Viewer, conversation: &Conversation) -> Result<(), Refusal> {
        let now = self.rooms().clock.now();
        let private = access::is_private_read(viewer, conversation);
        if private && !self.reasons().given(viewer, &conversation.id, now) {
            return Err(Refusal::ReasonRequired);
        }
        Ok(())
    }
}
