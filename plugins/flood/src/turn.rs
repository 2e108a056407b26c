//! Whose move this message is.

use rialto_filter_sdk::Conversation;

/// What the sender does with this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Writes to somebody who has not written: a new counterpart.
    Opens,
    /// Answers somebody who wrote first, as sellers do all day.
    Answers,
    /// Goes on where both may have written.
    Continues,
}

impl Turn {
    /// By who has spoken: a first message after others is an answer.
    pub fn of(conversation: &Conversation) -> Self {
        match (conversation.is_first_contact, conversation.message_count) {
            (true, 0) => Self::Opens,
            (true, _) => Self::Answers,
            (false, _) => Self::Continues,
        }
    }
}
