//! What viewers ask, and what they are answered.

use chrono::{DateTime, Utc};
use rialto_search::Order;
use rialto_search::query::DEEPEST;
use rialto_search::syntax::{SyntaxError, Term};

use super::documents::{kind_of, verdict_word};
use crate::domain::{
    Action, Audience, ConversationId, ConversationKind, ListingId, Message, UserId,
};
use crate::store::StoreError;

/// Why nothing was searched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The query is not well formed.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// Staff say why they search.
    #[error("Staff searches are audited: say why in `reason`.")]
    ReasonRequired,
    /// Users don't learn what policy made of messages.
    #[error("Only staff search by verdict.")]
    StaffOnly,
    /// The page lies deeper than is searched.
    #[error("Only the first {DEEPEST} matches can be paged through; narrow the search down.")]
    TooDeep,
    /// The index is being built.
    #[error("The search index is being built; try again in a moment.")]
    Building,
    /// The index can't be reached.
    #[error("Search is not available right now; try again in a moment.")]
    Unavailable,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which messages or conversations; what is `None` does not matter. Goes together with what the query's operators say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchFilter {
    /// Of this conversation; for messages only.
    pub conversation: Option<ConversationId>,
    /// About this listing.
    pub listing: Option<ListingId>,
    /// In which this user takes part.
    pub participant: Option<UserId>,
    /// Of this support category, or about listings of it.
    pub category: Option<String>,
    /// Of this kind.
    pub kind: Option<ConversationKind>,
    /// Not before; conversations by their start.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// With attachments, or without; for messages only.
    pub has_attachment: Option<bool>,
    /// What policy made of it; for messages and staff only.
    pub verdict: Option<Action>,
}

/// A place in the results. They are those of one moment, so that what is said meanwhile moves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// That moment.
    pub as_of: DateTime<Utc>,
    /// Hits of the index up to and with this one.
    pub offset: usize,
}

/// A search for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSearch {
    /// What was typed.
    pub query: String,
    /// Which messages.
    pub filter: SearchFilter,
    /// In which order.
    pub order: Order,
    /// How many at most.
    pub limit: usize,
    /// Only what comes after this.
    pub after: Option<Place>,
    /// Why staff search.
    pub reason: Option<String>,
}

/// A search for conversations, by listing title and participants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationSearch {
    /// What was typed.
    pub query: String,
    /// Which conversations.
    pub filter: SearchFilter,
    /// How many at most.
    pub limit: usize,
    /// Only what comes after this.
    pub after: Option<Place>,
    /// Why staff search.
    pub reason: Option<String>,
}

/// Pieces of a text; `true` where it matched.
pub type Snippet = Vec<(String, bool)>;

/// A message that was found, as the viewer may see it.
#[derive(Debug, Clone)]
pub struct MessageMatch {
    /// It.
    pub message: Message,
    /// As whom the viewer sees it.
    pub audience: Audience,
    /// The stretch that matched.
    pub snippet: Snippet,
    /// Its place in the results.
    pub place: Place,
}

/// A conversation that was found.
#[derive(Debug, Clone)]
pub struct ConversationMatch {
    /// Its id; the viewer may see it.
    pub id: ConversationId,
    /// The listing's title.
    pub title: Option<Snippet>,
    /// Who is in it, by id and name.
    pub people: Vec<(UserId, Snippet)>,
    /// Its place in the results.
    pub place: Place,
}

/// A page of messages.
#[derive(Debug, Clone)]
pub struct MessageMatches {
    /// In order.
    pub matches: Vec<MessageMatch>,
    /// Whether there are more.
    pub has_more: bool,
    /// The query as it was understood.
    pub terms: Vec<Term>,
}

/// A page of conversations.
#[derive(Debug, Clone)]
pub struct ConversationMatches {
    /// In order.
    pub matches: Vec<ConversationMatch>,
    /// Whether there are more.
    pub has_more: bool,
    /// The query as it was understood.
    pub terms: Vec<Term>,
}

/// What was looked for, for the audit log; never what was found.
pub(super) fn in_words(query: &str, filter: &SearchFilter) -> String {
    let time = |at: DateTime<Utc>| at.to_rfc3339();
    let parts = [
        (!query.trim().is_empty()).then(|| query.trim().to_owned()),
        filter.conversation.as_ref().map(|id| format!("conversation={id}")),
        filter.listing.as_ref().map(|id| format!("listing={id}")),
        filter.participant.as_ref().map(|id| format!("participant={id}")),
        filter.category.as_ref().map(|category| format!("category={category}")),
        filter.kind.map(|kind| format!("kind={}", kind_of(kind).as_str())),
        filter.from.map(|at| format!("from={}", time(at))),
        filter.to.map(|at| format!("to={}", time(at))),
        filter.has_attachment.map(|has| format!("hasAttachment={has}")),
        filter.verdict.map(|action| format!("verdict={}", verdict_word(action))),
    ];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "everything".to_owned() } else { words }
}
