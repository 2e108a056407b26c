//! The guard on the messages of `cases.jsonl`, and on any text at all.

use proptest::prelude::*;
use rialto_filter_sdk::{Filter, Link, Signal, span, testing};
use rialto_link_guard::{Config, LinkGuard};

/// The configuration the cases are written for.
const CONFIG: &str = r#"{
    "deniedHosts": ["bad.example", "scam-site.com"],
    "protectedHosts": ["grandbazaar.example", "paypal.com", "postman.co.uk"],
    "allowedHosts": ["partner.example"],
    "shorteners": ["go.link.example"]
}"#;

fn guard() -> LinkGuard {
    let config = rialto_filter_sdk::parse_config(CONFIG).expect("the tests' configuration is JSON");
    LinkGuard::new(config).expect("the tests' configuration is a valid one")
}

fn inspect(text: &str) -> Vec<Signal> {
    guard()
        .inspect(&testing::message(text), &testing::context())
        .expect("expected a text to be judged")
}

#[test]
fn finds_what_the_cases_say() {
    let report = testing::run_cases(&guard(), include_str!("../cases.jsonl"));
    assert!(report.differences.is_empty(), "- expected, + found:{}", report.differences);
    assert!(report.positive >= 25 && report.negative >= 25, "at least 25 of each: {report:?}");
}

#[test]
fn links_the_host_found_are_judged_too() {
    let link = |url: &str, host: &str, at: std::ops::Range<usize>| Link {
        url: url.to_owned(),
        host: host.to_owned(),
        span: span(at),
    };
    // No top-level domain the guard would look for, so only the host sees these.
    let mut message = testing::message("bad.intern or b.intern");
    message.links = vec![
        link("https://grandbazaar.example@bad.intern/x", "bad.intern", 0..10),
        link("https://paypal.intern", "paypal.intern", 14..22),
        link("https://nowhere.intern", "nowhere.intern", 90..99),
    ];
    let signals = guard().inspect(&message, &testing::context()).expect("expected a judgement");
    let seen: Vec<_> = signals.iter().map(|signal| (signal.id.as_str(), signal.spans[0])).collect();
    assert_eq!(seen, [("link.disguised", span(0..10)), ("link.lookalike", span(14..22))]);
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = |json: &str| -> Vec<String> {
        let problems = match rialto_filter_sdk::parse_config::<Config>(json) {
            Ok(config) => LinkGuard::new(config).err().unwrap_or_default(),
            Err(problems) => problems,
        };
        problems.into_iter().map(|problem| problem.path).collect()
    };
    assert_eq!(
        paths(r#"{"deniedHosts": ["a.com", "https://b.com"], "shorteners": ["x"]}"#),
        ["/deniedHosts/1", "/shorteners/0"]
    );
    assert_eq!(paths(r#"{"denied": []}"#), ["/denied"]);
    assert_eq!(paths(r#"{"protectedHosts": ["a.com", 5]}"#), ["/protectedHosts/1"]);
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
            ":",
            "//",
            "/",
            "[",
            "]",
            "[.]",
            " dot ",
            " at ",
            "http://",
            "www.",
            "xn--",
            "80ak6aa92e",
            "paypal",
            "grandbazaar",
            "bad",
            "example",
            ".com",
            "192.0.2.1",
            "0x7f",
            "a",
            "\u{200b}",
            "о",
            "р",
            "ａ",
            "🙂",
            "bit.ly/",
            "?",
            "#",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn any_text_gives_valid_signals(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let signals = inspect(&text);
        prop_assert_eq!(testing::objection::<LinkGuard>(&text, &signals), None);
    }
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
        inspect(&text);
        assert!(
            started.elapsed() < std::time::Duration::from_secs(20),
            "expected 100 kB of {piece:?} to be read in linear time"
        );
    }
}
