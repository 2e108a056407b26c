//! Asking the index on behalf of a viewer. What it finds is looked up in the store and shown as the viewer may see it now: an
//! index that lags, or lies, reveals nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use rialto_search::query::DEEPEST;
use rialto_search::syntax::{self, Parsed};
use rialto_search::{
    ConversationFilter, ConversationHit, ConversationQuery, Index, IndexError, MessageFilter,
    MessageHit, MessageQuery, Scope,
};

use super::asked::{
    ConversationMatch, ConversationMatches, ConversationSearch, MessageMatch, MessageMatches,
    MessageSearch, Place, SearchError, SearchFilter, in_words,
};
use super::documents::{kind_of, verdict_word};
use super::names::{Names, pieces};
use super::{Search, SearchState};
use crate::domain::access::{self, Reach};
use crate::domain::{Conversation, ConversationId, ListingId, Message, Seq, UserId, Viewer};
use crate::store::{AuditEntry, StoreError};
use crate::telemetry::search as figures;

/// Bytes of a snippet, about.
const SNIPPET: usize = 200;
/// How often more is asked for when hits turn out to be out of date.
const ROUNDS: usize = 4;

/// A search that was understood.
struct Asked {
    index: Arc<dyn Index>,
    parsed: Parsed,
    scope: Scope,
    start: Place,
}

impl Search {
    /// Messages the viewer may see. What staff look for is audited with their reason.
    pub async fn messages(
        &self,
        viewer: &Viewer,
        search: &MessageSearch,
    ) -> Result<MessageMatches, SearchError> {
        let _timer = figures::MESSAGES.start();
        let Asked { index, parsed, scope, start } = self.understand(
            viewer,
            &search.query,
            &search.filter,
            search.after,
            search.reason.as_deref(),
        )?;
        self.audit(
            viewer,
            "messages.search",
            &search.query,
            &search.filter,
            search.reason.as_ref(),
        )
        .await?;
        let names = Names { index: &index, scope: &scope };
        let filter = self.message_filter(&names, &parsed, search, start.as_of).await?;
        let mut query = MessageQuery {
            text: parsed.text.clone(),
            scope: scope.clone(),
            filter,
            order: search.order,
            offset: start.offset,
            limit: search.limit.max(1),
        };
        let mut matches = Vec::new();
        let mut has_more = true;
        for _ in 0..ROUNDS {
            query.limit = query.limit.min(DEEPEST.saturating_sub(query.offset));
            if query.limit == 0 {
                // Pages end here; what comes after the last cursor is told to be too deep.
                has_more = false;
            }
            if matches.len() >= search.limit || !has_more {
                break;
            }
            let found = self.ask(index.messages(&query).await)?;
            let offset = query.offset;
            query.offset += found.hits.len();
            has_more = found.has_more && query.offset < DEEPEST;
            for one in self.look_up(viewer, found.hits, start.as_of, offset).await? {
                if matches.len() == search.limit {
                    has_more = true;
                    break;
                }
                matches.push(one);
            }
        }
        Ok(MessageMatches { matches, has_more, terms: parsed.terms })
    }

    /// Conversations the viewer may see.
    pub async fn conversations(
        &self,
        viewer: &Viewer,
        search: &ConversationSearch,
    ) -> Result<ConversationMatches, SearchError> {
        let _timer = figures::CONVERSATIONS.start();
        let Asked { index, parsed, scope, start } = self.understand(
            viewer,
            &search.query,
            &search.filter,
            search.after,
            search.reason.as_deref(),
        )?;
        let reason = search.reason.as_ref();
        self.audit(viewer, "conversations.search", &search.query, &search.filter, reason).await?;
        let names = Names { index: &index, scope: &scope };
        let filter = &search.filter;
        let as_of = start.as_of.timestamp_millis() + 1;
        let query = ConversationQuery {
            text: parsed.text.clone(),
            scope: scope.clone(),
            filter: ConversationFilter {
                listings: self.listings(&names, &parsed, filter.listing.as_ref()).await?,
                participants: self.participants(&names, &parsed, filter).await?,
                category: filter.category.clone().or(parsed.category),
                kind: filter.kind.map(kind_of).or(parsed.kind),
                from: latest(filter.from.map(|at| at.timestamp_millis()), parsed.from),
                to: earliest(
                    earliest(filter.to.map(|at| at.timestamp_millis()), parsed.to),
                    Some(as_of),
                ),
            },
            offset: start.offset,
            limit: search.limit.min(DEEPEST.saturating_sub(start.offset)),
        };
        let found = self.ask(index.conversations(&query).await)?;
        let ids: Vec<_> = found.hits.iter().map(|hit| ConversationId::trusted(&hit.id)).collect();
        let known = self.known(&ids).await?;
        let visible = |hit: &ConversationHit| {
            let conversation = known.get(&ConversationId::trusted(&hit.id));
            conversation.is_some_and(|it| access::audience(viewer, it).is_some())
        };
        let matches =
            found.hits.into_iter().zip(start.offset + 1..).filter(|(hit, _)| visible(hit));
        let matches = matches
            .map(|(hit, offset)| conversation_match(&hit, Place { as_of: start.as_of, offset }));
        Ok(ConversationMatches {
            matches: matches.collect(),
            has_more: found.has_more && query.offset + query.limit < DEEPEST,
            terms: parsed.terms,
        })
    }

    fn understand(
        &self,
        viewer: &Viewer,
        query: &str,
        filter: &SearchFilter,
        after: Option<Place>,
        reason: Option<&str>,
    ) -> Result<Asked, SearchError> {
        let now = self.inner.rooms.clock.now();
        let parsed = syntax::parse(query, now)?;
        let scope = scope(viewer);
        let staff = !matches!(scope, Scope::User(_));
        if !staff && (filter.verdict.is_some() || parsed.verdict.is_some()) {
            return Err(SearchError::StaffOnly);
        }
        if staff && reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Err(SearchError::ReasonRequired);
        }
        let start = after.unwrap_or(Place { as_of: now, offset: 0 });
        if start.offset >= DEEPEST {
            return Err(SearchError::TooDeep);
        }
        let Some(serving) = self.inner.serving.load_full() else {
            return Err(match self.state() {
                SearchState::Building => SearchError::Building,
                SearchState::Ready | SearchState::Unavailable => SearchError::Unavailable,
            });
        };
        Ok(Asked { index: Arc::clone(&serving.index), parsed, scope, start })
    }

    async fn audit(
        &self,
        viewer: &Viewer,
        action: &str,
        query: &str,
        filter: &SearchFilter,
        reason: Option<&String>,
    ) -> Result<(), StoreError> {
        if matches!(scope(viewer), Scope::User(_)) {
            return Ok(());
        }
        let entry = AuditEntry {
            at: self.inner.rooms.clock.now(),
            actor: viewer.id.clone(),
            action: action.to_owned(),
            target: in_words(query, filter),
            reason: reason.cloned(),
        };
        self.inner.rooms.store.audit(&entry).await
    }

    async fn message_filter(
        &self,
        names: &Names<'_>,
        parsed: &Parsed,
        search: &MessageSearch,
        as_of: DateTime<Utc>,
    ) -> Result<MessageFilter, SearchError> {
        let filter = &search.filter;
        let mut senders = None;
        for name in &parsed.senders {
            let people = self.ask(names.people(name).await)?;
            senders.get_or_insert_with(Vec::new).extend(people);
        }
        let until = as_of.timestamp_millis() + 1;
        Ok(MessageFilter {
            conversation: filter.conversation.as_ref().map(|id| id.as_str().to_owned()),
            listings: self.listings(names, parsed, filter.listing.as_ref()).await?,
            senders,
            participants: self.participants(names, parsed, filter).await?,
            category: filter.category.clone().or_else(|| parsed.category.clone()),
            kind: filter.kind.map(kind_of).or(parsed.kind),
            from: latest(filter.from.map(|at| at.timestamp_millis()), parsed.from),
            to: earliest(
                earliest(filter.to.map(|at| at.timestamp_millis()), parsed.to),
                Some(until),
            ),
            has_attachment: filter.has_attachment.or(parsed.has_attachment),
            verdict: filter
                .verdict
                .map(|action| verdict_word(action).to_owned())
                .or_else(|| parsed.verdict.clone()),
        })
    }

    async fn listings(
        &self,
        names: &Names<'_>,
        parsed: &Parsed,
        given: Option<&ListingId>,
    ) -> Result<Option<Vec<String>>, SearchError> {
        let mut named: Option<Vec<String>> = None;
        for title in &parsed.listings {
            let listings = self.ask(names.listings(title).await)?;
            named.get_or_insert_default().extend(listings);
        }
        Ok(match (given.map(|id| id.as_str().to_owned()), named) {
            (None, named) => named,
            (Some(id), None) => Some(vec![id]),
            (Some(id), Some(named)) => Some(named.into_iter().filter(|one| *one == id).collect()),
        })
    }

    async fn participants(
        &self,
        names: &Names<'_>,
        parsed: &Parsed,
        filter: &SearchFilter,
    ) -> Result<Vec<Vec<String>>, SearchError> {
        let mut groups = Vec::new();
        groups.extend(filter.participant.as_ref().map(|id| vec![id.as_str().to_owned()]));
        for name in &parsed.participants {
            groups.push(self.ask(names.people(name).await)?);
        }
        Ok(groups)
    }

    /// The hits as the viewer may see them now; those that are out of date are left out.
    async fn look_up(
        &self,
        viewer: &Viewer,
        hits: Vec<MessageHit>,
        as_of: DateTime<Utc>,
        offset: usize,
    ) -> Result<Vec<MessageMatch>, StoreError> {
        let place = |hit: &MessageHit| (ConversationId::trusted(&hit.conversation), hit.seq);
        let places: Vec<(ConversationId, Seq)> = hits.iter().map(place).collect();
        let ids: Vec<ConversationId> = places.iter().map(|(id, _)| id.clone()).collect();
        let store = &self.inner.rooms.store;
        let mut posted = HashMap::new();
        let (known, messages) =
            tokio::try_join!(self.known(&ids), store.messages_at(&places, &mut posted))?;
        let messages: HashMap<(ConversationId, Seq), Message> = messages
            .into_iter()
            .map(|message| ((message.conversation.clone(), message.seq), message))
            .collect();
        let mut shown = Vec::with_capacity(hits.len());
        for (hit, offset) in hits.iter().zip(offset + 1..) {
            let (Some(conversation), Some(message)) =
                (known.get(&place(hit).0), messages.get(&place(hit)))
            else {
                continue;
            };
            let Some(audience) = access::audience(viewer, conversation) else { continue };
            let Some(view) = message.view(&audience) else { continue };
            if *view.body != *hit.text {
                continue;
            }
            let snippet = pieces(&hit.text, &hit.matches, SNIPPET);
            let (message, place) = (message.clone(), Place { as_of, offset });
            shown.push(MessageMatch { message, audience, snippet, place });
        }
        let stale = (hits.len() - shown.len()) as u64;
        self.inner.stale.fetch_add(stale, Ordering::Relaxed);
        Ok(shown)
    }

    async fn known(
        &self,
        ids: &[ConversationId],
    ) -> Result<HashMap<ConversationId, Conversation>, StoreError> {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        let known = self.inner.rooms.store.conversations_at(&ids).await?;
        Ok(known.into_iter().map(|one| (one.id.clone(), one)).collect())
    }

    /// What the index answered; what it says went wrong is for the log.
    fn ask<T>(&self, answer: Result<T, IndexError>) -> Result<T, SearchError> {
        answer.map_err(|error| {
            figures::FAILURES.inc();
            tracing::warn!(%error, index = self.inner.rooms.shelf.kind(), "a search failed");
            SearchError::Unavailable
        })
    }
}

fn scope(viewer: &Viewer) -> Scope {
    let id = viewer.id.as_str().to_owned();
    match access::search_reach(viewer.role) {
        Reach::Own => Scope::User(id),
        Reach::Support => Scope::Support(id),
        Reach::Everything => Scope::Everything(id),
    }
}

fn conversation_match(hit: &ConversationHit, place: Place) -> ConversationMatch {
    let title = hit.title.as_deref().map(|title| pieces(title, &hit.title_matches, SNIPPET));
    let none = Vec::new();
    let matches = hit.people_matches.iter().chain(std::iter::repeat(&none));
    let people = hit.people.iter().zip(matches).map(|(person, matches)| {
        (UserId::trusted(&person.id), pieces(&person.name, matches, SNIPPET))
    });
    ConversationMatch {
        id: ConversationId::trusted(&hit.id),
        title,
        people: people.collect(),
        place,
    }
}

fn latest(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.max(other)
}

fn earliest(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}
