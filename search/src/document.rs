//! What is written to an index.

use serde::{Deserialize, Serialize};

/// Who talks with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A buyer and a seller about a listing.
    Direct,
    /// A user and staff.
    Support,
}

impl Kind {
    /// The word it is indexed by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Support => "support",
        }
    }
}

/// Which text of a message a document holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// As it was written: for its sender and staff, and for everybody unless parts are hidden.
    Whole,
    /// With parts hidden: for those it was sent to. Staff never find this one.
    Masked,
}

impl Projection {
    /// Both, in the order they are named.
    pub const ALL: [Self; 2] = [Self::Whole, Self::Masked];

    /// The word it is indexed by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Masked => "masked",
        }
    }
}

/// A message as one group of people may read it. A message has one document, or two if parts of it are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDocument {
    /// Its conversation's id: 1 to 128 bytes, any characters but control characters.
    pub conversation: String,
    /// Its sequence number there.
    pub seq: u64,
    /// Which of the message's texts this is.
    pub projection: Projection,
    /// The text these readers see; never what is hidden from them.
    pub text: String,
    /// Participants who read exactly this text.
    pub readers: Vec<String>,
    /// Everyone in the conversation.
    pub participants: Vec<String>,
    /// Who wrote it.
    pub sender: String,
    /// Direct or support.
    pub kind: Kind,
    /// The listing it is about.
    pub listing: Option<String>,
    /// The support category, or the listing's.
    pub category: Option<String>,
    /// When it was sent, milliseconds since 1970 UTC.
    pub at: i64,
    /// The strictest action of policy on it, such as `deliver` or `hold`. Only staff may ask for it.
    pub verdict: String,
    /// Whether pictures or documents came with it.
    pub has_attachment: bool,
}

/// Somebody in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// Their name, searchable.
    pub name: String,
}

/// A conversation: found by its listing's title and the names of who is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationDocument {
    /// Its id.
    pub id: String,
    /// Direct or support.
    pub kind: Kind,
    /// Who may find it besides staff: its participants.
    pub readers: Vec<String>,
    /// Everyone in it.
    pub people: Vec<Person>,
    /// The listing it is about.
    pub listing: Option<String>,
    /// The listing's title, searchable.
    pub title: Option<String>,
    /// The support category, or the listing's.
    pub category: Option<String>,
    /// When it was started, milliseconds since 1970 UTC.
    pub at: i64,
}

/// Writes that become visible together, or as good as: an index may split what is too large.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Messages by conversation and sequence number of which every document that is not in `messages` is removed and
    /// those that are replaced. A message that is in `messages` but not here must be new to the index.
    pub replaced: Vec<(String, u64)>,
    /// Documents to write.
    pub messages: Vec<MessageDocument>,
    /// Conversations of which everything is removed, messages included, before anything is written.
    pub erased: Vec<String>,
    /// Documents to write; one with the same id is replaced.
    pub conversations: Vec<ConversationDocument>,
}

impl Changes {
    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty()
            && self.messages.is_empty()
            && self.erased.is_empty()
            && self.conversations.is_empty()
    }
}
