//! One actor per conversation: started on first use, passivated when idle, supervised. The handle is the way in.

mod actor;
mod command;
mod dispatch;
mod handle;
mod looking;
mod opening;
mod pressure;
mod reasons;
pub mod refusal;
mod registry;
mod state;
mod stream;
mod supervisor;

use std::collections::HashMap;
use std::sync::Arc;

pub use command::Ruling;
pub use handle::{ConversationRooms, Conversations};
pub use refusal::{ConversationError, Refusal};
pub use stream::{Deliveries, Delivery};

use crate::domain::{Conversation, Message, Seq, UserId};

/// A conversation as it is now: a shared snapshot, published by its actor after every commit.
#[derive(Debug, Clone)]
pub struct View {
    /// Who, what, open or closed.
    pub conversation: Arc<Conversation>,
    /// How far each participant has read; who is absent has read nothing.
    pub reads: Arc<HashMap<UserId, Seq>>,
    /// The newest event's sequence number.
    pub last_seq: Seq,
}

/// A posted, edited or retracted message and the conversation it is in.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The conversation afterwards.
    pub view: Arc<View>,
    /// The message as it is now.
    pub message: Message,
    /// Whether this answers a retry: nothing new happened.
    pub replayed: bool,
}
