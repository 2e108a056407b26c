//! The filter on the messages of `cases.jsonl`, and on any text at all.

use rialto_filter_sdk::testing;
use rialto_tone::Tone;

fn tone(json: &str) -> Tone {
    testing::configured(json)
}

#[test]
fn finds_what_the_cases_say() {
    testing::assert_cases(&tone(""), include_str!("../cases.jsonl"), 120, 120);
}

#[test]
fn a_signal_says_whom_it_means_and_is_not_told_twice() {
    let signals = testing::inspect(&tone(""), "You piece of shit. Shit, shit!");
    let seen: Vec<_> = signals
        .iter()
        .map(|it| (it.id.as_str(), it.spans.len(), it.evidence[2].1.as_str()))
        .collect();
    assert_eq!(seen, [("tone.insult", 1, "the other person"), ("tone.profanity", 2, "not said")]);
    assert!(signals[1].confidence > 0.9, "said twice: {}", signals[1].confidence);
}

#[test]
fn the_configuration_is_heeded() {
    let ids = |json: &str, text: &str| -> Vec<String> {
        let signals = testing::inspect(&tone(json), text);
        signals.into_iter().map(|signal| signal.id).collect()
    };
    let text = "You idiot, I will kill you";
    assert_eq!(ids("", text), ["tone.threat", "tone.insult"]);
    assert_eq!(ids(r#"{"disabled": ["tone.threat"]}"#, text), ["tone.insult"]);
    assert!(ids(r#"{"languages": ["ru"]}"#, text).is_empty());
    assert!(ids(r#"{"minConfidence": 0.99}"#, text).is_empty());
    let own =
        r#"{"phrases": [{"signal": "tone.insult", "phrase": "you walnut|potato", "weight": 0.8}]}"#;
    assert_eq!(ids(own, "oh you P0tato"), ["tone.insult"]);
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = testing::problem_paths::<Tone>;
    assert_eq!(
        paths(r#"{"minConfidence": 2, "disabled": ["x"]}"#),
        ["/minConfidence", "/disabled/0"]
    );
    assert_eq!(paths(r#"{"languages": ["en", "xx"]}"#), ["/languages/1"]);
    assert_eq!(
        paths(r#"{"phrases": [{"signal": "tone.x", "phrase": "a ("}]}"#),
        ["/phrases/0/signal", "/phrases/0/phrase"]
    );
    assert_eq!(paths(r#"{"phrase": []}"#), ["/phrase"]);
}

rialto_filter_sdk::any_text_gives_valid_signals!(
    tone(r#"{"minConfidence": 0}"#),
    [
        " ",
        "\n",
        ". ",
        ", ",
        "you are ",
        "idiot",
        "f u c k ",
        "s.h.i.t ",
        "f*ck",
        "f***",
        "sh1t ",
        "a$$hole ",
        "kill you ",
        "i will ",
        "never ",
        "ты ",
        "мудак",
        "фck ",
        "nude",
        "send ",
        "@ss",
        "$hit",
        "don't ",
        "l'argent",
        "espèce de ",
        "\u{200b}",
        "1.200,50 ",
        "ⓘⓓⓘⓞⓣ",
        "İ",
        "ß",
        "fuuuuck",
        "dirty ",
    ]
);

/// Texts made to be read again and again. Read once, all of them take well under a second.
#[test]
fn no_text_takes_more_than_linear_time() {
    let pieces = [
        "a ",
        "a.",
        "idiot ",
        "you ",
        "you idiot ",
        "my idiot ",
        "f u ",
        "1",
        "$",
        "a1",
        "a$",
        "aaa",
        "ты ",
        "fuck ",
        "kill you ",
        "f*",
        "*",
        "shit you ",
        "the ",
        "i will kill you ",
    ];
    testing::assert_linear(&tone(""), 100_000, &pieces);
}
