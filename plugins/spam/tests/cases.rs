//! The filter on its cases and its known errors, on any text at all, and on texts made to be slow.

use rialto_filter_sdk::testing::{self, inspect};
use rialto_spam::Spam;

fn filter() -> Spam {
    testing::configured("")
}

#[test]
fn finds_what_the_cases_say() {
    testing::assert_cases(&filter(), include_str!("../cases.jsonl"), 25, 80);
}

/// What the filter gets wrong stays written down: when one of these comes right, move it to the cases.
#[test]
fn the_known_errors_are_still_errors() {
    let errors = include_str!("known-errors.jsonl");
    let lines = errors.lines().filter(|line| !line.trim().is_empty());
    let right: Vec<&str> =
        lines.filter(|line| testing::run_cases(&filter(), line).differences.is_empty()).collect();
    assert!(right.is_empty(), "no errors any more: {right:#?}");
}

#[test]
fn evidence_names_words_as_they_are_written() {
    let text = "URGENT! You have WON a £500 prize. Txt CLAIM to 80123 now";
    let signals = inspect(&filter(), text);
    let [signal] = &signals[..] else { panic!("expected one signal: {signals:?}") };
    let value = |name: &str| {
        let pair = signal.evidence.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    assert!(value("words").contains("“CLAIM” +0."), "{signal:?}");
    assert!(value("words").contains("“prize.” +0."), "{signal:?}");
    assert!(value("margin").starts_with('+'), "{signal:?}");
    assert!(signal.confidence > 0.9 && signal.spans.is_empty(), "{signal:?}");
}

rialto_filter_sdk::any_text_gives_valid_signals!(
    testing::configured::<Spam>(r#"{"minConfidence": 0.01, "minLength": 0}"#),
    [
        " ",
        "\n",
        "!",
        "£",
        "5",
        "0800",
        "FREE ",
        "claim ",
        "txt",
        "www.",
        ".com",
        "Prize",
        "won ",
        "\u{200b}",
        "ＷＩＮ",
        "🙂",
        "а",
        "ß",
        "İ",
    ]
);

#[test]
fn the_configuration_is_heeded() {
    let filter_with = testing::configured::<Spam>;
    let spam = "Claim your FREE prize now, txt WIN to 80123";
    assert_eq!(inspect(&filter(), spam).len(), 1);
    assert!(inspect(&filter_with(r#"{"minLength": 100}"#), spam).is_empty());
    assert!(inspect(&filter_with(r#"{"minConfidence": 1}"#), spam).is_empty());
    let doubtful = "Please call 020 7946 0018 between 9 and 17";
    assert_eq!(inspect(&filter_with(r#"{"minConfidence": 0.01}"#), doubtful).len(), 1);
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = testing::problem_paths::<Spam>;
    assert_eq!(
        paths(r#"{"minLength": 2000, "minConfidence": 0}"#),
        ["/minConfidence", "/minLength"]
    );
    assert_eq!(paths(r#"{"minLenght": 8}"#), ["/minLenght"]);
    assert_eq!(paths("{}"), [""; 0]);
}

/// Only the first 4 kB are read, and those once.
#[test]
fn no_text_takes_more_than_linear_time() {
    let pieces = ["a", "1", "free ", "£1 ", "!", "\u{200b}", "www.", "ä", "a.com", "A1"];
    testing::assert_linear(&filter(), 1_000_000, &pieces);
}
