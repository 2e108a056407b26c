//! The guard on the messages of `cases.jsonl`, and on any text at all.

use rialto_contact_guard::ContactGuard;
use rialto_filter_sdk::testing::{self, inspect};

fn guard() -> ContactGuard {
    testing::configured("")
}

#[test]
fn finds_what_the_cases_say() {
    testing::assert_cases(&guard(), include_str!("../cases.jsonl"), 60, 60);
}

/// `stress.tsv` keeps its known misses, so this only holds what was reached.
#[test]
fn tells_contact_from_none_in_the_stress_set() {
    let guard = guard();
    let (mut contact, mut found, mut none, mut false_alarms) = (0, 0, 0, 0);
    for line in include_str!("../stress.tsv").lines() {
        let (label, text) = line.split_once('\t').expect("a label, a tab, a text");
        let signals = inspect(&guard, &text.replace("\\n", "\n"));
        let hit = usize::from(!signals.is_empty());
        match label {
            "contact" => (contact, found) = (contact + 1, found + hit),
            _ => (none, false_alarms) = (none + 1, false_alarms + hit),
        }
    }
    assert!(found * 100 >= contact * 93, "found {found} of {contact}, expected 93 %");
    assert!(false_alarms * 100 <= none, "{false_alarms} of {none} false, expected 1 % at most");
}

rialto_filter_sdk::any_text_gives_valid_signals!(
    guard(),
    [
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
    ]
);

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
    let ids = |guard: &ContactGuard, text: &str| -> Vec<String> {
        inspect(guard, text).into_iter().map(|signal| signal.id).collect()
    };
    let guard = testing::configured(r#"{"allowedHosts": ["example.com"]}"#);
    assert!(ids(&guard, "www.shop.example.com/x and help@example.com").is_empty());
    assert_eq!(ids(&guard, "notexample.com"), ["contact.link"]);
    assert_eq!(
        ids(&guard, "ехample.com"),
        ["contact.link"],
        "a look-alike is not the allowed host"
    );
    let guard = testing::configured(r#"{"find": ["email"], "minConfidence": 0.9}"#);
    assert_eq!(ids(&guard, "a@example.com 07911 123456 b at gmail"), ["contact.email"]);
    let guard = testing::configured(r#"{"languages": ["de"]}"#);
    assert!(ids(&guard, "oh seven nine one one one two three four five six").is_empty());
    assert_eq!(ids(&guard, "null eins sieben sechs zwei drei vier fünf"), ["contact.phone"]);
    let guard = testing::configured(r#"{"minDigits": 11}"#);
    assert!(ids(&guard, "call 555-234-8876").is_empty());
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = testing::problem_paths::<ContactGuard>;
    assert_eq!(paths(r#"{"minDigits": 3, "minConfidence": 2}"#), ["/minDigits", "/minConfidence"]);
    assert_eq!(paths(r#"{"allowedHosts": ["a.com", "https://b.com"]}"#), ["/allowedHosts/1"]);
    assert_eq!(paths(r#"{"languages": ["en", "xx"]}"#), ["/languages/1"]);
    assert_eq!(paths(r#"{"minDigit": 8}"#), ["/minDigit"]);
}

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
        "double",
        "0a",
        "07 then ",
        "(a ",
        "07\n",
        "a.b.",
        "x y ",
        "anna_1 on ",
        "green ",
        "zwanzigund",
    ];
    testing::assert_linear(&guard(), 100_000, &pieces);
}
