//! Which subscriptions get the same text for the same event: those that ask for the same, if what they ask for does not
//! depend on who asks beyond whether it is staff and whether it is the message's sender. What they ask for is known in
//! advance, so it is laid out once, for every event to be filled in.

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection};
use async_graphql::{Positioned, Variables};
use sha2::{Digest, Sha256};

use super::layout::{Level, Part, Walk};

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

const EVENTS: &str = "conversationEvents";
const SEND: &str = "sendMessage";

/// The operation's root field, if that is a conversation's events and nothing besides.
pub fn events_field(operation: &OperationDefinition) -> Option<&Field> {
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
    let root = events_field(operation)?;
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
