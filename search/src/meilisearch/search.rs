//! Asking: queries in the server's language, and its hits in ours.

use std::collections::BTreeMap;

use meilisearch_sdk::documents::DocumentsQuery;
use meilisearch_sdk::search::{MatchingStrategies, SearchQuery, SearchResult, Selectors};
use serde::de::DeserializeOwned;

use super::filter;
use super::phrasing::phrase;
use super::server::{Server, classify};
use super::stored::{FoundAbout, FoundConversation, FoundMessage, Matches};
use crate::index::{IndexError, Indexed};
use crate::query::{
    ConversationHit, ConversationQuery, DEEPEST, Found, MessageHit, MessageQuery, Order, Text,
};

/// Documents fetched at a time.
const PAGE: usize = 1_000;

/// Values in all lists of a query's filter.
const MOST_VALUES: usize = 2_000;

/// A question, of messages or conversations.
struct Question<'a> {
    text: &'a Text,
    filter: Option<String>,
    sort: &'a [&'a str],
    fields: &'a [&'a str],
    offset: usize,
    limit: usize,
}

pub async fn messages(
    server: &Server,
    uid: String,
    query: &MessageQuery,
) -> Result<Found<MessageHit>, IndexError> {
    let filter = &query.filter;
    let lists = [filter.listings.as_ref(), filter.senders.as_ref()];
    bounded(lists.into_iter().flatten().chain(&filter.participants))?;
    let question = Question {
        text: &query.text,
        filter: filter::messages(&query.scope, &query.filter),
        sort: match query.order {
            Order::Relevance => &[],
            Order::Newest => &["at:desc", "seq:desc"],
        },
        fields: &FoundMessage::FIELDS,
        offset: query.offset,
        limit: query.limit,
    };
    ask(server, &uid, question, FoundMessage::hit).await
}

pub async fn conversations(
    server: &Server,
    uid: String,
    query: &ConversationQuery,
) -> Result<Found<ConversationHit>, IndexError> {
    let filter = &query.filter;
    bounded(filter.listings.iter().chain(&filter.participants))?;
    let question = Question {
        text: &query.text,
        filter: filter::conversations(&query.scope, &query.filter),
        sort: &[],
        fields: &FoundConversation::FIELDS,
        offset: query.offset,
        limit: query.limit,
    };
    ask(server, &uid, question, FoundConversation::hit).await
}

/// The server would work on lists of very many values for minutes, and on nothing else.
fn bounded<'a>(lists: impl Iterator<Item = &'a Vec<String>>) -> Result<(), IndexError> {
    let values = lists.map(Vec::len).sum::<usize>();
    if values > MOST_VALUES {
        return Err(IndexError::Rejected(format!(
            "at most {MOST_VALUES} listings, senders and participants can be asked for at once, not {values}"
        )));
    }
    Ok(())
}

/// Asks for one hit more than is wanted, to know whether there are more.
async fn ask<T, H>(
    server: &Server,
    uid: &str,
    question: Question<'_>,
    hit: impl Fn(T, &Matches) -> H,
) -> Result<Found<H>, IndexError>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let end = question.offset.saturating_add(question.limit);
    if end > DEEPEST {
        return Err(IndexError::Rejected(format!(
            "only the first {DEEPEST} hits can be reached, not up to the {end}th"
        )));
    }
    let Some(filter) = question.filter else {
        return Ok(Found { hits: Vec::new(), has_more: false });
    };
    let words = phrase(question.text);
    let index = server.index(uid);
    let mut query = SearchQuery::new(&index);
    query
        .with_query(&words)
        .with_filter(&filter)
        .with_offset(question.offset)
        .with_limit(question.limit + 1)
        .with_matching_strategy(MatchingStrategies::ALL)
        .with_attributes_to_retrieve(Selectors::Some(question.fields))
        .with_show_matches_position(true);
    if !question.sort.is_empty() {
        query.with_sort(question.sort);
    }
    let answer = query.execute::<T>().await.map_err(|error| classify(&error))?;
    let mut found = answer.hits;
    let has_more = found.len() > question.limit;
    found.truncate(question.limit);
    let none = Matches::new();
    let hits = found
        .into_iter()
        .map(|found: SearchResult<T>| {
            hit(found.result, found.matches_position.as_ref().unwrap_or(&none))
        })
        .collect();
    Ok(Found { hits, has_more })
}

pub async fn about(
    server: &Server,
    uid: String,
    listings: &[String],
    people: &[String],
) -> Result<Vec<Indexed>, IndexError> {
    let mut found = BTreeMap::new();
    for (attribute, values) in [("listing_key", listings), ("participants", people)] {
        for values in values.chunks(filter::VALUES) {
            let filter = filter::any(attribute, values);
            fetch(server, &uid, &filter, &mut found).await?;
        }
    }
    Ok(found.into_values().collect())
}

/// Adds all documents a filter finds, page by page.
async fn fetch(
    server: &Server,
    uid: &str,
    filter: &str,
    found: &mut BTreeMap<String, Indexed>,
) -> Result<(), IndexError> {
    let index = server.index(uid);
    let mut offset = 0;
    loop {
        let mut query = DocumentsQuery::new(&index);
        query
            .with_filter(filter)
            .with_fields(["conversation", "category"])
            .with_limit(PAGE)
            .with_offset(offset);
        let page = index
            .get_documents_with::<FoundAbout>(&query)
            .await
            .map_err(|error| classify(&error))?;
        let last = page.results.len() < PAGE;
        for about in page.results {
            let indexed =
                Indexed { conversation: about.conversation.clone(), category: about.category };
            found.insert(about.conversation, indexed);
        }
        if last {
            return Ok(());
        }
        offset += PAGE;
    }
}
