//! What tantivy stores: fields of messages and of conversations, side by side in one index.

use serde::{Deserialize, Serialize};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, STORED, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions, Value,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy::{TantivyDocument, Term};

use crate::document::{ConversationDocument, Kind, MessageDocument, Person, Projection};
use crate::text;

/// Changes when documents are stored in another way.
pub(super) const VERSION: &str = "embedded 1";

/// Characters at most of a word's beginning that is indexed as such, because too many words have it.
pub(super) const SHORT_PREFIX: usize = 2;

pub(super) const MESSAGE: u64 = 1;
pub(super) const WHOLE: u64 = 2;
pub(super) const SUPPORT: u64 = 4;
pub(super) const ATTACHMENT: u64 = 8;

const WORDS: &str = "words";
const BEGINNINGS: &str = "beginnings";

/// Fields that messages and conversations both have, each its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    /// What is searched: words with positions.
    pub(super) words: Field,
    /// How its words begin: up to `SHORT_PREFIX` characters.
    pub(super) beginnings: Field,
    pub(super) conversation: Field,
    pub(super) listing: Field,
    pub(super) category: Field,
    pub(super) kind: Field,
    pub(super) participants: Field,
    pub(super) readers: Field,
}

#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    pub(super) message: Side,
    pub(super) conversation: Side,
    /// Conversation and sequence number.
    pub(super) key: Field,
    pub(super) sender: Field,
    pub(super) verdict: Field,
    pub(super) at: Field,
    pub(super) seq: Field,
    pub(super) flags: Field,
    text: Field,
    shown: Field,
}

/// What is shown of a conversation.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) listing: Option<String>,
    pub(super) title: Option<String>,
    pub(super) category: Option<String>,
    pub(super) people: Vec<Person>,
}

impl Fields {
    pub(super) fn new() -> Self {
        let mut schema = Schema::builder();
        let message = side(&mut schema, "message");
        let conversation = side(&mut schema, "conversation");
        let fast = || NumericOptions::default().set_fast();
        Self {
            message,
            conversation,
            key: schema.add_text_field("key", exact()),
            sender: schema.add_text_field("sender", exact()),
            verdict: schema.add_text_field("verdict", exact()),
            at: schema.add_i64_field("at", fast()),
            seq: schema.add_u64_field("seq", fast()),
            flags: schema.add_u64_field("flags", fast()),
            text: schema.add_text_field("text", STORED),
            shown: schema.add_text_field("shown", STORED),
            schema: schema.build(),
        }
    }

    pub(super) fn message(&self, message: &MessageDocument) -> TantivyDocument {
        let mut doc = TantivyDocument::new();
        doc.add_text(self.key, key(&message.conversation, message.seq));
        doc.add_text(self.text, &message.text);
        doc.add_text(self.sender, &message.sender);
        doc.add_text(self.verdict, &message.verdict);
        let side = &self.message;
        doc.add_text(side.words, &message.text);
        doc.add_text(side.beginnings, &message.text);
        side.fill(&mut doc, &message.conversation, message.kind, &message.readers);
        side.fill_listing(&mut doc, message.listing.as_deref(), message.category.as_deref());
        for person in &message.participants {
            doc.add_text(side.participants, person);
        }
        let whole = if message.projection == Projection::Whole { WHOLE } else { 0 };
        let attachment = if message.has_attachment { ATTACHMENT } else { 0 };
        doc.add_u64(self.flags, MESSAGE | whole | attachment | support(message.kind));
        doc.add_u64(self.seq, message.seq);
        doc.add_i64(self.at, message.at);
        doc
    }

    pub(super) fn conversation(
        &self,
        conversation: &ConversationDocument,
    ) -> serde_json::Result<TantivyDocument> {
        let mut doc = TantivyDocument::new();
        let side = &self.conversation;
        let names = conversation.people.iter().map(|person| &person.name);
        for text in conversation.title.iter().chain(names) {
            doc.add_text(side.words, text);
            doc.add_text(side.beginnings, text);
        }
        side.fill(&mut doc, &conversation.id, conversation.kind, &conversation.readers);
        side.fill_listing(
            &mut doc,
            conversation.listing.as_deref(),
            conversation.category.as_deref(),
        );
        for person in &conversation.people {
            doc.add_text(side.participants, &person.id);
        }
        doc.add_u64(self.flags, support(conversation.kind));
        doc.add_u64(self.seq, 0);
        doc.add_i64(self.at, conversation.at);
        let shown = Shown {
            id: conversation.id.clone(),
            listing: conversation.listing.clone(),
            title: conversation.title.clone(),
            category: conversation.category.clone(),
            people: conversation.people.clone(),
        };
        doc.add_text(self.shown, serde_json::to_string(&shown)?);
        Ok(doc)
    }

    /// A stored message's conversation and text; `None` if it is not as it was written.
    pub(super) fn read_message(&self, doc: &TantivyDocument) -> Option<(String, String)> {
        let text = |field| doc.get_first(field).and_then(|value| value.as_str().map(str::to_owned));
        Some((text(self.message.conversation)?, text(self.text)?))
    }

    /// A stored conversation; `None` if it is not as it was written.
    pub(super) fn read_conversation(&self, doc: &TantivyDocument) -> Option<Shown> {
        serde_json::from_str(doc.get_first(self.shown)?.as_str()?).ok()
    }

    pub(super) fn key(&self, conversation: &str, seq: u64) -> Term {
        Term::from_field_text(self.key, &key(conversation, seq))
    }
}

impl Side {
    fn fill(&self, doc: &mut TantivyDocument, conversation: &str, kind: Kind, readers: &[String]) {
        doc.add_text(self.conversation, conversation);
        doc.add_text(self.kind, kind.as_str());
        for reader in readers {
            doc.add_text(self.readers, reader);
        }
    }

    fn fill_listing(
        &self,
        doc: &mut TantivyDocument,
        listing: Option<&str>,
        category: Option<&str>,
    ) {
        if let Some(listing) = listing {
            doc.add_text(self.listing, listing);
        }
        if let Some(category) = category {
            doc.add_text(self.category, category);
        }
    }
}

/// Ids have no control characters, so none is mistaken for another.
fn key(conversation: &str, seq: u64) -> String {
    format!("{conversation}\u{1}{seq}")
}

fn support(kind: Kind) -> u64 {
    if kind == Kind::Support { SUPPORT } else { 0 }
}

fn side(schema: &mut SchemaBuilder, name: &str) -> Side {
    let mut add = |field: &str, options: TextOptions| {
        schema.add_text_field(&format!("{name}_{field}"), options)
    };
    let words = TextFieldIndexing::default()
        .set_tokenizer(WORDS)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let beginnings = TextFieldIndexing::default()
        .set_tokenizer(BEGINNINGS)
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    Side {
        words: add("words", TextOptions::default().set_indexing_options(words)),
        beginnings: add("beginnings", TextOptions::default().set_indexing_options(beginnings)),
        conversation: add("id", exact().set_stored()),
        listing: add("listing", exact()),
        category: add("category", exact()),
        kind: add("kind", exact()),
        participants: add("participants", exact()),
        readers: add("readers", exact()),
    }
}

fn exact() -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    )
}

/// Tells tantivy how to take text apart.
pub(super) fn register(index: &tantivy::Index) {
    index.tokenizers().register(WORDS, Words { beginnings: false });
    index.tokenizers().register(BEGINNINGS, Words { beginnings: true });
}

#[derive(Clone)]
struct Words {
    /// Only how words begin, of those that are longer.
    beginnings: bool,
}

struct Stream<'a> {
    words: text::Tokens<'a>,
    beginnings: bool,
    word: text::Token,
    /// Characters of the beginning that came last.
    length: usize,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream {
            words: text::tokens(text),
            beginnings: self.beginnings,
            word: text::Token::default(),
            length: SHORT_PREFIX,
            token: Token::default(),
        }
    }
}

impl Stream<'_> {
    fn next_word(&mut self) -> bool {
        if !self.words.next_into(&mut self.word) {
            return false;
        }
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = self.word.span.start;
        self.token.offset_to = self.word.span.end;
        true
    }

    fn next_beginning(&mut self) -> bool {
        loop {
            if self.length >= SHORT_PREFIX {
                if !self.next_word() {
                    return false;
                }
                self.length = 0;
            }
            self.length += 1;
            if let Some((end, _)) = self.word.text.char_indices().nth(self.length) {
                self.token.text.clear();
                self.token.text.push_str(&self.word.text[..end]);
                return true;
            }
        }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        if self.beginnings {
            return self.next_beginning();
        }
        let more = self.next_word();
        std::mem::swap(&mut self.token.text, &mut self.word.text);
        more
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
