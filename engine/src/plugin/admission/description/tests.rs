//! Descriptions that are refused, each with its reason.

use super::*;

fn description() -> types::Description {
    let signal = |id: &str| types::SignalDescription {
        id: id.into(),
        description: "something".into(),
        default_weight: 1.0,
    };
    types::Description {
        name: "good-filter".into(),
        version: "1.2.3-beta.1".into(),
        config_schema: r#"{"type": "object"}"#.into(),
        signals: vec![signal("good.one"), signal("good.two")],
    }
}

#[test]
fn a_good_description_is_taken() {
    let described = check_description(description()).expect("nothing is wrong with it");
    assert_eq!((described.name.as_str(), described.signals.len()), ("good-filter", 2));
}

#[test]
fn wrong_descriptions_are_refused_with_the_reason() {
    type Spoil = fn(&mut types::Description);
    let cases: &[(Spoil, &str)] = &[
        (|d| d.name = "Good Filter".into(), "the name \"Good Filter\""),
        (|d| d.name = String::new(), "the name \"\""),
        (|d| d.version = "1.2".into(), "the version \"1.2\""),
        (|d| d.version = "1.2.3+4".into(), "the version \"1.2.3+4\""),
        (|d| d.config_schema = "{".into(), "configuration schema: is no JSON"),
        (|d| d.config_schema = "[]".into(), "a schema is an object"),
        (
            |d| d.config_schema = r#"{"properties": {"a": {"typ": 1}}}"#.into(),
            "at /properties/a/typ",
        ),
        (|d| d.config_schema = " ".repeat(MAX_SCHEMA + 1), "more than 64 KiB"),
        (|d| d.signals.clear(), "declares 0 signals"),
        (|d| d.signals[1].id = "good.one".into(), "\"good.one\", declared twice"),
        (|d| d.signals[1].id = "Good.One".into(), "\"Good.One\"; write it like"),
        (|d| d.signals[1].id = "good".into(), "\"good\"; write it like"),
        (|d| d.signals[1].id = "filter.failed".into(), "the engine's own"),
        (|d| d.signals[1].default_weight = f32::NAN, "the weight of good.two"),
        (|d| d.signals[1].default_weight = -1.0, "the weight of good.two"),
        (|d| d.signals[1].description = "x".repeat(MAX_TEXT + 1), "the description of good.two"),
    ];
    for (spoil, expected) in cases {
        let mut description = description();
        spoil(&mut description);
        let refusal = check_description(description).expect_err(expected).to_string();
        assert!(refusal.contains(expected), "{refusal:?} should say {expected:?}");
    }
}
