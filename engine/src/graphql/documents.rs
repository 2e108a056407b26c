//! Documents: parsed once, measured before anything else looks at them, kept by their digest for persisted queries.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned, ServerError};
use lru::LruCache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::errors::request_error;
use super::known::Document;
use crate::config::Limits;

/// Longest document, bytes; parsing is the one thing done before anything is known about it.
const MAX_DOCUMENT: usize = 64 * 1024;
/// Longer documents are executed but not kept.
const MAX_KEPT: usize = 16 * 1024;
/// Fields, inline fragments and fragment spreads inside each other.
const MAX_LEVELS: usize = 32;
/// Directives in one document.
const MAX_DIRECTIVES: usize = 64;

type Key = [u8; 32];

/// Parsed documents by SHA-256 of their text, the least recently used dropped first.
#[derive(Debug)]
pub struct Documents {
    kept: Mutex<LruCache<Key, Arc<Document>>>,
    limits: Shape,
}

/// What a document may look like.
#[derive(Debug, Clone, Copy)]
struct Shape {
    fields: usize,
    aliases: usize,
    introspection: bool,
}

/// The `persistedQuery` extension of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersistedQuery {
    version: i32,
    sha256_hash: String,
}

impl Documents {
    /// An empty cache. `introspection`: whether `__schema` and `__type` may be asked for.
    pub fn new(limits: &Limits, introspection: bool) -> Self {
        let capacity = NonZeroUsize::new(limits.persisted_queries).unwrap_or(NonZeroUsize::MIN);
        let limits = Shape { fields: limits.complexity, aliases: limits.aliases, introspection };
        Self { kept: Mutex::new(LruCache::new(capacity)), limits }
    }

    /// The parsed document for a text, a persisted query's digest, or both; and its text's SHA-256.
    pub fn resolve(
        &self,
        text: Option<&str>,
        persisted: Option<&PersistedQuery>,
    ) -> Result<(Key, Arc<Document>), ServerError> {
        let text = text.filter(|text| !text.is_empty());
        let named = persisted.map(digest_of).transpose()?;
        let Some(text) = text else {
            let Some(key) = named else {
                return Err(request_error("BAD_REQUEST", "The parameter `query` is missing."));
            };
            let found = self.get(&key).ok_or_else(|| {
                request_error("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
            });
            return Ok((key, found?));
        };
        if text.len() > MAX_DOCUMENT {
            let message = format!("The document is longer than {MAX_DOCUMENT} bytes.");
            return Err(request_error("DOCUMENT_TOO_LARGE", message));
        }
        let key: Key = Sha256::digest(text.as_bytes()).into();
        if named.is_some_and(|named| named != key) {
            let message = "`sha256Hash` is not the SHA-256 of `query`.";
            return Err(request_error("PERSISTED_QUERY_MISMATCH", message));
        }
        if let Some(document) = self.get(&key) {
            return Ok((key, document));
        }
        let document = Arc::new(Document::new(self.parse(text)?));
        if text.len() <= MAX_KEPT {
            self.lock().put(key, Arc::clone(&document));
        }
        Ok((key, document))
    }

    fn parse(&self, text: &str) -> Result<ExecutableDocument, ServerError> {
        let document = async_graphql::parser::parse_query(text).map_err(|error| {
            let mut error = ServerError::from(error);
            error.extensions.get_or_insert_default().set("code", "GRAPHQL_PARSE_FAILED");
            error
        })?;
        measure(&document, self.limits)?;
        Ok(document)
    }

    fn get(&self, key: &Key) -> Option<Arc<Document>> {
        self.lock().get(key).map(Arc::clone)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<Key, Arc<Document>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest_of(persisted: &PersistedQuery) -> Result<Key, ServerError> {
    let malformed = |message| request_error("BAD_REQUEST", message);
    if persisted.version != 1 {
        return Err(malformed("Persisted queries are supported in version 1."));
    }
    let hex = persisted.sha256_hash.as_bytes();
    let mut key = Key::default();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = hex.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?));
    if hex.len() != 2 * key.len() {
        return Err(malformed("`sha256Hash` must be 64 hexadecimal digits."));
    }
    for (byte, pair) in key.iter_mut().zip(pairs) {
        *byte = pair.ok_or_else(|| malformed("`sha256Hash` must be 64 hexadecimal digits."))?;
    }
    Ok(key)
}

/// What a selection amounts to with its fragments spread out.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    fields: usize,
    aliases: usize,
    directives: usize,
    levels: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.levels = self.levels.max(other.levels);
    }
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// Each fragment is measured once, however often it is spread: a few short fragments that spread
    /// each other twice would otherwise keep the engine busy for hours. `None` while being measured.
    fragments: HashMap<&'a Name, Option<Size>>,
    introspection: bool,
}

fn measure(document: &ExecutableDocument, shape: Shape) -> Result<(), ServerError> {
    let introspection = shape.introspection;
    let mut measure = Measure { document, fragments: HashMap::new(), introspection };
    for (_, operation) in document.operations.iter() {
        let size = measure.selection(&operation.node.selection_set, 0)?;
        let directives = size.directives + operation.node.directives.len();
        let over = [
            (size.fields > shape.fields, "TOO_COMPLEX", "fields", shape.fields),
            (size.aliases > shape.aliases, "TOO_MANY_ALIASES", "aliases", shape.aliases),
            (directives > MAX_DIRECTIVES, "TOO_MANY_DIRECTIVES", "directives", MAX_DIRECTIVES),
            (size.levels > MAX_LEVELS, "TOO_DEEP", "levels", MAX_LEVELS),
        ];
        if let Some((_, code, what, most)) = over.into_iter().find(|(over, ..)| *over) {
            return Err(request_error(
                code,
                format!("An operation may have {most} {what} at most."),
            ));
        }
    }
    Ok(())
}

impl<'a> Measure<'a> {
    fn selection(
        &mut self,
        set: &'a Positioned<SelectionSet>,
        level: usize,
    ) -> Result<Size, ServerError> {
        if level > MAX_LEVELS {
            let message = format!("An operation may have {MAX_LEVELS} levels at most.");
            return Err(request_error("TOO_DEEP", message));
        }
        let mut total = Size::default();
        for selection in &set.node.items {
            total.directives = total.directives.saturating_add(selection.node.directives().len());
            let mut size = match &selection.node {
                Selection::Field(field) => {
                    self.check_name(field.node.name.node.as_str())?;
                    let mut size = self.selection(&field.node.selection_set, level + 1)?;
                    size.fields = size.fields.saturating_add(1);
                    size.aliases += usize::from(field.node.alias.is_some());
                    size
                }
                Selection::InlineFragment(inline) => {
                    self.selection(&inline.node.selection_set, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, level + 1)?
                }
            };
            size.levels += 1;
            total.add(size);
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &'a Name, level: usize) -> Result<Size, ServerError> {
        match self.fragments.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                let message = format!("The fragment `{name}` spreads itself.");
                return Err(request_error("GRAPHQL_VALIDATION_FAILED", message));
            }
            None => {}
        }
        // A fragment that does not exist is for validation to report.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Size::default()) };
        self.fragments.insert(name, None);
        let size = self.selection(&fragment.node.selection_set, level)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }

    fn check_name(&self, name: &str) -> Result<(), ServerError> {
        if !self.introspection && matches!(name, "__schema" | "__type") {
            let message = "Introspection is turned off; the schema is published as a file.";
            return Err(request_error("INTROSPECTION_DISABLED", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(introspection: bool) -> Documents {
        let limits = Limits { complexity: 100, aliases: 3, ..Limits::default() };
        Documents::new(&limits, introspection)
    }

    fn code<T>(result: Result<T, ServerError>) -> String {
        let Err(error) = result else { return "accepted".into() };
        let code = error.extensions.as_ref().and_then(|values| values.get("code").cloned());
        code.map(|code| code.to_string().trim_matches('"').to_owned()).unwrap_or_default()
    }

    #[test]
    fn documents_out_of_shape_are_refused_with_a_code() {
        let nested = format!("{}a{}", "{ a ".repeat(40), " }".repeat(40));
        let bomb: String = (0..40)
            .map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1))
            .chain(["fragment F40 on Query { a } ".to_owned(), "{ ...F0 }".to_owned()])
            .collect();
        let wide: String = (0..20)
            .map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1))
            .chain(["fragment F20 on Query { a } ".to_owned(), "{ ...F0 }".to_owned()])
            .collect();
        let directives = format!("{{ a{} }}", " @skip(if: true)".repeat(65));
        let cases = [
            ("{ a }", "accepted"),
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ a: x b: x c: x d: x }", "TOO_MANY_ALIASES"),
            (
                "{ ...A } fragment A on Q { ...B } fragment B on Q { ...A }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            (nested.as_str(), "TOO_DEEP"),
            (bomb.as_str(), "TOO_DEEP"),
            (wide.as_str(), "TOO_COMPLEX"),
            (directives.as_str(), "TOO_MANY_DIRECTIVES"),
            ("", "BAD_REQUEST"),
        ];
        for (text, expected) in cases {
            assert_eq!(code(documents(true).resolve(Some(text), None)), expected, "{text:.60}");
        }
        let long = format!("{{ a }}{}", " ".repeat(MAX_DOCUMENT));
        assert_eq!(code(documents(true).resolve(Some(&long), None)), "DOCUMENT_TOO_LARGE");
    }

    #[test]
    fn introspection_can_be_turned_off() {
        let text = "{ a { ...F } } fragment F on X { __schema { types { name } } }";
        assert_eq!(code(documents(true).resolve(Some(text), None)), "accepted");
        assert_eq!(code(documents(false).resolve(Some(text), None)), "INTROSPECTION_DISABLED");
        assert_eq!(code(documents(false).resolve(Some("{ __typename }"), None)), "accepted");
    }

    #[test]
    fn a_persisted_query_is_found_by_its_digest_only() {
        let documents = documents(true);
        let hash: String =
            Sha256::digest("{ a }").iter().map(|byte| format!("{byte:02x}")).collect();
        let query = |hash: &str| PersistedQuery { version: 1, sha256_hash: hash.to_owned() };
        let known = query(&hash);
        assert_eq!(code(documents.resolve(None, Some(&known))), "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!(
            code(documents.resolve(Some("{ b }"), Some(&known))),
            "PERSISTED_QUERY_MISMATCH",
            "nobody may store another text under this digest"
        );
        assert_eq!(code(documents.resolve(Some("{ a }"), Some(&known))), "accepted");
        assert_eq!(code(documents.resolve(None, Some(&known))), "accepted");
        for wrong in ["", "zz", &"é".repeat(32)] {
            assert_eq!(code(documents.resolve(None, Some(&query(wrong)))), "BAD_REQUEST");
        }
    }
}
