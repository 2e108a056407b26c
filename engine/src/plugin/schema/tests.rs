//! What fits a schema, what doesn't and where, and which schemas are no schemas.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;

fn schema(schema: &Value) -> Schema {
    Schema::parse(&schema.to_string()).unwrap_or_else(|problem| panic!("{schema}: {problem}"))
}

fn problems(of: &Value, config: &Value) -> Vec<String> {
    schema(of).check(config).iter().map(ToString::to_string).collect()
}

#[test]
fn problems_are_found_where_they_are() {
    let filter = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "x", "x-group": 1, "type": "object", "additionalProperties": false,
        "required": ["mode"],
        "$defs": { "hosts": { "type": "array", "items": { "type": "string", "pattern": "^[a-z.]+$" }, "uniqueItems": true } },
        "properties": {
            "mode": { "enum": ["mild", "strict"] },
            "hosts": { "$ref": "#/$defs/hosts" },
            "least": { "type": "integer", "minimum": 1, "maximum": 5 },
            "share": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.1 },
            "name": { "type": ["string", "null"], "minLength": 2, "maxLength": 3 },
            "a/b": { "const": 1 }
        }
    });
    let good = json!({ "mode": "mild", "hosts": ["a.b"], "least": 5.0, "share": 0.3, "name": null, "a/b": 1.0 });
    assert!(problems(&filter, &good).is_empty(), "{:?}", problems(&filter, &good));
    for (config, expected) in [
        (json!([]), "the configuration: must be an object, is []"),
        (json!({}), "the configuration: the setting `mode` is missing"),
        (json!({ "mode": "wild" }), "/mode: must be one of \"mild\", \"strict\", is \"wild\""),
        (
            json!({ "mode": "mild", "mod": 1 }),
            "/mod: is not a known setting; there are: a/b, hosts,",
        ),
        (json!({ "mode": "mild", "hosts": ["a", "B"] }), "/hosts/1: \"B\" doesn't fit the pattern"),
        (json!({ "mode": "mild", "hosts": ["a", "a"] }), "/hosts/1: \"a\" is there twice"),
        (json!({ "mode": "mild", "hosts": "a" }), "/hosts: must be a list, is \"a\""),
        (json!({ "mode": "mild", "least": 1.5 }), "/least: must be a whole number, is 1.5"),
        (json!({ "mode": "mild", "least": 0 }), "/least: must be at least 1, is 0"),
        (json!({ "mode": "mild", "least": 6 }), "/least: must be at most 5, is 6"),
        (json!({ "mode": "mild", "share": 0 }), "/share: must be more than 0"),
        (json!({ "mode": "mild", "share": 1 }), "/share: must be less than 1"),
        (json!({ "mode": "mild", "share": 0.25 }), "/share: must be a multiple of 0.1"),
        (json!({ "mode": "mild", "name": "é" }), "/name: must have at least 2 characters, has 1"),
        (json!({ "mode": "mild", "name": "four" }), "/name: must have at most 3 characters"),
        (json!({ "mode": "mild", "name": 3 }), "/name: must be text or null, is 3"),
        (json!({ "mode": "mild", "a/b": 2 }), "/a~1b: must be 1, is 2"),
    ] {
        let found = problems(&filter, &config);
        assert!(
            found.iter().any(|it| it.starts_with(expected)),
            "{config}: {found:?} should say {expected:?}"
        );
    }
}

#[test]
fn schemas_combine() {
    let combined = json!({
        "allOf": [{ "minProperties": 1 }, { "maxProperties": 3 }],
        "anyOf": [{ "required": ["a"] }, { "required": ["b"] }],
        "oneOf": [{ "required": ["x"] }, { "required": ["y"] }],
        "not": { "required": ["bad"] },
        "if": { "required": ["a"] }, "then": { "required": ["x"] }, "else": { "required": ["y"] },
        "patternProperties": { "^n": { "type": "integer" } }, "additionalProperties": { "type": "string" },
        "propertyNames": { "maxLength": 3 }, "dependentRequired": { "n2": ["n1"] }
    });
    for (config, expected) in [
        (json!({ "a": "1", "x": "2" }), None),
        (json!({ "b": "1", "y": "2", "n": 3 }), None),
        (json!({}), Some("must have at least 1 settings")),
        (json!({ "a": "", "b": "", "x": "", "n": 1 }), Some("at most 3 settings")),
        (json!({ "x": "" }), Some("fits none of the 2 forms")),
        (json!({ "a": "", "x": "", "y": "" }), Some("fits 2 of the forms")),
        (json!({ "a": "", "x": "", "bad": "" }), Some("a form that is not allowed")),
        (json!({ "a": "", "y": "" }), Some("`x` is missing")),
        (json!({ "a": "", "x": "", "n": "1" }), Some("/n: must be a whole number")),
        (json!({ "a": 1, "x": "" }), Some("/a: must be text")),
        (json!({ "a": "", "x": "", "long": "" }), Some("/long: must have at most 3 characters")),
        (json!({ "a": "", "x": "", "n2": 1 }), Some("`n1` is missing")),
    ] {
        let found = problems(&combined, &config);
        match expected {
            None => assert!(found.is_empty(), "{config}: {found:?}"),
            Some(text) => assert!(
                found.iter().any(|it| it.contains(text)),
                "{config}: {found:?} should say {text:?}"
            ),
        }
    }
    let lists = json!({ "prefixItems": [{ "type": "integer" }], "items": false, "contains": { "const": 1 }, "minItems": 1 });
    assert!(problems(&lists, &json!([1])).is_empty());
    assert_eq!(
        problems(&lists, &json!([2, 3])),
        ["the configuration: lacks an entry of the needed form", "/1: is not allowed"]
    );
}

#[test]
fn a_schema_may_refer_to_itself() {
    let tree = json!({ "type": "object", "properties": { "next": { "$ref": "#" } }, "additionalProperties": false });
    assert!(problems(&tree, &json!({ "next": { "next": {} } })).is_empty());
    assert_eq!(problems(&tree, &json!({ "next": { "next": 1 } })).len(), 1);
    let circle = json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } });
    assert_eq!(
        problems(&circle, &json!(1)),
        ["the configuration: can't be checked: the filter's schema goes too deep"]
    );
}

#[test]
fn a_schema_that_fans_out_ends() {
    let level = |n: usize| json!({ "anyOf": [{ "$ref": format!("#/$defs/l{n}") }, { "$ref": format!("#/$defs/l{n}") }] });
    let mut levels: Map<String, Value> = (0..40).map(|n| (format!("l{n}"), level(n + 1))).collect();
    levels.insert("l40".into(), json!(false));
    let found = problems(&json!({ "$ref": "#/$defs/l0", "$defs": levels }), &json!(1));
    assert!(found.iter().any(|it| it.contains("too intricate")), "{found:?}");
}

#[test]
fn what_is_no_schema_is_refused_with_the_place() {
    for (text, expected) in [
        ("{", "the configuration: is no JSON"),
        ("[]", "a schema is an object"),
        (r#"{"type": "int"}"#, "/type: \"int\" is no type"),
        (r#"{"minLenght": 1}"#, "/minLenght: is a keyword this engine doesn't know"),
        (r#"{"unevaluatedProperties": false}"#, "/unevaluatedProperties: is a keyword"),
        (
            r#"{"properties": {"a": {"pattern": "(?=a)"}}}"#,
            "/properties/a/pattern: the pattern can't be used",
        ),
        (r#"{"pattern": "a{1000}{1000}{1000}"}"#, "/pattern: the pattern can't be used"),
        (r##"{"$ref": "#/$defs/none"}"##, "/$ref: /$defs/none is not in the schema"),
        (r#"{"$ref": "https://example.com/schema"}"#, "/$ref: must point into the same schema"),
        (r#"{"minLength": -1}"#, "/minLength: must be a whole number"),
        (r#"{"enum": []}"#, "/enum: must be a list"),
        (r#"{"anyOf": []}"#, "/anyOf: must be a list"),
        (r#"{"multipleOf": 0}"#, "/multipleOf: must be more than 0"),
        (r#"{"properties": {"a": 1}}"#, "/properties/a: a schema is an object"),
        (r#"{"required": [1]}"#, "/required: must be a list of names"),
    ] {
        let refused = Schema::parse(text).map(|_| ()).expect_err(text).to_string();
        assert!(refused.contains(expected), "{text}: {refused:?} should say {expected:?}");
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        "[a-z/~é]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z/~]{0,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// A value fits the schema that says exactly it, and a problem's path leads to what it is about.
    #[test]
    fn paths_are_pointers_into_the_configuration(config in json_value(), other in json_value()) {
        let exact = json!({ "const": config });
        prop_assert_eq!(problems(&exact, &config), Vec::<String>::new());
        prop_assert_eq!(problems(&json!(true), &config), Vec::<String>::new());
        let strict = json!({ "items": { "$ref": "#" }, "additionalProperties": { "$ref": "#" }, "enum": [other] });
        for found in schema(&strict).check(&config) {
            prop_assert!(config.pointer(&found.path).is_some(), "{} in {config}", found.path);
        }
    }
}
