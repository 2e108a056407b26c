//! What search finds.

use async_graphql::connection::PageInfo;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use rialto_search::Order;
use rialto_search::syntax::{self, Term};

use super::conversation::{Conversation, ConversationKind};
use super::cursor;
use super::message::Message;
use super::user::User;
use super::verdict::Action;
use crate::domain::{ConversationId, UserId};
use crate::graphql::errors::Fault;
use crate::graphql::ids;
use crate::search::{self, ConversationMatches, MessageMatches, SearchFilter, Snippet};

/// In which order matches come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum SearchOrder {
    /// The best matches first; of equal ones the newest.
    #[default]
    Relevance,
    /// The newest first.
    Newest,
}

impl From<SearchOrder> for Order {
    fn from(order: SearchOrder) -> Self {
        match order {
            SearchOrder::Relevance => Self::Relevance,
            SearchOrder::Newest => Self::Newest,
        }
    }
}

/// Which messages are wanted, besides what the query's operators say; what is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct MessageSearchFilter {
    /// Of this conversation, by its id, global or bare.
    conversation_id: Option<ID>,
    /// About this listing, by its id, global or the marketplace's.
    listing_id: Option<ID>,
    /// In conversations of this user.
    participant_id: Option<ID>,
    /// Of this support category, or about listings of it.
    category: Option<String>,
    /// Of this kind.
    kind: Option<ConversationKind>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Before.
    to: Option<DateTime<Utc>>,
    /// With attachments, or without.
    has_attachment: Option<bool>,
    /// What policy made of it; staff only.
    verdict: Option<Action>,
}

impl MessageSearchFilter {
    /// As the search room understands it.
    pub fn read(self) -> Result<SearchFilter, Fault> {
        Ok(SearchFilter {
            conversation: self.conversation_id.map(|id| ids::conversation(&id)).transpose()?,
            listing: self.listing_id.map(|id| ids::listing(&id)).transpose()?,
            participant: self.participant_id.map(UserId::new).transpose()?,
            category: self.category,
            kind: self.kind.map(Into::into),
            from: self.from,
            to: self.to,
            has_attachment: self.has_attachment,
            verdict: self.verdict.map(Into::into),
        })
    }
}

/// Which conversations are wanted; what is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct ConversationSearchFilter {
    /// About this listing, by its id, global or the marketplace's.
    listing_id: Option<ID>,
    /// Of this user.
    participant_id: Option<ID>,
    /// Of this support category, or about listings of it.
    category: Option<String>,
    /// Of this kind.
    kind: Option<ConversationKind>,
    /// Started not before.
    from: Option<DateTime<Utc>>,
    /// Started before.
    to: Option<DateTime<Utc>>,
}

impl ConversationSearchFilter {
    /// As the search room understands it.
    pub fn read(self) -> Result<SearchFilter, Fault> {
        Ok(SearchFilter {
            listing: self.listing_id.map(|id| ids::listing(&id)).transpose()?,
            participant: self.participant_id.map(UserId::new).transpose()?,
            category: self.category,
            kind: self.kind.map(Into::into),
            from: self.from,
            to: self.to,
            ..SearchFilter::default()
        })
    }
}

/// What a part of a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "syntax::TermKind")]
pub enum SearchTermKind {
    /// A word.
    Word,
    /// Words in quotes, to be found as they stand.
    Phrase,
    /// A word or phrase that must not be there.
    Excluded,
    /// Who wrote it.
    From,
    /// Who takes part.
    With,
    /// What it is about.
    Listing,
    /// The category.
    Category,
    /// Direct or support.
    Kind,
    /// Earlier than that day, month or year.
    Before,
    /// Later than that day, month or year.
    After,
    /// Within that day, month or year.
    On,
    /// With attachments, or without.
    Has,
    /// What policy made of it; staff only.
    Verdict,
}

/// A part of the query as it was understood, such as a user interface shows as a chip.
#[derive(Debug, Clone, SimpleObject)]
pub struct SearchTerm {
    /// What it asks for.
    kind: SearchTermKind,
    /// As it was written.
    text: String,
    /// Its value, without operator, minus and quotes.
    value: String,
    /// Where it begins in the query, UTF-8 bytes.
    start: usize,
    /// Where it ends, UTF-8 bytes.
    end: usize,
}

impl From<Term> for SearchTerm {
    fn from(term: Term) -> Self {
        let (start, end) = (term.span.start, term.span.end);
        Self { kind: term.kind.into(), text: term.text, value: term.value, start, end }
    }
}

/// A piece of a text.
#[derive(Debug, Clone, SimpleObject)]
pub struct SnippetPart {
    /// The piece.
    text: String,
    /// Whether it is what was sought.
    #[graphql(name = "match")]
    matched: bool,
}

fn snippet(parts: Snippet) -> Vec<SnippetPart> {
    parts.into_iter().map(|(text, matched)| SnippetPart { text, matched }).collect()
}

/// A message that was found.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageHit {
    /// It, as the viewer may see it.
    message: Message,
    /// Its conversation's global id.
    conversation_id: ID,
    /// Its sequence number there, to jump to.
    seq: u64,
    /// The stretch of its text that matched.
    snippet: Vec<SnippetPart>,
}

/// A message and its place in the results.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageSearchEdge {
    /// Its place.
    cursor: String,
    /// The message.
    node: MessageHit,
}

/// A page of messages that were found.
#[derive(SimpleObject)]
pub struct MessageSearchConnection {
    /// The messages and their places.
    edges: Vec<MessageSearchEdge>,
    /// The messages.
    nodes: Vec<MessageHit>,
    /// Where the page stands.
    page_info: PageInfo,
    /// The query as it was understood.
    terms: Vec<SearchTerm>,
}

impl MessageSearchConnection {
    /// A page as the search room gave it.
    pub fn new(found: MessageMatches, has_previous_page: bool) -> Self {
        let edges: Vec<MessageSearchEdge> = found
            .matches
            .into_iter()
            .filter_map(|one| {
                let node = MessageHit {
                    conversation_id: ids::of_conversation(&one.message.conversation),
                    seq: one.message.seq,
                    message: Message::seen(one.message, &one.audience)?,
                    snippet: snippet(one.snippet),
                };
                Some(MessageSearchEdge { cursor: cursor::of_search(one.place), node })
            })
            .collect();
        let cursors = (edges.first(), edges.last());
        let cursors = (cursors.0.map(|edge| &edge.cursor), cursors.1.map(|edge| &edge.cursor));
        let page_info = page_info(cursors, has_previous_page, found.has_more);
        let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
        Self { edges, nodes, page_info, terms: terms(found.terms) }
    }
}

/// A participant's name.
#[derive(Debug, Clone, SimpleObject)]
pub struct NameMatch {
    /// Who.
    user: User,
    /// The name, and what of it matched.
    name: Vec<SnippetPart>,
}

/// A conversation that was found.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ConversationHit {
    /// Its global id.
    conversation_id: ID,
    /// The listing's title, and what of it matched.
    title: Option<Vec<SnippetPart>>,
    /// Who is in it, and what of their names matched.
    names: Vec<NameMatch>,
    #[graphql(skip)]
    id: ConversationId,
}

#[ComplexObject]
impl ConversationHit {
    /// It. Staff looking into a private one is audited.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Option<Conversation>, Fault> {
        Conversation::find(ctx, &self.id).await
    }
}

/// A conversation and its place in the results.
#[derive(Debug, Clone, SimpleObject)]
pub struct ConversationSearchEdge {
    /// Its place.
    cursor: String,
    /// The conversation.
    node: ConversationHit,
}

/// A page of conversations that were found.
#[derive(SimpleObject)]
pub struct ConversationSearchConnection {
    /// The conversations and their places.
    edges: Vec<ConversationSearchEdge>,
    /// The conversations.
    nodes: Vec<ConversationHit>,
    /// Where the page stands.
    page_info: PageInfo,
    /// The query as it was understood.
    terms: Vec<SearchTerm>,
}

impl ConversationSearchConnection {
    /// A page as the search room gave it.
    pub fn new(found: ConversationMatches, has_previous_page: bool) -> Self {
        let name = |(id, name): (UserId, Snippet)| {
            let whole: String = name.iter().map(|(piece, _)| piece.as_str()).collect();
            NameMatch { user: User::named(id, whole), name: snippet(name) }
        };
        let edge = |one: search::ConversationMatch| ConversationSearchEdge {
            cursor: cursor::of_search(one.place),
            node: ConversationHit {
                conversation_id: ids::of_conversation(&one.id),
                title: one.title.map(snippet),
                names: one.people.into_iter().map(name).collect(),
                id: one.id,
            },
        };
        let edges: Vec<_> = found.matches.into_iter().map(edge).collect();
        let cursors = (edges.first(), edges.last());
        let cursors = (cursors.0.map(|edge| &edge.cursor), cursors.1.map(|edge| &edge.cursor));
        let page_info = page_info(cursors, has_previous_page, found.has_more);
        let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
        Self { edges, nodes, page_info, terms: terms(found.terms) }
    }
}

fn page_info(
    (first, last): (Option<&String>, Option<&String>),
    has_previous_page: bool,
    has_next_page: bool,
) -> PageInfo {
    PageInfo {
        has_previous_page,
        has_next_page,
        start_cursor: first.cloned(),
        end_cursor: last.cloned(),
    }
}

fn terms(terms: Vec<Term>) -> Vec<SearchTerm> {
    terms.into_iter().map(SearchTerm::from).collect()
}
