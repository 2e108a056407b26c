//! The guard on the messages of `cases.jsonl`, and on any text at all.

use proptest::prelude::*;
use rialto_contact_guard::{Config, ContactGuard};
use rialto_filter_sdk::{Filter, Signal, testing};

fn guard() -> ContactGuard {
    ContactGuard::new(Config::default()).expect("the default configuration is a valid one")
}

fn inspect(guard: &ContactGuard, text: &str) -> Vec<Signal> {
    guard
        .inspect(&testing::message(text), &testing::context())
        .expect("expected a text to be judged")
}

#[test]
fn finds_what_the_cases_say() {
    let report = testing::run_cases(&guard(), include_str!("../cases.jsonl"));
    assert!(report.differences.is_empty(), "- expected, + found:{}", report.differences);
    assert!(report.positive >= 60 && report.negative >= 60, "at least 60 of each: {report:?}");
}

/// Pieces that make texts near to what the guard looks for.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            " ",
            "\n",
            ".",
            "-",
            "@",
            "+",
            "(",
            ")",
            ":",
            "//",
            "/",
            "[at]",
            " dot ",
            " at ",
            "0",
            "7",
            "42",
            "555",
            "07911",
            "double",
            "seven ",
            "zwanzig",
            "und",
            "one",
            "whatsapp",
            "insta",
            "is ",
            "call ",
            "gmail",
            ".com",
            "https",
            "www",
            "a",
            "\u{200b}",
            "7\u{fe0f}\u{20e3}",
            "о",
            "５",
            "€",
            "km",
            "_",
            "🙂",
            "quatre",
            "vingt",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn any_text_gives_valid_signals(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let signals = inspect(&guard(), &text);
        prop_assert_eq!(testing::objection::<ContactGuard>(&text, &signals), None);
    }
}

#[test]
fn findings_beyond_the_limit_are_covered() {
    let text = "a@example.com ".repeat(40);
    let signals = inspect(&guard(), &text);
    assert_eq!(signals.len(), 16, "expected the findings of one kind to be limited");
    let end = signals.iter().flat_map(|signal| &signal.spans).map(|span| span.end).max();
    assert_eq!(
        end,
        u32::try_from(text.trim_end().len()).ok(),
        "expected the last span to cover the rest"
    );
}

#[test]
fn the_configuration_is_heeded() {
    let guard_with = |json: &str| {
        ContactGuard::new(rialto_filter_sdk::parse_config(json).expect("valid JSON"))
            .expect("valid")
    };
    let ids = |guard: &ContactGuard, text: &str| -> Vec<String> {
        inspect(guard, text).into_iter().map(|signal| signal.id).collect()
    };
    let guard = guard_with(r#"{"allowedHosts": ["example.com"]}"#);
    assert!(ids(&guard, "www.shop.example.com/x and help@example.com").is_empty());
    assert_eq!(ids(&guard, "notexample.com"), ["contact.link"]);
    assert_eq!(
        ids(&guard, "ехample.com"),
        ["contact.link"],
        "a look-alike is not the allowed host"
    );
    let guard = guard_with(r#"{"find": ["email"], "minConfidence": 0.9}"#);
    assert_eq!(ids(&guard, "a@example.com 07911 123456 b at gmail"), ["contact.email"]);
    let guard = guard_with(r#"{"languages": ["de"]}"#);
    assert!(ids(&guard, "oh seven nine one one one two three four five six").is_empty());
    assert_eq!(ids(&guard, "null eins sieben sechs zwei drei vier fünf"), ["contact.phone"]);
    let guard = guard_with(r#"{"minDigits": 11}"#);
    assert!(ids(&guard, "call 555-234-8876").is_empty());
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = |json: &str| -> Vec<String> {
        let problems = match rialto_filter_sdk::parse_config::<Config>(json) {
            Ok(config) => ContactGuard::new(config).err().unwrap_or_default(),
            Err(problems) => problems,
        };
        problems.into_iter().map(|problem| problem.path).collect()
    };
    assert_eq!(paths(r#"{"minDigits": 3, "minConfidence": 2}"#), ["/minDigits", "/minConfidence"]);
    assert_eq!(paths(r#"{"allowedHosts": ["a.com", "https://b.com"]}"#), ["/allowedHosts/1"]);
    assert_eq!(paths(r#"{"languages": ["en", "xx"]}"#), ["/languages/1"]);
    assert_eq!(paths(r#"{"minDigit": 8}"#), ["/minDigit"]);
}

/// Texts made to be read again and again. Read once, all of them take well under a second.
#[test]
fn no_text_takes_more_than_linear_time() {
    let started = std::time::Instant::now();
    for piece in [
        "a.",
        "a@",
        "@a",
        "a-",
        "_",
        "a1",
        "1 ",
        "one ",
        "dot ",
        "a dot ",
        "a at ",
        "://",
        "http://a@",
        "(at)",
        "w ",
        "insta:",
        "a . ",
        "zeroseven",
        "x@y.com ",
        "a.com ",
        "07911123456 ",
        "double ",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        inspect(&guard(), &text);
        assert!(
            started.elapsed() < std::time::Duration::from_secs(20),
            "expected 100 kB of {piece:?} to be read in linear time"
        );
    }
}
