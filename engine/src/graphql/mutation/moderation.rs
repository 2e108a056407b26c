//! What moderators do with messages.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::field;
use crate::conversation::{ConversationError, Posted, Refusal, Ruling};
use crate::domain::Seq;
use crate::graphql::errors::{Fault, refusal};
use crate::graphql::query::moderation::moderated;
use crate::graphql::types::message::Message;
use crate::graphql::types::moderation::{ModerationDecision, ModeratorDecision, SpanInput};
use crate::graphql::types::user_error::{UserError, UserErrorCode};
use crate::graphql::{ids, viewer};

/// Characters of a reason or of words for the sender.
const MAX_WORDS: usize = 1_000;

/// What moderators do with messages.
#[derive(Debug, Default)]
pub struct ModerationMutation;

/// A decision about a message.
#[derive(Debug, InputObject)]
pub struct DecideInput {
    /// The message's global id.
    message_id: ID,
    /// What.
    decision: ModerationDecision,
    /// Why, for the log and for colleagues.
    reason: Option<String>,
    /// For `MASK`: what to hide; what the verdict found if not given.
    spans: Option<Vec<SpanInput>>,
    /// Words for the sender; fitting ones if not given.
    notice: Option<String>,
    /// The message's `revision` this is based on. If it was edited since: `CONFLICT`; if it was decided since:
    /// `ALREADY_DECIDED`. Needed to decide again about a decided message.
    expected_revision: Option<Seq>,
}

/// A decision to take back.
#[derive(Debug, InputObject)]
pub struct UndoDecisionInput {
    /// The message's global id.
    message_id: ID,
    /// The `seq` of the decision; if a later one stands, nothing is done (`ALREADY_DECIDED`).
    decision_seq: Seq,
    /// Why.
    reason: Option<String>,
}

/// What deciding led to.
#[derive(Debug, SimpleObject)]
pub struct DecidePayload {
    /// The message as it is now, if it was done.
    message: Option<Message>,
    /// The decision that stands now; with `ALREADY_DECIDED` the other one's.
    decision: Option<ModeratorDecision>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

#[Object]
impl ModerationMutation {
    /// Decides about a message, held or delivered. Of two moderators one gets through, the other `ALREADY_DECIDED`; a
    /// retry of the same is answered as before. For moderators and admins.
    async fn decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: DecideInput,
    ) -> Result<DecidePayload, Fault> {
        let (rooms, viewer) = (moderated(ctx)?, viewer(ctx)?);
        let (id, seq) = match field("messageId", ids::message(&input.message_id)) {
            Ok(place) => place,
            Err(error) => return Ok(error.into()),
        };
        for (name, words) in [("reason", &input.reason), ("notice", &input.notice)] {
            if let Some(error) = too_long(name, words.as_deref()) {
                return Ok(error.into());
            }
        }
        let ruling = Ruling {
            kind: input.decision.into(),
            reason: said(input.reason),
            spans: input.spans.map(|spans| spans.into_iter().map(Into::into).collect()),
            notice: said(input.notice),
            expected: input.expected_revision,
        };
        payload(rooms.conversations.decide(viewer, &id, seq, &ruling).await)
    }

    /// Takes a decision about a message back; everything is as it was before it. For moderators and admins.
    async fn undo_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: UndoDecisionInput,
    ) -> Result<DecidePayload, Fault> {
        let (rooms, viewer) = (moderated(ctx)?, viewer(ctx)?);
        let (id, seq) = match field("messageId", ids::message(&input.message_id)) {
            Ok(place) => place,
            Err(error) => return Ok(error.into()),
        };
        if let Some(error) = too_long("reason", input.reason.as_deref()) {
            return Ok(error.into());
        }
        let reason = said(input.reason);
        let (decision, reason) = (input.decision_seq, reason.as_deref());
        payload(rooms.conversations.undo_decision(viewer, &id, seq, decision, reason).await)
    }
}

fn said(words: Option<String>) -> Option<String> {
    words.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty())
}

fn too_long(field: &str, words: Option<&str>) -> Option<UserError> {
    let long = words.is_some_and(|words| words.chars().count() > MAX_WORDS);
    let message = format!("At most {MAX_WORDS} characters.");
    long.then(|| UserError::new(UserErrorCode::Invalid, field, message))
}

fn payload(done: Result<Posted, ConversationError>) -> Result<DecidePayload, Fault> {
    let refused = match done {
        Ok(posted) => {
            let decision = posted.message.decision.as_deref().map(ModeratorDecision::from);
            let message = Message::for_staff(posted.message);
            return Ok(DecidePayload { message, decision, user_errors: vec![] });
        }
        Err(error) => refusal(error)?,
    };
    let decision = match &refused {
        Refusal::AlreadyDecided(decision) => Some(ModeratorDecision::from(decision.as_ref())),
        _ => None,
    };
    Ok(DecidePayload { message: None, decision, user_errors: vec![refused.into()] })
}

impl From<UserError> for DecidePayload {
    fn from(error: UserError) -> Self {
        Self { message: None, decision: None, user_errors: vec![error] }
    }
}
