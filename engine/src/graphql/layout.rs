//! What is asked for of a message, laid out: the text that is the same for every message, and the values between.

use std::collections::BTreeSet;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, Selection, SelectionSet, TypeCondition,
};
use async_graphql::{Name, Positioned, Value, Variables};

/// Deeper documents are not looked into.
const DEEPEST: usize = 16;

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

/// Where in the document something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
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

/// Looks into a document.
pub struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// Variables that what is looked at depends on.
    pub used: BTreeSet<Name>,
    /// Whether even a message that was delivered as written looks otherwise to its sender, to others and to staff.
    pub is_personal: bool,
}

impl<'a> Walk<'a> {
    /// With the values of its variables, as far as they are known.
    pub fn new(document: &'a ExecutableDocument, variables: &'a Variables) -> Self {
        Self { document, variables, used: BTreeSet::new(), is_personal: false }
    }

    /// The whole answer; `None` if that can't be said in advance.
    pub fn lay_out(&mut self, root: &Field, level: Level) -> Option<Vec<Part>> {
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
