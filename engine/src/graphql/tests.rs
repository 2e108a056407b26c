//! The schema as a whole: it is committed, and everything in it is described.

use std::fs;
use std::path::Path;

use async_graphql::Request;
use serde_json::Value;

use super::*;

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
fn the_committed_schema_is_the_code_s() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/schema.graphql");
    if std::env::var_os("RIALTO_UPDATE_SCHEMA").is_some() {
        fs::write(&path, sdl()).expect("schema/schema.graphql can be written");
    }
    let committed = fs::read_to_string(&path).expect("schema/schema.graphql is there");
    assert!(
        committed == sdl(),
        "schema/schema.graphql differs from the code; run the test with RIALTO_UPDATE_SCHEMA=1 and look at the diff"
    );
}

const INTROSPECTION: &str = "{ __schema { types {
    kind name description
    fields { name description args { name description } }
    inputFields { name description }
    enumValues { name description }
} } }";

/// Everything that has no description, as `Type.field(argument:)`.
fn undescribed(schema: &Value) -> Vec<String> {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let bare = |value: &Value| value["description"].as_str().is_none_or(|d| d.trim().is_empty());
    let mut found = Vec::new();
    for kind in list(schema, "types").iter().filter(|kind| !name(kind).starts_with("__")) {
        let kind_name = name(kind);
        if bare(kind) {
            found.push(kind_name.clone());
        }
        for member in ["fields", "inputFields", "enumValues"] {
            for item in list(kind, member) {
                if bare(&item) {
                    found.push(format!("{kind_name}.{}", name(&item)));
                }
                for argument in list(&item, "args").iter().filter(|argument| bare(argument)) {
                    found.push(format!("{kind_name}.{}({}:)", name(&item), name(argument)));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn everything_has_a_description() {
    let response = builder().finish().execute(Request::new(INTROSPECTION)).await;
    assert!(response.errors.is_empty(), "introspection failed: {:?}", response.errors);
    let data = response.data.into_json().expect("introspection is JSON");
    let types = data["__schema"]["types"].as_array().map_or(0, Vec::len);
    assert!(types > 50, "introspection lists {types} types, which can't be all");
    assert_eq!(undescribed(&data["__schema"]), Vec::<String>::new(), "without a description");
}

#[tokio::test]
async fn the_walk_would_notice_a_missing_description() {
    let schema = serde_json::json!({ "types": [{
        "name": "T", "description": "",
        "fields": [{ "name": "f", "description": "said", "args": [{ "name": "a", "description": null }] }]
    }] });
    assert_eq!(undescribed(&schema), ["T", "T.f(a:)"]);
}

#[tokio::test]
async fn nothing_is_answered_to_who_is_not_signed_in() {
    let schema = builder().finish();
    let schemas = Schemas { strict: schema.clone(), fast: schema };
    let executor = Executor::new(schemas, &Limits::default(), true);
    for query in [
        "{ viewer { id } }",
        "{ conversation(id: \"x\") { id } }",
        "{ node(id: \"x\") { id } }",
        "{ nodes(ids: [\"x\"]) { id } }",
        "{ listing(externalId: \"x\") { id } }",
        "{ listings { nodes { id } } }",
        "{ listingCoverage { active } }",
        "mutation { sendMessage(input: { conversationId: \"x\", clientId: \"1\", body: \"b\" }) { userErrors { code } } }",
        "mutation { setTyping(input: { conversationId: \"x\", typing: true }) { userErrors { code } } }",
        "mutation { upsertUsers(input: { users: [] }) { userErrors { code } } }",
    ] {
        let params = Params { query: Some(query.into()), ..Params::default() };
        let prepared = executor.prepare(params, Caller(None)).expect(query);
        let answer = serde_json::to_value(executor.execute(prepared).await).expect("JSON");
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
            "{query}: {answer}"
        );
    }
}
