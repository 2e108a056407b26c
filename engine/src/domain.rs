//! Pure types and rules: no I/O, no clock of its own, nothing imported from the rest of the engine.

pub mod access;
pub mod clock;
pub mod conversation;
pub mod event;
pub mod ids;
pub mod inbox;
pub mod listing;
pub mod message;
pub mod moderation;
pub mod user;
pub mod verdict;

pub use access::{Role, Viewer};
pub use clock::Clock;
pub use conversation::{
    Conversation, ConversationKind, ConversationState, Participant, ParticipantRole,
};
pub use event::{Event, EventKind};
pub use ids::{ClientId, ConversationId, IdError, ListingId, Seq, UserId};
pub use inbox::{InboxRow, SUPPORT_DESK};
pub use listing::{Listing, ListingStatus, MessagingException};
pub use message::{Audience, Message, MessageStatus, MessageView};
pub use moderation::{DecisionKind, Effect, Held, ModeratorDecision, QueueChange};
pub use user::User;
pub use verdict::{Action, FilterRun, RecordedSignal, RunMode, Span, Verdict};
