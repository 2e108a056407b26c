//! The guard on the messages of `cases.jsonl`, and on any text at all.

use rialto_filter_sdk::{Filter, Link, lists, span, testing};
use rialto_link_guard::LinkGuard;

/// The configuration the cases are written for.
const CONFIG: &str = include_str!("../cases.config.json");

fn guard() -> LinkGuard {
    testing::configured(CONFIG)
}

#[test]
fn finds_what_the_cases_say() {
    testing::assert_cases(&guard(), include_str!("../cases.jsonl"), 25, 25);
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
fn the_operators_list_is_named_in_the_evidence_and_not_asked_unless_set() {
    lists::set("denied-hosts", &["fresh-trap.com"]);
    let signals = testing::inspect(&guard(), "https://pay.fresh-trap.com/x or fresh-trаp.com");
    let seen: Vec<_> = signals.iter().filter(|it| it.id == "link.denied").collect();
    assert_eq!(seen.len(), 2, "{signals:?}");
    assert_eq!(seen[0].evidence[0].1, "on the operator's list");
    assert_eq!(seen[0].evidence[2], ("list".to_owned(), "denied-hosts".to_owned()));
    assert_eq!(seen[1].evidence[0].1, "looks like a host on the operator's list");
    let without = testing::configured::<LinkGuard>("");
    assert!(testing::inspect(&without, "https://pay.fresh-trap.com/x").is_empty());
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = testing::problem_paths::<LinkGuard>;
    assert_eq!(
        paths(r#"{"deniedHosts": ["a.com", "https://b.com"], "shorteners": ["x"]}"#),
        ["/deniedHosts/1", "/shorteners/0"]
    );
    assert_eq!(paths(r#"{"denied": []}"#), ["/denied"]);
    assert_eq!(paths(r#"{"deniedList": " "}"#), ["/deniedList"]);
    assert!(paths(r#"{"deniedList": null}"#).is_empty());
    assert_eq!(paths(r#"{"protectedHosts": ["a.com", 5]}"#), ["/protectedHosts/1"]);
}

rialto_filter_sdk::any_text_gives_valid_signals!(
    guard(),
    [
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
    ]
);

/// Texts made to be read again and again. Read once, all of them take well under a second.
#[test]
fn no_text_takes_more_than_linear_time() {
    let pieces = [
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
    ];
    testing::assert_linear(&guard(), 100_000, &pieces);
}
