//! Which subscriptions get the same text for the same event: those that ask for the same, if what they ask for does not
//! depend on who asks beyond whether it is staff and whether it is the message's sender. What they ask for is known in
//! advance, so it is laid out once, for every event to be filled in.

use std::collections::BTreeSet;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    TypeCondition,
};
use async_graphql::{Name, Positioned, Value, Variables};
use sha2::{Digest, Sha256};

/// What is asked for of a posted message.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// Of the document, the operation's name and the variables its fields depend on.
    pub digest: [u8; 32],
    /// Whether even a message that was delivered as written looks otherwise to its sender, to others and to staff.
    pub is_personal: bool,
    /// The answer, in order.
    pub(super) parts: Vec<Part>,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The same for every message.
    Text(String),
    /// A value, as JSON.
    Value(Leaf),
}

/// What differs from message to message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    EventSeq,
    EventAt,
    Id,
    Seq,
    Body,
    Status,
    SentAt,
    EditedAt,
    RetractedAt,
    ClientId,
    Notice,
    Warning,
    Revision,
    SenderId,
    SenderName,
}

/// Deeper documents are not looked into.
const DEEPEST: usize = 16;
const EVENTS: &str = "conversationEvents";
const SEND: &str = "sendMessage";

/// Where in the document something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Payload,
    Event,
    Message,
    Sender,
}

impl Level {
    /// The type that what is laid out has here.
    fn name(self) -> &'static str {
        match self {
            Self::Payload => "SendMessagePayload",
            Self::Event => "MessagePosted",
            Self::Message => "Message",
            Self::Sender => "User",
        }
    }

    /// Fields that are the same for all viewers of one class.
    fn leaf(self, field: &str) -> Option<Leaf> {
        Some(match (self, field) {
            (Self::Event, "seq") => Leaf::EventSeq,
            (Self::Event, "at") => Leaf::EventAt,
            (Self::Message, "id") => Leaf::Id,
            (Self::Message, "seq") => Leaf::Seq,
            (Self::Message, "body") => Leaf::Body,
            (Self::Message, "status") => Leaf::Status,
            (Self::Message, "sentAt") => Leaf::SentAt,
            (Self::Message, "editedAt") => Leaf::EditedAt,
            (Self::Message, "retractedAt") => Leaf::RetractedAt,
            (Self::Message, "clientId") => Leaf::ClientId,
            (Self::Message, "notice") => Leaf::Notice,
            (Self::Message, "warning") => Leaf::Warning,
            (Self::Message, "revision") => Leaf::Revision,
            (Self::Sender, "id") => Leaf::SenderId,
            (Self::Sender, "name") => Leaf::SenderName,
            _ => return None,
        })
    }

    fn below(self, field: &str) -> Option<Self> {
        match (self, field) {
            (Self::Event | Self::Payload, "message") => Some(Self::Message),
            (Self::Message, "sender") => Some(Self::Sender),
            _ => None,
        }
    }

    /// Whether a fragment of this type applies here; `None` if it can't be said.
    fn is(self, name: &str) -> Option<bool> {
        match self {
            Self::Event => {
                let applies = [self.name(), "DurableEvent", "ConversationEvent"];
                // What is said of events that are hidden is the same for all, and not of this kind.
                Some(applies.contains(&name))
            }
            _ => (name == self.name()).then_some(true),
        }
    }
}

/// The operation's root field, if that is a conversation's events and nothing besides.
pub fn root(operation: &OperationDefinition) -> Option<&Field> {
    sole(operation).filter(|root| root.name.node == EVENTS)
}

/// The operation's root field, if there is but one and it is always asked for.
pub fn sole(operation: &OperationDefinition) -> Option<&Field> {
    let [Positioned { node: Selection::Field(root), .. }] = &*operation.selection_set.node.items
    else {
        return None;
    };
    let plain = operation.directives.is_empty() && root.node.directives.is_empty();
    plain.then_some(&root.node)
}

/// The shape of a subscription to a conversation's events; `None` if what it says of a posted message can't be shared.
pub fn shape(
    document: &ExecutableDocument,
    digest: &[u8; 32],
    operation: &OperationDefinition,
    variables: &Variables,
) -> Option<Shape> {
    let root = root(operation)?;
    let mut walk = Walk::new(document, variables);
    let parts = walk.lay_out(root, Level::Event)?;
    let mut hasher = Sha256::new();
    hasher.update(digest);
    for name in walk.used {
        let value = variables.get(&name).map_or_else(String::new, ToString::to_string);
        for text in [name.as_str(), &value] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
    }
    // A document has one operation of a name, and at most one without.
    let place = operation.selection_set.pos;
    hasher.update((place.line as u64).to_le_bytes());
    hasher.update((place.column as u64).to_le_bytes());
    Some(Shape { digest: hasher.finalize().into(), is_personal: walk.is_personal, parts })
}

/// What a mutation that posts one message, and does nothing besides, says if that was done. `None` if that can't be laid
/// out whatever the variables are.
pub fn sending(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Option<Vec<Part>> {
    let root = sole(operation).filter(|root| root.name.node == SEND)?;
    let variables = Variables::default();
    Walk::new(document, &variables).lay_out(root, Level::Payload)
}

/// An answer's fields, by their names in it.
type Fields = Vec<(String, Node)>;

/// A field's value.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Leaf(Leaf),
    Set(Fields),
}

impl Node {
    fn lay_out(self, parts: &mut Vec<Part>) {
        match self {
            Self::Text(text) => say(parts, &text),
            Self::Leaf(leaf) => parts.push(Part::Value(leaf)),
            Self::Set(fields) => {
                say(parts, "{");
                // Names in GraphQL need no escapes.
                for (index, (name, node)) in fields.into_iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    say(parts, &format!("{comma}\"{name}\":"));
                    node.lay_out(parts);
                }
                say(parts, "}");
            }
        }
    }
}

/// Adds a field to those selected before. As the document is valid, a name has one meaning.
fn add(fields: &mut Fields, name: String, node: Node) {
    match fields.iter_mut().find(|(known, _)| *known == name) {
        None => fields.push((name, node)),
        Some((_, Node::Set(known))) => {
            if let Node::Set(more) = node {
                more.into_iter().for_each(|(name, node)| add(known, name, node));
            }
        }
        Some(_) => {}
    }
}

fn say(parts: &mut Vec<Part>, text: &str) {
    if let Some(Part::Text(before)) = parts.last_mut() {
        before.push_str(text);
    } else {
        parts.push(Part::Text(text.to_owned()));
    }
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// Variables that what is looked at depends on.
    used: BTreeSet<Name>,
    is_personal: bool,
}

impl<'a> Walk<'a> {
    fn new(document: &'a ExecutableDocument, variables: &'a Variables) -> Self {
        Self { document, variables, used: BTreeSet::new(), is_personal: false }
    }

    /// The whole answer.
    fn lay_out(&mut self, root: &Field, level: Level) -> Option<Vec<Part>> {
        let mut fields = Vec::new();
        self.set(&root.selection_set.node, level, 0, &mut fields)?;
        // The library makes it null.
        if fields.is_empty() {
            return None;
        }
        let key = root.response_key().node.to_string();
        let answer = vec![("data".to_owned(), Node::Set(vec![(key, Node::Set(fields))]))];
        let mut parts = Vec::new();
        Node::Set(answer).lay_out(&mut parts);
        Some(parts)
    }

    /// Adds a selection's fields to those selected before.
    fn set(
        &mut self,
        set: &SelectionSet,
        level: Level,
        depth: usize,
        fields: &mut Fields,
    ) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, level, depth, fields)?,
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let condition = fragment.type_condition.as_ref().map(|it| &it.node);
                    let set = &fragment.selection_set.node;
                    let directives = [&*fragment.directives, &[]];
                    self.fragment(condition, directives, set, level, depth, fields)?;
                }
                Selection::FragmentSpread(spread) => {
                    let named = self.document.fragments.get(&spread.node.fragment_name.node)?;
                    let condition = Some(&named.node.type_condition.node);
                    let set = &named.node.selection_set.node;
                    let directives = [&*spread.node.directives, &*named.node.directives];
                    self.fragment(condition, directives, set, level, depth, fields)?;
                }
            }
        }
        Some(())
    }

    fn field(
        &mut self,
        field: &Field,
        level: Level,
        depth: usize,
        fields: &mut Fields,
    ) -> Option<()> {
        let name = field.name.node.as_str();
        let applies = self.applies(&field.directives)?;
        let node = if name == "__typename" {
            Node::Text(format!("\"{}\"", level.name()))
        } else if level == Level::Payload && name == "userErrors" {
            Node::Text("[]".to_owned())
        } else if let Some(below) = level.below(name) {
            let mut fields = Vec::new();
            self.set(&field.selection_set.node, below, depth + 1, &mut fields)?;
            // The library makes it null, also if more is selected of it elsewhere.
            if fields.is_empty() {
                return None;
            }
            Node::Set(fields)
        } else {
            Node::Leaf(level.leaf(name)?)
        };
        self.is_personal |= matches!(node, Node::Leaf(Leaf::ClientId | Leaf::Revision));
        if applies {
            add(fields, field.response_key().node.to_string(), node);
        }
        Some(())
    }

    fn fragment(
        &mut self,
        condition: Option<&TypeCondition>,
        directives: [&[Positioned<Directive>]; 2],
        set: &SelectionSet,
        level: Level,
        depth: usize,
        fields: &mut Fields,
    ) -> Option<()> {
        if !condition.map_or(Some(true), |it| level.is(&it.on.node))? {
            return Some(());
        }
        let mut applies = true;
        for directives in directives {
            applies &= self.applies(directives)?;
        }
        let fields = if applies { fields } else { &mut Vec::new() };
        self.set(set, level, depth + 1, fields)
    }

    /// Whether what has these directives is not left out. Takes note of the variables that say so.
    fn applies(&mut self, directives: &[Positioned<Directive>]) -> Option<bool> {
        let mut applies = true;
        for directive in directives {
            let skips = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return None,
            };
            let [(_, condition)] = &*directive.node.arguments else { return None };
            let condition = condition.node.clone().into_const_with(|name| {
                let value = self.variables.get(&name).cloned().ok_or(());
                self.used.insert(name);
                value
            });
            let Ok(Value::Boolean(holds)) = condition else { return None };
            applies &= holds != skips;
        }
        Some(applies)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::DocumentOperations;
    use async_graphql::value;

    use super::*;

    fn of(text: &str, variables: &Variables) -> Option<Shape> {
        let document = parse_query(text).expect("a document");
        let DocumentOperations::Single(operation) = &document.operations else {
            panic!("one operation")
        };
        shape(&document, &Sha256::digest(text).into(), &operation.node, variables)
    }

    fn asks(fields: &str) -> Option<Shape> {
        of(
            &format!("subscription {{ conversationEvents(conversationId: 1) {{ {fields} }} }}"),
            &Variables::default(),
        )
    }

    #[test]
    fn what_depends_on_who_asks_is_not_shared() {
        let shared = [
            "__typename",
            "... on MessagePosted { seq at message { id body clientId sender { id name } } }",
            "... on DurableEvent { seq } ... on ConversationSnapshot { conversation { unreadCount } }",
            "__typename ... on HiddenEvent { seq }",
        ];
        for fields in shared {
            assert!(asks(fields).is_some(), "{fields}");
        }
        let own = [
            "... on MessagePosted { message { conversation { unreadCount } } }",
            "... on MessagePosted { message { verdict { action } } }",
            "... on MessagePosted { message { ... on Node { id } } }",
            "... on MessagePosted { seq @something }",
        ];
        for fields in own {
            assert!(asks(fields).is_none(), "{fields}");
        }
        assert!(of("subscription { inboxEvents { __typename } }", &Variables::default()).is_none());
    }

    #[test]
    fn only_some_fields_tell_senders_others_and_staff_apart() {
        let personal = |field: &str| {
            let asked = format!("... on MessagePosted {{ message {{ body {field} }} }}");
            asks(&asked).expect("shared").is_personal
        };
        assert!(personal("clientId") && personal("revision"));
        assert!(!["status", "notice", "warning"].into_iter().any(personal));
    }

    #[test]
    fn only_variables_that_change_the_answer_count() {
        let text = "subscription($id: ID!, $after: Int, $name: Boolean!) {
            conversationEvents(conversationId: $id, after: $after) { ...Posted } }
            fragment Posted on MessagePosted { message { body sender { id name @include(if: $name) } } }";
        let with = |after: i32, name: bool| {
            of(text, &Variables::from_value(value!({ "id": "c", "after": after, "name": name })))
        };
        assert!(with(1, true).is_some());
        assert_eq!(with(1, true), with(2, true), "where it begins is not part of an event");
        let (named, nameless) = (with(1, true).expect("shared"), with(1, false).expect("shared"));
        assert_ne!(named.digest, nameless.digest);
        assert_ne!(named.parts, nameless.parts);
    }
}
