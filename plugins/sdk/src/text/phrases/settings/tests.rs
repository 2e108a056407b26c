//! What the settings let through, and how wrong ones are refused.

use std::sync::LazyLock;

use super::super::compile;
use super::*;
use crate::parse_config;

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    compile("[bad 0.5 en] told\nbad apple\n[bad 0.5 de]\nfauler apfel\n[bad 0.5 *]\npomme")
        .expect("a valid book")
});

const SIGNALS: &[SignalDescription] =
    &[SignalDescription { id: "fruit.bad", description: "Bad fruit", default_weight: 1.0 }];

fn phrases(json: &str) -> Result<Phrases, Vec<ConfigProblem>> {
    Phrases::new(parse_config(json)?, &BOOK, SIGNALS)
}

/// Names of groups and what was found, by `/`.
fn found(json: &str) -> Vec<String> {
    let text = "bad apple, fauler Apfel, pomme, rotten pear";
    let phrases = phrases(json).expect("valid settings");
    let found = phrases.find(text);
    found.map(|(group, found)| format!("{}/{}", group.name, &text[found.range])).collect()
}

#[test]
fn wanted_languages_and_own_phrases_are_found() {
    assert_eq!(found(""), ["bad/bad apple", "bad/fauler Apfel", "bad/pomme"]);
    assert_eq!(found(r#"{"languages": ["de"]}"#), ["bad/fauler Apfel", "bad/pomme"]);
    let own =
        r#"{"languages": [], "phrases": [{"signal": "fruit.bad", "phrase": "rotten|old pear"}]}"#;
    assert_eq!(found(own), ["bad/pomme", "bad.own0/rotten pear"]);
    let own = phrases(own).expect("valid settings").own.expect("a book");
    assert_eq!(own.groups[0].reason, "a phrase the operator added");
}

#[test]
fn every_problem_is_named_by_place() {
    let problems = |json: &str| -> Vec<String> {
        let problems = phrases(json).err().unwrap_or_default();
        problems.into_iter().map(|it| format!("{} {}", it.path, it.problem)).collect()
    };
    let unknown = "`fruit.x` is no signal of this filter";
    assert_eq!(
        problems(r#"{"minConfidence": -1, "disabled": ["fruit.bad", "fruit.x"]}"#),
        ["/minConfidence must be from 0 to 1".to_owned(), format!("/disabled/1 {unknown}")]
    );
    let wrong = problems(
        r#"{"phrases": [{"signal": "fruit.bad", "phrase": "a"}, {"signal": "fruit.x", "phrase": "(", "weight": 2}]}"#,
    );
    assert_eq!(wrong[0], format!("/phrases/1/signal {unknown}"));
    assert_eq!(wrong[1], "/phrases/1/weight must be from 0 to 1");
    assert!(wrong[2].starts_with("/phrases/1/phrase "), "{wrong:?}");
    assert_eq!(wrong.len(), 3, "{wrong:?}");
}

#[test]
fn a_signal_is_disabled_by_its_whole_id() {
    let settings: Settings = parse_config(r#"{"disabled": ["fruit.bad"]}"#).expect("valid");
    assert!(settings.is_disabled("fruit.bad") && !settings.is_disabled("fruit"));
}
