//! Full-text search over messages and conversations: one interface, an embedded index (tantivy) and Meilisearch behind it.
//!
//! The index is a projection that can be thrown away. It knows nothing of the store, of who may see what or of how
//! documents come about: its user says what to write, at which position of its log that leaves the index, and in whose
//! scope to look.

pub mod document;
pub mod embedded;
pub mod index;
pub mod meilisearch;
pub mod query;
pub mod settings;
pub mod syntax;
pub mod text;

pub use document::{Changes, ConversationDocument, Kind, MessageDocument, Person, Projection};
pub use index::{Current, Index, IndexError, Indexed, Shelf, Stats};
pub use query::{
    ConversationFilter, ConversationHit, ConversationQuery, Found, MessageFilter, MessageHit,
    MessageQuery, Order, Scope, Text, Word,
};
