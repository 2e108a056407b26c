//! Which subscriptions get the same text for the same event: those that ask for the same, if what they ask for does not
//! depend on who asks beyond whether it is staff and whether it is the message's sender.

use std::collections::BTreeSet;

use async_graphql::Variables;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet, TypeCondition,
};
use async_graphql::{Name, Positioned};
use sha2::{Digest, Sha256};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Of the document, the operation's name and the variables its fields depend on.
    pub digest: [u8; 32],
    /// Whether even a message that was delivered as written looks otherwise to its sender, to others and to staff.
    pub is_personal: bool,
}

/// Deeper documents are not looked into.
const DEEPEST: usize = 16;
const FIELD: &str = "conversationEvents";
/// Fields that only a message's sender or only staff get, whatever became of it.
const PERSONAL: [&str; 2] = ["clientId", "revision"];

/// Where in the document something is asked for.
#[derive(Clone, Copy)]
enum Level {
    Event,
    Message,
    Sender,
}

impl Level {
    /// Fields that are the same for all viewers of one class.
    fn leaves(self) -> &'static [&'static str] {
        match self {
            Self::Event => &["seq", "at"],
            Self::Message => &[
                "id",
                "seq",
                "body",
                "status",
                "sentAt",
                "editedAt",
                "retractedAt",
                "clientId",
                "notice",
                "warning",
                "revision",
            ],
            Self::Sender => &["id", "name"],
        }
    }

    fn below(self, field: &str) -> Option<Self> {
        match (self, field) {
            (Self::Event, "message") => Some(Self::Message),
            (Self::Message, "sender") => Some(Self::Sender),
            _ => None,
        }
    }

    /// Types that what is shared has here; `None` for others an event may have, which are not shared.
    fn is(self, name: &str) -> Option<bool> {
        match self {
            Self::Event => {
                let applies = ["MessagePosted", "HiddenEvent", "DurableEvent", "ConversationEvent"];
                Some(applies.contains(&name))
            }
            Self::Message => (name == "Message").then_some(true),
            Self::Sender => (name == "User").then_some(true),
        }
    }
}

/// The shape of a subscription to a conversation's events; `None` if what it says of a posted message can't be shared.
pub fn shape(
    document: &ExecutableDocument,
    digest: &[u8; 32],
    operation: &OperationDefinition,
    variables: &Variables,
) -> Option<Shape> {
    let [Positioned { node: Selection::Field(root), .. }] = &*operation.selection_set.node.items
    else {
        return None;
    };
    let plain = operation.directives.is_empty() && root.node.directives.is_empty();
    if !plain || root.node.name.node != FIELD {
        return None;
    }
    let mut walk = Walk { document, variables: BTreeSet::new(), is_personal: false };
    walk.set(&root.node.selection_set.node, Level::Event, 0)?;
    let mut hasher = Sha256::new();
    hasher.update(digest);
    for name in walk.variables {
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
    Some(Shape { digest: hasher.finalize().into(), is_personal: walk.is_personal })
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    /// Variables that what is looked at depends on.
    variables: BTreeSet<Name>,
    is_personal: bool,
}

impl Walk<'_> {
    fn set(&mut self, set: &SelectionSet, level: Level, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let (field, name) = (&field.node, field.node.name.node.as_str());
                    self.directives(&field.directives)?;
                    self.is_personal |= PERSONAL.contains(&name);
                    if name == "__typename" || level.leaves().contains(&name) {
                        continue;
                    }
                    self.set(&field.selection_set.node, level.below(name)?, depth + 1)?;
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let condition = fragment.type_condition.as_ref().map(|it| &it.node);
                    let set = &fragment.selection_set.node;
                    self.fragment(condition, &fragment.directives, set, level, depth)?;
                }
                Selection::FragmentSpread(spread) => {
                    let named = self.document.fragments.get(&spread.node.fragment_name.node)?;
                    let condition = Some(&named.node.type_condition.node);
                    self.directives(&named.node.directives)?;
                    let set = &named.node.selection_set.node;
                    self.fragment(condition, &spread.node.directives, set, level, depth)?;
                }
            }
        }
        Some(())
    }

    fn fragment(
        &mut self,
        condition: Option<&TypeCondition>,
        directives: &[Positioned<Directive>],
        set: &SelectionSet,
        level: Level,
        depth: usize,
    ) -> Option<()> {
        let applies = condition.map_or(Some(true), |it| level.is(&it.on.node))?;
        if !applies {
            return Some(());
        }
        self.directives(directives)?;
        self.set(set, level, depth + 1)
    }

    /// Takes note of the variables that say whether something is left out.
    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Option<()> {
        for directive in directives {
            if !matches!(directive.node.name.node.as_str(), "skip" | "include") {
                return None;
            }
            for (_, value) in &directive.node.arguments {
                let text = value.node.to_string();
                if let Some(name) = text.strip_prefix('$') {
                    self.variables.insert(Name::new(name));
                } else if !matches!(&*text, "true" | "false") {
                    return None;
                }
            }
        }
        Some(())
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
            "... on HiddenEvent { seq }",
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
            fragment Posted on MessagePosted { message { body sender { name @include(if: $name) } } }";
        let with = |after: i32, name: bool| {
            of(text, &Variables::from_value(value!({ "id": "c", "after": after, "name": name })))
        };
        assert!(with(1, true).is_some());
        assert_eq!(with(1, true), with(2, true), "where it begins is not part of an event");
        assert_ne!(with(1, true), with(1, false));
    }
}
