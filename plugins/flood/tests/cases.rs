//! The filter on the messages of `cases.jsonl`, what it calls, and any text at all.

use proptest::prelude::*;
use rialto_filter_sdk::history::SimilarMessages;
use rialto_filter_sdk::{Context, Filter, Message, Signal, history, testing};
use rialto_flood::{Config, Flood};

fn with(config: &str) -> Flood {
    testing::configured(config)
}

fn inspect(filter: &Flood, message: &Message, context: &Context) -> Vec<Signal> {
    filter.inspect(message, context).expect("expected a message to be judged")
}

fn copied_to(conversations: u32) {
    let oldest_seconds = 3_600;
    history::set(
        Vec::new(),
        SimilarMessages { messages: conversations, conversations, oldest_seconds },
    );
}

#[test]
fn finds_what_the_cases_say() {
    testing::assert_cases(&with("{}"), include_str!("../cases.jsonl"), 40, 40);
}

const OFFER: &str =
    "We buy used cars of every make for cash, same day, collected by us. Write to me.";

#[test]
fn the_evidence_says_what_is_usual_in_words() {
    copied_to(14);
    let mut context = testing::context();
    context.sender.account_age_seconds = Some(2 * 86_400);
    let signals = inspect(&with("{}"), &testing::message(OFFER), &context);
    let why = "sent nearly this text to 14 other conversations within 1 h; \
               6 are usual for an account of 2 days";
    assert_eq!(signals[0].evidence[0], ("why".to_owned(), why.to_owned()));
    assert!((0.8..0.9).contains(&signals[0].confidence), "{signals:?}");
}

#[test]
fn the_configuration_is_heeded() {
    let ids = |config: &str, copies: u32, text: &str| -> Vec<String> {
        copied_to(copies);
        let signals = inspect(&with(config), &testing::message(text), &testing::context());
        signals.into_iter().map(|signal| signal.id).collect()
    };
    let tiers = r#"{"tiers": [{"underDays": 1, "copies": 2}, {"copies": 0}]}"#;
    assert_eq!(ids(tiers, 3, OFFER), ["flood.copies"]);
    let no_limit = r#"{"tiers": [{"copies": 0}]}"#;
    assert!(ids(no_limit, 1_000, OFFER).is_empty(), "0 is no limit");
    assert!(ids(r#"{"find": ["rate", "links"]}"#, 1_000, OFFER).is_empty());
    let long = r#"{"copies": {"minCharacters": 500}}"#;
    assert!(ids(long, 1_000, OFFER).is_empty(), "too short to be compared");
    let links = "https://www.own.example/1 https://own.example/2 https://OWN.example/3 ".repeat(3);
    assert!(ids(r#"{"ownHosts": ["own.example"]}"#, 0, &links).is_empty());
    assert_eq!(ids("{}", 0, &links), ["flood.links"]);
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = testing::problem_paths::<Flood>;
    assert!(paths("{}").is_empty());
    assert_eq!(paths(r#"{"tiers": []}"#), ["/tiers"]);
    assert_eq!(paths(r#"{"tiers": [{"underDays": 3}]}"#), ["/tiers/0/underDays"]);
    assert_eq!(
        paths(r#"{"tiers": [{"underDays": 3}, {"underDays": 2}, {"contactsPerDay": 300}]}"#),
        ["/tiers/1/underDays", "/tiers/2/contactsPerDay"]
    );
    assert_eq!(paths(r#"{"strikeFactor": 0}"#), ["/strikeFactor"]);
    assert_eq!(paths(r#"{"labelFactors": {"a/b": 0}}"#), ["/labelFactors/a~1b"]);
    assert_eq!(paths(r#"{"find": ["copies", "lies"]}"#), ["/find/1"]);
    assert_eq!(paths(r#"{"ownHosts": ["a.example", "https://b.example"]}"#), ["/ownHosts/1"]);
    assert_eq!(
        paths(r#"{"copies": {"windowSeconds": 0, "minSimilarity": 2, "shortFactor": 0}}"#),
        ["/copies/windowSeconds", "/copies/minSimilarity", "/copies/shortFactor"]
    );
    assert_eq!(paths(r#"{"copys": {}}"#), ["/copys"]);
}

/// Defaults stand in the code and in the schema; the admin UI shows the second.
#[test]
fn the_schemas_defaults_are_the_codes() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../config.schema.json")).expect("JSON");
    let mut shown = serde_json::Map::new();
    for (name, property) in schema["properties"].as_object().expect("an object") {
        shown.insert(name.clone(), property["default"].clone());
    }
    let copies = schema["properties"]["copies"]["properties"].as_object().expect("an object");
    let copies = copies.iter().map(|(name, property)| (name.clone(), property["default"].clone()));
    shown.insert("copies".to_owned(), serde_json::Value::Object(copies.collect()));
    let text = serde_json::Value::Object(shown).to_string();
    let read: Config = rialto_filter_sdk::parse_config(&text).expect("the defaults are valid");
    assert_eq!(format!("{read:?}"), format!("{:?}", Config::default()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn any_circumstances_give_valid_signals(
        text in ".{0,200}",
        age in any::<Option<u64>>(),
        strikes in any::<u32>(),
        (messages, conversations, oldest_seconds) in any::<(u32, u32, u64)>(),
        (is_first_contact, message_count) in (any::<bool>(), prop_oneof![Just(0), 1..12_u64, any::<u64>()]),
        labels in prop::collection::vec(prop_oneof![Just("trusted".to_owned()), ".{0,5}"], 0..40),
    ) {
        history::set(Vec::new(), SimilarMessages { messages, conversations, oldest_seconds });
        let mut context = testing::context();
        context.sender.account_age_seconds = age;
        context.sender.strikes = strikes;
        context.sender.labels = labels;
        context.conversation.is_first_contact = is_first_contact;
        context.conversation.message_count = message_count;
        let signals = inspect(&with("{}"), &testing::message(&text), &context);
        prop_assert_eq!(testing::objection::<Flood>(&text, &signals), None);
    }
}

#[test]
fn no_text_takes_more_than_linear_time() {
    let pieces = ["a", " ", "://", "www.", "https://a.b ", "é", "\u{200b}", "www.://"];
    testing::assert_linear(&with("{}"), 1_000_000, &pieces);
}
