//! The closed set of things a conversation's actor can be asked.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::opening::Opening;
use super::{ConversationError, Posted, View};
use crate::domain::{ClientId, DecisionKind, Seq, Span, UserId, Viewer};
use crate::telemetry::trace::Context;

/// Where an answer goes. Dropped unanswered if the actor dies, which tells the handle to try again.
pub type Reply<T> = oneshot::Sender<Result<T, ConversationError>>;

/// One request to a conversation's actor.
#[derive(Debug)]
pub enum Command {
    /// The current view; `ConversationNotFound` if there is none yet.
    View(Reply<Arc<View>>),
    /// Say something; with an opening, start the conversation if it is not there.
    Send {
        /// Who.
        viewer: Viewer,
        /// For a retry to be recognised.
        client_id: ClientId,
        /// The text, its length checked.
        body: Arc<str>,
        /// How to start the conversation, when this may start it.
        opening: Option<Arc<Opening>>,
        /// What this is a part of, if that is traced.
        trace: Option<Context>,
        /// The message.
        reply: Reply<Posted>,
    },
    /// Change an own message's text.
    Edit {
        /// Who.
        viewer: Viewer,
        /// Which message.
        message: Seq,
        /// The new text, its length checked.
        body: Arc<str>,
        /// The message as it is then.
        reply: Reply<Posted>,
    },
    /// Take an own message back.
    Retract {
        /// Who.
        viewer: Viewer,
        /// Which message.
        message: Seq,
        /// The message as it is then.
        reply: Reply<Posted>,
    },
    /// Decide about somebody's message.
    Decide {
        /// Who.
        viewer: Viewer,
        /// Which message.
        message: Seq,
        /// What.
        ruling: Ruling,
        /// The message as it is then.
        reply: Reply<Posted>,
    },
    /// Take a decision back.
    UndoDecision {
        /// Who.
        viewer: Viewer,
        /// Which message.
        message: Seq,
        /// The event of the decision.
        decision: Seq,
        /// Why, for colleagues.
        reason: Option<String>,
        /// The message as it is then.
        reply: Reply<Posted>,
    },
    /// Move the viewer's read marker forward.
    MarkRead {
        /// Who.
        viewer: Viewer,
        /// Up to which sequence number; beyond the newest event counts as the newest.
        seq: Seq,
        /// The view afterwards.
        reply: Reply<Arc<View>>,
    },
    /// Change the conversation itself.
    Change {
        /// Who.
        viewer: Viewer,
        /// How.
        change: Change,
        /// The view afterwards.
        reply: Reply<Arc<View>>,
    },
    /// Stop if nobody used the actor for the idle time.
    Passivate,
}

/// What a moderator wants done with a message.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// What.
    pub kind: DecisionKind,
    /// Why, for colleagues.
    pub reason: Option<String>,
    /// What to hide; `None`: what the verdict found.
    pub spans: Option<Vec<Span>>,
    /// Words for the sender; fitting ones if none are given.
    pub notice: Option<String>,
    /// The message's revision this is based on.
    pub expected: Option<Seq>,
}

/// A change of the conversation itself. Doing it twice is the same as doing it once.
#[derive(Debug, Clone)]
pub enum Change {
    /// Refuse another participant's messages from now on; `None` means the other side of a direct conversation.
    Block(Option<UserId>),
    /// Lift that.
    Unblock(Option<UserId>),
    /// End it.
    Close,
    /// Open it again.
    Reopen,
}
