//! One generation of the index, to write to and to search.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tantivy::{DocSet, TERMINATED, TantivyDocument, Term};

use super::Options;
use super::core::{Core, error};
use super::files::{self, Pointer};
use super::gate::Gate;
use super::plan::{Plan, any_of};
use super::schema::{MESSAGE, WHOLE};
use super::search::{self, Hit};
use super::snapshot::Snapshot;
use super::writer::Writer;
use crate::document::{Changes, Projection};
use crate::index::{Index, IndexError, Indexed, Stats};
use crate::query::{
    ConversationHit, ConversationQuery, DEEPEST, Found, MessageHit, MessageQuery, Text,
};
use crate::settings::Settings;
use crate::text::Matcher;

/// Bytes an id may have.
const LONGEST_ID: usize = 128;

/// An index in a directory beside others.
pub(super) struct Generation {
    pub(super) name: String,
    /// Where the pointer is.
    shelf: PathBuf,
    core: Arc<Core>,
    writer: Writer,
    gate: Gate,
    settings: Arc<Settings>,
    /// The digest it was adopted with.
    adopted: std::sync::OnceLock<String>,
}

impl Generation {
    pub(super) fn new(
        shelf: PathBuf,
        name: String,
        core: Core,
        gate: Gate,
        options: &Options,
    ) -> std::io::Result<Self> {
        let core = Arc::new(core);
        let writer = Writer::start(&core)?;
        let settings = Arc::clone(&options.settings);
        Ok(Self { name, shelf, core, writer, gate, settings, adopted: std::sync::OnceLock::new() })
    }

    /// Its directory goes when nobody uses it any more.
    pub(super) fn retire(&self) {
        self.core.retired.store(true, Ordering::Release);
    }

    /// From now on the pointer must name it.
    pub(super) fn adopted(&self, digest: String) {
        // It is adopted once only.
        let _ = self.adopted.set(digest);
    }

    async fn search<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Core, &Snapshot) -> tantivy::Result<T> + Send + 'static,
    ) -> Result<T, IndexError> {
        let core = Arc::clone(&self.core);
        let run =
            move || search(&core, &core.snapshot()).map_err(|failed| error(&core.path, &failed));
        self.gate.run(run).await
    }

    fn matcher(settings: &Settings, text: &Text) -> Arc<Matcher> {
        Arc::new(Matcher::new(text, settings))
    }
}

impl Index for Generation {
    fn position(&self) -> BoxFuture<'_, Result<Option<String>, IndexError>> {
        async { Ok(self.core.snapshot().position.clone()) }.boxed()
    }

    fn write<'a>(
        &'a self,
        changes: Changes,
        position: &'a str,
    ) -> BoxFuture<'a, Result<(), IndexError>> {
        async move {
            acceptable(&changes)?;
            self.writer.write(changes, position).await
        }
        .boxed()
    }

    fn messages<'a>(
        &'a self,
        query: &'a MessageQuery,
    ) -> BoxFuture<'a, Result<Found<MessageHit>, IndexError>> {
        async move {
            shallow(query.offset, query.limit)?;
            let (query, settings) = (query.clone(), Arc::clone(&self.settings));
            self.search(move |core, snapshot| {
                let matcher = Self::matcher(&settings, &query.text);
                let plan =
                    Plan::messages(&core.fields, &snapshot.searcher, &query, Arc::clone(&matcher))?;
                page(&plan, snapshot, query.offset, query.limit, |hit, doc| {
                    let (conversation, text) = core.fields.read_message(&doc)?;
                    let whole = hit.flags & WHOLE != 0;
                    let projection = if whole { Projection::Whole } else { Projection::Masked };
                    let matches = matcher.ranges(&text);
                    Some(MessageHit { conversation, seq: hit.seq, projection, text, matches })
                })
            })
            .await
        }
        .boxed()
    }

    fn conversations<'a>(
        &'a self,
        query: &'a ConversationQuery,
    ) -> BoxFuture<'a, Result<Found<ConversationHit>, IndexError>> {
        async move {
            shallow(query.offset, query.limit)?;
            let (query, settings) = (query.clone(), Arc::clone(&self.settings));
            self.search(move |core, snapshot| {
                let matcher = Self::matcher(&settings, &query.text);
                let plan = Plan::conversations(
                    &core.fields,
                    &snapshot.searcher,
                    &query,
                    Arc::clone(&matcher),
                )?;
                page(&plan, snapshot, query.offset, query.limit, |_, doc| {
                    let shown = core.fields.read_conversation(&doc)?;
                    Some(ConversationHit {
                        title_matches: shown
                            .title
                            .as_deref()
                            .map_or(Vec::new(), |title| matcher.ranges(title)),
                        people_matches: shown
                            .people
                            .iter()
                            .map(|person| matcher.ranges(&person.name))
                            .collect(),
                        id: shown.id,
                        listing: shown.listing,
                        title: shown.title,
                        people: shown.people,
                    })
                })
            })
            .await
        }
        .boxed()
    }

    fn about<'a>(
        &'a self,
        listings: &'a [String],
        people: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Indexed>, IndexError>> {
        let (listings, people) = (listings.to_vec(), people.to_vec());
        self.search(move |core, snapshot| about(core, snapshot, &listings, &people)).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, Result<Stats, IndexError>> {
        self.search(|core, snapshot| {
            let (mut messages, mut all) = (0, 0);
            for (reader, columns) in
                snapshot.searcher.segment_readers().iter().zip(&snapshot.segments)
            {
                all += u64::from(reader.num_docs());
                let flags = reader.doc_ids_alive().map(|doc| columns.flags.get_val(doc) & MESSAGE);
                messages += flags.sum::<u64>() / MESSAGE;
            }
            Ok(Stats {
                messages,
                conversations: all - messages,
                bytes: files::size(&core.path).ok(),
            })
        })
        .boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), IndexError>> {
        let (shelf, name, adopted) =
            (self.shelf.clone(), self.name.clone(), self.adopted.get().cloned());
        self.search(move |core, snapshot| Ok(verify(core, snapshot, &shelf, &name, adopted)))
            .map(|checked| checked.and_then(|found| found.map_err(IndexError::Lost)))
            .boxed()
    }
}

/// What is wrong with what is on disk, in words.
fn verify(
    core: &Core,
    snapshot: &Snapshot,
    shelf: &std::path::Path,
    name: &str,
    adopted: Option<String>,
) -> Result<(), String> {
    let metas = core.index.load_metas().map_err(|error| error.to_string())?;
    if metas.payload != snapshot.position {
        return Err("on disk it stands at another position".into());
    }
    let Some(digest) = adopted else { return Ok(()) };
    let pointer = files::read_pointer(shelf).map_err(|error| error.to_string())?;
    if pointer == Some(Pointer { generation: name.to_owned(), digest }) {
        Ok(())
    } else {
        Err("another one is in use".into())
    }
}

/// One more than the page tells whether there are more.
fn page<T>(
    plan: &Plan,
    snapshot: &Snapshot,
    offset: usize,
    limit: usize,
    mut show: impl FnMut(&Hit, TantivyDocument) -> Option<T>,
) -> tantivy::Result<Found<T>> {
    let found = search::first(plan, snapshot, offset + limit + 1)?;
    let has_more = found.len() > offset + limit;
    let mut hits = Vec::new();
    for hit in found.iter().skip(offset).take(limit) {
        let doc = snapshot.searcher.doc(hit.address)?;
        hits.push(show(hit, doc).ok_or_else(not_ours)?);
    }
    Ok(Found { hits, has_more })
}

fn not_ours() -> tantivy::TantivyError {
    let what = tantivy::error::DataCorruption::comment_only("a document lacks what every one has");
    tantivy::TantivyError::DataCorruption(what)
}

fn about(
    core: &Core,
    snapshot: &Snapshot,
    listings: &[String],
    people: &[String],
) -> tantivy::Result<Vec<Indexed>> {
    let side = &core.fields.conversation;
    let terms = |field, ids: &[String]| -> Vec<_> {
        ids.iter().map(|id| Term::from_field_text(field, id)).collect()
    };
    let groups = [terms(side.listing, listings), terms(side.participants, people)];
    let mut found = Vec::new();
    for reader in snapshot.searcher.segment_readers() {
        let mut docs = Vec::new();
        for group in &groups {
            let Some(mut set) = any_of(reader, group)? else { continue };
            while set.doc() != TERMINATED {
                docs.push(set.doc());
                set.advance();
            }
        }
        docs.sort_unstable();
        docs.dedup();
        let store = reader.get_store_reader(1)?;
        for doc in docs.into_iter().filter(|doc| !reader.is_deleted(*doc)) {
            let shown = core.fields.read_conversation(&store.get(doc)?).ok_or_else(not_ours)?;
            found.push(Indexed { conversation: shown.id, category: shown.category });
        }
    }
    Ok(found)
}

fn shallow(offset: usize, limit: usize) -> Result<(), IndexError> {
    match offset.checked_add(limit) {
        Some(end) if end <= DEEPEST => Ok(()),
        _ => {
            Err(IndexError::Rejected(format!("offset and limit together may be {DEEPEST} at most")))
        }
    }
}

fn acceptable(changes: &Changes) -> Result<(), IndexError> {
    let messages = changes.messages.iter().map(|message| &message.conversation);
    let mut ids = changes.conversations.iter().map(|conversation| &conversation.id).chain(messages);
    let bad =
        |id: &&String| id.is_empty() || id.len() > LONGEST_ID || id.chars().any(char::is_control);
    match ids.find(bad) {
        Some(_) => Err(IndexError::Rejected(format!(
            "a conversation's id must be 1 to {LONGEST_ID} bytes without control characters"
        ))),
        None => Ok(()),
    }
}
