//! What is known of a document from before: which requests need no second check, as the same with variables of the same
//! form was executed, and how its answers are laid out.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, ServerError, Value, Variables};

use super::errors::request_error;
use super::layout::Part;
use super::shape::{Shape, sending};

/// Forms, and shapes, kept for one document, the latest first.
const FORMS: usize = 8;
/// Bytes of names and words, and values, in one of them; larger ones are not kept.
const LARGEST: usize = 1_024;

/// A parsed document, with which forms of variables it is valid, and shapes of answers.
#[derive(Debug)]
pub struct Document {
    parsed: ExecutableDocument,
    known: Mutex<VecDeque<Known>>,
    shapes: Mutex<VecDeque<Arc<Shape>>>,
}

/// An operation that was found valid.
#[derive(Debug)]
struct Known {
    operation: Option<String>,
    /// Its variables' form.
    form: Vec<(Name, Form)>,
    sending: Laid,
}

/// What an operation answers if all it does is to post a message, and that was done.
pub type Laid = Option<Arc<[Part]>>;

impl Document {
    /// A document nothing is known of.
    pub fn new(parsed: ExecutableDocument) -> Self {
        Self { parsed, known: Mutex::default(), shapes: Mutex::default() }
    }

    /// The operation of this name, or the only one.
    pub fn operation(&self, name: Option<&str>) -> Result<&OperationDefinition, ServerError> {
        let found = match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Some(operation),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
            (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
                operations.values().next()
            }
            (DocumentOperations::Multiple(_), None) => None,
        };
        found.map(|operation| &operation.node).ok_or_else(|| {
            let message = match name {
                Some(name) => format!("The document has no operation named `{name}`."),
                None => "The document has several operations; name one in `operationName`.".into(),
            };
            request_error("OPERATION_RESOLUTION_FAILURE", message)
        })
    }

    /// The shape, or the same from before: many hold it.
    pub fn share(&self, shape: Shape) -> Arc<Shape> {
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shapes.iter().find(|known| known.digest == shape.digest) {
            return Arc::clone(known);
        }
        let shape = Arc::new(shape);
        shapes.truncate(FORMS - 1);
        shapes.push_front(Arc::clone(&shape));
        shape
    }

    /// What is known of the operation, if it was found valid with variables of this form.
    pub fn known_as(&self, operation: Option<&str>, variables: &Variables) -> Option<Laid> {
        let fits = |known: &&Known| {
            known.operation.as_deref() == operation
                && known.form.len() == variables.len()
                && known
                    .form
                    .iter()
                    .all(|(name, form)| variables.get(name).is_some_and(|value| form.is_of(value)))
        };
        self.known().iter().find(fits).map(|known| known.sending.clone())
    }

    /// Remembers that it was; nothing, if that may depend on more than the variables' form.
    pub fn remember(&self, name: Option<&str>, variables: &Variables) {
        let mut room = LARGEST;
        let Some(form) = Form::of_fields(variables.iter(), &mut room) else { return };
        let sending = self.operation(name).ok();
        let sending = sending.and_then(|operation| sending_of(&self.parsed, operation));
        let operation = name.map(str::to_owned);
        let mut all = self.known();
        if !all.iter().any(|known| known.operation == operation && known.form == form) {
            all.truncate(FORMS - 1);
            all.push_front(Known { operation, form, sending });
        }
    }

    fn known(&self) -> MutexGuard<'_, VecDeque<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Document {
    type Target = ExecutableDocument;

    fn deref(&self) -> &ExecutableDocument {
        &self.parsed
    }
}

fn sending_of(document: &ExecutableDocument, operation: &OperationDefinition) -> Laid {
    let mutation = operation.ty == OperationType::Mutation;
    mutation.then(|| sending(document, operation)).flatten().map(Into::into)
}

/// As much of a variable's value as its validity depends on. Scalars ask for a kind of value, enums for one of some words,
/// input objects for fields.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Null,
    Boolean,
    Whole,
    Text,
    /// What could be an enum's value.
    Word(String),
    Object(Vec<(Name, Self)>),
}

impl Form {
    /// `None` for values whose form is not kept, or if it takes more room than there is.
    fn of(value: &Value, room: &mut usize) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Boolean(_) => Self::Boolean,
            Value::Number(number) if number.is_i64() => Self::Whole,
            Value::String(text) if is_word(text) => {
                *room = room.checked_sub(text.len())?;
                Self::Word(text.clone())
            }
            Value::String(_) => Self::Text,
            Value::Object(fields) => Self::Object(Self::of_fields(fields.iter(), room)?),
            Value::Number(_) | Value::Enum(_) | Value::Binary(_) | Value::List(_) => return None,
        })
    }

    fn of_fields<'a>(
        fields: impl Iterator<Item = (&'a Name, &'a Value)>,
        room: &mut usize,
    ) -> Option<Vec<(Name, Self)>> {
        let form = fields.map(|(name, value)| {
            *room = room.checked_sub(name.len() + 1)?;
            Some((name.clone(), Self::of(value, room)?))
        });
        form.collect()
    }

    fn is_of(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) | (Self::Boolean, Value::Boolean(_)) => true,
            (Self::Whole, Value::Number(number)) => number.is_i64(),
            (Self::Text, Value::String(text)) => !is_word(text),
            (Self::Word(word), Value::String(text)) => word == text,
            (Self::Object(form), Value::Object(fields)) => {
                form.len() == fields.len()
                    && form
                        .iter()
                        .all(|(name, form)| fields.get(name).is_some_and(|value| form.is_of(value)))
            }
            _ => false,
        }
    }
}

/// Whether this could be an enum's value in the schema, whose enums are all in capitals.
fn is_word(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
    use async_graphql::value;

    use super::*;

    #[test]
    fn a_form_is_known_again_and_no_other() {
        let document = Document::new(async_graphql::parser::parse_query("{ a }").expect("parses"));
        let of = |value| Variables::from_value(value);
        let sent = of(value!({ "input": { "to": "ann", "body": "hello", "turn": 1 } }));
        assert!(document.known_as(None, &sent).is_none());
        document.remember(None, &sent);
        assert!(document.known_as(None, &sent).is_some());
        assert!(document.known_as(Some("A"), &sent).is_none(), "another operation");
        let alike = of(value!({ "input": { "turn": -7, "body": "", "to": "bob" } }));
        assert!(document.known_as(None, &alike).is_none(), "nothing at all could be a word");
        let alike = of(value!({ "input": { "turn": -7, "body": "No.", "to": "bob" } }));
        assert!(document.known_as(None, &alike).is_some());
        for other in [
            value!({ "input": { "to": "ann", "body": "OPEN", "turn": 1 } }),
            value!({ "input": { "to": "ann", "body": "hello", "turn": 1.5 } }),
            value!({ "input": { "to": "ann", "body": "hello", "turn": null } }),
            value!({ "input": { "to": "ann", "body": "hello" } }),
            value!({ "input": { "to": "ann", "body": "hello", "turn": 1, "more": true } }),
            value!({ "input": { "to": "ann", "body": ["hello"], "turn": 1 } }),
            value!({ "input": "ann" }),
            value!({ "input": { "to": "ann", "body": "hello", "turn": 1 }, "more": 1 }),
            value!({}),
        ] {
            assert!(document.known_as(None, &of(other.clone())).is_none(), "{other}");
        }
        let word = of(value!({ "state": "OPEN" }));
        document.remember(None, &word);
        assert!(document.known_as(None, &word).is_some());
        assert!(document.known_as(None, &of(value!({ "state": "SHUT" }))).is_none());
        assert!(document.known_as(None, &of(value!({ "state": "open" }))).is_none());
        document.remember(None, &of(value!({ "ids": ["a"] })));
        assert!(
            document.known_as(None, &of(value!({ "ids": ["a"] }))).is_none(),
            "lists are checked each time"
        );
    }

    #[test]
    fn large_forms_are_not_kept() {
        let document = Document::new(async_graphql::parser::parse_query("{ a }").expect("parses"));
        let many = (0..1_000).map(|n| (Name::new(format!("n{n}")), Value::Null)).collect();
        let long = [(Name::new("n".repeat(2_000)), Value::Null)].into_iter().collect();
        for large in [many, long] {
            let large = Variables::from_value(Value::Object(large));
            document.remember(None, &large);
            assert!(document.known_as(None, &large).is_none());
        }
    }

    #[test]
    fn all_enums_are_words() {
        let schema = parse_schema(crate::graphql::sdl()).expect("the schema parses");
        let mut values = 0;
        for definition in schema.definitions {
            let TypeSystemDefinition::Type(it) = definition else { continue };
            let TypeKind::Enum(it) = it.node.kind else { continue };
            for value in it.values {
                values += 1;
                let name = value.node.value.node.as_str();
                assert!(is_word(name), "{name}");
            }
        }
        assert!(values > 50, "{values} values can't be all");
    }
}
