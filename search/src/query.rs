//! What an index is asked, and what it answers.

use std::ops::Range;

use crate::document::{Kind, Person, Projection};

/// The deepest place a page may reach: offset and limit together.
pub const DEEPEST: usize = 10_000;

/// A word to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As the user wrote it; the index normalizes it. One that falls apart into several (`e-mail`) is sought as a phrase.
    pub text: String,
    /// Whether words that begin with it count: the last one, while it is being typed.
    pub prefix: bool,
}

/// The text part of a query. All words and phrases must be found; nothing at all finds everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Found with typing errors, as many as `settings` allows for their length, and with synonyms.
    pub words: Vec<Word>,
    /// Found word by word as written, next to each other.
    pub phrases: Vec<String>,
    /// Words and phrases that must not be there, exact.
    pub excluded: Vec<String>,
}

impl Text {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.phrases.is_empty() && self.excluded.is_empty()
    }
}

/// Who is looking; put in by the server, and always part of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A user: documents that have them among their readers.
    User(String),
    /// Support staff: whole documents of support conversations; of direct ones, those they are a reader of.
    Support(String),
    /// Moderators and admins: whole documents, but of direct conversations they take part in themselves only those they are
    /// a reader of.
    Everything(String),
}

impl Scope {
    /// Who is looking.
    pub fn user(&self) -> &str {
        match self {
            Self::User(id) | Self::Support(id) | Self::Everything(id) => id,
        }
    }
}

/// Which messages; what is `None` or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Of this conversation.
    pub conversation: Option<String>,
    /// About any of these listings; an empty list finds nothing.
    pub listings: Option<Vec<String>>,
    /// From any of these senders; an empty list finds nothing.
    pub senders: Option<Vec<String>>,
    /// In conversations in which of each of these groups somebody takes part; an empty group finds nothing.
    pub participants: Vec<Vec<String>>,
    /// Of this category.
    pub category: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Not before, milliseconds since 1970 UTC.
    pub from: Option<i64>,
    /// Before, milliseconds since 1970 UTC.
    pub to: Option<i64>,
    /// With (or without) attachments.
    pub has_attachment: Option<bool>,
    /// With this verdict: finds only what the viewer sees as staff, so nothing in the scope of a user.
    pub verdict: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The best matches first; of equal ones the newest.
    #[default]
    Relevance,
    /// The newest first.
    Newest,
}

/// A search for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageQuery {
    /// In the words of the text.
    pub text: Text,
    /// On whose behalf.
    pub scope: Scope,
    /// Which of them.
    pub filter: MessageFilter,
    /// In which order.
    pub order: Order,
    /// Hits to skip.
    pub offset: usize,
    /// Hits at most; offset and limit together at most `DEEPEST`.
    pub limit: usize,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageHit {
    /// Its conversation.
    pub conversation: String,
    /// Its sequence number there.
    pub seq: u64,
    /// Which of its texts matched.
    pub projection: Projection,
    /// That text, as the index knows it.
    pub text: String,
    /// What of it matched: byte ranges on character borders, ascending, not overlapping.
    pub matches: Vec<Range<usize>>,
}

/// Which conversations; what is `None` or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// About any of these listings; an empty list finds nothing.
    pub listings: Option<Vec<String>>,
    /// In which of each of these groups somebody takes part; an empty group finds nothing.
    pub participants: Vec<Vec<String>>,
    /// Of this category.
    pub category: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Started not before, milliseconds since 1970 UTC.
    pub from: Option<i64>,
    /// Started before, milliseconds since 1970 UTC.
    pub to: Option<i64>,
}

/// A search for conversations, by the listing's title and the participants' names. Staff scopes reach all conversations of
/// their kind; best matches first, of equal ones those started last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationQuery {
    /// Each word must be found in the title or in a name.
    pub text: Text,
    /// On whose behalf.
    pub scope: Scope,
    /// Which of them.
    pub filter: ConversationFilter,
    /// Hits to skip.
    pub offset: usize,
    /// Hits at most; offset and limit together at most `DEEPEST`.
    pub limit: usize,
}

/// A conversation that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationHit {
    /// Its id.
    pub id: String,
    /// The listing it is about.
    pub listing: Option<String>,
    /// The listing's title.
    pub title: Option<String>,
    /// What of the title matched: byte ranges, ascending, not overlapping.
    pub title_matches: Vec<Range<usize>>,
    /// Everyone in it.
    pub people: Vec<Person>,
    /// By person, what of the name matched.
    pub people_matches: Vec<Vec<Range<usize>>>,
}

/// One page of hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// In order.
    pub hits: Vec<T>,
    /// Whether there are more after them.
    pub has_more: bool,
}
