//! What a user can cause and should handle: data for a payload, never a fault.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::ModeratorDecision;
use crate::store::StoreError;

/// Why something was not done, in the user's terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such conversation, or it is not the viewer's: the two are told alike.
    #[error("There is no such conversation, or you are not in it.")]
    ConversationNotFound,
    /// There is no such message, or the viewer may not know of it.
    #[error("There is no such message in this conversation.")]
    MessageNotFound,
    /// The listing is not known.
    #[error("There is no listing with this id.")]
    ListingNotFound,
    /// The listing can't be talked about.
    #[error("Messaging is not available for this listing: {0}.")]
    MessagingUnavailable(&'static str),
    /// A seller asked about their own listing.
    #[error("This is your own listing.")]
    OwnListing,
    /// The viewer may see it but not do this.
    #[error("You may not do this in this conversation.")]
    NotAllowed,
    /// The conversation has ended.
    #[error("This conversation is closed.")]
    ConversationClosed,
    /// The other side blocked the viewer.
    #[error("You can't send messages to this person.")]
    Blocked,
    /// Policy refused the text; the words are the policy's.
    #[error("{0}")]
    RefusedByPolicy(String),
    /// Nothing but white space.
    #[error("The message is empty.")]
    BodyEmpty,
    /// Too long.
    #[error("The message is longer than {max_bytes} bytes.")]
    BodyTooLong {
        /// The limit.
        max_bytes: usize,
    },
    /// Only the sender may edit or retract.
    #[error("This is not your message.")]
    NotYourMessage,
    /// Too late to edit or retract.
    #[error("Messages can be changed for {} minutes after sending.", .window_seconds / 60)]
    EditWindowOver {
        /// The window.
        window_seconds: u64,
    },
    /// It was taken back before.
    #[error("This message was retracted.")]
    MessageRetracted,
    /// Another moderator was first.
    #[error("{} decided about this message before: {}.", .0.by, .0.kind.as_str())]
    AlreadyDecided(Arc<ModeratorDecision>),
    /// The message is not what the moderator saw.
    #[error("This message changed meanwhile. Look at it again, then decide.")]
    ChangedMeanwhile,
    /// No decision stands.
    #[error("There is no decision about this message that could be undone.")]
    NothingToUndo,
    /// A moderator decided about it, so its sender can't change it.
    #[error("A moderator decided about this message; it can't be changed any more.")]
    MessageDecided,
    /// Staff look into a conversation between users and didn't say why.
    #[error("Say why you look into this conversation: give a `reason` of 3 to 500 characters.")]
    ReasonRequired,
    /// An identifier or other value is not well formed.
    #[error("{message}")]
    Invalid {
        /// The input's field.
        field: &'static str,
        /// What is wrong.
        message: String,
    },
    /// Too much is under way; the same call may succeed soon.
    #[error("The engine is busy. Try again shortly.")]
    Busy,
}

impl Refusal {
    /// The stable code clients switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ConversationNotFound | Self::MessageNotFound | Self::ListingNotFound => {
                "NOT_FOUND"
            }
            Self::MessagingUnavailable(_) => "MESSAGING_UNAVAILABLE",
            Self::OwnListing => "OWN_LISTING",
            Self::NotAllowed => "FORBIDDEN",
            Self::ConversationClosed => "CONVERSATION_CLOSED",
            Self::Blocked => "BLOCKED",
            Self::RefusedByPolicy(_) => "REFUSED_BY_POLICY",
            Self::BodyEmpty => "BODY_EMPTY",
            Self::BodyTooLong { .. } => "BODY_TOO_LONG",
            Self::NotYourMessage => "NOT_YOUR_MESSAGE",
            Self::EditWindowOver { .. } => "EDIT_WINDOW_OVER",
            Self::MessageRetracted => "MESSAGE_RETRACTED",
            Self::AlreadyDecided(_) => "ALREADY_DECIDED",
            Self::ChangedMeanwhile => "CONFLICT",
            Self::NothingToUndo => "NOT_POSSIBLE",
            Self::MessageDecided => "MESSAGE_DECIDED",
            Self::ReasonRequired => "REASON_REQUIRED",
            Self::Invalid { .. } => "INVALID",
            Self::Busy => "BUSY",
        }
    }

    /// The input field that caused it, if one did.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::ConversationNotFound | Self::ConversationClosed => Some("conversationId"),
            Self::MessageNotFound
            | Self::NotYourMessage
            | Self::EditWindowOver { .. }
            | Self::AlreadyDecided(_)
            | Self::ChangedMeanwhile
            | Self::NothingToUndo
            | Self::MessageDecided
            | Self::MessageRetracted => Some("messageId"),
            Self::ReasonRequired => Some("reason"),
            Self::ListingNotFound | Self::MessagingUnavailable(_) | Self::OwnListing => {
                Some("listingId")
            }
            Self::RefusedByPolicy(_) | Self::BodyEmpty | Self::BodyTooLong { .. } => Some("body"),
            Self::Invalid { field, .. } => Some(field),
            Self::NotAllowed | Self::Blocked | Self::Busy => None,
        }
    }

    /// When to try again, if trying again can help.
    pub fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Busy).then_some(Duration::from_secs(1))
    }
}

/// Anything but success.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// The user's to handle.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The conversation's actor died twice over the same command.
    #[error("the conversation's actor stopped: {0}")]
    Actor(String),
}
