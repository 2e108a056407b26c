//! The filter on the messages of `cases.jsonl`, its configuration, and any text at all.

use proptest::prelude::*;
use rialto_filter_sdk::testing::inspect;
use rialto_filter_sdk::{Filter, lists, testing};
use rialto_wordlist::Wordlist;

/// The configuration the cases are written for.
const CONFIG: &str = include_str!("../cases.config.json");

fn with(config: &str) -> Wordlist {
    testing::configured(config)
}

#[test]
fn finds_what_the_cases_say() {
    testing::assert_cases(&with(CONFIG), include_str!("../cases.jsonl"), 40, 40);
}

#[test]
fn without_a_configuration_nothing_is_found() {
    lists::set("denied-phrases", &["western union"]);
    for config in ["", "{}", r#"{"lists": [{"id": "empty"}]}"#] {
        assert!(inspect(&with(config), "western union, 2 btc").is_empty());
    }
}

#[test]
fn the_evidence_names_list_words_and_note() {
    let signals = inspect(&with(CONFIG), "Western union or moneygram or WESTERN UNION");
    let pairs = [
        ("why", "on the word list \"payment elsewhere\""),
        ("list", "payment elsewhere"),
        ("words", "western union, moneygram"),
        ("note", "Ask the buyer whether they were told to pay outside the marketplace."),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!((signals.len(), &signals[0].evidence), (1, &pairs.to_vec()));
    let signals = inspect(&with(CONFIG), "3 btc");
    assert_eq!(signals[0].evidence[0].1, "fits the pattern \"crypto amount\"");
    assert_eq!(signals[0].evidence[2].1, "3 btc");
}

#[test]
fn many_findings_are_told_within_limits_and_all_covered() {
    let filter = with(r#"{"lists": [{"id": "a", "words": ["a", "b", "c", "d", "e", "f"]}]}"#);
    let text = "a b c d e f ".repeat(50);
    let signals = inspect(&filter, &text);
    assert_eq!(testing::objection::<Wordlist>(&text, &signals), None);
    assert_eq!(signals[0].spans.last().map(|last| last.range().end), Some(text.trim_end().len()));
    assert!(signals[0].evidence[2].1.ends_with(" and others"), "{signals:?}");
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = testing::problem_paths::<Wordlist>;
    assert!(paths(CONFIG).is_empty());
    assert_eq!(
        paths(
            r#"{"lists": [{"id": "", "words": ["x", " ", "\u200b"]}, {"id": "a", "confidence": 2}]}"#
        ),
        ["/lists/0/id", "/lists/1/confidence"]
    );
    assert_eq!(
        paths(r#"{"lists": [{"id": "a", "words": ["x", " ", "\u200b"]}]}"#),
        ["/lists/0/words/1", "/lists/0/words/2"]
    );
    assert_eq!(paths(r#"{"lists": [{"id": "a"}, {"id": "a"}]}"#), ["/lists/1/id"]);
    assert_eq!(paths(r#"{"lists": [{"id": "a", "match": "suffix"}]}"#), ["/lists/0/match"]);
    assert_eq!(paths(r#"{"lists": [{"id": "a", "signal": "x.y"}]}"#), ["/lists/0/signal"]);
    assert_eq!(paths(r#"{"lists": [{"words": []}]}"#), ["/lists/0"]);
    assert_eq!(
        paths(
            r#"{"patterns": [{"id": "a", "regex": "a"}, {"id": "b", "regex": "a("}, {"id": "c", "regex": "\\w{900}"}]}"#
        ),
        ["/patterns/1/regex", "/patterns/2/regex"]
    );
    assert_eq!(
        paths(r#"{"operatorLists": [{"list": "a", "maxWords": 9}, {"list": "a"}]}"#),
        ["/operatorLists/0/maxWords", "/operatorLists/1/list"]
    );
    let many = |count: usize| -> String {
        let words: Vec<String> = (0..count).map(|number| format!("\"w{number}\"")).collect();
        format!(r#"{{"lists": [{{"id": "a", "words": [{}]}}]}}"#, words.join(","))
    };
    assert!(paths(&many(5_000)).is_empty());
    assert_eq!(paths(&many(5_001)), ["/lists"]);
    let lists: Vec<String> = (0..25).map(|id| format!(r#"{{"id": "{id}"}}"#)).collect();
    assert_eq!(paths(&format!(r#"{{"lists": [{}]}}"#, lists.join(","))), ["/lists"]);
    assert_eq!(
        paths(&format!(r#"{{"lists": [{{"id": "a", "words": ["{}"]}}]}}"#, "x".repeat(129))),
        ["/lists/0/words/0"]
    );
}

rialto_filter_sdk::any_text_gives_valid_signals!(
    {
        lists::set("denied-phrases", &["sugar daddy", "send the code first"]);
        lists::set("denied-names", &["western", "free money"]);
        with(CONFIG)
    },
    [
        " ",
        "\n",
        "\t ",
        ".",
        "-",
        "western",
        "union",
        "WESTERN UNION",
        "gift",
        "card",
        "kokain",
        "кокаин",
        "whatsapp",
        "télé",
        "gram",
        "加微信",
        "DE89",
        " 3704",
        "2",
        "btc",
        "my agent will ",
        "collect",
        "free",
        "money",
        "крипто",
        "валюта",
        "sugar daddy",
        "send the code first",
        "\u{200b}",
        "\u{301}",
        "İ",
        "ß",
        "ς",
        "ﬁ",
        "ｍ",
        "🙂",
    ]
);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn any_expression_is_refused_or_works(regex in ".{0,40}", text in ".{0,60}", fold: bool) {
        let config = serde_json::json!({
            "patterns": [{ "id": "a", "regex": regex, "fold": fold }]
        });
        if let Ok(filter) = Wordlist::new(serde_json::from_value(config).expect("fits")) {
            testing::assert_valid(&filter, &text);
        }
    }

    #[test]
    fn a_word_is_found_in_its_place(before in "[ .,!]{0,5}", word in "\\PC{1,20}", after in "[ .,!]{0,5}") {
        let config = serde_json::json!({
            "lists": [{ "id": "a", "words": [word.trim()], "match": "substring", "fold": true }]
        });
        if let Ok(filter) = Wordlist::new(serde_json::from_value(config).expect("fits")) {
            let signals = inspect(&filter, &format!("{before}{word}{after}"));
            prop_assert_eq!(signals.len(), 1);
        }
    }
}

/// Texts made to be read again and again. Read once, all of them take well under a second.
#[test]
fn no_text_takes_more_than_linear_time() {
    let filter = with(CONFIG);
    let hostile = with(
        r#"{"patterns": [{"id": "a", "regex": "(?:a|a)*b|(?:a+)+c|.*.*=x"}, {"id": "b", "regex": "\\b\\w{1,12}é"}]}"#,
    );
    let pieces = [
        "a",
        "western ",
        "western union ",
        "kokai",
        "whatsap",
        "DE89 ",
        "2 ",
        "my agent will ",
        "f ",
        "крипто",
        "加微",
        "\u{200b}",
        " ",
        "é",
        "a b c d ",
        "- ",
        "mo-",
    ];
    testing::assert_linear(&filter, 100_000, &pieces);
    testing::assert_linear(&hostile, 100_000, &pieces);
}
