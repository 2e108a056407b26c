//! What all cases need: an empty index to begin with, documents, and questions in few words.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use rialto_search::{
    Changes, ConversationDocument, ConversationQuery, Found, Index, Kind, MessageDocument,
    MessageFilter, MessageHit, MessageQuery, Order, Person, Projection, Scope, Shelf, Text, Word,
};

/// Opens the shelf of this name: the same one again for the same name.
pub type Open = Arc<dyn Fn(&str) -> Arc<dyn Shelf> + Send + Sync>;

/// One case: what it is called, and what it does with a shelf of its own.
pub type Case = (&'static str, fn(Stage) -> BoxFuture<'static, ()>);

/// No sequence numbers.
pub const NONE: [u64; 0] = [];

/// Where a case plays.
#[derive(Clone)]
pub struct Stage {
    pub open: Open,
    pub name: String,
}

impl Stage {
    pub fn shelf(&self) -> Arc<dyn Shelf> {
        (self.open)(&self.name)
    }

    /// A shelf, and its new and empty index in use.
    pub async fn set(&self) -> (Arc<dyn Shelf>, Arc<dyn Index>) {
        let shelf = self.shelf();
        let index = shelf.begin().await.expect("an index can be begun");
        shelf.adopt().await.expect("what was begun can be adopted");
        (shelf, index)
    }

    /// The same with these documents.
    pub async fn with(
        &self,
        messages: Vec<MessageDocument>,
        conversations: Vec<ConversationDocument>,
    ) -> (Arc<dyn Shelf>, Arc<dyn Index>) {
        let (shelf, index) = self.set().await;
        let changes = Changes { messages, conversations, ..Changes::default() };
        index.write(changes, "1").await.expect("it can be written");
        (shelf, index)
    }
}

/// Runs all cases, a few at a time; those that failed.
pub async fn run(cases: &[Case], open: &Open) -> Vec<&'static str> {
    let mut running = Vec::new();
    let room = Arc::new(tokio::sync::Semaphore::new(3));
    for &(name, case) in cases {
        let stage = Stage { open: open.clone(), name: name.replace(' ', "-") };
        let room = room.clone();
        let task = tokio::spawn(async move {
            let _turn = room.acquire().await.expect("never closed");
            case(stage).await;
        });
        running.push((name, task));
    }
    let mut failed = Vec::new();
    for (name, task) in running {
        if task.await.is_err() {
            failed.push(name);
        }
    }
    failed
}

/// What Ann wrote to Bob, as it is.
pub fn message(conversation: &str, seq: u64, text: &str) -> MessageDocument {
    MessageDocument {
        conversation: conversation.to_owned(),
        seq,
        projection: Projection::Whole,
        text: text.to_owned(),
        readers: strings(&["ann", "bob"]),
        participants: strings(&["ann", "bob"]),
        sender: "ann".to_owned(),
        kind: Kind::Direct,
        listing: None,
        category: None,
        at: 1_700_000_000_000 + i64::try_from(seq).expect("small") * 1_000,
        verdict: "deliver".to_owned(),
        has_attachment: false,
    }
}

/// A conversation of these people.
pub fn conversation(id: &str, title: &str, people: &[(&str, &str)]) -> ConversationDocument {
    ConversationDocument {
        id: id.to_owned(),
        kind: Kind::Direct,
        readers: people.iter().map(|&(id, _)| id.to_owned()).collect(),
        people: people
            .iter()
            .map(|&(id, name)| Person { id: id.to_owned(), name: name.to_owned() })
            .collect(),
        listing: None,
        title: (!title.is_empty()).then(|| title.to_owned()),
        category: None,
        at: 1_700_000_000_000,
    }
}

pub fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

pub fn user(id: &str) -> Scope {
    Scope::User(id.to_owned())
}

/// Words between spaces; `*` at the end of one: it is being typed; `-` before one: excluded; between `'`: a phrase.
pub fn text(query: &str) -> Text {
    let mut text = Text::default();
    for (n, part) in query.split('\'').enumerate() {
        let words: Vec<_> = part.split_whitespace().collect();
        if n % 2 == 1 {
            text.phrases.push(part.to_owned());
            continue;
        }
        for word in words {
            if let Some(excluded) = word.strip_prefix('-') {
                text.excluded.push(excluded.replace('_', " "));
            } else {
                text.words.push(Word {
                    text: word.trim_end_matches('*').to_owned(),
                    prefix: word.ends_with('*'),
                });
            }
        }
    }
    text
}

pub fn query(scope: Scope, words: &str) -> MessageQuery {
    MessageQuery {
        text: text(words),
        scope,
        filter: MessageFilter::default(),
        order: Order::Relevance,
        offset: 0,
        limit: 100,
    }
}

pub fn conversation_query(scope: Scope, words: &str) -> ConversationQuery {
    ConversationQuery {
        text: text(words),
        scope,
        filter: rialto_search::ConversationFilter::default(),
        offset: 0,
        limit: 100,
    }
}

pub async fn search(index: &dyn Index, query: &MessageQuery) -> Found<MessageHit> {
    index.messages(query).await.expect("it can be searched")
}

/// Conversation and sequence number of all hits, in order.
pub async fn found(index: &dyn Index, query: &MessageQuery) -> Vec<(String, u64)> {
    let found = search(index, query).await;
    found.hits.into_iter().map(|hit| (hit.conversation, hit.seq)).collect()
}

/// Sequence numbers of what somebody finds, ascending.
pub async fn seqs(index: &dyn Index, scope: Scope, words: &str) -> Vec<u64> {
    let found = search(index, &query(scope, words)).await;
    let mut seqs: Vec<_> = found.hits.iter().map(|hit| hit.seq).collect();
    seqs.sort_unstable();
    seqs
}

/// Ids of conversations, in order.
pub async fn conversations(index: &dyn Index, query: &ConversationQuery) -> Vec<String> {
    let found = index.conversations(query).await;
    let found = found.expect("it can be searched");
    found.hits.into_iter().map(|hit| hit.id).collect()
}
