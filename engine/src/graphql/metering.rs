//! Which operations the figures tell apart, and which of them a document is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::ServerError;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet, TypeKind,
    TypeSystemDefinition,
};

use super::ApiSchema;
use crate::telemetry::failures::Failed;
use crate::telemetry::operations::{self, Kind, Operations, Origin, Root, Ticket};
use crate::telemetry::trace::{self, Remote};

/// Fragments inside each other that are followed to the root fields.
const DEEPEST: usize = 8;

/// Figures for every root field of the schema. `patience`: how long an operation may take.
pub fn operations(schema: &ApiSchema, patience: Duration) -> Arc<Operations> {
    let document = parse_schema(schema.sdl()).map(|document| document.definitions);
    let definitions = document.unwrap_or_else(|error| {
        tracing::error!(%error, "the schema can't be read back; operations are not told apart");
        Vec::new()
    });
    let types = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(it) => Some(it.node),
        _ => None,
    });
    let fields = types.flat_map(|it| {
        let kind = match it.name.node.as_str() {
            "Query" => Some(Kind::Query),
            "Mutation" => Some(Kind::Mutation),
            "Subscription" => Some(Kind::Subscription),
            _ => None,
        };
        let fields = match (kind, it.kind) {
            (Some(kind), TypeKind::Object(object)) => {
                object.fields.into_iter().map(|field| (kind, field.node.name.to_string())).collect()
            }
            _ => Vec::new(),
        };
        fields.into_iter()
    });
    Arc::new(Operations::new(fields, patience))
}

/// What is counted of one operation of a document.
pub fn ticket(
    operations: &Arc<Operations>,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    extensions: Option<&BTreeMap<String, serde_json::Value>>,
) -> Ticket {
    let kind = match operation.ty {
        OperationType::Query => Kind::Query,
        OperationType::Mutation => Kind::Mutation,
        OperationType::Subscription => Kind::Subscription,
    };
    let root = root(document, &operation.selection_set.node, DEEPEST);
    let mut ticket = operations.ticket(kind, root.unwrap_or(Root::Several));
    let trace = traceparent(extensions.and_then(|all| all.get("traceparent")));
    ticket.from(Origin { request: None, trace });
    ticket
}

/// `None` if it selects nothing.
fn root<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    deepest: usize,
) -> Option<Root<'a>> {
    let mut found = None;
    for selection in &set.items {
        let one = match &selection.node {
            Selection::Field(field) => Some(Root::Field(field.node.name.node.as_str())),
            _ if deepest == 0 => Some(Root::Several),
            Selection::InlineFragment(inline) => {
                root(document, &inline.node.selection_set.node, deepest - 1)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node);
                fragment.and_then(|it| root(document, &it.node.selection_set.node, deepest - 1))
            }
        };
        match (found, one) {
            (None, one) => found = one,
            (Some(_), None) => {}
            (Some(found), Some(one)) if found == one => {}
            (Some(_), Some(_)) => return Some(Root::Several),
        }
    }
    found
}

/// The trace a client follows, where it says so in JSON.
pub fn traceparent(value: Option<&serde_json::Value>) -> Option<Remote> {
    value.filter(|_| trace::is_on())?.as_str().and_then(Remote::parse)
}

/// Codes of errors as the figures name them.
pub fn codes(errors: &[ServerError]) -> impl Iterator<Item = &str> {
    errors.iter().map(|error| {
        let code = error.extensions.as_ref().and_then(|values| values.get("code"));
        match code {
            Some(async_graphql::Value::String(code)) => code.as_str(),
            _ => "NONE",
        }
    })
}

/// Counts the errors of a request of which nothing was executed.
pub fn refused(errors: &[ServerError]) {
    codes(errors).for_each(operations::refused);
}

/// Tells the log of an operation of a socket that was not executed.
pub fn tell_refused(request: Option<&str>, errors: &[ServerError]) {
    Failed {
        request: request.unwrap_or("none"),
        transport: "websocket",
        operation: ("none", "none"),
        codes: &codes(errors).collect::<Vec<_>>().join(","),
        status: None,
        took: Duration::ZERO,
    }
    .tell();
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn the_root_is_found_behind_aliases_and_fragments() {
        let cases = [
            ("{ me { id } }", Some(Root::Field("me"))),
            ("{ a: me { id } b: me { name } }", Some(Root::Field("me"))),
            ("{ me { id } node(id: 1) { id } }", Some(Root::Several)),
            (
                "{ ...F } fragment F on Query { ... on Query { me { id } } }",
                Some(Root::Field("me")),
            ),
            ("{ ...F } fragment F on Query { ...F }", Some(Root::Several)),
            ("{ ...Absent }", None),
        ];
        for (text, expected) in cases {
            let document = parse_query(text).expect("well formed");
            let (_, operation) = document.operations.iter().next().expect("one operation");
            let found = root(&document, &operation.node.selection_set.node, DEEPEST);
            assert_eq!(found, expected, "{text}");
        }
    }
}
